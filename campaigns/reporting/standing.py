"""A campaign's whole standing at one moment: its targets against the tallies."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.planning import progress
from campaigns.planning.campaigns import Campaign, Target
from campaigns.planning.forecasting import MEMORY_DAYS
from campaigns.planning.outlines import Goal, Outline, goal_of, outline_of
from campaigns.planning.progress import TargetProgress
from campaigns.reporting import levels, tallies
from campaigns.reporting.history import AsOf
from campaigns.reporting.tallies import Daily, Row, Scope


@dataclass(frozen=True)
class Standing:
    """Figures as of one moment. ``campaign`` None = all bulletins, without targets."""

    as_of: datetime
    campaign: Campaign | None
    period: Period
    targets: tuple[TargetProgress, ...]
    totals: Row
    rows: tuple[Row, ...]


def current_campaign(session: Session, now: datetime) -> Campaign | None:
    """The campaign running today; of several the one that began last; None when none is."""
    today = city_day(now)
    query = (
        sa.select(Campaign)
        .where(Campaign.starts_on <= today, Campaign.ends_on >= today)
        .order_by(Campaign.starts_on.desc(), Campaign.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def standing(
    session: Session,
    campaign: Campaign | None,
    period: Period | None,
    by: str,
    *,
    company_id: int | None = None,
    now: datetime,
) -> Standing:
    """Targets and rows for a campaign in a period; without a period the campaign's own, or the present quarter.

    Each target is judged over its own period where it has one, else over the campaign's.
    """
    chosen = period or (campaign.period if campaign else quarter_of(city_day(now)))
    scope = Scope(chosen, campaign.id if campaign else None, None, company_id)
    targets = tuple(target_progress(session, campaign, target, now) for target in campaign.targets) if campaign else ()
    return Standing(
        as_of=now,
        campaign=campaign,
        period=chosen,
        targets=targets,
        totals=tallies.totals(session, scope),
        rows=tuple(tallies.rows(session, scope, by)),
    )


def target_progress(
    session: Session, campaign: Campaign, target: Target, now: datetime, daily: Daily = tallies.daily
) -> TargetProgress:
    """How one target of a campaign stands. ``daily``: what tells the figures of days."""
    return goal_progress(session, outline_of(campaign), goal_of(target), now, daily=daily)


def goal_progress(
    session: Session,
    outline: Outline,
    goal: Goal,
    now: datetime,
    as_of: AsOf | None = None,
    daily: Daily = tallies.daily,
) -> TargetProgress:
    """How one target stands; with ``as_of`` how it stood then, for the topics that the outline names."""
    period = parse_period(goal.period) if goal.period else outline.period
    scope = Scope(period, outline.id, goal.topic_id, None, as_of, outline.topics if as_of else None)
    metric, topic, steps, today = goal.metric, goal.topic, goal.milestones, city_day(now)
    if metric.adds_up:
        # The days of the campaign right before the target's own say how a pace is, too.
        began = max(min(outline.first, period.first), period.first - timedelta(days=MEMORY_DAYS))
        wide = Period(began, period.last, "")
        series = daily(session, replace(scope, period=wide), metric, wide.days())
        before = (period.first - began).days
        earlier, whole = series[:before], series[before:]
        # What is dated after today (a partner's clock) still counts; the series up to today only serves the forecast.
        elapsed = whole[: len(progress.day_list(period, today))]
        return progress.judge(metric, topic, goal.quota, float(sum(whole)), elapsed, period, today,
                              earlier=earlier, milestones=steps)  # fmt: skip
    level = levels.level_of(session, scope, metric, today)

    def figure_on(day: date) -> float:
        until = replace(scope, period=Period(period.first, day, ""))
        return levels.level_of(session, until, metric, day).actual

    return progress.judge(metric, topic, goal.quota, level.actual, (), period, today, forecast=level.forecast,
                          known=level.known, milestones=steps, figure_on=figure_on)  # fmt: skip
