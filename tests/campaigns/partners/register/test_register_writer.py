"""The register writer: new entries are written once, existing ones stay, contradictory ones are rejected whole."""

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
from campaigns.core.base import ROWS_AT_ONCE
from campaigns.core.contents import from_attributes
from campaigns.core.import_runs import ImportOutcome
from campaigns.partners.directory import Company, CompanyContent, Site, SiteKind, add_company, change_company, find_site
from campaigns.partners.licences import Licence, find_licence
from campaigns.partners.register.register_reader import RegisterEntry
from campaigns.partners.register.register_writer import import_digest, import_entries, preview_import
from campaigns.search import index_maintenance
from campaigns.search.index import IndexedKind
from campaigns.search.query import parse_query
from campaigns.search.results import find_hits
from coordinator.db import Database
from tests.campaigns.partners.register.entry_by_entry import import_one_by_one
from tests.factories import NOW

ENTRY = RegisterEntry(
    company_name="Công ty CP Tin Ven", tax_code="0100100100", licence_number="118/GP-TTĐT", kind=SiteKind.AGGREGATOR,
    issuer="Sở TT&TT", issued_on=date(2024, 1, 10), expires_on=date(2029, 1, 9), domains=("tinven.vn",), pages=(),
    scope=(), status="", row=2,
)  # fmt: skip


def _counts(session: Session) -> tuple[int, int, int]:
    kinds = (Company, Licence, Site)
    number, two, three = (session.execute(sa.select(sa.func.count()).select_from(kind)).scalar_one() for kind in kinds)
    return number, two, three


def _added(outcome: ImportOutcome) -> tuple[int, ...]:
    return tuple(outcome.counts[name] for name in ("companies", "licences", "sites", "unchanged"))


def test_an_entry_becomes_a_company_a_licence_and_a_site_and_a_second_time_nothing(session: Session) -> None:
    first = import_entries(session, "test", "reg_1", [ENTRY], now=NOW)
    assert (_added(first), first.rejected) == ((1, 1, 1, 0), ())
    assert find_site(session, "tinven-vn").host == "tinven.vn"
    second = import_entries(session, "test", "reg_1", [ENTRY], now=NOW)
    assert _added(second) == (0, 0, 0, 1)
    assert _counts(session) == (1, 1, 1)


def test_a_company_is_known_by_its_tax_code_or_its_name_in_any_spelling(session: Session) -> None:
    import_entries(session, "test", "reg_1", [ENTRY], now=NOW)
    by_tax = replace(ENTRY, company_name="Tin Ven JSC", licence_number="2/GP", domains=("hai.vn",))
    by_name = replace(
        ENTRY, company_name="CÔNG TY CP TIN VEN", tax_code=None, licence_number="3/GP", domains=("ba.vn",)
    )
    assert import_entries(session, "test", "reg_1", [by_tax, by_name], now=NOW).counts["companies"] == 0
    assert _counts(session) == (1, 3, 3)


def test_companies_of_one_sheet_know_each_other(session: Session) -> None:
    entries = [replace(ENTRY, licence_number=f"{number}/GP", domains=(f"t{number}.vn",)) for number in range(4)]
    assert import_entries(session, "test", "reg_1", entries, now=NOW).counts["companies"] == 1


def test_another_domain_under_the_same_licence_is_added(session: Session) -> None:
    import_entries(session, "test", "reg_1", [ENTRY], now=NOW)
    more = import_entries(session, "test", "reg_1", [replace(ENTRY, domains=("tinven.vn", "ven.vn"))], now=NOW)
    assert _added(more) == (0, 1, 1, 0)
    assert find_licence(session, "118/GP-TTĐT").domains == ["tinven.vn", "ven.vn"]


