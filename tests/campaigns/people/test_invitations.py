"""One-time links on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Forbidden, NotFound
from campaigns.people.invitations import accept, find_link, invite, open_links, renew, revoke_links
from campaigns.people.staff import Person, Role
from tests.factories import ADMIN, NOW, WRITER


def invited(session: Session) -> tuple[Person, str]:
    made = invite(session, ADMIN, email="ha@so.example", name="", role=Role.WRITER, uniquifier="a", now=NOW)
    return made.row.person, made.secret


def used(session: Session, secret: str) -> Person:
    return accept(session, secret, name=" Thu Hà ", password_hash="$argon2", uniquifier="b", now=NOW)


def test_a_link_is_good_once(session: Session) -> None:
    person, secret = invited(session)
    assert find_link(session, secret, now=NOW) is not None
    assert used(session, secret) is person
    assert (person.name, person.password, person.fs_uniquifier) == ("Thu Hà", "$argon2", "b")
    assert find_link(session, secret, now=NOW) is None
    with pytest.raises(NotFound):
        used(session, secret)


def test_an_invitation_lasts_seven_days_and_a_link_for_a_password_one(session: Session) -> None:
    person, secret = invited(session)
    moment = timedelta(seconds=1)
    assert find_link(session, secret, now=NOW + timedelta(days=7) - moment)
    assert not find_link(session, secret, now=NOW + timedelta(days=7))
    used(session, secret)
    later = renew(session, ADMIN, person, now=NOW).secret
    assert find_link(session, later, now=NOW + timedelta(days=1) - moment)
    assert not find_link(session, later, now=NOW + timedelta(days=1))


def test_a_new_link_ends_the_one_before_and_none_is_left_when_taken_back(session: Session) -> None:
    person, first = invited(session)
    second = renew(session, ADMIN, person, now=NOW).secret
    assert find_link(session, first, now=NOW) is None
    assert open_links(session, person, now=NOW) == [find_link(session, second, now=NOW)]
    assert revoke_links(session, ADMIN, person, now=NOW) == 1
    assert find_link(session, second, now=NOW) is None
    assert revoke_links(session, ADMIN, person, now=NOW) == 0


def test_a_link_for_a_password_does_not_rename(session: Session) -> None:
    person, secret = invited(session)
    used(session, secret)
    secret = renew(session, ADMIN, person, now=NOW).secret
    accept(session, secret, name="Tên khác", password_hash="$2", uniquifier="c", now=NOW)
    assert (person.name, person.password) == ("Thu Hà", "$2")


def test_only_an_administrator_invites_and_nobody_who_is_switched_off_is_let_in(session: Session) -> None:
    with pytest.raises(Forbidden):
        invite(session, WRITER, email="x@so.example", name="", role=Role.ADMIN, uniquifier="x", now=NOW)
    person, secret = invited(session)
    person.active = False
    session.flush()
    assert find_link(session, secret, now=NOW) is None
    with pytest.raises(Conflict):
        renew(session, ADMIN, person, now=NOW)
