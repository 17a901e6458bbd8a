"""Enrolling many at once comes to the same rows as enrolling one by one, whatever both say."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.partners.directory import Company, Site, SiteKind, add_company, change_company
from campaigns.partners.enrolling import Enrolled, digest_of, enrol
from campaigns.partners.foreseeing import foresee
from campaigns.partners.known import KnownCompanies
from campaigns.partners.licences import Licence, find_licence
from campaigns.partners.register import RegisterEntry
from campaigns.searching import rebuilding
from coordinator.db import Database
from tests.campaigns.partners.one_by_one import enrol_one_by_one
from tests.factories import NOW

# Spellings of the same name, names of one code, a name longer than a code, one that leaves no letter for it.
NAMES = (
    "Công ty Sao Mai", "CÔNG TY SAO MAI", "Cong ty sao mai", "Công ty Sao-Mai", "Công ty Sao Mai 2",
    "Công ty trách nhiệm hữu hạn một thành viên truyền thông A", "Hòa Bình", "Hoà Bình",
    "Công ty trách nhiệm hữu hạn một thành viên truyền thông B",
    "新聞", "!!!", " ",
)  # fmt: skip
HOSTS = ("a.vn", "www.a.vn", "A.vn", "b.vn", "c-d.vn", "c.d.vn", "sao-mai.vn", "ế.vn", "xn--hy.vn")
ENTRIES = st.builds(
    RegisterEntry,
    company_name=st.sampled_from(NAMES),
    tax_code=st.sampled_from([None, None, "0100112437", "0100109106", "0100109106-001", "12"]),
    licence_number=st.sampled_from([f"{number}/GP-TTĐT" for number in range(6)]),
    kind=st.sampled_from(list(SiteKind)),
    issuer=st.sampled_from(["Sở TT&TT", "Bộ TT&TT", " "]),
    issued_on=st.just(date(2024, 1, 1)),
    expires_on=st.sampled_from([None, date(2023, 1, 1), date(2025, 1, 1), date(2099, 1, 1)]),
    domains=st.lists(st.sampled_from(HOSTS), min_size=1, max_size=3).map(tuple),
    pages=st.just(()),
    scope=st.lists(st.sampled_from(["Kinh tế", "Xã hội"]), max_size=3).map(tuple),
    status=st.sampled_from(["", "", "", "Còn hiệu lực", "Thu hồi", "Hết hiệu lực"]),
    row=st.integers(2, 99),
)
TURNS = st.lists(st.lists(ENTRIES, min_size=2, max_size=8), min_size=2, max_size=2)


def _rows(session: Session) -> list[Any]:
    """What is in the directory, without the numbers that the database gives."""
    session.expire_all()
    companies = sa.select(Company.code, Company.name, Company.tax_code, Company.contact, Company.created_at)
    licences = sa.select(
        Licence.number, Company.code, Licence.kind, Licence.issuer, Licence.issued_on, Licence.expires_on,
        Licence.domains, Licence.scope, Licence.created_at,
    ).join(Company)  # fmt: skip
    sites = sa.select(
        Site.code, Company.code, Site.name, Site.url, Site.host, Site.kind, Site.feeds, Site.sitemaps, Site.listings,
        Site.searches, Site.active, Site.created_at,
    ).join(Company)  # fmt: skip
    ordered = (companies.order_by(Company.id), licences.order_by(Licence.id), sites.order_by(Site.id))
    return [[tuple(row) for row in session.execute(query)] for query in ordered]


def _before(session: Session) -> None:
    """A directory that people have been at: two partners of one name, and one whose tax code is another's name."""
    for name, tax in (("Công ty Sao Mai", "0100109106"), ("công ty sao mai", None), ("Hòa Bình", None)):
        add_company(session, "people", code=None, name=name, tax_code=tax, now=NOW)