def test_an_entry_that_takes_what_is_another_companys_is_rejected_whole(session: Session) -> None:
    import_entries(session, "test", "reg_1", [ENTRY], now=NOW)
    other = replace(ENTRY, company_name="Công ty Khác", tax_code="0200200200", row=7)
    site_taken = replace(other, licence_number="9/GP", domains=("moi.vn", "tinven.vn"))
    licence_taken = replace(other, domains=("moi-nua.vn",), row=8)
    good = replace(other, licence_number="10/GP", domains=("tot.vn",), row=9)
    done = import_entries(session, "test", "reg_1", [site_taken, licence_taken, good], now=NOW)
    assert [(row.row, row.field) for row in done.rejected] == [(7, "domains"), (8, "licence_number")]
    assert _added(done) == (1, 1, 1, 0)
    assert session.execute(sa.select(Site.host)).scalars().all() == ["tinven.vn", "tot.vn"]
    assert _counts(session) == (2, 2, 2)


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
BATCHES = st.lists(st.lists(ENTRIES, min_size=2, max_size=8), min_size=2, max_size=2)


def _rows(session: Session) -> list[Any]:
    """The directory without ids."""
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
    """A directory filled by people: two partners of one name, and one whose tax code is another's name."""
    for name, tax in (("Công ty Sao Mai", "0100109106"), ("công ty sao mai", None), ("Hòa Bình", None)):
        add_company(session, "people", CompanyContent(name=name, tax_code=tax), now=NOW)


@pytest.mark.parametrize("filled", [False, True], ids=["an empty directory", "a filled directory"])
@given(batches=BATCHES)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_at_once_come_to_the_same_rows_as_one_by_one(database: Database, filled: bool, batches: list[Any]) -> None:
    with database.writers() as session:  # never committed: the next example begins with nothing
        if filled:
            _before(session)
        with session.begin_nested() as plain:
            wanted = [import_one_by_one(session, "x", batch, now=NOW) for batch in [*batches, *batches]]
            rows = _rows(session)
            plain.rollback()
        with session.begin_nested() as previewed:
            everything = [entry for batch in batches for entry in batch]
            expected = preview_import(session, everything, now=NOW)
            previewed.rollback()
        done = [import_entries(session, "x", "reg_1", batch, now=NOW) for batch in [*batches, *batches]]
        assert done == wanted
        assert _rows(session) == rows
        first = done[: len(batches)]
        assert _added(expected) == tuple(map(sum, zip(*map(_added, first), strict=True)))
        assert expected.rejected == tuple(row for outcome in first for row in outcome.rejected)
        session.rollback()


def _many(count: int) -> list[RegisterEntry]:
    """Entries of companies whose codes collide: their first fifty letters are the same."""
    name = "Công ty trách nhiệm hữu hạn một thành viên truyền thông số"
    return [
        replace(ENTRY, company_name=f"{name} {number}", tax_code=None, licence_number=f"{number}/GP", row=number + 2,
                domains=(f"t{number}.vn", f"t-{number}.vn"))
        for number in range(count)
    ]  # fmt: skip


def test_an_import_is_one_act_in_the_journal_whose_digest_can_be_made_again_of_the_rows(database: Database) -> None:
    with database.write() as session:
        import_entries(session, "quan.tri@so.example", "reg_1", _many(30), now=NOW)
    with database.read() as session:
        (entry,) = journal.history(session, "register", "reg_1")
        item = json.loads(entry.details)
        assert (entry.actor, entry.act) == ("quan.tri@so.example", "register.written")
        assert (item["companies"], item["licences"], item["sites"], len(item["named"])) == (30, 30, 60, 10)
        codes = [
            session.execute(sa.select(column).where(table.came_by == "reg_1").order_by(table.id)).scalars().all()
            for table, column in ((Company, Company.code), (Licence, Licence.number), (Site, Site.code))
        ]
        assert item["digest"] == import_digest(*codes)
        assert journal.verify(session) is None


def test_a_licence_that_covers_more_keeps_an_entry_of_its_own(database: Database) -> None:
    with database.write() as session:
        import_entries(session, "x", "reg_1", [ENTRY], now=NOW)
    with database.write() as session:
        import_entries(session, "x", "reg_2", [replace(ENTRY, domains=("tinven.vn", "ven.vn"))], now=NOW)
    with database.read() as session:
        (entry,) = journal.history(session, "licence", ENTRY.licence_number)
        assert json.loads(entry.details) == {"domains": ["tinven.vn", "ven.vn"], "register": "reg_2"}
        assert find_licence(session, ENTRY.licence_number).came_by == "reg_1"
        assert [json.loads(entry.details)["sites"] for entry in journal.history(session, "register", "reg_2")] == [1]


