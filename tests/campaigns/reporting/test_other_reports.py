"""Digests, spreads, partners' and plans' results: the same as counting by hand."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period
from campaigns.partners.agreements import add_agreement
from campaigns.partners.directory import SiteKind
from campaigns.partners.ending import ending
from campaigns.partners.licences import add_licence
from campaigns.planning.campaigns import find_campaign
from campaigns.publishing.bulletins import State
from campaigns.publishing.outbox import DeliveryState
from campaigns.reporting.digests import a_week_before, digest
from campaigns.reporting.partner_results import partner_results, the_one_before
from campaigns.reporting.plan_results import plan_result
from campaigns.reporting.spread import spread
from campaigns.tracking.republications import Status
from tests import factories
from tests.campaigns.reporting.copies import copy
from tests.campaigns.reporting.worlds import FIRST, world
from tests.factories import NATURES, NOW


@pytest.mark.parametrize("seed", range(6))
def test_a_digest_is_what_counting_by_hand_gives(session: Session, seed: int) -> None:
    made = world(session, seed)
    owners = {site.id: site.company_id for site in made.sites}
    for offset in (7, 14, 21):
        first = FIRST + timedelta(days=offset)
        period = Period(first, first + timedelta(days=6), "x")
        told = digest(session, NATURES, period, now=NOW)
        for sums, days in ((told.now, period), (told.before, a_week_before(period))):
            out = [
                one
                for one in made.bulletins
                if one.state in {State.PUBLISHED, State.RECALLED} and one.released_on and one.released_on in days
            ]
            mine = [one for one in made.copies if one.counted_on in days]
            counted = [one for one in mine if one.status is Status.CONFIRMED]
            assert sums.bulletins == len(out)
            assert (sums.counts.found, sums.counts.confirmed) == (len(mine), len(counted))
            assert sums.partners == len({owners[one.site_id] for one in counted})
            released = {one.id for one in made.bulletins if one.released_on is not None and one.released_on in days}
            stuck = {DeliveryState.DEAD, DeliveryState.UNKNOWN}
            assert sums.failed == sum(one.bulletin_id in released and one.state in stuck for one in made.deliveries)
        assert len(told.issued) == told.now.bulletins
        assert len(told.failures) == told.now.failed


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
    found = the_one_before(parse_period(label))
    assert (found.first, found.last) == (date.fromisoformat(before[0]), date.fromisoformat(before[1]))


def test_a_spread_is_in_order_with_its_chains_and_delays(session: Session) -> None:
    bulletin = factories.published(session)
    sites = [factories.site(session) for _ in range(4)]
    made = [
        copy(session, bulletin, site, first_seen_at=NOW + timedelta(hours=hours))
        for site, hours in zip(sites, (5, 1, 3, 9), strict=True)
    ]
    copy(session, bulletin, sites[0], status=Status.REJECTED)
    made[2].taken_from_id, made[2].taken_from_site_id = made[1].id, made[1].site_id
    made[0].taken_from_id, made[0].taken_from_site_id = made[2].id, made[2].site_id
    made[3].taken_from_site_id = made[1].site_id  # a site whose copy nobody knows
    made[3].status = Status.REVIEW
    session.flush()
    told = spread(session, bulletin)
    assert [one.id for one in told.carriers] == [made[number].public for number in (1, 2, 0, 3)]
    assert [one.steps for one in told.carriers] == [0, 1, 2, 1]
    assert [one.taken_from for one in told.carriers] == [None, made[1].public, made[2].public, None]
    assert (told.confirmed, told.partners, told.chained, told.median) == (3, 3, 3, 3 * 3600.0)
    assert spread(session, factories.published(session)).carriers == ()
    assert spread(session, factories.draft(session)).released_at is None


@pytest.mark.parametrize("seed", range(4))
def test_a_partners_results_list_every_copy_that_counts(session: Session, seed: int) -> None:
    made = world(session, seed)
    period = parse_period("2026-11")
    for company in made.companies:
        sites = {one.id for one in made.sites if one.company_id == company.id}
        counted = {
            one.public
            for one in made.copies
            if one.site_id in sites and one.status is Status.CONFIRMED and one.counted_on in period
        }
        told = partner_results(session, company, period, now=NOW)
        assert {one.id for one in told.copies} == counted
        assert told.now.confirmed == len(counted)


@pytest.mark.parametrize("seed", range(4))
def test_a_plans_result_adds_up_by_topic_partner_and_week(session: Session, seed: int) -> None:
    world(session, seed)
    for code in ("kh-0", "kh-1"):
        row = find_campaign(session, code)
        after = NOW + timedelta(days=60)
        told = plan_result(session, row, now=after)
        assert told.over
        for lines in (told.topics, told.partners):
            assert sum(one.confirmed for one in lines) == told.totals.confirmed
        assert sum(one.total for one in told.weeks) == told.totals.confirmed
        assert sum(one.count for one in told.shares) == told.totals.confirmed
        assert not plan_result(session, row, now=NOW).over


def _papers(session: Session, today: date) -> dict[str, date]:
    """Licences and agreements around the days in which a warning is due; those that it is due for, by number."""
    owner, warned = factories.company(session), {}
    for days, starts in [(-1, -9), (0, -9), (1, -9), (59, 0), (60, -9), (61, -9), (30, 1), (None, -9)]:
        ends_on = None if days is None else today + timedelta(days=days)
        starts_on, name = today + timedelta(days=starts), f"{days}/{starts}"
        add_licence(
            session, "test", owner, number=f"{name}/GP", kind=SiteKind.SOCIAL, issuer="Sở", issued_on=starts_on,
            expires_on=ends_on, domains=[], scope=[], now=NOW,
        )  # fmt: skip
        add_agreement(session, "test", owner, number=f"{name}/VB", starts_on=starts_on, ends_on=ends_on, now=NOW)
        if ends_on is not None and 0 <= (ends_on - today).days <= 60 and starts <= 0:
            warned |= {f"{name}/GP": ends_on, f"{name}/VB": ends_on}
    return warned


def test_a_weeks_digest_names_what_ends_within_sixty_days_and_a_days_does_not(session: Session) -> None:
    warned = _papers(session, city_day(NOW))
    week = digest(session, NATURES, Period(FIRST, FIRST + timedelta(days=6), "x"), now=NOW)
    assert {one.number: one.ends_on for one in week.ending} == warned
    assert week.endings == len(warned) == 8
    assert {one.number.endswith("VB") for one in week.ending if one.agreed} == {True}
    assert [one.ends_on for one in week.ending] == sorted(warned.values())
    day = digest(session, NATURES, Period(FIRST, FIRST, "x"), now=NOW)
    assert (day.ending, day.endings) == ((), 0)
    assert ending(session, city_day(NOW), 3) == (week.ending[:3], 8)
