"""Enrolling the register: what is new is written once, what is there is left, what does not fit is told and undone."""

from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company, Site, SiteKind, find_site
from campaigns.partners.enrolling import enrol
from campaigns.partners.licences import Licence, find_licence
from campaigns.partners.register import RegisterEntry
from tests.factories import NOW

ENTRY = RegisterEntry(
    company_name="Công ty CP Tin Ven", tax_code="0100100100", licence_number="118/GP-TTĐT", kind=SiteKind.AGGREGATOR,
    issuer="Sở TT&TT", issued_on=date(2024, 1, 10), expires_on=date(2029, 1, 9), domains=("tinven.vn",), pages=(),
    scope=(), status="", row=2,
)  # fmt: skip


def _counts(session: Session) -> tuple[int, int, int]:
    kinds = (Company, Licence, Site)
    one, two, three = (session.execute(sa.select(sa.func.count()).select_from(kind)).scalar_one() for kind in kinds)
    return one, two, three


def test_an_entry_becomes_a_company_a_licence_and_a_site_and_a_second_time_nothing(session: Session) -> None:
    first = enrol(session, "test", "reg_1", [ENTRY], now=NOW)
    assert (first.companies, first.licences, first.sites, first.rejected) == (1, 1, 1, ())
    assert find_site(session, "tinven-vn").host == "tinven.vn"
    second = enrol(session, "test", "reg_1", [ENTRY], now=NOW)
    assert (second.companies, second.licences, second.sites, second.unchanged) == (0, 0, 0, 1)
    assert _counts(session) == (1, 1, 1)


def test_a_company_is_known_by_its_tax_code_or_its_name_in_any_spelling(session: Session) -> None:
    enrol(session, "test", "reg_1", [ENTRY], now=NOW)
    by_tax = replace(ENTRY, company_name="Tin Ven JSC", licence_number="2/GP", domains=("hai.vn",))
    by_name = replace(
        ENTRY, company_name="CÔNG TY CP TIN VEN", tax_code=None, licence_number="3/GP", domains=("ba.vn",)
    )
    assert enrol(session, "test", "reg_1", [by_tax, by_name], now=NOW).companies == 0
    assert _counts(session) == (1, 3, 3)


def test_companies_of_one_sheet_know_each_other(session: Session) -> None:
    entries = [replace(ENTRY, licence_number=f"{number}/GP", domains=(f"t{number}.vn",)) for number in range(4)]
    assert enrol(session, "test", "reg_1", entries, now=NOW).companies == 1


def test_another_domain_under_the_same_licence_is_added(session: Session) -> None:
    enrol(session, "test", "reg_1", [ENTRY], now=NOW)
    more = enrol(session, "test", "reg_1", [replace(ENTRY, domains=("tinven.vn", "ven.vn"))], now=NOW)
    assert (more.companies, more.licences, more.sites) == (0, 1, 1)
    assert find_licence(session, "118/GP-TTĐT").domains == ["tinven.vn", "ven.vn"]


def test_what_belongs_to_somebody_else_is_told_and_the_whole_entry_undone(session: Session) -> None:
    enrol(session, "test", "reg_1", [ENTRY], now=NOW)
    other = replace(ENTRY, company_name="Công ty Khác", tax_code="0200200200", row=7)
    site_taken = replace(other, licence_number="9/GP", domains=("moi.vn", "tinven.vn"))
    licence_taken = replace(other, domains=("moi-nua.vn",), row=8)
    good = replace(other, licence_number="10/GP", domains=("tot.vn",), row=9)
    done = enrol(session, "test", "reg_1", [site_taken, licence_taken, good], now=NOW)
    assert [(one.row, one.field) for one in done.rejected] == [(7, "domains"), (8, "licence_number")]
    assert (done.companies, done.licences, done.sites) == (1, 1, 1)
    assert session.execute(sa.select(Site.host)).scalars().all() == ["tinven.vn", "tot.vn"]
    assert _counts(session) == (2, 2, 2)