def test_an_import_that_changes_nothing_leaves_no_entry(database: Database) -> None:
    for run in ("reg_1", "reg_2"):
        with database.write() as session:
            import_entries(session, "x", run, _many(3), now=NOW)
    with database.read() as session:
        assert list(journal.history(session, "register", "reg_2")) == []


def test_what_came_in_bulk_is_found_by_its_words_and_the_index_is_what_its_rows_say(database: Database) -> None:
    with database.write() as session:
        import_entries(session, "x", "reg_1", _many(20), now=NOW)
    with database.write() as session:
        import_entries(
            session, "x", "reg_2", [replace(entry, domains=(*entry.domains, "them.vn")) for entry in _many(1)], now=NOW
        )
    with database.read() as session:
        wrong = [
            difference for difference in index_maintenance.index_differences(session) if difference.kind is not None
        ]
    assert wrong == []


def test_entries_undone_with_a_savepoint_are_not_found_and_those_before_it_are(database: Database) -> None:
    before, undone = _many(2)
    with database.write() as session:
        import_entries(session, "x", "reg_1", [replace(before, company_name="Công ty Cùng Lúc")], now=NOW)
        savepoint = session.begin_nested()
        import_entries(session, "x", "reg_1", [replace(undone, company_name="Công ty Mất Đi")], now=NOW)
        savepoint.rollback()
    with database.read() as session:
        found = [
            find_hits(session, IndexedKind.COMPANY, parse_query(words), most=10).rows
            for words in ("cùng lúc", "mất đi")
        ]
        assert [len(rows) for rows in found] == [1, 0]
        assert [row for row in index_maintenance.index_differences(session) if row.kind is not None] == []


def test_a_partner_renamed_between_two_batches_is_known_by_its_new_name(database: Database) -> None:
    for entry in (ENTRY, replace(ENTRY, domains=("tinven.vn", "ven.vn"))):
        with database.write() as session:
            import_entries(session, "x", "reg_1", [entry], now=NOW)
    with database.write() as session:
        company = session.execute(sa.select(Company)).scalar_one()
        change_company(
            session,
            "people",
            company,
            replace(from_attributes(CompanyContent, company), name="Báo Ven Đô", tax_code=""),
            now=NOW,
        )
    renamed = replace(ENTRY, company_name="BÁO VEN ĐÔ", tax_code=None, licence_number="2/GP", domains=("hai.vn",))
    first = replace(ENTRY, tax_code=None, licence_number="3/GP", domains=("ba.vn",))
    with database.write() as session:
        done = import_entries(session, "x", "reg_1", [renamed, first], now=NOW)
    assert done.counts["companies"] == 1, "the old name is nobody's any more, the new one is"


def test_no_statement_of_an_import_takes_more_rows_or_keys_than_a_batch(session: Session) -> None:
    entries = [
        replace(
            ENTRY, company_name=f"Tin {number}", tax_code=None, licence_number=f"{number}/GP",
            domains=(f"t{number}.vn", f"h{number}.vn"),
        )
        for number in range(2 * ROWS_AT_ONCE)
    ]  # fmt: skip
    most = 0

    @sa.event.listens_for(session.get_bind(), "before_cursor_execute")
    def _(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_more: Any) -> None:
        nonlocal most
        most = max(most, len(parameters or ()))

    assert import_entries(session, "test", "reg_1", entries, now=NOW).counts["sites"] == 2 * len(entries)
    again = [replace(entry, domains=(f"moi{entry.licence_number[:-3]}.vn",)) for entry in entries]
    assert import_entries(session, "test", "reg_2", again, now=NOW).counts["sites"] == len(entries)
    # A statement may bind a few values beside the keys of its batch. PostgreSQL's binds every column of many rows.
    assert most < ROWS_AT_ONCE * (2 if session.get_bind().dialect.name == "sqlite" else 20)
