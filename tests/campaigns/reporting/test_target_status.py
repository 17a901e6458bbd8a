"""A target's actual figure equals a count by hand for every metric; milestones have the day they were reached."""

import statistics
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.planning.campaigns import Campaign, MilestoneContent, TargetContent
from campaigns.planning.target_progress import MilestoneStatus, TargetProgress, TargetStatus
from campaigns.reporting.target_status import campaign_status
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationStatus
from tests import factories
from tests.campaigns.reporting.sample_republications import TOPICS, make_republication, make_republications
from tests.factories import NOW, planned

pytestmark = pytest.mark.long

TODAY = city_day(NOW)
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)


def plan(session: Session, *targets: TargetContent) -> Campaign:
    return planned(session, FIRST, LAST, *targets, topics=TOPICS)


def progress_of(session: Session, campaign: Campaign) -> Sequence[TargetProgress]:
    return campaign_status(session, campaign, None, "topic", now=NOW).targets


def confirmed(rows: Sequence[Republication], topic: str | None, first: date, last: date) -> list[Republication]:
    return [
        row
        for row in rows
        if row.status is RepublicationStatus.CONFIRMED and first <= row.counted_on <= last
        and topic in {None, row.bulletin.topic.code}
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("topic", "period"), [(None, None), ("dich-benh", "2026-11")])
def test_figures_equal_counting_by_hand(session: Session, seed: int, topic: str | None, period: str | None) -> None:
    kinds = ("republications", "partners", "attribution_rate", "median_delay")
    campaign = plan(session, *(TargetContent(kind, 3, topic, period) for kind in kinds))
    days = (date(2026, 11, 1), date(2026, 11, 30)) if period else (FIRST, LAST)
    rows = confirmed(make_republications(session, seed), topic, *days)
    waited = [max(((row.published_at or row.first_seen_at) - NOW).total_seconds(), 0) for row in rows]
    named = sum(row.attribution is Attribution.LINKED_AT_END for row in rows)
    assert [progress.actual for progress in progress_of(session, campaign)] == [
        len(rows),
        len({row.site.company_id for row in rows}),
        100 * named / sum(row.attribution is not Attribution.NOT_SEEN for row in rows),
        statistics.median_low(int(value) for value in waited) / 3600,
    ]


def test_without_copies_a_rate_and_a_delay_are_not_known_and_nothing_is_behind_for_it(session: Session) -> None:
    campaign = plan(session, TargetContent("attribution_rate", 95), TargetContent("median_delay", 3))
    for progress in progress_of(session, campaign):
        assert (progress.actual, progress.known, progress.status) == (0, False, TargetStatus.ON_COURSE)


def test_a_delay_is_reached_from_above_and_can_still_grow(session: Session) -> None:
    campaign = plan(session, TargetContent("median_delay", 3), TargetContent("median_delay", 1))
    bulletin, site = factories.published(session), factories.site(session)
    for hours in (1, 2, 2, 5):
        make_republication(session, bulletin, site, published_at=NOW + timedelta(hours=hours))
    good, poor = progress_of(session, campaign)
    assert (good.actual, good.status) == (2, TargetStatus.ON_COURSE)
    assert (poor.actual, poor.status) == (2, TargetStatus.BEHIND)
    assert good.forecast.low <= good.forecast.value <= good.forecast.high


def test_partners_and_rate_are_forecast_beyond_what_is_there(session: Session) -> None:
    campaign = plan(session, TargetContent("partners", 30), TargetContent("attribution_rate", 80))
    sites = [factories.site(session) for _ in range(30)]
    bulletin = factories.published(session)
    for number in range(12):
        for back in range(1 + number % 3):
            late = number % 4 == 0
            make_republication(session, bulletin, sites[number], counted_on=TODAY - timedelta(days=3 * back + number),
                 attribution=Attribution.NAMED_ONLY if late else Attribution.LINKED_AT_END)  # fmt: skip
    partners, rate = progress_of(session, campaign)
    assert partners.actual == 12
    assert 12 < partners.forecast.value <= partners.forecast.high <= 30
    assert rate.forecast.low < rate.forecast.value < rate.forecast.high


