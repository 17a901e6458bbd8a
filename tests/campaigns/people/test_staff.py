"""Staff: one role each, the permissions of each role, and always an administrator."""

import json

import pytest
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.people.office import OfficeContent, current_office, save_office
from campaigns.people.staff import (
    ROLE_PERMISSIONS,
    SYSTEM_ACTOR,
    Actor,
    Permission,
    Person,
    Role,
    add_person,
    change_person,
    find_by_email,
    has_staff,
    rename_person,
)
from tests.factories import ADMIN, APPROVER, NOW


def _add(session: Session, email: str, role: Role = Role.WRITER) -> Person:
    return add_person(
        session, "test", email=email, name="", role=role, password_hash=None, uniquifier=email, now=NOW
    )  # fmt: skip


def test_an_administrator_may_not_approve() -> None:
    assert Permission.APPROVE not in ROLE_PERMISSIONS[Role.ADMIN]
    assert [role for role in Role if Permission.APPROVE in ROLE_PERMISSIONS[role]] == [Role.APPROVER]
    assert [role for role in Role if Permission.CONFIGURE in ROLE_PERMISSIONS[role]] == [Role.ADMIN]
    assert all(Permission.READ in ROLE_PERMISSIONS[role] for role in Role)
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_somebody_without_a_role_may_nothing() -> None:
    for act in Permission:
        assert not Actor("x", "x", None).may(act)
        with pytest.raises(Forbidden):
            SYSTEM_ACTOR.require(act)


def test_an_address_is_one_in_any_case(session: Session) -> None:
    assert not has_staff(session)
    person = _add(session, " An@So.example ")
    assert (person.email, person.name) == ("an@so.example", "an")
    assert find_by_email(session, "AN@SO.EXAMPLE") is person
    assert has_staff(session)
    with pytest.raises(Conflict):
        _add(session, "an@so.EXAMPLE")


@pytest.mark.parametrize("email", ["", "an", "an@", "@so.example", "a n@so.example", "a" * 200 + "@so.example"])
def test_what_is_no_address_is_refused(session: Session, email: str) -> None:
    with pytest.raises(Invalid):
        _add(session, email)


def test_the_last_administrator_stays(session: Session) -> None:
    first = _add(session, "a@so.example", Role.ADMIN)
    for change in ({"active": False}, {"role": Role.WRITER}):
        with pytest.raises(Conflict) as refused:
            change_person(session, ADMIN, first, now=NOW, **change)  # type: ignore[arg-type]  # one of the two
        assert refused.value.code == "last_admin"
    second = _add(session, "b@so.example", Role.ADMIN)
    change_person(session, ADMIN, second, active=False, now=NOW)
    with pytest.raises(Conflict):
        change_person(session, ADMIN, first, role=Role.ANALYST, now=NOW)
    change_person(session, ADMIN, second, active=True, now=NOW)
    with pytest.raises(Conflict):  # whose role waits for a second person is no administrator yet
        change_person(session, ADMIN, first, role=Role.ANALYST, now=NOW)
    second.unconfirmed_since = None
    change_person(session, ADMIN, first, role=Role.ANALYST, now=NOW)
    assert first.role is Role.ANALYST


def test_somebody_switched_off_may_nothing_and_can_come_back(session: Session) -> None:
    person = _add(session, "a@so.example", Role.APPROVER)
    assert person.actor.may(Permission.APPROVE)
    change_person(session, ADMIN, person, active=False, now=NOW)
    assert not person.actor.may(Permission.READ)
    change_person(session, ADMIN, person, active=True, now=NOW)
    assert person.actor.may(Permission.WRITE)
    assert not person.actor.may(Permission.APPROVE)  # before a second person has confirmed it


def test_only_administrators_change_people(session: Session) -> None:
    with pytest.raises(Forbidden):
        change_person(session, APPROVER, _add(session, "a@so.example"), role=Role.ADMIN, now=NOW)


