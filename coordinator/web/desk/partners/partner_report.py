"""A partner's report as the partner sees it in the portal, and the list of partners by the share of false claims."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.core.errors import Invalid
from campaigns.partners.directory import find_company
from campaigns.reporting.partner_claims import LEAST_JUDGED, claims_by_partner
from campaigns.reporting.table_reports.partner_report import PartnerReport, build_partner_report
from coordinator.exports.table_reports.context import ReportContext
from coordinator.exports.table_reports.partner_report import partner_report
from coordinator.exports.table_reports.report import Report
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.reporting import documents
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists import pagination

claims_blueprint = Blueprint("claims", __name__)


@claims_blueprint.get("/_claims")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the claims of partners; an invalid period is an error at its field, and the current quarter is shown."""
    context = app_context().job_context
    now = context.now()
    period, errors = quarter_of(city_day(now)), {}
    typed = request.args.get("period", "").strip()
    if typed:
        try:
            period = parse_period(typed)
        except Invalid as invalid:
            errors = fields.error_messages(invalid)
    with context.database.read() as session:
        lines = claims_by_partner(session, period)
    page = render_template(
        "desk/partners/claims.html",
        part=pagination.paginate(lines),
        period=period,
        typed=period.label,
        offered=documents.document_period_choices(period, now),
        errors=errors,
        least=LEAST_JUDGED,
    )
    return (page, 422) if errors else page


blueprint = Blueprint("report", __name__)


def _partner_report(
    session: Session, code: str, period: Period, wording: ReportContext
) -> tuple[PartnerReport, Report]:
    report = build_partner_report(session, find_company(session, code), period, now=wording.as_of)
    return report, partner_report(report, wording, lambda copy: url_for("republications.show", ident=copy.id))


@blueprint.get("/<code>/report")
@staff_required()
def show(code: str) -> ResponseReturnValue:
    """Show the figures of a period beside those of the one before, and every counted copy."""
    context = app_context().job_context
    now = context.now()
    period = documents.requested_period(request.args, now)
    with context.database.read() as session:
        report, paper = _partner_report(session, code, period, documents.page_wording(session, now))
    return documents.render_document(
        "desk/partners/partner_report.html",
        paper,
        documents.file_links(("pdf", "xlsx"), "partners.report.file", code=code, period=period.label),
        code=report.code,
        name=report.name,
        period=period,
        offered=documents.document_period_choices(period, now),
    )


@blueprint.get("/<code>/report/file.<any(pdf, xlsx):form>")
@staff_required()
def file(code: str, form: str) -> ResponseReturnValue:
    """Return the report as a file."""
    period = documents.requested_period(request.args, app_context().job_context.now())
    return documents.document_file(form, lambda session, wording: _partner_report(session, code, period, wording)[1])
