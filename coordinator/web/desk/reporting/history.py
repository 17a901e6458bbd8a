"""What was reported for the time before the product was in use: its figures and rows, and its imports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core.clock import Period, parse_period
from campaigns.core.import_runs import ImportKind, ImportRun, ImportStage
from campaigns.core.listing import ListQuery
from campaigns.partners.directory import Site
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Metric, Topic
from campaigns.reporting import tallies
from campaigns.reporting.history.reported import (
    ReportedCopy,
    ReportedTotal,
    reported_figures,
    reported_rows,
    use_began_on,
)
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.core.table_imports import ImportPages, import_blueprint
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import refuse_unknown_names
from coordinator.web.kit.text import periods

blueprint = Blueprint("history", __name__, url_prefix="/desk/history")


@dataclass(frozen=True)
class TotalLine:
    """One reported total with what is proven of the same days. ``rows_url``: the list of it, "" for views."""

    period: Period
    metric: Metric
    topic: str | None
    figure: int
    proven: float
    run: str
    rows_url: str


@dataclass(frozen=True)
class CopyLine:
    """One reported copy. ``republication``: the copy that is checked, None where its page is not fetched."""

    day: date
    code: str
    title: str
    url: str
    place: str
    republication: str | None
    status: RepublicationStatus | None


@blueprint.get("/")
@staff_required()
def reported() -> ResponseReturnValue:
    """Show the totals and copies that were reported, of all time or of the days of a period. With ``proven=1`` only the
    copies that are proven."""
    refuse_unknown_names("period", "proven", "page", "sort")
    proven = request.args.get("proven") == "1"
    label = request.args.get("period", "").strip()
    period = parse_period(label) if label else None
    context = app_context().job_context
    with context.database.read() as session:
        lines = _total_lines(session, period)
        copies = _copies(period, proven=proven).page(session, pagination.page_number())
        figures = reported_figures(session, TallyScope(period, None)) if period else None
        counted, began = reported_rows(session, period=period), use_began_on(session)
    return render_template(
        "desk/reporting/history/reported.html",
        totals=lines,
        copies=copies.with_rows([_copy_line(*row) for row in copies.rows]),
        counted=counted,
        figures=figures,
        began=began,
        period=period,
        proven=proven,
        period_name=periods.period_name,
        may_import=current_actor().may(Permission.CONFIGURE),
    )


def _total_lines(session: Session, period: Period | None) -> list[TotalLine]:
    query = sa.select(ReportedTotal, Topic.name, Topic.code).outerjoin(Topic, Topic.id == ReportedTotal.topic_id)
    if period is not None:
        query = query.where(ReportedTotal.first >= period.first, ReportedTotal.last <= period.last)
    rows = session.execute(query.order_by(ReportedTotal.first.desc(), ReportedTotal.last, ReportedTotal.id)).all()
    lines = []
    for row, topic, code in rows:
        days = Period(row.first, row.last, row.label)
        proven = tallies.actual(session, TallyScope(days, None, row.topic_id), row.metric)
        lines.append(
            TotalLine(days, row.metric, topic, row.figure, proven, row.came_by, _proven_url(days, row.metric, code))
        )
    return lines


def _proven_url(days: Period, metric: Metric, topic: str | None) -> str:
    given: dict[str, Any] = {"from": days.first.isoformat(), "to": days.last.isoformat(), "topic": topic}
    match metric:
        case Metric.BULLETINS:
            return url_for("bulletins.index", issued=1, **given)
        case Metric.PARTNERS:
            return url_for("progress.lines", by="partner", having="confirmed", period=days.label, topic=topic)
        case Metric.REPUBLICATIONS:
            return url_for("republications.index", status="confirmed", **given)
    return ""


def _copies(
    period: Period | None, *, proven: bool
) -> ListQuery[ReportedCopy, str, str, str | None, str | None, RepublicationStatus | None]:
    newest = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
    select = (
        sa.select(
            ReportedCopy, Bulletin.code, Revision.title, Site.name, Republication.public, Republication.status
        )
        .join(Bulletin, Bulletin.id == ReportedCopy.bulletin_id)
        .join(Revision, newest)
        .outerjoin(Site, Site.id == ReportedCopy.site_id)
        .outerjoin(Republication, Republication.id == ReportedCopy.republication_id)
    )  # fmt: skip
    conditions: list[sa.ColumnElement[bool]] = (
        [ReportedCopy.reported_on.between(period.first, period.last)] if period is not None else []
    )
    if proven:
        confirmed = sa.select(Republication.id).where(Republication.status == RepublicationStatus.CONFIRMED)
        conditions.append(ReportedCopy.republication_id.in_(confirmed))
    return ListQuery(ReportedCopy, select, conditions, (ReportedCopy.reported_on.desc(), ReportedCopy.id.desc()))


def _copy_line(
    row: ReportedCopy,
    code: str,
    title: str,
    site: str | None,
    republication: str | None,
    status: RepublicationStatus | None,
) -> CopyLine:
    place = row.network or site or row.address.partition("://")[2].partition("/")[0]
    return CopyLine(row.reported_on, code, title, row.url, place, republication, status)


def _run_values(session: Session, run: ImportRun) -> Mapping[str, Any]:
    """What the page of an import shows besides its counts: what became of its copies."""
    return {"rows_now": reported_rows(session, run.public) if run.stage is ImportStage.DONE else None}


PAGES = ImportPages(
    ImportKind.HISTORY, "history.imports", "/imports", "desk/reporting/history", "mau-so-lieu-truoc.xlsx",
    more_values=_run_values,
)  # fmt: skip
blueprint.register_blueprint(import_blueprint(PAGES))
