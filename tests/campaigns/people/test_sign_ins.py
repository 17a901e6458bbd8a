"""Sign-ins as rows, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Forbidden, NotFound
from campaigns.people.sign_ins import LONGEST, SignIn, Way, Why, begin, end_all, leave, open_of, over, revoke
from campaigns.people.staff import Actor, Person, Role, add_person
from tests.factories import ADMIN, NOW, WRITER

IDLE = timedelta(minutes=30)


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
    row = begin(session, person, way=Way.CODE, device="Chrome · Windows", now=NOW).row
    moment = timedelta(seconds=1)
    assert over(row, IDLE, now=NOW + IDLE - moment) is None
    assert over(row, IDLE, now=NOW + IDLE) is Why.IDLE
    row.seen_at = NOW + LONGEST - moment
    assert over(row, IDLE, now=NOW + LONGEST - moment) is None
    assert over(row, IDLE, now=NOW + LONGEST) is Why.LONG


def test_what_is_listed_is_what_is_not_over(session: Session, person: Person) -> None:
    made = [
        begin(session, person, way=Way.PASSWORD, device=str(n), now=NOW + timedelta(minutes=20 * n)) for n in range(3)
    ]
    leave(session, made[2].token, now=NOW + timedelta(minutes=41))
    session.expire_all()
    now = NOW + timedelta(minutes=42)
    shown = open_of(session, person.id, IDLE, now=now)
    assert [row.device for row in shown] == ["1"]
    assert all(over(row, IDLE, now=now) is None for row in shown)
    assert end_all(session, person.id, Why.CHANGED, now=now) == 2


def test_one_ends_ones_own_and_an_administrator_anybodys(session: Session, person: Person) -> None:
    first, second = (begin(session, person, way=Way.PASSWORD, device="", now=NOW).row for _time in range(2))
    revoke(session, WRITER, person, first.public, now=NOW)
    with pytest.raises(NotFound):
        revoke(session, WRITER, person, first.public, now=NOW)
    with pytest.raises(Forbidden):
        revoke(session, Actor("x@so.example", "X", Role.APPROVER), person, second.public, now=NOW)
    assert revoke(session, ADMIN, person, second.public, now=NOW).ended_why is Why.REVOKED


def test_what_was_long_ago_is_forgotten(session: Session, person: Person) -> None:
    begin(session, person, way=Way.PASSWORD, device="xưa", now=NOW)
    begin(session, person, way=Way.PASSWORD, device="nay", now=NOW + timedelta(days=31))
    assert session.execute(sa.select(SignIn.device)).scalars().all() == ["nay"]
