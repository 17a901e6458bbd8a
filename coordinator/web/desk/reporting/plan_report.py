"""The result of a campaign."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from campaigns.planning.campaigns import find_campaign
from campaigns.reporting.table_reports.plan_report import build_plan_report
from coordinator.exports.table_reports.plan_report import plan_report
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.reporting import documents

blueprint = Blueprint("results", __name__, url_prefix="/desk/results")


@blueprint.get("/<code>")
@staff_required()
def show(code: str) -> ResponseReturnValue:
    """Show the targets and the contributing partners, over the whole campaign."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        report = build_plan_report(session, find_campaign(session, code), now=now)
        paper = plan_report(report, documents.page_wording(session, now))
    return documents.render_document(
        "desk/reporting/plan_result.html",
        paper,
        documents.file_links(("pdf", "xlsx"), "results.file", code=code),
        name=report.name,
        over=report.over,
        code=report.code,
    )


@blueprint.get("/<code>/file.<any(pdf, xlsx):form>")
@staff_required()
def file(code: str, form: str) -> ResponseReturnValue:
    """Return the result as a file."""
    return documents.document_file(
        form,
        lambda session, wording: plan_report(
            build_plan_report(session, find_campaign(session, code), now=wording.as_of), wording
        ),
    )
