"""A briefing's figures for one period, frozen at one moment: what the document writers are handed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.people.office import the_office
from campaigns.planning.campaigns import Campaign, Metric
from campaigns.planning.progress import TargetProgress, day_list
from campaigns.reporting import tallies
from campaigns.reporting.standing import target_progress
from campaigns.reporting.tallies import Row, Scope, Share
from campaigns.tracking.matching import RULE_VERSION


@dataclass(frozen=True)
class Figures:
    """Everything a briefing says in numbers. ``daily``: confirmed republications for each day of the period so far."""

    as_of: datetime
    rule_version: str
    office: str
    parent: str
    place: str
    plan_number: str
    campaign: str
    period: Period
    targets: tuple[TargetProgress, ...]
    totals: Row
    bulletins: int
    by_partner: tuple[Row, ...]
    by_site: tuple[Row, ...]
    by_topic: tuple[Row, ...]
    by_channel: tuple[Row, ...]
    by_day: tuple[Row, ...]
    shares: tuple[Share, ...]


def figures(session: Session, campaign: Campaign | None, period: Period, *, now: datetime) -> Figures:
    """Collect the figures of a period in one consistent view of the database."""
    scope = Scope(period, campaign.id if campaign else None)
    office = the_office(session)
    published = tallies.daily(session, scope, Metric.BULLETINS, day_list(period, period.last))
    return Figures(
        as_of=now,
        rule_version=RULE_VERSION,
        office=office.name,
        parent=office.parent,
        place=office.place,
        plan_number=campaign.plan_number if campaign else "",
        campaign=campaign.name if campaign else "",
        period=period,
        targets=tuple(target_progress(session, campaign, one, now) for one in campaign.targets) if campaign else (),
        totals=tallies.totals(session, scope),
        bulletins=sum(published),
        by_partner=tuple(tallies.rows(session, scope, "partner")),
        by_site=tuple(tallies.rows(session, scope, "site")),
        by_topic=tuple(tallies.rows(session, scope, "topic")),
        by_channel=tuple(tallies.rows(session, scope, "channel")),
        by_day=tuple(tallies.rows(session, scope, "day")),
        shares=tuple(tallies.attribution_shares(session, scope)),
    )
