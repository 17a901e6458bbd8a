"""Heartbeats of processes, and their expiry."""

from datetime import timedelta

from sqlalchemy.orm import Session

from campaigns.core import leases
from campaigns.core.leases import LeaderLease
from tests.factories import NOW


def test_processes_are_seen_by_what_they_do_until_their_signature_runs_out(session: Session) -> None:
    leases.record_heartbeat(session, "work", "0123456789abcdef", "may-2:7", now=NOW)
    leases.record_heartbeat(session, "work", "fedcba9876543210", "may-1:7", now=NOW)
    leases.record_heartbeat(session, "clock", "0123456789abcdef", "may-2:8", now=NOW)
    assert leases.live_processes(session, now=NOW) == {"work": ["may-1:7", "may-2:7"], "clock": ["may-2:8"]}
    later = NOW + leases.HEARTBEAT_LASTS - timedelta(seconds=1)
    leases.record_heartbeat(session, "work", "fedcba9876543210", "may-1:7", now=later)
    assert leases.live_processes(session, now=later + timedelta(seconds=1)) == {"work": ["may-1:7"]}


def test_one_that_goes_signs_off_and_one_that_died_is_forgotten_in_time(session: Session) -> None:
    leases.record_heartbeat(session, "web", "a", "may-1:1", now=NOW)
    leases.record_heartbeat(session, "web", "b", "may-1:2", now=NOW)
    leases.remove_heartbeat(session, "web", "a")
    assert leases.live_processes(session, now=NOW) == {"web": ["may-1:2"]}
    leases.forget_dead_processes(session, now=NOW + timedelta(hours=1))
    assert session.get(LeaderLease, "at:web:b") is not None
    leases.forget_dead_processes(
        session, now=NOW + leases.HEARTBEAT_LASTS + leases.FORGOTTEN_AFTER + timedelta(seconds=1)
    )
    session.expire_all()
    assert session.get(LeaderLease, "at:web:b") is None
