"""The daily and the weekly digest."""

from datetime import date, datetime, timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, Period, read_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.reporting.schedules.schedules import ReportKind, covered_period
from campaigns.reporting.table_reports.digest import digest_of
from coordinator.exports.table_reports.context import ReportContext
from coordinator.exports.table_reports.digest import digest_report
from coordinator.exports.table_reports.report import Report
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.reporting import documents
from coordinator.web.kit.lists.requested_filter import refuse_unknown_names

blueprint = Blueprint("digests", __name__, url_prefix="/desk/digests")


def _requested_period(name: str, now: datetime) -> Period:
    """Return the requested day, or its week; by default the last complete one. Raises ``Invalid``."""
    refuse_unknown_names("on")
    typed = request.args.get("on", "").strip()
    if not typed:
        return covered_period(ReportKind.WEEK if name == "week" else ReportKind.DAY, now)
    try:
        day = read_day(typed)
    except ValueError:
        day = date.min
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise Invalid([FieldError("on", "day", f"{typed!r} is not a day; expected one such as 24/11/2026")])
    if name == "day":
        return Period(day, day, day.isoformat())
    monday = day - timedelta(days=day.weekday())
    sunday = monday + timedelta(days=6)
    return Period(monday, sunday, f"{monday}..{sunday}")


def _digest(session: Session, period: Period, wording: ReportContext) -> Report:
    modes = app_context().job_context.delivery_modes
    return digest_report(digest_of(session, modes, period, now=wording.as_of), wording)


@blueprint.get("/<any(day, week):name>")
@staff_required()
def show(name: str) -> ResponseReturnValue:
    """Show what was published, republished, failed and is waiting, beside the week before."""
    context = app_context().job_context
    now = context.now()
    period = _requested_period(name, now)
    with context.database.read() as session:
        paper = _digest(session, period, documents.page_wording(session, now))
    on = period.first.isoformat()
    return documents.render_document(
        "desk/reporting/digest.html",
        paper,
        documents.file_links(("pdf", "xlsx"), "digests.file", name=name, on=on),
        name=name,
        period=period,
        before=(period.first - timedelta(days=period.length)).isoformat(),
        after=(period.first + timedelta(days=period.length)).isoformat(),
    )


@blueprint.get("/<any(day, week):name>/file.<any(pdf, xlsx):form>")
@staff_required()
def file(name: str, form: str) -> ResponseReturnValue:
    """Return the digest as a file."""
    period = _requested_period(name, app_context().job_context.now())
    return documents.document_file(form, lambda session, wording: _digest(session, period, wording))