def test_milestones_are_judged_by_their_days(session: Session) -> None:
    steps = {
        date(2026, 11, 2): 2, date(2026, 11, 9): 4, date(2026, 11, 16): 5, date(2026, 12, 1): 6, date(2026, 12, 20): 8,
        date(2026, 12, 31): 900,
    }  # fmt: skip
    campaign = plan(
        session,
        TargetContent("republications", 1000, milestones=tuple(MilestoneContent(*step) for step in steps.items())),
    )
    bulletin, site = factories.published(session), factories.site(session)
    for day in (1, 2, 3, 12, 20, 23):
        make_republication(session, bulletin, site, counted_on=date(2026, 11, day))
    (target,) = progress_of(session, campaign)
    values = {progress.due_on: (progress.reached, progress.standing) for progress in target.milestones}
    assert values[date(2026, 11, 2)] == (2, MilestoneStatus.MET)
    assert values[date(2026, 11, 9)] == (3, MilestoneStatus.LATE)
    assert values[date(2026, 11, 16)] == (4, MilestoneStatus.LATE)
    assert values[date(2026, 12, 1)] == (6, MilestoneStatus.MET)  # reached before its day
    assert values[date(2026, 12, 20)][1] is MilestoneStatus.EXPECTED
    assert values[date(2026, 12, 31)][1] is MilestoneStatus.DOUBTFUL
    assert target.milestones[-1].reached == pytest.approx(target.forecast.value)


def test_a_milestone_that_was_not_reached_is_missed(session: Session) -> None:
    wanted = (MilestoneContent(date(2026, 11, 2), 3),)
    campaign = plan(session, TargetContent("republications", 100, milestones=wanted))
    make_republication(session, factories.published(session), factories.site(session), counted_on=date(2026, 11, 1))
    (target,) = progress_of(session, campaign)
    assert [(progress.reached, progress.standing) for progress in target.milestones] == [(1, MilestoneStatus.MISSED)]


@pytest.mark.parametrize(("metric", "then", "wanted"), [("partners", 1, 2), ("attribution_rate", 0, 50)])
def test_milestones_of_figures_that_do_not_add_up_are_read_as_of_their_day(
    session: Session, metric: str, then: float, wanted: float
) -> None:
    campaign = plan(session, TargetContent(metric, 90, milestones=(MilestoneContent(date(2026, 11, 2), wanted),)))
    bulletin = factories.published(session)
    make_republication(
        session, bulletin, factories.site(session), counted_on=date(2026, 11, 1), attribution=Attribution.NONE
    )
    for day in (3, 4, 5):
        make_republication(session, bulletin, factories.site(session), counted_on=date(2026, 11, day))
    (target,) = progress_of(session, campaign)
    assert [(progress.reached, progress.standing) for progress in target.milestones] == [(then, MilestoneStatus.LATE)]


def test_a_months_first_days_are_forecast_by_the_campaigns_days_before_it(session: Session) -> None:
    campaign = plan(session, TargetContent("republications", 100, period="2026-11-23..2026-12-06"))
    bulletin, site = factories.published(session), factories.site(session)
    for back in range(2, 30):
        for _ in range(3):
            make_republication(session, bulletin, site, counted_on=TODAY - timedelta(days=back))
    (target,) = progress_of(session, campaign)
    assert target.actual == 0
    assert target.forecast.value > 20


def test_days_before_the_product_was_in_use_do_not_slow_a_later_targets_pace(session: Session) -> None:
    campaign = plan(session, TargetContent("republications", 100, period="2026-11-23..2026-12-06"))
    bulletin, site = factories.published(session), factories.site(session)
    for back in (2, 3):  # of the thirty days before the period only its last two with the product
        for _ in range(6):
            make_republication(session, bulletin, site, counted_on=TODAY - timedelta(days=back))
    (target,) = progress_of(session, campaign)
    assert target.forecast.value > 20
