"""The daily and the weekly digest."""

from datetime import date, datetime, timedelta

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, Period, read_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.reporting.reports.digest import digest_of
from campaigns.reporting.schedules.schedules import ReportKind, covered_period
from coordinator.exports.reports.digest import digest_report
from coordinator.jobs.reporting import report_files as files
from coordinator.translation import VIETNAMESE, speaking
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


@blueprint.get("/<any(day, week):name>")
@staff_required()
def show(name: str) -> ResponseReturnValue:
    """Show what was published, republished, failed and is waiting, beside the week before."""
    context = app_context().job_context
    now = context.now()
    period = _requested_period(name, now)
    with context.database.read() as session:
        paper = digest_report(
            digest_of(session, context.delivery_modes, period, now=now), documents.page_wording(session, now)
        )
    on = period.first.isoformat()
    return documents.render_document(
        "desk/reporting/digest.html",
        paper,
        [("PDF", url_for("digests.file", name=name, form="pdf", on=on)),
         ("Excel", url_for("digests.file", name=name, form="xlsx", on=on))],
        name=name,
        period=period,
        before=(period.first - timedelta(days=period.length)).isoformat(),
        after=(period.first + timedelta(days=period.length)).isoformat(),
    )  # fmt: skip


@blueprint.get("/<any(day, week):name>/file.<any(pdf, xlsx):form>")
@staff_required()
def file(name: str, form: str) -> ResponseReturnValue:
    """Return the digest as a file."""
    context = app_context().job_context
    now = context.now()
    period = _requested_period(name, now)
    with context.database.read() as session, speaking(VIETNAMESE):
        digest = digest_of(session, context.delivery_modes, period, now=now)
        paper = digest_report(digest, files.file_context(session, now))
    stem = "tuan" if name == "week" else "ngay"
    return documents.document_file(paper, form, f"tong-hop-{stem}-{period.label.replace('..', '_')}")
