"""Partners' claims and their outcomes: each claim once, by period, the least reliable partner first."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import parse_period
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.partners.directory import Company, Site
from campaigns.people.keys import add_key
from campaigns.reporting.partner_claims import (
    LEAST_JUDGED,
    ClaimCounts,
    claim_counts,
    claims_by_partner,
    false_claims,
    latest_claims,
)
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationStatus, claim_copy
from campaigns.republications.review.decisions import decide
from tests import factories
from tests.factories import ANALYST, NOW

pytestmark = pytest.mark.long

Q4 = parse_period("2026-Q4")


class Partner:
    """One partner with a site and a key."""

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.company: Company = factories.company(session, name)
        self.site: Site = factories.site(session, self.company)
        self.actor = add_key(session, "test", name="k", company_id=self.company.id, now=NOW).row.actor.id

    def claim(
        self,
        bulletin: Bulletin,
        path: str,
        *,
        at: datetime = NOW,
        how: SightingMethod = SightingMethod.REPORTED,
        by: str | None = None,
    ) -> Republication:
        page, _ = record_sighting(
            self.session, self.site, self.site.url + path, how, by or self.actor, bulletin=bulletin, now=at
        )
        return claim_copy(self.session, self.actor, bulletin, page, EvidenceLevel.REPORTED, day=at.date(), now=at)


def test_a_thousand_reports_of_one_page_are_one_claim(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    for number in range(1000):
        partner.claim(bulletin, f"tin/1?utm_source={number}#{number}")
    partner.claim(bulletin, "tin/1", how=SightingMethod.ANNOUNCED)
    assert claim_counts(session, partner.company.id, Q4) == ClaimCounts(made=1, pending=1)


def test_a_report_that_names_no_bulletin_claims_what_is_on_the_page(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    page, _ = record_sighting(
        session, partner.site, f"{partner.site.url}tin/1", SightingMethod.REPORTED, "editor:ha@a.example", now=NOW
    )
    assert claim_counts(session, partner.company.id, Q4) == ClaimCounts()
    claim_copy(session, "system:check", bulletin, page, EvidenceLevel.FETCHED, day=NOW.date(), now=NOW)
    assert claim_counts(session, partner.company.id, Q4) == ClaimCounts(made=1, pending=1)


def test_what_editors_report_is_claimed_by_a_partner_that_has_no_key(session: Session) -> None:
    company, bulletin = factories.company(session, "B"), factories.published(session)
    site, other = factories.site(session, company), Partner(session, "A")
    for place in (site, other.site):
        page, _ = record_sighting(
            session, place, f"{place.url}1", SightingMethod.REPORTED, "editor:ha@b.example", bulletin=bulletin, now=NOW
        )
        claim_copy(session, "editor:ha@b.example", bulletin, page, EvidenceLevel.REPORTED, day=NOW.date(), now=NOW)
    assert claim_counts(session, company.id, Q4) == ClaimCounts(made=1, pending=1)
    assert [row.site for row in latest_claims(session, company.id)] == [site.name]
    assert [(claims.name, claims.claims.made) for claims in claims_by_partner(session, Q4)] == [("A", 1), ("B", 1)]


def test_what_staff_or_a_machine_reported_is_no_claim_of_the_partner(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    partner.claim(bulletin, "1", by=ANALYST.id)
    partner.claim(bulletin, "2", how=SightingMethod.ANNOUNCED, by="https://trang.example/webmention")
    partner.claim(bulletin, "3", how=SightingMethod.COUNTED_IMAGE, by="trang.example")
    staff_key = add_key(session, "test", name="s", role=ANALYST.role, now=NOW).row.actor.id
    partner.claim(bulletin, "4", by=staff_key)
    assert claim_counts(session, partner.company.id) == ClaimCounts()
    assert claims_by_partner(session, Q4) == []


def test_each_claim_stands_where_it_came_to(session: Session) -> None:
    partner = Partner(session, "A")
    counted: list[Republication] = []
    for number, status in enumerate(RepublicationStatus):
        for extra in range(number + 1):
            row = partner.claim(factories.published(session), f"{status.value}/{extra}")
            if status is RepublicationStatus.DUPLICATE:
                row.duplicate_of = counted[0]
            row.status = status
            counted += [row] if status is RepublicationStatus.CONFIRMED else []
    session.flush()
    counts = claim_counts(session, partner.company.id)
    assert counts == ClaimCounts(made=15, pending=1, review=2, confirmed=3, rejected=4, duplicates=5)
    assert counts.false_share == 4 / 7
    assert not counts.telling


def test_a_claim_belongs_to_the_day_it_was_first_made(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    partner.claim(bulletin, "1", at=NOW)
    partner.claim(bulletin, "1", at=NOW + timedelta(days=60), how=SightingMethod.ANNOUNCED)
    assert claim_counts(session, partner.company.id, parse_period("2026-11")).made == 1
    assert claim_counts(session, partner.company.id, parse_period("2027-01")).made == 0


def test_the_falsest_come_first_but_a_few_claims_say_nothing(session: Session) -> None:
    shares = {"Đúng": (LEAST_JUDGED, 0), "Sai": (2, LEAST_JUDGED - 2), "Mới": (0, 3)}
    for name, (right, wrong) in shares.items():
        partner = Partner(session, name)
        for number in range(right + wrong):
            row = partner.claim(factories.published(session), str(number))
            row.status = RepublicationStatus.CONFIRMED if number < right else RepublicationStatus.REJECTED
    session.flush()
    assert [claims.name for claims in claims_by_partner(session, Q4)] == ["Sai", "Đúng", "Mới"]


def test_a_false_claim_keeps_its_reason_from_any_judge(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    first, second = partner.claim(bulletin, "1"), partner.claim(bulletin, "2", at=NOW + timedelta(hours=1))
    first.status, first.reasons = (
        RepublicationStatus.REJECTED,
        ["text_not_found: the page does not carry this bulletin"],
    )
    decide(session, ANALYST, second, confirm=False, note="Trang chỉ có tiêu đề", now=NOW)
    claims = false_claims(session, partner.company.id)
    assert [claim.note for claim in claims] == ["Trang chỉ có tiêu đề", None]
    assert claims[1].reasons == ["text_not_found: the page does not carry this bulletin"]
