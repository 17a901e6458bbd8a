"""Sessions of staff, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Forbidden, NotFound
from campaigns.people.sessions import (
    STAFF_LONGEST,
    SessionEnd,
    SignInMethod,
    UserSession,
    begin_sign_in,
    end_reason,
    end_sign_ins_of,
    leave_session,
    open_sign_ins,
    revoke_sign_in,
    staff_limits,
)
from campaigns.people.staff import Actor, Person, Role, add_person
from tests.factories import ADMIN, NOW, WRITER

IDLE = timedelta(minutes=30)
LIMITS = staff_limits(IDLE)


@pytest.fixture
def person(session: Session) -> Person:
    """The writer."""
    return add_person(
        session,
        "test",
        email=WRITER.id,
        name=WRITER.name,
        role=Role.WRITER,
        password_hash=None,
        uniquifier="u",
        now=NOW,
    )


def test_a_sign_in_is_over_when_idle_or_old_and_not_before(session: Session, person: Person) -> None:
    row = begin_sign_in(session, person, way=SignInMethod.CODE, device="Chrome · Windows", now=NOW).row
    moment = timedelta(seconds=1)
    assert end_reason(row, LIMITS, now=NOW + IDLE - moment) is None
    assert end_reason(row, LIMITS, now=NOW + IDLE) is SessionEnd.IDLE
    row.seen_at = NOW + STAFF_LONGEST - moment
    assert end_reason(row, LIMITS, now=NOW + STAFF_LONGEST - moment) is None
    assert end_reason(row, LIMITS, now=NOW + STAFF_LONGEST) is SessionEnd.LONG


def test_what_is_listed_is_what_is_not_over(session: Session, person: Person) -> None:
    made = [
        begin_sign_in(session, person, way=SignInMethod.PASSWORD, device=str(n), now=NOW + timedelta(minutes=20 * n))
        for n in range(3)
    ]
    leave_session(session, made[2].token, now=NOW + timedelta(minutes=41))
    session.expire_all()
    now = NOW + timedelta(minutes=42)
    shown = open_sign_ins(session, person.id, IDLE, now=now)
    assert [row.device for row in shown] == ["1"]
    assert all(end_reason(row, LIMITS, now=now) is None for row in shown)
    assert end_sign_ins_of(session, person.id, SessionEnd.CHANGED, now=now) == 2


def test_one_ends_ones_own_and_an_administrator_anybodys(session: Session, person: Person) -> None:
    first, second = (
        begin_sign_in(session, person, way=SignInMethod.PASSWORD, device="", now=NOW).row for _time in range(2)
    )
    revoke_sign_in(session, WRITER, person, first.public, now=NOW)
    with pytest.raises(NotFound):
        revoke_sign_in(session, WRITER, person, first.public, now=NOW)
    with pytest.raises(Forbidden):
        revoke_sign_in(session, Actor("x@so.example", "X", Role.APPROVER), person, second.public, now=NOW)
    assert revoke_sign_in(session, ADMIN, person, second.public, now=NOW).ended_why is SessionEnd.REVOKED


def test_what_was_long_ago_is_forgotten(session: Session, person: Person) -> None:
    begin_sign_in(session, person, way=SignInMethod.PASSWORD, device="xưa", now=NOW)
    begin_sign_in(session, person, way=SignInMethod.PASSWORD, device="nay", now=NOW + timedelta(days=31))
    assert session.execute(sa.select(UserSession.device)).scalars().all() == ["nay"]
