"""What was reported for the time before the product was in use: its figures and rows, and their import as JSON."""

import datetime as dt
from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import parse_period
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.import_runs import ImportKind, RejectedRow
from campaigns.core.listing import ListQuery, unknown_code
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
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, StrictBool, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import with_body, with_query
from coordinator.imports.decoding import UnreadableDocument
from coordinator.jobs.core.import_runs import preview, write_whole
from coordinator.jobs.core.import_undo import undo_import
from coordinator.jobs.core.imported_file import read_history_body

bp = APIBlueprint("history", __name__, tag="History")

MOST_ROWS = 10_000  # of each list in one request
MOST_ERRORS = 1000  # named in one answer
MOST_FIGURE = 10**12
FILE_NAME = "API"

Cell = Annotated[fields.ComposedText, Field(max_length=1000)]


def _figure(value: Any) -> Any:
    """A whole number, or a text as people write it, which is judged with its row."""
    if type(value) is int and 0 <= value <= MOST_FIGURE:
        return str(value)
    if isinstance(value, str) and len(value) <= fields.MAX_TEXT and "\x00" not in value:
        return value
    raise PydanticCustomError("figure", "expected a whole number, 12500 or '12.500'")


Figure = Annotated[
    str,
    BeforeValidator(_figure),
    WithJsonSchema(
        {
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": MOST_FIGURE,
            "maxLength": fields.MAX_TEXT,
            "pattern": r"^[^\x00]*$",
        }
    ),
]


class HistoryBulletin(RequestBody):
    """A bulletin that was published before the product was in use. ``day``: 2025-08-14 or 14/08/2025; ``topic``: a code
    or a name; ``number``: its own number at the time, by which copies may name it."""

    day: Cell
    topic: Cell
    title: Cell
    url: Cell
    number: Cell = ""
    text: Annotated[fields.ComposedText, Field(max_length=100_000)] = ""


class HistoryCopy(RequestBody):
    """A copy that was reported. ``bulletin``: a code, a number or an address."""

    bulletin: Cell
    url: Cell
    day: Cell
    network: Cell = ""


class HistoryTotal(RequestBody):
    """A total of a period. ``topic``: absent for all topics; ``metric``: ``bulletins``, ``republications``,
    ``partners`` or ``views``; ``figure``: a number, or a text as in a file, 12.500."""

    period: Cell
    metric: Cell
    topic: Cell = ""
    figure: Figure


class NewHistory(RequestBody):
    """Rows to import. With a bad row nothing is imported unless ``skip_bad``; with ``dry_run`` nothing is."""

    bulletins: Annotated[list[HistoryBulletin], Field(max_length=MOST_ROWS)] = []
    copies: Annotated[list[HistoryCopy], Field(max_length=MOST_ROWS)] = []
    totals: Annotated[list[HistoryTotal], Field(max_length=MOST_ROWS)] = []
    dry_run: StrictBool = False
    skip_bad: StrictBool = False


class BadRowError(ResponseBody):
    """An error of a row that was left out."""

    field: str
    code: str
    message: str


class ImportedHistory(ResponseBody):
    """What an import added, or would add. ``run``: its id, null after a dry run; ``on_sites``: copies whose pages are
    fetched; ``unchanged``: rows that were there already."""

    run: str | None = None
    bulletins: int
    copies: int
    on_sites: int
    totals: int
    unchanged: int
    left_out: list[BadRowError]


class UndoneHistory(ResponseBody):
    """What was taken back. ``kept``: bulletins that stay, because something else rests on them."""

    bulletins: int
    copies: int
    totals: int
    kept: int


class TotalRow(ResponseBody):
    """A total that was reported. ``first`` and ``last``: its days."""

    period: str
    first: dt.date
    last: dt.date
    metric: Metric
    topic: str | None = None
    figure: int
    run: str
    at: Time


class SideBySide(ResponseBody):
    """A figure of a period: what was reported before the product was in use, and what is proven. They are never
    added."""

    metric: Metric
    reported: int | None = None
    proven: float


class HistoryRow(ResponseBody):
    """The history. ``use_began_on``: the first day that is not history, null before the first release; ``proven``:
    reported copies that are proven by their pages; ``figures``: of the ``period`` of the query."""

    use_began_on: dt.date | None = None
    bulletins: int
    copies: int
    on_sites: int
    proven: int
    totals: list[TotalRow]
    figures: list[SideBySide] | None = None


class HistoryQuery(RequestBody):
    """``period``: whose figures are wanted."""

    period: fields.Code | None = None


class CopyRow(ResponseBody):
    """A copy that was reported. ``republication``: the one that is checked, with its ``status``; null where its page is
    on no site that is fetched."""

    bulletin: str
    url: str
    day: dt.date
    network: str
    republication: str | None = None
    status: RepublicationStatus | None = None
    run: str


class CopyList(ListPage):
    """One page of reported copies."""

    items: list[CopyRow]


class CopyQuery(PageQuery):
    """Filters of the reported copies."""

    bulletin: fields.Code | None = None
    run: fields.Code | None = None


