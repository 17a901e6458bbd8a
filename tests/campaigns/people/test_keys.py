"""Keys: shown once, stored as a hash, valid until the end of their last day, revoked at once."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import day_start
from campaigns.core.errors import Conflict, Invalid, NotFound
from campaigns.people.keys import (
    NOTED_EVERY,
    AccessKey,
    add_calendar_key,
    add_key,
    companies_of_keys,
    find_calendar_key,
    find_key,
    note_use,
    revoke_calendar_key,
    revoke_key,
    use_is_due,
)
from campaigns.people.staff import Role, add_person
from tests.factories import ADMIN, NOW, WRITER, company


def test_a_key_is_found_by_its_text_alone(session: Session) -> None:
    made = add_key(session, "test", name="bảng tin", role=Role.WRITER, now=NOW)
    assert made.text.startswith(f"lt_{made.row.public}_")
    assert find_key(session, made.text, now=NOW) is made.row
    assert find_key(session, f" {made.text}\n", now=NOW) is made.row


def test_a_key_of_one_kind_is_none_of_another(session: Session) -> None:
    add_person(
        session, "test", email=WRITER.id, name="W", role=Role.WRITER, password_hash=None, uniquifier="u", now=NOW
    )
    calendar = add_calendar_key(session, WRITER, name="điện thoại", now=NOW)
    access = add_key(session, "test", name="bảng tin", role=Role.WRITER, now=NOW)
    assert find_calendar_key(session, calendar.text, now=NOW) is calendar.row
    for text in (calendar.text, calendar.text.replace("lich_", "lt_")):
        assert find_key(session, text, now=NOW) is None
        assert companies_of_keys(session, [text]) == {}
    for text in (access.text, access.text.replace("lt_", "lich_")):
        assert find_calendar_key(session, text, now=NOW) is None
    with pytest.raises(NotFound):
        revoke_key(session, "test", calendar.row.public, now=NOW)
    with pytest.raises(NotFound):
        revoke_calendar_key(session, ADMIN, access.row.public, now=NOW)
    assert session.execute(sa.select(AccessKey.public)).scalars().all() == [access.row.public]


def test_the_text_is_nowhere_in_the_database_and_not_in_what_is_printed(session: Session) -> None:
    made = add_key(session, "test", name="bảng tin", role=Role.WRITER, now=NOW)
    secret = made.text.rpartition(f"{made.row.public}_")[2]
    for table in ("keys", "journal"):
        rows = session.execute(sa.text(f"SELECT * FROM {table}")).all()
        assert secret not in str(rows)
    assert secret not in repr(made)


def test_a_guess_proves_nothing(session: Session) -> None:
    made = add_key(session, "test", name="bảng tin", role=Role.WRITER, now=NOW)
    other = add_key(session, "test", name="khác", role=Role.ADMIN, now=NOW)
    public, secret = made.row.public, made.text[14:]
    flipped = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    for text in (
        "", "lt_", made.text[:-1], made.text + "x", f"lt_{public}_{flipped}", f"lt_{other.row.public}_{secret}",
        f"lt_{'0' * 10}_{secret}", made.text.upper(), f"Bearer {made.text}",
    ):  # fmt: skip
        assert find_key(session, text, now=NOW) is None, text


def test_a_key_lives_through_its_last_day_in_the_city(session: Session) -> None:
    made = add_key(session, "test", name="x", role=Role.WRITER, expires_on=date(2026, 11, 24), now=NOW)
    end = day_start(date(2026, 11, 25))
    assert find_key(session, made.text, now=end - timedelta(seconds=1)) is made.row
    assert find_key(session, made.text, now=end) is None


def test_a_revoked_key_is_dead_at_once_and_only_once(session: Session) -> None:
    made = add_key(session, "test", name="x", role=Role.WRITER, now=NOW)
    revoke_key(session, "test", made.row.public, now=NOW)
    assert find_key(session, made.text, now=NOW) is None
    with pytest.raises(Conflict):
        revoke_key(session, "test", made.row.public, now=NOW)
    with pytest.raises(NotFound):
        revoke_key(session, "test", "0" * 10, now=NOW)


def test_a_key_is_a_roles_or_a_partners_and_never_both(session: Session) -> None:
    owner = company(session)
    assert add_key(session, "test", name="x", company_id=owner.id, now=NOW).row.role is None
    for wrong in ({}, {"role": Role.WRITER, "company_id": owner.id}):
        with pytest.raises(Invalid):
            add_key(session, "test", name="x", now=NOW, **wrong)  # type: ignore[arg-type]  # neither, then both
    with pytest.raises(Invalid) as refused:
        add_key(session, "test", name=" ", role=Role.WRITER, expires_on=date(2026, 11, 23), now=NOW)
    assert [error.field for error in refused.value.errors] == ["name", "expires"]
    with pytest.raises(Invalid) as refused:
        add_key(session, "test", name="x" * 121, role=Role.WRITER, expires_on=date.max, now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [("name", "too_long"), ("expires", "day")]


def test_use_is_noted_now_and_then(session: Session) -> None:
    row = add_key(session, "test", name="x", role=Role.WRITER, now=NOW).row
    assert use_is_due(row, now=NOW)
    note_use(session, row.id, now=NOW)
    session.refresh(row)
    assert not use_is_due(row, now=NOW + NOTED_EVERY - timedelta(seconds=1))
    assert use_is_due(row, now=NOW + NOTED_EVERY)
