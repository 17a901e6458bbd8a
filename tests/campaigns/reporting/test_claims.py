"""What partners claimed, and what became of it: each claim once, by period, the falsest first."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.core.clock import parse_period
from campaigns.partners.directory import Company, Site
from campaigns.people.keys import add_key
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting.claims import LEAST_JUDGED, Claims, by_partner, claims_of, false_claims, latest_claims
from campaigns.tracking.deciding import decide
from campaigns.tracking.republications import Level, Republication, Status, claim_copy
from campaigns.tracking.sightings import How, see
from tests import factories
from tests.factories import ANALYST, NOW

Q4 = parse_period("2026-Q4")


class Partner:
    """One partner with a site and a key."""

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.company: Company = factories.company(session, name)
        self.site: Site = factories.site(session, self.company)
        self.actor = add_key(session, "test", name="k", company_id=self.company.id, now=NOW).row.actor.id

    def claim(
        self, bulletin: Bulletin, path: str, *, at: datetime = NOW, how: How = How.REPORTED, by: str | None = None
    ) -> Republication:
        page, _ = see(self.session, self.site, self.site.url + path, how, by or self.actor, bulletin=bulletin, now=at)
        return claim_copy(self.session, self.actor, bulletin, page, Level.REPORTED, day=at.date(), now=at)


def test_a_thousand_reports_of_one_page_are_one_claim(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    for number in range(1000):
        partner.claim(bulletin, f"tin/1?utm_source={number}#{number}")
    partner.claim(bulletin, "tin/1", how=How.ANNOUNCED)
    assert claims_of(session, partner.company.id, Q4) == Claims(made=1, pending=1)


def test_a_report_that_names_no_bulletin_claims_what_is_on_the_page(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    page, _ = see(session, partner.site, f"{partner.site.url}tin/1", How.REPORTED, "editor:ha@a.example", now=NOW)
    assert claims_of(session, partner.company.id, Q4) == Claims()
    claim_copy(session, "system:check", bulletin, page, Level.FETCHED, day=NOW.date(), now=NOW)
    assert claims_of(session, partner.company.id, Q4) == Claims(made=1, pending=1)


def test_what_editors_report_is_claimed_by_a_partner_that_has_no_key(session: Session) -> None:
    company, bulletin = factories.company(session, "B"), factories.published(session)
    site, other = factories.site(session, company), Partner(session, "A")
    for place in (site, other.site):
        page, _ = see(session, place, f"{place.url}1", How.REPORTED, "editor:ha@b.example", bulletin=bulletin, now=NOW)
        claim_copy(session, "editor:ha@b.example", bulletin, page, Level.REPORTED, day=NOW.date(), now=NOW)
    assert claims_of(session, company.id, Q4) == Claims(made=1, pending=1)
    assert [one.site for one in latest_claims(session, company.id)] == [site.name]
    assert [(one.name, one.claims.made) for one in by_partner(session, Q4)] == [("A", 1), ("B", 1)]


def test_what_staff_or_a_machine_told_is_no_claim_of_the_partner(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    partner.claim(bulletin, "1", by=ANALYST.id)
    partner.claim(bulletin, "2", how=How.ANNOUNCED, by="https://trang.example/webmention")
    partner.claim(bulletin, "3", how=How.COUNTED_IMAGE, by="trang.example")
    staff_key = add_key(session, "test", name="s", role=ANALYST.role, now=NOW).row.actor.id
    partner.claim(bulletin, "4", by=staff_key)
    assert claims_of(session, partner.company.id) == Claims()
    assert by_partner(session, Q4) == []


def test_each_claim_stands_where_it_came_to(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    for number, status in enumerate(Status):
        for extra in range(number + 1):
            partner.claim(bulletin, f"{status.value}/{extra}").status = status
    session.flush()
    told = claims_of(session, partner.company.id)
    assert told == Claims(made=10, pending=1, review=2, confirmed=3, rejected=4)
    assert told.false_share == 4 / 7
    assert not told.telling


def test_a_claim_belongs_to_the_day_it_was_first_made(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    partner.claim(bulletin, "1", at=NOW)
    partner.claim(bulletin, "1", at=NOW + timedelta(days=60), how=How.ANNOUNCED)
    assert claims_of(session, partner.company.id, parse_period("2026-11")).made == 1
    assert claims_of(session, partner.company.id, parse_period("2027-01")).made == 0


def test_the_falsest_come_first_but_a_few_claims_say_nothing(session: Session) -> None:
    bulletin = factories.published(session)
    shares = {"Đúng": (LEAST_JUDGED, 0), "Sai": (2, LEAST_JUDGED - 2), "Mới": (0, 3)}
    for name, (right, wrong) in shares.items():
        partner = Partner(session, name)
        for number in range(right + wrong):
            row = partner.claim(bulletin, str(number))
            row.status = Status.CONFIRMED if number < right else Status.REJECTED
    session.flush()
    assert [one.name for one in by_partner(session, Q4)] == ["Sai", "Đúng", "Mới"]


def test_a_false_claim_keeps_its_reason_whoever_found_it_false(session: Session) -> None:
    partner, bulletin = Partner(session, "A"), factories.published(session)
    first, second = partner.claim(bulletin, "1"), partner.claim(bulletin, "2", at=NOW + timedelta(hours=1))
    first.status, first.reasons = Status.REJECTED, ["text_not_found: the page does not carry this bulletin"]
    decide(session, ANALYST, second, confirm=False, note="Trang chỉ có tiêu đề", now=NOW)
    told = false_claims(session, partner.company.id)
    assert [one.note for one in told] == ["Trang chỉ có tiêu đề", None]
    assert told[1].reasons == ["text_not_found: the page does not carry this bulletin"]
