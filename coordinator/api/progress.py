"""Progress: targets against what was counted, and rows by partner, site, topic, channel or day."""

from enum import Enum

from apiflask import APIBlueprint
from flask import Response

from campaigns.core.clock import parse_period
from campaigns.people.staff import May
from campaigns.planning.campaigns import Metric, find_campaign
from campaigns.planning.progress import MilestoneStanding, Standing, TargetProgress
from campaigns.reporting import standing, viewing
from campaigns.reporting.tallies import Row, Scope
from campaigns.reporting.viewing import Views
from coordinator.api import fields
from coordinator.api.auth import caller, front
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import answer
from coordinator.api.reading import asks

bp = APIBlueprint("progress", __name__, tag="Progress")


class By(Enum):
    """What a row stands for."""

    PARTNER = "partner"
    SITE = "site"
    TOPIC = "topic"
    CHANNEL = "channel"
    DAY = "day"


class ProgressQuery(Body):
    """``campaign``: its code; without it all bulletins, and no targets.

    ``period``: 2026-Q4, 2026-11, 2026-11-24, 2026 or 2026-10-01..2026-12-31; without it the campaign's own, or the
    present quarter.
    """

    campaign: fields.Code | None = None
    period: fields.Code | None = None
    by: By = By.PARTNER


class MilestoneStood(Shown):
    """A milestone: ``met``, ``late`` or ``missed`` once its day is over, ``expected`` or ``doubtful`` before.

    ``reached``: the figure at the end of its day, as forecast while that day is to come.
    """

    due_on: fields.Day
    figure: float
    reached: float
    status: MilestoneStanding


class TargetStanding(Shown):
    """How a target stands: ``met``, ``on_course`` or ``behind``. ``forecast`` is the figure expected at the end, with
    the bounds of eight cases in ten. Of ``median_delay`` (hours) less is better. ``known`` false: there is no copy yet
    to take a rate or a delay of, and ``actual`` is 0."""

    metric: Metric
    topic: str | None = None
    quota: float
    actual: float
    expected: float
    forecast: float
    forecast_low: float
    forecast_high: float
    status: Standing
    days_left: int
    needed_daily: float
    first: fields.Day
    last: fields.Day
    known: bool
    milestones: list[MilestoneStood]


class ProgressRow(Shown):
    """Figures of one line. ``confirmed`` is what counts; ``gone`` stands beside it and is not subtracted.

    ``found``: every republication known, whatever its status. ``teasers``: pages that carry headline and lead only,
    counted apart and in none of the other figures.
    """

    key: str
    name: str
    delivered: int
    found: int
    confirmed: int
    review: int
    rejected: int
    gone: int
    attributed: int
    teasers: int


class ViewsRow(Shown):
    """Loads of counter images under one version of the rules; figures of two versions are never added here.

    ``raw``: every load; ``guarded``: less programs, repeats and floods. Neither is a republication.
    """

    rules: str
    raw: int
    guarded: int
    first: fields.Day
    last: fields.Day


class ProgressShown(Shown):
    """Figures as of one moment."""

    as_of: Time
    campaign: str | None = None
    period: str
    first: fields.Day
    last: fields.Day
    by: By
    targets: list[TargetStanding]
    totals: ProgressRow
    rows: list[ProgressRow]
    views: list[ViewsRow]


@bp.get("/progress")
@asks(ProgressQuery)
@bp.output(ProgressShown)
def progress(query: ProgressQuery) -> Response:
    """Progress as of now.

    A partner's key sees the figures of its own sites and channels, and none of the city's targets.
    """
    place = front().place
    own = caller().company_id
    if own is None:
        caller().require(May.READ)
    period = parse_period(query.period) if query.period is not None else None
    with place.database.read() as session:
        campaign = find_campaign(session, query.campaign) if query.campaign is not None else None
        now = place.now()
        figures = standing.standing(session, campaign, period, query.by.value, company_id=own, now=now)
        scope = Scope(figures.period, campaign.id if campaign is not None else None, company_id=own)
        return answer(
            ProgressShown(
                as_of=figures.as_of,
                campaign=campaign.code if campaign is not None else None,
                period=figures.period.label,
                first=figures.period.first,
                last=figures.period.last,
                by=query.by,
                targets=[_target(one) for one in figures.targets] if own is None else [],
                totals=_row(figures.totals),
                rows=[_row(one) for one in figures.rows],
                views=[_views(one) for one in viewing.by_rules(session, scope)],
            )
        )


def _target(one: TargetProgress) -> TargetStanding:
    return TargetStanding(
        metric=one.metric,
        topic=one.topic,
        quota=one.quota,
        actual=one.actual,
        expected=one.expected,
        forecast=one.forecast.value,
        forecast_low=one.forecast.low,
        forecast_high=one.forecast.high,
        status=one.status,
        days_left=one.days_left,
        needed_daily=one.needed_daily,
        first=one.period.first,
        last=one.period.last,
        known=one.known,
        milestones=[
            MilestoneStood(due_on=step.due_on, figure=step.figure, reached=step.reached, status=step.standing)
            for step in one.milestones
        ],
    )


def _row(one: Row) -> ProgressRow:
    return ProgressRow(
        key=one.key,
        name=one.name,
        delivered=one.delivered,
        found=one.found,
        confirmed=one.confirmed,
        review=one.review,
        rejected=one.rejected,
        gone=one.gone,
        attributed=one.attributed,
        teasers=one.teasers,
    )


def _views(one: Views) -> ViewsRow:
    return ViewsRow(rules=one.rules, raw=one.raw, guarded=one.guarded, first=one.first, last=one.last)
