"""A partner's own report in the portal: the same document as at the desk, with links within the portal."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, parse_period, quarter_of
from campaigns.partners.directory import Company
from campaigns.reporting.table_reports.partner_report import PartnerCopy, build_partner_report
from coordinator.exports.table_reports.context import ReportContext
from coordinator.exports.table_reports.partner_report import partner_report
from coordinator.exports.table_reports.report import Report
from coordinator.web.auth.security import app_context
from coordinator.web.desk.reporting import documents
from coordinator.web.kit.text.periods import canonical_period
from coordinator.web.portal.republications import counted_days
from coordinator.web.portal.sign_in import current_visitor, partner_required

blueprint = Blueprint("results", __name__)


def _copies_url(asked: Mapping[str, str]) -> str:
    """Return the portal's list of copies, which filters by status but not by day."""
    status = asked.get("status", "all")
    return url_for("portal.copies", status=status) if status != "all" else url_for("portal.copies")


def _copy_url(copy: PartnerCopy) -> str:
    return url_for("portal.copy", ident=copy.id)


def _partner_paper(session: Session, period: Period, wording: ReportContext) -> Report:
    company = session.get_one(Company, current_visitor().company_id)
    report = build_partner_report(session, company, period, now=wording.as_of)
    return partner_report(report, replace(wording, rows=_copies_url, on_desk=False), _copy_url)


@blueprint.get("/results")
@partner_required
def show() -> ResponseReturnValue:
    """Show the figures of a period beside the one before, and every counted copy."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        days = counted_days(session, current_visitor().company_id)
        period = _requested_period(days, now)
        paper = _partner_paper(session, period, documents.page_wording(session, now))
    return render_template(
        "portal/results.html", visitor=current_visitor(), paper=paper, period=period, show=documents.document_view(),
        offered=_period_choices(period, days, now),
    )  # fmt: skip


def _requested_period(days: tuple[date, date] | None, now: datetime) -> Period:
    """Return the period of the address, else the newest quarter with figures. Raises ``Invalid``."""
    if request.args.get("period", "").strip() or days is None:
        return documents.requested_period(request.args, now)
    return quarter_of(days[1])


def _period_choices(period: Period, days: tuple[date, date] | None, now: datetime) -> list[tuple[str, str]]:
    """Return (label, name) of the periods with figures, and of the present one."""
    choices = documents.document_period_choices(period, now)
    if days is None:
        return choices
    first, last = days
    return [
        (label, name)
        for label, name in choices
        if label == canonical_period(period).label
        or (parse_period(label).first <= last and parse_period(label).last >= first)
    ]


@blueprint.get("/results/file.<any(pdf, xlsx):form>")
@partner_required
def file(form: str) -> ResponseReturnValue:
    """Return the report as a file."""

    def build(session: Session, wording: ReportContext) -> Report:
        days = counted_days(session, current_visitor().company_id)
        return _partner_paper(session, _requested_period(days, wording.as_of), wording)

    return documents.document_file(form, build)