@bp.get("/history")
@for_staff(Permission.READ)
@with_query(HistoryQuery)
@bp.output(HistoryRow)
def history(query: HistoryQuery) -> Response:
    """The totals that were reported before the product was in use, and the numbers of rows. With ``period``: the
    figures of that period, reported and proven side by side."""
    with app_context().job_context.database.read() as session:
        listed = sa.select(ReportedTotal, Topic.code).outerjoin(Topic, Topic.id == ReportedTotal.topic_id)
        rows = session.execute(listed.order_by(ReportedTotal.first, ReportedTotal.last, ReportedTotal.id))
        totals = [
            row_of(TotalRow, row, period=row.label, topic=topic, run=row.came_by)
            for row, topic in rows
        ]  # fmt: skip
        counted = reported_rows(session)
        figures = None
        if query.period is not None:
            scope = TallyScope(parse_period(query.period), None)
            reported = reported_figures(session, scope)
            figures = [
                SideBySide(metric=metric, reported=number, proven=tallies.actual(session, scope, metric))
                for metric, number in (
                    (Metric.BULLETINS, reported.bulletins), (Metric.REPUBLICATIONS, reported.republications),
                    (Metric.PARTNERS, reported.partners), (Metric.VIEWS, reported.views),
                )
            ]  # fmt: skip
        return row_response(
            row_of(HistoryRow, counted, use_began_on=use_began_on(session), totals=totals, figures=figures)
        )  # fmt: skip


@bp.get("/history/copies")
@for_staff(Permission.READ)
@with_query(CopyQuery)
@bp.output(CopyList)
def copies(query: CopyQuery) -> Response:
    """The copies that were reported before the product was in use, in the order they came in."""
    conditions: list[sa.ColumnElement[bool]] = []
    if query.bulletin is not None:
        conditions.append(Bulletin.code == query.bulletin)
    if query.run is not None:
        conditions.append(ReportedCopy.came_by == query.run)
    select = (
        sa.select(ReportedCopy, Bulletin.code, Republication.public, Republication.status)
        .join(Bulletin, Bulletin.id == ReportedCopy.bulletin_id)
        .outerjoin(Republication, Republication.id == ReportedCopy.republication_id)
    )
    with app_context().job_context.database.read() as session:
        if query.bulletin is not None and (errors := unknown_code(session, "bulletin", Bulletin, query.bulletin)):
            raise Invalid(errors)
        listed = ListQuery(ReportedCopy, select, conditions, (ReportedCopy.id,))
        page, listing = paging.cursor_page(session, listed, query)
        items = [
            CopyRow(
                bulletin=code, url=row.url, day=row.reported_on, network=row.network, republication=public,
                status=status, run=row.came_by,
            )
            for row, code, public, status in page
        ]  # fmt: skip
        return row_response(CopyList(items=items, **listing))


@bp.post("/history")
@for_staff(Permission.CONFIGURE)
@with_body(NewHistory)
@bp.output(ImportedHistory, 201)
def import_history(body: NewHistory) -> Response:
    """Import history. Every bad row is named in ``errors`` as ``copies.3.day``; nothing is half-imported."""
    actor = caller().actor
    context = app_context().job_context
    value = {name: [row.model_dump() for row in getattr(body, name)] for name in ("bulletins", "copies", "totals")}
    if not any(value.values()):
        raise Invalid([FieldError("bulletins", "required", "give bulletins, copies or totals")])
    try:
        file = read_history_body({name: rows for name, rows in value.items() if rows})
    except UnreadableDocument as error:
        raise Invalid([FieldError("body", error.code, str(error))]) from error
    if body.dry_run:
        with context.database.read() as session:
            outcome = preview(session, file, now=context.now())
        rejected = (*file.rejected, *outcome.rejected)
        _refuse(rejected, skip_bad=body.skip_bad)
        return row_response(_imported(None, outcome.counts, rejected))

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            size = request.content_length or 0
            report = write_whole(session, actor.id, FILE_NAME, size, file, now=context.now())
            _refuse(report.rejected, skip_bad=body.skip_bad)
            row = _imported(report.run, report.outcome.counts, report.rejected)
            keep(session, row, 201, location=f"/api/v1/history/copies?run={report.run}")
        app_context().runner.nudge("page_check", report.run)

    return run_once(apply)


@bp.post("/history/<run>/undo")
@for_staff(Permission.CONFIGURE)
@bp.output(UndoneHistory)
def undo_history(run: str) -> Response:
    """Take back an import; 409 with the code ``import_in_use`` when a frozen briefing rests on it."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            taken = undo_import(session, actor, ImportKind.HISTORY, run, now=context.now())
            keep(session, UndoneHistory(**taken))

    return run_once(apply)


def _refuse(rejected: tuple[RejectedRow, ...], *, skip_bad: bool) -> None:
    if rejected and not skip_bad:
        raise Invalid([FieldError(_field(row), row.code, row.message) for row in rejected[:MOST_ERRORS]])


def _field(row: RejectedRow) -> str:
    """The field of a row's error: ``copies.3.day``, counted from 0 as in every other error."""
    return f"{row.sheet}.{row.row - 1}.{row.field}"


def _imported(run: str | None, counts: Any, rejected: tuple[RejectedRow, ...]) -> ImportedHistory:
    left_out = [BadRowError(field=_field(row), code=row.code, message=row.message) for row in rejected[:MOST_ERRORS]]
    return ImportedHistory(run=run, left_out=left_out, **counts)
