"""Processes sign that they are there, and are seen for as long as a signature is good for."""

from datetime import timedelta

from sqlalchemy.orm import Session

from campaigns.core import presence
from campaigns.core.leading import Leader
from tests.factories import NOW


def test_processes_are_seen_by_what_they_do_until_their_signature_runs_out(session: Session) -> None:
    presence.sign(session, "work", "0123456789abcdef", "may-2:7", now=NOW)
    presence.sign(session, "work", "fedcba9876543210", "may-1:7", now=NOW)
    presence.sign(session, "clock", "0123456789abcdef", "may-2:8", now=NOW)
    assert presence.present(session, now=NOW) == {"work": ["may-1:7", "may-2:7"], "clock": ["may-2:8"]}
    later = NOW + presence.SIGNED_FOR - timedelta(seconds=1)
    presence.sign(session, "work", "fedcba9876543210", "may-1:7", now=later)
    assert presence.present(session, now=later + timedelta(seconds=1)) == {"work": ["may-1:7"]}


def test_one_that_goes_signs_off_and_one_that_died_is_forgotten_in_time(session: Session) -> None:
    presence.sign(session, "web", "a", "may-1:1", now=NOW)
    presence.sign(session, "web", "b", "may-1:2", now=NOW)
    presence.sign_off(session, "web", "a")
    assert presence.present(session, now=NOW) == {"web": ["may-1:2"]}
    presence.forget_gone(session, now=NOW + timedelta(hours=1))
    assert session.get(Leader, "at:web:b") is not None
    presence.forget_gone(session, now=NOW + presence.SIGNED_FOR + presence.FORGOTTEN_AFTER + timedelta(seconds=1))
    session.expire_all()
    assert session.get(Leader, "at:web:b") is None
