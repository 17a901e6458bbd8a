"""The register's entries become companies, licences and sites, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.partners.enrolling import Enrolled, enrol
from campaigns.partners.licences import Licence
from campaigns.partners.register import RegisterEntry
from tests.factories import NOW

ENTRY = RegisterEntry(
    company_name="Công ty Sao Khuê",
    tax_code="0109876543",
    licence_number="2215/GP-TTĐT",
    kind=SiteKind.AGGREGATOR,
    issuer="Sở Thông tin",
    issued_on=date(2023, 3, 4),
    expires_on=None,
    domains=("www.saokhue.example",),
    pages=(),
    scope=("Kinh tế",),
    status="",
    row=2,
)


def take(session: Session, *entries: RegisterEntry) -> Enrolled:
    return enrol(session, "test", entries, now=NOW)


def hosts(session: Session) -> Sequence[list[str]]:
    return session.execute(sa.select(Licence.domains)).scalars().all()


def test_a_licence_knows_its_domains_by_the_key_that_sites_have(session: Session) -> None:
    done = take(session, ENTRY)
    assert (done.companies, done.licences, done.sites, done.unchanged) == (1, 1, 1, 0)
    assert hosts(session) == [["saokhue.example"]]
    assert session.execute(sa.select(Site.host)).scalars().all() == ["saokhue.example"]


@pytest.mark.parametrize("domain", ["www.saokhue.example", "saokhue.example", "WWW.SAOKHUE.example"])
def test_the_same_entry_again_changes_nothing_however_its_domain_is_written(session: Session, domain: str) -> None:
    take(session, ENTRY)
    done = take(session, replace(ENTRY, domains=(domain,)))
    assert (done.companies, done.licences, done.sites, done.unchanged) == (0, 0, 0, 1)
    assert hosts(session) == [["saokhue.example"]]


def test_another_domain_of_a_known_licence_is_added_to_it(session: Session) -> None:
    take(session, ENTRY)
    done = take(session, replace(ENTRY, domains=("saokhue.example", "www.tin.example")))
    assert (done.companies, done.licences, done.sites) == (0, 1, 1)
    assert hosts(session) == [["saokhue.example", "tin.example"]]


@pytest.mark.parametrize("status", ["Thu hồi", "Đã thu hồi", "ĐÃ BỊ THU HỒI", "Hết hiệu lực", "revoked", "Expired"])
def test_an_ended_licence_that_its_dates_call_valid_is_rejected(session: Session, status: str) -> None:
    for end in (None, date(2028, 3, 4)):
        done = take(session, replace(ENTRY, status=status, expires_on=end))
        assert [(one.row, one.field, one.code) for one in done.rejected] == [(2, "status", "ended_without_date")]
        assert repr(status) in done.rejected[0].message
    assert hosts(session) == []
    assert session.execute(sa.select(Company.id)).first() is None


@pytest.mark.parametrize("status", ["Thu hồi", "Hết hiệu lực", "revoked"])
def test_an_ended_licence_with_the_day_it_ended_is_taken(session: Session, status: str) -> None:
    assert take(session, replace(ENTRY, status=status, expires_on=date(2025, 1, 31))).licences == 1


@pytest.mark.parametrize("status", ["", "Còn hiệu lực", "Chưa hết hiệu lực", "Không bị thu hồi", "active", "Chưa rõ"])
def test_any_other_status_keeps_nothing_out(session: Session, status: str) -> None:
    assert take(session, replace(ENTRY, status=status)).licences == 1


def test_a_bad_entry_takes_nothing_with_it_and_leaves_nothing_behind(session: Session) -> None:
    other = replace(ENTRY, company_name="Công ty Khác", tax_code=None, licence_number="9/GP-TTĐT", row=3)
    done = take(session, ENTRY, other)
    assert (done.companies, done.licences, done.sites) == (1, 1, 1)
    assert [(one.row, one.field, one.code) for one in done.rejected] == [(3, "domains", "site_taken")]
    assert session.execute(sa.select(Company.name)).scalars().all() == ["Công ty Sao Khuê"]
