"""Progress in the API: targets against counted figures, and rows by partner, site, topic, channel or day."""

from enum import Enum

from apiflask import APIBlueprint
from flask import Response

from campaigns.core.clock import parse_period
from campaigns.core.errors import Invalid
from campaigns.core.listing import unknown_code
from campaigns.matching.matcher import RULE_VERSION
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Campaign, Metric, find_campaign
from campaigns.planning.target_progress import MilestoneStatus, TargetProgress, TargetStatus
from campaigns.reporting import tallies, target_status
from campaigns.reporting.table_reports.social_totals import SocialRow, SocialTotals, social_totals
from campaigns.reporting.tallies import TallyRow, TallyScope, ViewFigures
from coordinator.api import fields
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import row_response
from coordinator.api.request_parsing import with_query

bp = APIBlueprint("progress", __name__, tag="Progress")


class ProgressGroup(Enum):
    """The dimension of the rows."""

    PARTNER = "partner"
    SITE = "site"
    TOPIC = "topic"
    CHANNEL = "channel"
    DAY = "day"


class ProgressQuery(RequestBody):
    """Scope of the figures. ``campaign``: its code; without it all bulletins are counted and no targets are shown.

    ``period``: 2026-Q4, 2026-11, 2026-11-24, 2026 or 2026-10-01..2026-12-31; without it the campaign's own, or the
    current quarter.
    """

    campaign: fields.Code | None = None
    period: fields.Code | None = None
    by: ProgressGroup = ProgressGroup.PARTNER


class MilestoneProgressRow(ResponseBody):
    """A milestone: ``met``, ``late`` or ``missed`` once its day is over, ``expected`` or ``doubtful`` before.

    ``reached``: the figure at the end of its day, a forecast if that day is in the future.
    """

    due_on: fields.Day
    figure: float
    reached: float
    status: MilestoneStatus


class TargetProgressRow(ResponseBody):
    """The status of a target: ``met``, ``on_course`` or ``behind``.

    ``forecast``: the figure expected at the end, with the bounds of an 80% interval. For ``median_delay`` (hours) less
    is better. ``known`` false: there is no copy yet from which to take a rate or a delay, and ``actual`` is 0.
    ``partial``: for ``republications``, how many of ``actual`` carry only a part of the text.
    """

    metric: Metric
    topic: str | None = None
    quota: float
    actual: float
    expected: float
    forecast: float
    forecast_low: float
    forecast_high: float
    status: TargetStatus
    days_left: int
    needed_daily: float
    first: fields.Day
    last: fields.Day
    known: bool
    partial: int | None = None
    milestones: list[MilestoneProgressRow]


class ProgressRow(ResponseBody):
    """Figures of one row. ``confirmed`` is the headline figure; ``gone`` is shown beside it and not subtracted.

    ``found``: all known republications, of any status. ``teasers``: pages with headline and lead only, included in none
    of the other figures. ``partial``: the part of ``confirmed`` that carries only a part of the text, at least
    ``partial_from``; ``pictures``: the part that carries a picture of the bulletin, or its text in one. ``unreadable``:
    those confirmed, claimed or in review whose page cannot be read now.
    ``source_unseen``: confirmed by people alone, the source not to be seen; the rate of sources is ``attributed`` of
    ``confirmed`` without these. ``null``: not a figure of this kind of row. A channel has only ``delivered``: bulletins
    that were sent to it or, for a feed, read in its fetch log. A site has everything but ``delivered``.
    """

    key: str
    name: str
    delivered: int | None
    found: int | None
    confirmed: int | None
    review: int | None
    rejected: int | None
    gone: int | None
    attributed: int | None
    teasers: int | None
    partial: int | None
    unreadable: int | None
    source_unseen: int | None
    pictures: int | None


class ViewsRow(ResponseBody):
    """Loads of counter images under one version of the rules; figures of different versions are never added.

    ``raw``: all loads; ``guarded``: loads without bots, repeats and floods. Neither is a republication.
    """

    rules: str
    raw: int
    guarded: int
    first: fields.Day
    last: fields.Day


class SocialFigure(ResponseBody):
    """The confirmed posts on a network (``key``: its host) or of a partner (``key``: its code)."""

    key: str
    name: str
    confirmed: int


