"""Digests, spreads, partners' and plans' results equal a count by hand."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import BulletinState
from campaigns.core.clock import Period, city_day, parse_period
from campaigns.delivery.outbox import DeliveryState
from campaigns.partners.agreements import AgreementContent, add_agreement
from campaigns.partners.directory import SiteKind
from campaigns.partners.expiries import expiring_soon
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.planning.campaigns import find_campaign
from campaigns.reporting.table_reports.digest import a_week_before, digest_of
from campaigns.reporting.table_reports.partner_report import build_partner_report, previous_period
from campaigns.reporting.table_reports.plan_report import build_plan_report
from campaigns.reporting.table_reports.spread import spread_of
from campaigns.republications.republications import RepublicationStatus
from campaigns.republications.social.posts import SOCIAL_REASON
from tests import factories
from tests.campaigns.reporting.random_data import FIRST, make_random_data
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import DELIVERY_MODES, NOW

pytestmark = pytest.mark.long


@pytest.mark.parametrize("seed", range(6))
def test_a_digest_is_what_counting_by_hand_gives(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    owners = {site.id: site.company_id for site in made.sites}
    for offset in (7, 14, 21):
        first = FIRST + timedelta(days=offset)
        period = Period(first, first + timedelta(days=6), "x")
        digest = digest_of(session, DELIVERY_MODES, period, now=NOW)
        for sums, days in ((digest.now, period), (digest.before, a_week_before(period))):
            out = [
                bulletin
                for bulletin in made.bulletins
                if bulletin.state in {BulletinState.PUBLISHED, BulletinState.RECALLED}
                and bulletin.released_on
                and bulletin.released_on in days
            ]
            mine = [
                republication
                for republication in made.copies
                if republication.counted_on in days and republication.status is not RepublicationStatus.DUPLICATE
            ]
            counted = [republication for republication in mine if republication.status is RepublicationStatus.CONFIRMED]
            assert sums.bulletins == len(out)
            assert (sums.counts.found, sums.counts.confirmed) == (len(mine), len(counted))
            assert sums.partners == len({owners[republication.site_id] for republication in counted})
            released = {
                bulletin.id
                for bulletin in made.bulletins
                if bulletin.released_on is not None and bulletin.released_on in days
            }
            stuck = {DeliveryState.DEAD, DeliveryState.UNKNOWN}
            assert sums.failed == sum(
                delivery.bulletin_id in released and delivery.state in stuck for delivery in made.deliveries
            )
        assert len(digest.issued) == digest.now.bulletins
        assert len(digest.failures) == digest.now.failed


@pytest.mark.parametrize(
    ("label", "before"),
    [
        ("2026-Q4", ("2026-07-01", "2026-09-30")),
        ("2026-Q1", ("2025-10-01", "2025-12-31")),
        ("2026-11", ("2026-10-01", "2026-10-31")),
        ("2026", ("2025-01-01", "2025-12-31")),
        ("2026-11-24", ("2026-11-23", "2026-11-23")),
        ("2026-11-16..2026-11-22", ("2026-11-09", "2026-11-15")),
    ],
)
def test_the_period_before_is_of_the_same_kind(label: str, before: tuple[str, str]) -> None:
    found = previous_period(parse_period(label))
    assert (found.first, found.last) == (date.fromisoformat(before[0]), date.fromisoformat(before[1]))


def test_a_spread_is_in_order_with_its_chains_and_delays(session: Session) -> None:
    bulletin = factories.published(session)
    sites = [factories.site(session) for _ in range(4)]
    made = [
        make_republication(session, bulletin, site, first_seen_at=NOW + timedelta(hours=hours))
        for site, hours in zip(sites, (5, 1, 3, 9), strict=True)
    ]
    make_republication(session, bulletin, sites[0], status=RepublicationStatus.REJECTED)
    made[2].taken_from_id, made[2].taken_from_site_id = made[1].id, made[1].site_id
    made[0].taken_from_id, made[0].taken_from_site_id = made[2].id, made[2].site_id
    made[3].taken_from_site_id = made[1].site_id  # a site whose copy nobody knows
    made[3].status = RepublicationStatus.REVIEW
    made[3].page.behind_sign_in, made[3].reasons = True, [f"{SOCIAL_REASON}:facebook.com"]
    session.flush()
    spread = spread_of(session, bulletin)
    assert [copy.id for copy in spread.carriers] == [made[number].public for number in (1, 2, 0, 3)]
    assert [copy.steps for copy in spread.carriers] == [0, 1, 2, 1]
    assert [copy.by_report for copy in spread.carriers] == [False, False, False, True]
    assert [copy.taken_from for copy in spread.carriers] == [None, made[1].public, made[2].public, None]
    assert (spread.confirmed, spread.partners, spread.chained, spread.median) == (3, 3, 3, 3 * 3600.0)
    assert spread_of(session, factories.published(session)).carriers == ()
    assert spread_of(session, factories.draft(session)).released_at is None


@pytest.mark.parametrize("seed", range(4))
def test_a_partners_results_list_every_copy_that_counts(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    period = parse_period("2026-11")
    for company in made.companies:
        sites = {site.id for site in made.sites if site.company_id == company.id}
        counted = {
            republication.public
            for republication in made.copies
            if republication.site_id in sites
            and republication.status is RepublicationStatus.CONFIRMED
            and republication.counted_on in period
        }
        report = build_partner_report(session, company, period, now=NOW)
        assert {copy.id for copy in report.copies} == counted
        assert report.now.confirmed == len(counted)


@pytest.mark.parametrize("seed", range(4))
def test_a_plans_result_adds_up_by_topic_partner_and_week(session: Session, seed: int) -> None:
    make_random_data(session, seed)
    for code in ("kh-0", "kh-1"):
        row = find_campaign(session, code)
        after = NOW + timedelta(days=60)
        report = build_plan_report(session, row, now=after)
        assert report.over
        for lines in (report.topics, report.partners):
            assert sum(entry.confirmed for entry in lines) == report.totals.confirmed
        assert sum(counts.total for counts in report.weeks) == report.totals.confirmed
        assert sum(share.count for share in report.shares) == report.totals.confirmed
        assert not build_plan_report(session, row, now=NOW).over


def _papers(session: Session, today: date) -> dict[str, date]:
    """Licences and agreements around the days in which a warning is due; those that it is due for, by number."""
    owner, warned = factories.company(session), {}
    for days, starts in [(-1, -9), (0, -9), (1, -9), (59, 0), (60, -9), (61, -9), (30, 1), (None, -9)]:
        ends_on = None if days is None else today + timedelta(days=days)
        starts_on, name = today + timedelta(days=starts), f"{days}/{starts}"
        add_licence(
            session,
            "test",
            owner,
            f"{name}/GP",
            LicenceContent(kind=SiteKind.SOCIAL, issuer="Sở", issued_on=starts_on, expires_on=ends_on),
            now=NOW,
        )
        add_agreement(
            session, "test", owner, f"{name}/VB", AgreementContent(starts_on=starts_on, ends_on=ends_on), now=NOW
        )
        if ends_on is not None and 0 <= (ends_on - today).days <= 60 and starts <= 0:
            warned |= {f"{name}/GP": ends_on, f"{name}/VB": ends_on}
    return warned


def test_a_weeks_digest_names_what_ends_within_sixty_days_and_a_days_does_not(session: Session) -> None:
    warned = _papers(session, city_day(NOW))
    week = digest_of(session, DELIVERY_MODES, Period(FIRST, FIRST + timedelta(days=6), "x"), now=NOW)
    assert {document.number: document.ends_on for document in week.ending} == warned
    assert week.endings == len(warned) == 8
    assert {document.number.endswith("VB") for document in week.ending if document.agreed} == {True}
    assert [document.ends_on for document in week.ending] == sorted(warned.values())
    day = digest_of(session, DELIVERY_MODES, Period(FIRST, FIRST, "x"), now=NOW)
    assert (day.ending, day.endings) == ((), 0)
    assert expiring_soon(session, city_day(NOW), 3) == (week.ending[:3], 8)