def test_a_name_is_changed_by_its_owner_or_an_administrator_and_written_down(session: Session) -> None:
    person = _add(session, "a@so.example")
    assert rename_person(session, person.actor, person, "  Nguyễn   An ", now=NOW)
    assert rename_person(session, ADMIN, person, "Trần An", now=NOW)
    assert not rename_person(session, ADMIN, person, "Trần An", now=NOW)
    with pytest.raises(Forbidden):
        rename_person(session, APPROVER, person, "Ai đó", now=NOW)
    for bad in (" ", "x" * 121):
        with pytest.raises(Invalid):
            rename_person(session, person.actor, person, bad, now=NOW)
    session.commit()
    values = [
        (entry.actor, json.loads(entry.details))
        for entry in journal.history(session, "person", person.email)
        if entry.act == "person.renamed"
    ]
    assert values == [
        ("a@so.example", {"before": "a", "name": "Nguyễn An"}),
        (ADMIN.id, {"before": "Nguyễn An", "name": "Trần An"}),
    ]


def test_what_changes_nothing_of_a_person_is_not_written_down(session: Session) -> None:
    person = _add(session, "a@so.example")
    change_person(session, ADMIN, person, role=person.role, active=True, now=NOW)
    session.commit()
    assert [entry.act for entry in journal.history(session, "person", person.email)] == ["person.added"]


def test_names_the_office_is_known_by_are_written_down_as_they_come_and_go(session: Session) -> None:
    def saved(name: str, names: list[str], not_us: list[str]) -> None:
        save_office(session, "test", OfficeContent(name=name, source_names=names, not_us=not_us), now=NOW)

    saved("Sở A", ["Cổng A"], [])
    saved("Sở A", ["Cổng A"], [])
    saved("Sở A", ["Tin A"], ["Sở A khác"])
    saved("Sở B", ["Tin A"], [])
    session.commit()
    values = [(entry.act, json.loads(entry.details)) for name in ("Sở A", "Sở B") for entry in _office(session, name)]
    assert values == [
        ("office.saved", {"name": "Sở A", "parent": "", "place": "", "source_names": ["Sở A", "Cổng A"]}),
        ("office.names_changed", {"added": ["Tin A"], "removed": ["Cổng A"], "not_us_added": ["Sở A khác"]}),
        ("office.saved", {"name": "Sở B", "before": {"name": "Sở A"}}),
        ("office.names_changed", {"added": ["Sở B"], "removed": ["Sở A"], "not_us_removed": ["Sở A khác"]}),
    ]


def _office(session: Session, name: str) -> list[journal.JournalEntry]:
    return list(journal.history(session, "office", name))


def test_the_office_counts_by_its_own_name_and_by_the_names_it_is_given(session: Session) -> None:
    assert current_office(session).source_names == [current_office(session).name]
    for _ in range(2):
        save_office(
            session,
            "test",
            OfficeContent(
                name=" Sở Thông tin ",
                parent="UBND",
                place="Thành phố",
                source_names=["Sở TT", " ", "Sở TT"],
                not_us=["Sở Thông tin tỉnh"],
            ),
            now=NOW,
        )
    row = current_office(session)
    assert (row.name, row.source_names, row.not_us) == (
        "Sở Thông tin", ["Sở Thông tin", "Sở TT"], ["Sở Thông tin tỉnh"],
    )  # fmt: skip
    with pytest.raises(Invalid):
        save_office(session, "test", OfficeContent(name=" "), now=NOW)


def test_the_offices_recipients_are_kept_in_order_and_written_down_and_too_many_are_refused(session: Session) -> None:
    def saved(recipients: list[str] | None) -> list[str]:
        office = save_office(session, "test", OfficeContent(name="Sở A"), recipients=recipients, now=NOW)
        return office.recipients

    assert saved(None) == []
    assert saved(["Như trên", " ", " Lưu: VT "]) == ["Như trên", "Lưu: VT"]
    assert saved(None) == ["Như trên", "Lưu: VT"]
    assert saved(["Như trên", "Lưu: VT"]) == ["Như trên", "Lưu: VT"]
    assert saved([]) == []
    session.commit()
    assert [json.loads(entry.details) for entry in _office(session, "Sở A")][1:] == [
        {"recipients": ["Như trên", "Lưu: VT"]},
        {"recipients": [], "before": {"recipients": ["Như trên", "Lưu: VT"]}},
    ]
    for bad in (["x"] * 21, ["x" * 201]):
        with pytest.raises(Invalid) as refused:
            saved(bad)
        assert [error.field for error in refused.value.errors] == ["recipients"]