@pytest.mark.parametrize("filled", [False, True], ids=["an empty directory", "a filled directory"])
@given(turns=TURNS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_at_once_come_to_the_same_rows_as_one_by_one(database: Database, filled: bool, turns: list[Any]) -> None:
    with database.writers() as session:  # never committed: the next example begins with nothing
        if filled:
            _before(session)
        with session.begin_nested() as plain:
            wanted = [enrol_one_by_one(session, "x", turn, now=NOW) for turn in [*turns, *turns]]
            rows = _rows(session)
            plain.rollback()
        with session.begin_nested() as foreseen:
            everything = [entry for turn in turns for entry in turn]
            expected = foresee(session, everything, now=NOW)
            foreseen.rollback()
        known = KnownCompanies("reg_1")
        done = [enrol(session, "x", "reg_1", turn, known=known, now=NOW) for turn in [*turns, *turns]]
        assert done == wanted
        assert _rows(session) == rows
        assert expected == _sum(done[: len(turns)])
        session.rollback()


def _sum(done: list[Enrolled]) -> Enrolled:
    """Of several turns, what one of them all would have said."""
    numbers = [sum(getattr(one, name) for one in done) for name in ("companies", "licences", "sites", "unchanged")]
    return Enrolled(*numbers, tuple(row for one in done for row in one.rejected))


ENTRY = RegisterEntry(
    company_name="Công ty CP Tin Ven", tax_code="0100100100", licence_number="118/GP-TTĐT", kind=SiteKind.AGGREGATOR,
    issuer="Sở TT&TT", issued_on=date(2024, 1, 10), expires_on=date(2029, 1, 9), domains=("tinven.vn",), pages=(),
    scope=("Kinh tế",), status="", row=2,
)  # fmt: skip


def _many(count: int) -> list[RegisterEntry]:
    """Entries of companies whose codes collide: their first fifty letters are the same."""
    name = "Công ty trách nhiệm hữu hạn một thành viên truyền thông số"
    return [
        replace(ENTRY, company_name=f"{name} {number}", tax_code=None, licence_number=f"{number}/GP", row=number + 2,
                domains=(f"t{number}.vn", f"t-{number}.vn"))
        for number in range(count)
    ]  # fmt: skip


def test_hundreds_are_written_in_statements_that_do_not_grow_with_them(database: Database) -> None:
    counts = []
    statements: list[str] = []

    def note(*told: Any) -> None:
        statements.append(told[2])

    sa.event.listen(database.engine, "before_cursor_execute", note)
    for first, count in ((0, 50), (1000, 400)):
        entries = [replace(one, licence_number=f"{first}-{one.licence_number}",
                           company_name=f"{first} {one.company_name}", domains=(f"{first}-{one.domains[0]}",))
                   for one in _many(count)]  # fmt: skip
        with database.write() as session:
            before = len(statements)
            assert enrol(session, "x", "reg_1", entries, now=NOW).companies == count
            counts.append(len(statements) - before)
    sa.event.remove(database.engine, "before_cursor_execute", note)
    assert counts[1] - counts[0] <= 8, (
        "a thousand rows a statement, and names that all have one code are asked for again"
    )


def test_an_import_is_one_act_in_the_journal_whose_digest_can_be_made_again_of_the_rows(database: Database) -> None:
    with database.write() as session:
        enrol(session, "quan.tri@so.example", "reg_1", _many(30), now=NOW)
    with database.read() as session:
        (entry,) = journal.history(session, "register", "reg_1")
        told = json.loads(entry.details)
        assert (entry.actor, entry.act) == ("quan.tri@so.example", "register.written")
        assert (told["companies"], told["licences"], told["sites"], len(told["named"])) == (30, 30, 60, 10)
        codes = [
            session.execute(sa.select(column).where(table.came_by == "reg_1").order_by(table.id)).scalars().all()
            for table, column in ((Company, Company.code), (Licence, Licence.number), (Site, Site.code))
        ]
        assert told["digest"] == digest_of(*codes)
        assert journal.verify(session) is None


def test_a_licence_that_covers_more_keeps_an_entry_of_its_own(database: Database) -> None:
    with database.write() as session:
        enrol(session, "x", "reg_1", [ENTRY], now=NOW)
    with database.write() as session:
        enrol(session, "x", "reg_2", [replace(ENTRY, domains=("tinven.vn", "ven.vn"))], now=NOW)
    with database.read() as session:
        (entry,) = journal.history(session, "licence", ENTRY.licence_number)
        assert json.loads(entry.details) == {"domains": ["tinven.vn", "ven.vn"], "register": "reg_2"}
        assert find_licence(session, ENTRY.licence_number).came_by == "reg_1"
        assert [json.loads(one.details)["sites"] for one in journal.history(session, "register", "reg_2")] == [1]


def test_an_import_that_changes_nothing_leaves_no_entry(database: Database) -> None:
    for run in ("reg_1", "reg_2"):
        with database.write() as session:
            enrol(session, "x", run, _many(3), now=NOW)
    with database.read() as session:
        assert list(journal.history(session, "register", "reg_2")) == []


def test_what_came_in_bulk_is_found_by_its_words_and_the_index_is_what_its_rows_say(database: Database) -> None:
    with database.write() as session:
        enrol(session, "x", "reg_1", _many(20), now=NOW)
    with database.write() as session:
        enrol(session, "x", "reg_2", [replace(one, domains=(*one.domains, "them.vn")) for one in _many(1)], now=NOW)
    with database.read() as session:
        wrong = [one for one in rebuilding.differences(session) if one.kind is not None]
    assert wrong == []


def test_a_partner_renamed_between_two_turns_is_known_by_its_new_name(database: Database) -> None:
    known = KnownCompanies("reg_1")
    for entry in (ENTRY, replace(ENTRY, domains=("tinven.vn", "ven.vn"))):
        with database.write() as session:
            enrol(session, "x", "reg_1", [entry], known=known, now=NOW)
    with database.write() as session:
        company = session.execute(sa.select(Company)).scalar_one()
        change_company(session, "people", company, name="Báo Ven Đô", tax_code="", now=NOW)
    renamed = replace(ENTRY, company_name="BÁO VEN ĐÔ", tax_code=None, licence_number="2/GP", domains=("hai.vn",))
    first = replace(ENTRY, tax_code=None, licence_number="3/GP", domains=("ba.vn",))
    with database.write() as session:
        done = enrol(session, "x", "reg_1", [renamed, first], known=known, now=NOW)
    assert done.companies == 1, "the old name is nobody's any more, the new one is"
