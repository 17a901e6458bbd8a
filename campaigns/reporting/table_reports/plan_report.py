"""The result of a plan: its targets and figures over its whole period, and its partners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day
from campaigns.planning.campaigns import Campaign, Metric
from campaigns.planning.target_progress import TargetProgress
from campaigns.reporting import tallies, timing
from campaigns.reporting.reach import FurthestBulletin, furthest
from campaigns.reporting.tallies import AttributionShare, TallyRow, TallyScope
from campaigns.reporting.target_status import target_progress
from campaigns.reporting.timing import WeekCounts

MOST_FURTHEST = 10


@dataclass(frozen=True)
class PlanReport:
    """``over``: whether the plan's last day has passed, so that the figures are final. ``partners``: those with any
    figure, the most confirmed first; ``silent``: the number of others."""

    code: str
    number: str
    name: str
    period: Period
    over: bool
    targets: tuple[TargetProgress, ...]
    bulletins: int
    totals: TallyRow
    topics: tuple[TallyRow, ...]
    partners: tuple[TallyRow, ...]
    silent: int
    weeks: Sequence[WeekCounts]
    shares: tuple[AttributionShare, ...]
    furthest: tuple[FurthestBulletin, ...]


def build_plan_report(session: Session, campaign: Campaign, *, now: datetime) -> PlanReport:
    """Return the present result of one plan."""
    period, today = campaign.period, city_day(now)
    scope = TallyScope(period, campaign.id)
    partners = tallies.rows(session, scope, "partner")
    active = tuple(row for row in partners if row.found or row.delivered)
    own = {topic.code for topic in campaign.topics}
    return PlanReport(
        code=campaign.code,
        number=campaign.plan_number,
        name=campaign.name,
        period=period,
        over=today > period.last,
        targets=tuple(target_progress(session, campaign, target, now) for target in campaign.targets),
        bulletins=sum(tallies.daily(session, scope, Metric.BULLETINS, period.days())),
        totals=tallies.totals(session, scope),
        topics=tuple(row for row in tallies.rows(session, scope, "topic") if row.key in own or row.found),
        partners=active,
        silent=sum(not row.confirmed for row in partners),
        weeks=timing.weekly_counts(session, scope, today),
        shares=tuple(tallies.attribution_shares(session, scope)),
        furthest=tuple(furthest(session, scope, MOST_FURTHEST)),
    )
