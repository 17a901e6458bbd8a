"""Passkeys as rows, on both databases."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, NotFound
from campaigns.core.journal import JournalEntry
from campaigns.people.sign_in_factors import (
    Passkey,
    add_passkey,
    has_factor,
    must_set_factor,
    passkeys_of,
    remove_passkey,
    reset_factor,
    set_factor,
)
from campaigns.people.staff import Person, Role, add_person
from tests.factories import ADMIN, APPROVER, NOW, WRITER

OBLIGED = {Role.APPROVER}


@pytest.fixture
def person(session: Session) -> Person:
    """The approver, whose role must have a second factor."""
    return add_person(
        session, "test", email=APPROVER.id, name=APPROVER.name, role=Role.APPROVER, password_hash=None,
        uniquifier="u", now=NOW,
    )  # fmt: skip


def key(name: str) -> Passkey:
    return Passkey(
        name=name, credential_id=name.encode(), public_key=b"public", sign_count=0, transports=["internal"],
        backup_state=False, device_type="single_device",
    )  # fmt: skip


def held(session: Session, person: Person) -> list[str]:
    session.expire(person)
    return [passkey.name for passkey in passkeys_of(session, person.id)]


def test_a_passkey_is_the_factor_that_a_role_needs_and_the_last_one_stays(session: Session, person: Person) -> None:
    assert must_set_factor(person, OBLIGED)
    add_passkey(session, APPROVER, person, key("Máy"), now=NOW)
    assert held(session, person) == ["Máy"]
    assert not must_set_factor(person, OBLIGED)
    add_passkey(session, APPROVER, person, key("Điện thoại"), now=NOW)
    first, second = passkeys_of(session, person.id)
    assert remove_passkey(session, APPROVER, person, first.public, OBLIGED, now=NOW) == "Máy"
    with pytest.raises(Conflict) as refused:
        remove_passkey(session, APPROVER, person, second.public, OBLIGED, now=NOW)
    assert refused.value.code == "factor_needed"
    set_factor(session, APPROVER, person, encrypted_secret="x", counter=1, codes=["a"], now=NOW)
    remove_passkey(session, APPROVER, person, second.public, OBLIGED, now=NOW)
    assert held(session, person) == []
    assert has_factor(person)
    assert person.mf_recovery_codes == ["a"]


def test_nobody_adds_or_removes_anothers(session: Session, person: Person) -> None:
    with pytest.raises(Conflict):
        add_passkey(session, WRITER, person, key("Lạ"), now=NOW)
    add_passkey(session, APPROVER, person, key("Máy"), now=NOW)
    (mine,) = passkeys_of(session, person.id)
    for actor, public in ((WRITER, mine.public), (ADMIN, mine.public), (APPROVER, "khác")):
        with pytest.raises(NotFound):
            remove_passkey(session, actor, person, public, (), now=NOW)


def test_recovery_codes_go_with_the_last_factor_and_a_reset_ends_everything(session: Session, person: Person) -> None:
    add_passkey(session, APPROVER, person, key("Máy"), now=NOW)
    session.expire(person)
    person.mf_recovery_codes = ["a"]
    (mine,) = passkeys_of(session, person.id)
    remove_passkey(session, APPROVER, person, mine.public, (), now=NOW)
    assert (has_factor(person), person.mf_recovery_codes) == (False, None)
    add_passkey(session, APPROVER, person, key("Máy khác"), now=NOW)
    session.expire(person)
    reset_factor(session, ADMIN, person, "Mất máy, đã gặp trực tiếp", now=NOW)
    assert held(session, person) == []
    session.commit()
    acts = session.execute(sa.select(JournalEntry.act).order_by(JournalEntry.seq)).scalars().all()
    assert acts[1:] == [
        "person.passkey_added", "person.passkey_removed", "person.passkey_added", "person.factor_reset",
        "person.role_suspended",
    ]  # fmt: skip