class SocialFigures(ResponseBody):
    """Posts on social networks that people confirmed by a picture: a part of the confirmed republications, apart from
    those that were fetched."""

    confirmed: int
    networks: list[SocialFigure]
    partners: list[SocialFigure]


class ProgressReport(ResponseBody):
    """Figures as of one time. ``rules``: version of the rules. ``partial_from``: the part of a text, from
    0 to 1, from which a copy that carries it counts, in runs of words; short notices need more."""

    as_of: Time
    campaign: str | None = None
    period: str
    first: fields.Day
    last: fields.Day
    by: ProgressGroup
    rules: str
    partial_from: float
    targets: list[TargetProgressRow]
    totals: ProgressRow
    rows: list[ProgressRow]
    views: list[ViewsRow]
    social: SocialFigures


@bp.get("/progress")
@for_staff(Permission.READ, partners=True)
@with_query(ProgressQuery)
@bp.output(ProgressReport)
def progress(query: ProgressQuery) -> Response:
    """Progress as of now.

    A partner's key sees the figures of its own sites and channels, without the city's targets.
    """
    context = app_context().job_context
    own = caller().company_id
    period = parse_period(query.period) if query.period is not None else None
    with context.database.read() as session:
        if query.campaign is not None and (errors := unknown_code(session, "campaign", Campaign, query.campaign)):
            raise Invalid(errors)
        campaign = find_campaign(session, query.campaign) if query.campaign is not None else None
        now = context.now()
        figures = target_status.campaign_status(session, campaign, period, query.by.value, company_id=own, now=now)
        scope = TallyScope(figures.period, campaign.id if campaign is not None else None, company_id=own)
        return row_response(
            ProgressReport(
                as_of=figures.as_of,
                campaign=campaign.code if campaign is not None else None,
                period=figures.period.label,
                first=figures.period.first,
                last=figures.period.last,
                by=query.by,
                rules=RULE_VERSION,
                partial_from=tallies.PARTIAL_FROM,
                targets=[
                    _target_row(row, partial) for row, partial in zip(figures.targets, figures.partials, strict=True)
                ]
                if own is None
                else [],
                totals=_progress_row(figures.totals),
                rows=[_progress_row(row, query.by) for row in figures.rows],
                views=[_views_row(row) for row in tallies.views_by_rules(session, scope)],
                social=_social_figures(social_totals(session, scope)),
            )
        )


def _target_row(target: TargetProgress, partial: int | None) -> TargetProgressRow:
    return row_of(
        TargetProgressRow,
        target,
        forecast=target.forecast.value,
        forecast_low=target.forecast.low,
        forecast_high=target.forecast.high,
        first=target.period.first,
        last=target.period.last,
        partial=partial,
        milestones=[
            MilestoneProgressRow(due_on=step.due_on, figure=step.figure, reached=step.reached, status=step.standing)
            for step in target.milestones
        ],
    )


def _progress_row(row: TallyRow, by: ProgressGroup | None = None) -> ProgressRow:
    of_copies = by is not ProgressGroup.CHANNEL
    return ProgressRow(
        key=row.key,
        name=row.name,
        delivered=row.delivered if by is not ProgressGroup.SITE else None,
        found=row.found if of_copies else None,
        confirmed=row.confirmed if of_copies else None,
        review=row.review if of_copies else None,
        rejected=row.rejected if of_copies else None,
        gone=row.gone if of_copies else None,
        attributed=row.attributed if of_copies else None,
        teasers=row.teasers if of_copies else None,
        partial=row.partial if of_copies else None,
        unreadable=row.unreadable if of_copies else None,
        source_unseen=row.source_unseen if of_copies else None,
        pictures=row.pictures if of_copies else None,
    )


def _social_figures(totals: SocialTotals) -> SocialFigures:
    return SocialFigures(
        confirmed=totals.confirmed,
        networks=[_social_figure(row) for row in totals.networks],
        partners=[_social_figure(row) for row in totals.companies],
    )


def _social_figure(row: SocialRow) -> SocialFigure:
    return SocialFigure(key=row.key, name=row.name, confirmed=row.confirmed)


def _views_row(views: ViewFigures) -> ViewsRow:
    return row_of(ViewsRow, views)
