"""The status of a campaign at one time: its targets against the tallies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.partners.directory import COMPANY_IN_USE, Company
from campaigns.planning import forecasting
from campaigns.planning.campaign_snapshots import CampaignSnapshot, TargetSnapshot, snapshot_campaign, snapshot_target
from campaigns.planning.campaigns import Campaign, Metric, Target
from campaigns.planning.forecasting import MEMORY_DAYS, Forecast
from campaigns.planning.target_progress import TargetProgress, day_list, judge_target
from campaigns.reporting import tallies, timing
from campaigns.reporting.rollups.rollup_query import company_figures, copy_figures
from campaigns.reporting.rollups.rollup_tables import ATTRIBUTION_FIGURES
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.reporting.tallies import CopyFigures, CountedOnce, TallyRow, TallyScope
from campaigns.republications.attribution.verdicts import Attribution

# Targets whose figures are not sums of days (partners, rate, delay), with the data of their forecast.


FORECAST_DAYS = 28  # the forecast assumes further days like these
_WEEKS = 4


@dataclass(frozen=True)
class TargetLevel:
    """The present figure and its forecast. ``known`` False: there are no data yet."""

    actual: float
    forecast: Forecast
    known: bool = True


def target_level(session: Session, scope: TallyScope, metric: Metric, today: date, counted: CountedOnce) -> TargetLevel:
    """Return the partners with a confirmed copy, the rate of attributed copies in per cent, or the median delay in
    hours.

    Raises ``ValueError`` for a metric that adds up.
    """
    match metric:
        case Metric.PARTNERS:
            return _partners(session, scope, today, counted)
        case Metric.ATTRIBUTION_RATE:
            return _rate(session, scope, today)
        case Metric.MEDIAN_DELAY:
            return _delay(session, scope, today, counted)
        case _:
            raise ValueError(f"{metric.value} adds up day by day")


def _remaining_share(period: Period, today: date) -> float:
    """Return the ratio of remaining days to past days; 0 outside the period."""
    if not period.first <= today < period.last:
        return 0.0
    return (period.last - today).days / max((today - period.first).days, 1)


def _partners(session: Session, scope: TallyScope, today: date, counted: CountedOnce) -> TargetLevel:
    by_site = counted.sites(session, scope)
    found = [CopyFigures(*figures).confirmed for figures in company_figures(session, scope, by_site).values()]
    copies = [confirmed for confirmed in found if confirmed > 0]
    there = sa.select(sa.func.count()).select_from(Company)
    if scope.as_of is not None:
        moment = scope.as_of.moment
        there = there.where(Company.created_at <= moment, sa.or_(COMPANY_IN_USE, Company.merged_at > moment))
    else:
        there = there.where(COMPANY_IN_USE)
    known = session.execute(there).scalar_one()
    forecast = forecasting.forecast_partners(copies, _remaining_share(scope.period, today), known)
    return TargetLevel(float(len(copies)), forecast)


def _rate(session: Session, scope: TallyScope, today: date) -> TargetLevel:
    ways = (ATTRIBUTION_FIGURES[way] for way in (Attribution.NOT_SEEN, Attribution.LINKED_AT_END))
    found = copy_figures(session, scope, ("day",), ("confirmed", *ways))
    days = {day: (confirmed - unseen, well) for (day,), (confirmed, unseen, well) in found.items()}
    many, well = (sum(day[place] for day in days.values()) for place in (0, 1))
    weeks = []
    for back in range(_WEEKS, 0, -1):
        week = [days.get(today - timedelta(days=7 * back - step), (0, 0)) for step in range(7)]
        weeks.append((sum(number for number, _ in week), sum(number for _, number in week)))
    # The remaining days are assumed to be like the last weeks.
    recent = [many for many, _ in weeks if many]
    left = _days_left(scope.period, today)
    coming = sum(recent) / (7 * len(recent)) * left if recent else 0.0
    actual = 100 * well / many if many else 0.0
    return TargetLevel(actual, forecasting.forecast_rate(weeks, many, well, coming), bool(many))


def _days_left(period: Period, today: date) -> int:
    return (period.last - today).days if period.first <= today < period.last else 0


def _delay(session: Session, scope: TallyScope, today: date, counted: CountedOnce) -> TargetLevel:
    classes = counted.figure(timing.delay_classes, session, scope)
    median = timing.delay_figures(session, scope, classes).median
    if median is None:
        return TargetLevel(0.0, Forecast(0.0, 0.0, 0.0), known=False)
    actual = median / timing.HOUR
    if not (left := _days_left(scope.period, today)):
        return TargetLevel(actual, Forecast(actual, actual, actual))
    first = max(scope.period.first, today - timedelta(days=FORECAST_DAYS))
    recent = _delay_hours(timing.delay_classes(session, replace(scope, period=Period(first, today, ""))))
    coming = sum(many for _, many in recent) * left / ((today - first).days + 1)
    return TargetLevel(actual, forecasting.forecast_median(_delay_hours(classes), recent, coming))


def _delay_hours(classes: Mapping[int, int]) -> list[tuple[float, int]]:
    """Return the number of confirmed copies by delay in hours, at the middle of each class."""
    return [
        (0.0 if number == timing.BEFORE_RELEASE else sum(timing.bin_edges(number)) / 2 / timing.HOUR, many)
        for number, many in classes.items()
    ]


@dataclass(frozen=True)
class CampaignStatus:
    """Figures at one time. ``campaign`` None = all bulletins, without targets. ``partials``: for each target of
    republications how many of ``actual`` carry a part of the text, None for other metrics."""

    as_of: datetime
    campaign: Campaign | None
    period: Period
    targets: tuple[TargetProgress, ...]
    partials: tuple[int | None, ...]
    totals: TallyRow
    rows: tuple[TallyRow, ...]


def current_campaign(session: Session, now: datetime) -> Campaign | None:
    """Return the campaign running today; of several the one that began last; None without one."""
    today = city_day(now)
    query = (
        sa.select(Campaign)
        .where(Campaign.starts_on <= today, Campaign.ends_on >= today)
        .order_by(Campaign.starts_on.desc(), Campaign.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def campaign_status(
    session: Session,
    campaign: Campaign | None,
    period: Period | None,
    by: str,
    *,
    company_id: int | None = None,
    now: datetime,
) -> CampaignStatus:
    """Return targets and rows for a campaign in a period; without a period the campaign's own, or the present quarter.

    Each target is judged over its own period where it has one, else over the campaign's.
    """
    chosen = period or (campaign.period if campaign else quarter_of(city_day(now)))
    scope = TallyScope(chosen, campaign.id if campaign else None, None, company_id)
    counted = CountedOnce()
    targets = (
        [target_progress(session, campaign, target, now, counted) for target in campaign.targets] if campaign else []
    )
    return CampaignStatus(
        as_of=now,
        campaign=campaign,
        period=chosen,
        targets=tuple(targets),
        partials=tuple(_partials(session, campaign, target) for target in campaign.targets) if campaign else (),
        totals=tallies.totals(session, scope),
        rows=tuple(tallies.rows(session, scope, by)),
    )


def _partials(session: Session, campaign: Campaign, target: Target) -> int | None:
    if target.metric is not Metric.REPUBLICATIONS:
        return None
    period = parse_period(target.period) if target.period else campaign.period
    return tallies.partial_count(session, TallyScope(period, campaign.id, target.topic_id))


def target_progress(
    session: Session, campaign: Campaign, target: Target, now: datetime, counted: CountedOnce | None = None
) -> TargetProgress:
    """Return the progress of one target of a campaign. ``counted``: the figures that were counted before."""
    return goal_progress(session, snapshot_campaign(campaign), snapshot_target(target), now, counted=counted)


def goal_period(outline: CampaignSnapshot, goal: TargetSnapshot) -> Period:
    """Return the days of a target: its own, or its campaign's."""
    return parse_period(goal.period) if goal.period else outline.period


