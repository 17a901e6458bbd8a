"""Recognition: the ranking of a period with its rule, and thank-you letters."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from campaigns.people.staff import Permission
from campaigns.reporting.table_reports.ranking import rank_partners
from coordinator.exports.table_reports.ranking import ranking_report
from coordinator.jobs.reporting import thank_you_letters
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.reporting import documents
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.lists.requested_filter import refuse_unknown_names

blueprint = Blueprint("recognition", __name__, url_prefix="/desk/recognition")


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show both rankings, and the partners to thank."""
    context = app_context().job_context
    now = context.now()
    refuse_unknown_names("period", "whole")
    period = documents.requested_period(request.args, now)
    with context.database.read() as session:
        ranking = rank_partners(session, period)
        paper = ranking_report(ranking, documents.page_wording(session, now))
    thanked = [(partner.merit.code, partner.merit.name) for partner in ranking.by_number]
    return documents.render_document(
        "desk/reporting/ranking.html",
        paper,
        documents.file_links(("pdf", "xlsx", "csv"), "recognition.file", period=period.label),
        period=period,
        offered=documents.document_period_choices(period, now),
        thanked=thanked if documents.all_rows_requested() else thanked[: documents.ROWS_AT_FIRST],
        unlisted=0 if documents.all_rows_requested() else max(len(thanked) - documents.ROWS_AT_FIRST, 0),
        may_report=current_actor().may(Permission.REPORT),
        may_configure=current_actor().may(Permission.CONFIGURE),
    )


@blueprint.get("/file.<any(pdf, xlsx, csv):form>")
@staff_required()
def file(form: str) -> ResponseReturnValue:
    """Return the ranking as a file."""
    period = documents.requested_period(request.args, app_context().job_context.now())
    return documents.document_file(
        form, lambda session, wording: ranking_report(rank_partners(session, period), wording)
    )


@blueprint.get("/letters/<code>.docx")
@staff_required(Permission.REPORT)
def letter(code: str) -> ResponseReturnValue:
    """Return one partner's thank-you letter as a Word file."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        made = thank_you_letters.one_letter(session, documents.requested_period(request.args, now), code, now=now)
    return attachment(made.body, made.media_type, made.name)


@blueprint.get("/letters.zip")
@staff_required(Permission.REPORT)
def letters() -> ResponseReturnValue:
    """Return all thank-you letters."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        made = thank_you_letters.every_letter(session, documents.requested_period(request.args, now), now=now)
    return attachment(made.body, made.media_type, made.name)
