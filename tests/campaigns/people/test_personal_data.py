"""A person's data is found everywhere, and after an erasure their name stands only where it must be kept."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases import workflow as case_workflow
from campaigns.compliance.cases.cases import CaseOrigin, DecisionForm, SubjectKind
from campaigns.compliance.cases.content import CaseContent, DecisionContent
from campaigns.compliance.cases.erasure import PERSON_KEPT, cases_of_person, decisions_on, erase_case_person
from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.core.journal import JournalEntry
from campaigns.partners.editors import add_editor, change_editor
from campaigns.people.journal_check import verify_journal
from campaigns.people.personal_data.columns import ACTOR_COLUMNS, KEPT_COLUMNS, OWN_ROWS
from campaigns.people.personal_data.erasure import erase_person
from campaigns.people.personal_data.export import collect_data, count_data
from campaigns.people.staff import Person, Role, add_person, change_person
from campaigns.release import workflow
from campaigns.rows import METADATA
from coordinator.db import Database
from tests.factories import ADMIN, DELIVERY_MODES, NOW, WRITER, company, draft
from tests.planted_rows import plant_rows

ADDRESS, NAME = "canary.nguyen@so.example", "Nguyễn Thị Chim Hoàng Yến"
LATER = NOW + timedelta(hours=1)

# Columns whose names look like those of people and are not.
NOT_PEOPLE = {
    ("companies", "contact"),  # erased by ``partner:CODE``
    ("office", "address"), ("office", "email"),  # the department's own
    ("case_decisions", "authority"),
    ("people", "email"), ("people", "name"), ("editors", "email"), ("editors", "name"),  # the accounts themselves
    ("keys", "replaced_by"), ("pages", "alias_of_id"), ("reported_copies", "address"), ("reported_copies", "came_by"),
    ("social_posts", "address"),  # of a post
    ("republications", "stale_since"), ("bulletins", "came_by"), ("companies", "came_by"), ("licences", "came_by"),
    ("sites", "came_by"), ("cases", "came_by"), ("licence_versions", "came_by"), ("reported_totals", "came_by"),
    ("findings", "reply_by"), ("sightings", "how"),
    ("partner_answers", "settled_with"), ("cases", "mark"), ("social_posts", "at"),
}  # fmt: skip
_LIKE_PEOPLE = re.compile(
    r"(^|_)(actor|author|writer|approver|signer|reviewer|email|address|contact|by|editor)(_name)?$|^(who|person)$"
)


def test_every_column_that_looks_like_a_persons_is_known() -> None:
    known = {(column.table, name) for column in ACTOR_COLUMNS for name in (column.actor, column.name) if name}
    known |= {(own.table, own.by) for own in OWN_ROWS} | set(KEPT_COLUMNS) | NOT_PEOPLE
    found = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if _LIKE_PEOPLE.search(column.name) and isinstance(column.type, sa.String | sa.Text)
    }
    assert sorted(found - known) == []
    for column in ACTOR_COLUMNS:
        table = METADATA.tables[column.table]
        assert all(name in table.c for name in (column.actor, column.name, column.at, column.words) if name), column


def _plant_everywhere(database: Database) -> None:
    """Rows in every table that can name an actor, by the person as staff and as an editor."""
    rows: list[tuple[str, dict[str, Any]]] = []
    for name in ({column.table for column in ACTOR_COLUMNS} | {own.table for own in OWN_ROWS}) - {"people"}:
        for who in (ADDRESS, f"editor:{ADDRESS}"):
            values: dict[str, Any] = {}
            for column in ACTOR_COLUMNS:
                if column.table == name:
                    values |= {column.actor: who} | ({column.name: NAME} if column.name else {})
            for own in OWN_ROWS:
                if own.table == name:
                    values[own.by] = ADDRESS if own.by == "address" else 1
            rows.append((name, values))
    plant_rows(database, rows)
    with database.write() as session:  # who confirmed planted people has the address, not the people themselves
        for email in session.execute(sa.select(Person.email).where(Person.email.like("x7%"))).scalars().all():
            journal.record(session, "test", "person.added", "person", email, now=NOW)


def _where_is(database: Database, *words: str) -> set[tuple[str, str]]:
    """Every column of the database in which one of the words stands, found by SQL past our own code."""
    found = set()
    with database.engine.connect() as raw:
        for table in sa.inspect(raw).get_table_names():
            for column in sa.inspect(raw).get_columns(table):
                for word in words:
                    text = sa.text(f'SELECT 1 FROM "{table}" WHERE instr(CAST("{column["name"]}" AS TEXT), :word) > 0')
                    if raw.execute(text, {"word": word}).first():
                        found.add((table, column["name"]))
    return found


def _person(session: Session) -> Person:
    return add_person(
        session, ADMIN.id, email=ADDRESS, name=NAME, role=Role.WRITER, password_hash="x", uniquifier="u", now=NOW
    )


def test_an_erased_name_stands_only_where_it_is_kept_and_the_journal_holds(sqlite: Database) -> None:
    with sqlite.write() as session:
        person = _person(session)
        assert person.id == 1
        editor = add_editor(session, ADMIN, company(session), email=ADDRESS, name=NAME, now=NOW)
        assert editor.id == 1
        change_editor(session, ADMIN, editor, active=False, now=NOW)
        change_person(session, ADMIN, person, active=False, now=NOW)
    _plant_everywhere(sqlite)
    with sqlite.write() as session:
        other = add_person(
            session, ADMIN.id, email="c@so.example", name="C", role=Role.WRITER, password_hash="x", uniquifier="w",
            now=NOW,
        )  # fmt: skip
        other.in_hands_of = ["x@so.example", ADDRESS]
        other.was_in_hands_of = {ADDRESS: NOW.isoformat()}
        other.confirmed_by = other.unconfirmed_by = ADDRESS
    planted = _where_is(sqlite, ADDRESS, NAME)
    assert {(column.table, column.actor) for column in ACTOR_COLUMNS} <= planted
    with sqlite.read() as session:
        data = collect_data(session, f" {ADDRESS.upper()} ")
        assert {(act.table, act.column) for act in data.acts} == {(c.table, c.actor) for c in ACTOR_COLUMNS}
        assert {row.table for row in data.rows} == {"people", "editors"} | {own.table for own in OWN_ROWS}
        assert all("hash" not in name and "secret" not in name for row in data.rows for name in row.fields)
        counts = count_data(session, ADDRESS)
        assert counts["journal"] == len(data.entries) > 0
        assert sum(counts.values()) == len(data.rows) + len(data.acts) + len(data.entries)
    with sqlite.write() as session:
        done = erase_person(session, ADMIN, ADDRESS, "Người này yêu cầu, công văn 12", now=LATER)
    left = _where_is(sqlite, ADDRESS, NAME)
    journal = {("journal", name) for name in ("actor", "subject", "details")}
    assert left <= set(KEPT_COLUMNS) | journal, left
    assert {"journal", "briefing_versions"} == set(done.kept)
    assert ("people", "email") in _where_is(sqlite, done.pseudonym)
    with sqlite.read() as session:
        assert verify_journal(session) is None
        last = session.execute(sa.select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(1)).scalar_one()
        assert (last.act, last.subject) == ("person.erased", done.pseudonym)
        assert ADDRESS not in last.details
    with sqlite.write() as session, pytest.raises(NotFound):
        erase_person(session, ADMIN, "nobody@so.example", "x", now=LATER)


def test_nobody_publishes_alone_after_an_erasure(database: Database) -> None:
    """The pseudonym stands for the same person at every act: the writer is still distinguished from the approver."""
    with database.write() as session:
        person = _person(session)
        bulletin = draft(session, writer=person.actor)
        workflow.submit(session, person.actor, bulletin.code, now=NOW)
        change_person(session, ADMIN, person, active=False, now=NOW)
        done = erase_person(session, ADMIN, ADDRESS, "yêu cầu", now=LATER)
        session.flush()
        assert bulletin.writer == done.pseudonym == person.email
        assert bulletin.revision(bulletin.latest).author == done.pseudonym
        assert person.role is Role.WRITER
        assert not person.active
        with pytest.raises(Conflict) as raised:
            change_person(session, ADMIN, person, active=True, now=LATER)
        assert raised.value.code == "erased_stays"
        approver = add_person(
            session, ADMIN.id, email="b@so.example", name="B", role=Role.APPROVER, password_hash="x", uniquifier="v",
            now=NOW,
        )  # fmt: skip
        digest = bulletin.revision(bulletin.latest).hash
        workflow.approve(session, approver.actor, bulletin.code, digest, DELIVERY_MODES, now=LATER)


def test_what_may_not_be_erased_is_refused_and_nothing_changes(database: Database) -> None:
    with database.write() as session:
        person = _person(session)
        session.flush()
        for actor, address, reason, error, code in (
            (WRITER, ADDRESS, "x", Forbidden, "forbidden"),
            (ADMIN, ADDRESS, "x", Conflict, "erase_active"),
            (ADMIN, ADMIN.id, "x", Conflict, "erase_self"),
            (ADMIN, ADDRESS, "  ", Invalid, "invalid"),
            (ADMIN, ADDRESS, f"{ADDRESS.upper()} muốn vậy", Invalid, "invalid"),
            (ADMIN, ADDRESS, "x" * 501, Invalid, "invalid"),
        ):
            with pytest.raises(error) as raised:
                erase_person(session, actor, address, reason, now=LATER)
            assert raised.value.code == code
        assert person.email == ADDRESS


def _case(session: Session, decided: date | None, name: str = NAME) -> str:
    given = CaseContent(
        subject_kind=SubjectKind.PERSON, name=name, mark="1984, Cầu Giấy", origin=CaseOrigin.COMPLAINT,
        account_url="https://facebook.com/chim", what=f"{name} đăng tin sai", fault="Tin sai sự thật",
        fault_on=date(2020, 1, 5), basis="",
    )  # fmt: skip
    decision = DecisionContent(DecisionForm.FINE, "12/QĐ-XPHC", "Thanh tra Sở", decided, 5_000_000) if decided else None
    return case_workflow.enter_case(session, ADMIN, given, decision, now=NOW).public


def test_a_person_in_a_case_is_erased_when_the_time_of_the_decision_is_over(sqlite: Database) -> None:
    decided = date(2020, 2, 1)
    with sqlite.write() as session:
        public = _case(session, decided)
    early, due = (
        datetime.combine(decided, datetime.min.time(), NOW.tzinfo) + PERSON_KEPT + timedelta(days=days)
        for days in (-1, 1)
    )
    with sqlite.write() as session:
        with pytest.raises(Conflict) as raised:
            erase_case_person(session, ADMIN, public, "x", now=early)
        assert raised.value.code == "case_kept"
    with sqlite.write() as session:
        done = erase_case_person(session, ADMIN, public, "hết thời hạn giữ", now=due)
    assert _where_is(sqlite, NAME, "facebook.com/chim", "1984, Cầu Giấy", "nguyen thi chim") == set()
    with sqlite.read() as session:
        (case,) = cases_of_person(session, public)
        (decision,) = decisions_on(session, [case])
        assert (case.subject_name, case.fault, decision.amount) == (done.pseudonym, "Tin sai sự thật", 5_000_000)
        assert decision.subject_key == case.subject_key


def test_a_case_without_a_decision_and_a_case_of_an_organisation_stay(database: Database) -> None:
    with database.write() as session:
        public = _case(session, None)
        with pytest.raises(Conflict) as raised:
            erase_case_person(session, ADMIN, public, "x", now=NOW + 3 * PERSON_KEPT)
        assert raised.value.code == "case_kept"
