"""A plan's result: its targets against what was counted over its whole time, and who carried it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day
from campaigns.planning.campaigns import Campaign, Metric
from campaigns.planning.progress import TargetProgress
from campaigns.reporting import rhythm, tallies
from campaigns.reporting.reach import Furthest, furthest
from campaigns.reporting.rhythm import Week
from campaigns.reporting.standing import target_progress
from campaigns.reporting.tallies import Row, Scope, Share

MOST_FURTHEST = 10


@dataclass(frozen=True)
class PlanResult:
    """``over``: whether the plan's last day has passed, so that the figures are its result and not a state on the way.
    ``partners``: those with anything at all, the most confirmed first; ``silent``: how many others there are."""

    code: str
    number: str
    name: str
    period: Period
    over: bool
    targets: tuple[TargetProgress, ...]
    bulletins: int
    totals: Row
    topics: tuple[Row, ...]
    partners: tuple[Row, ...]
    silent: int
    weeks: Sequence[Week]
    shares: tuple[Share, ...]
    furthest: tuple[Furthest, ...]


def plan_result(session: Session, campaign: Campaign, *, now: datetime) -> PlanResult:
    """The result of one plan as of now."""
    period, today = campaign.period, city_day(now)
    scope = Scope(period, campaign.id)
    partners = tallies.rows(session, scope, "partner")
    active = tuple(row for row in partners if row.found or row.delivered)
    own = {topic.code for topic in campaign.topics}
    return PlanResult(
        code=campaign.code,
        number=campaign.plan_number,
        name=campaign.name,
        period=period,
        over=today > period.last,
        targets=tuple(target_progress(session, campaign, one, now) for one in campaign.targets),
        bulletins=sum(tallies.daily(session, scope, Metric.BULLETINS, period.days())),
        totals=tallies.totals(session, scope),
        topics=tuple(row for row in tallies.rows(session, scope, "topic") if row.key in own or row.found),
        partners=active,
        silent=sum(not row.confirmed for row in partners),
        weeks=rhythm.weekly(session, scope, today),
        shares=tuple(tallies.attribution_shares(session, scope)),
        furthest=tuple(furthest(session, scope, MOST_FURTHEST)),
    )