def goals_in(outline: CampaignSnapshot, period: Period) -> list[TargetSnapshot]:
    """Return the targets of a campaign with a day in the period; the others say nothing about it."""
    found = []
    for goal in outline.goals:
        days = goal_period(outline, goal)
        if days.first <= period.last and period.first <= days.last:
            found.append(goal)
    return found


def goal_progress(
    session: Session,
    outline: CampaignSnapshot,
    goal: TargetSnapshot,
    now: datetime,
    as_of: AsOf | None = None,
    counted: CountedOnce | None = None,
) -> TargetProgress:
    """Return the progress of one target; with ``as_of`` at that time, for the topics of the snapshot."""
    counted = counted or CountedOnce()
    period = goal_period(outline, goal)
    scope = TallyScope(period, outline.id, goal.topic_id, None, as_of, outline.topics if as_of else None)
    metric, topic, steps, today = goal.metric, goal.topic, goal.milestones, city_day(now)
    if metric.adds_up:
        # The days of the campaign right before the target's period count for the pace too.
        began = max(min(outline.first, period.first), period.first - timedelta(days=MEMORY_DAYS))
        wide = Period(began, period.last, "")
        series = counted.daily(session, replace(scope, period=wide), metric, wide.days())
        before = (period.first - began).days
        earlier, whole = series[:before], series[before:]
        # Copies dated after today (by a partner's clock) count; the series up to today is only for the forecast.
        elapsed = whole[: len(day_list(period, today))]
        # Before the product was in use nothing was counted, but for copies that say they are older. The first day of
        # use is the present one, which a figure as of an earlier time must not depend on.
        since: date | None = None
        if as_of is None:
            used = counted.use_began_on(session) or today
            since = min([used, *(day for day, figure in zip(wide.days(), series, strict=True) if figure)])
            earlier = series[min(max((since - began).days, 0), before) : before]
        return judge_target(metric, topic, goal.quota, float(sum(whole)), elapsed, period, today,
                              earlier=earlier, since=since, milestones=steps)  # fmt: skip
    level = target_level(session, scope, metric, today, counted)

    def figure_on(day: date) -> float:
        until = replace(scope, period=Period(period.first, day, ""))
        if metric is Metric.MEDIAN_DELAY:
            return (timing.delay_figures(session, until).median or 0.0) / timing.HOUR
        return tallies.actual(session, until, metric)

    return judge_target(metric, topic, goal.quota, level.actual, (), period, today, forecast=level.forecast,
                          known=level.known, milestones=steps, figure_on=figure_on)  # fmt: skip
