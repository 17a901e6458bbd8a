"""A briefing that is made at once: select a campaign, a period and a format, preview the content, and download it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, FieldError
from campaigns.matching.matcher import RULE_VERSION
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Metric, find_campaign
from campaigns.reporting import tallies
from campaigns.reporting.tallies import TallyRow
from coordinator.exports.errors import ExportError
from coordinator.jobs.reporting.briefings import briefing_files
from coordinator.jobs.reporting.briefings.briefing_files import ONE_PAGE_FORMATS
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.reporting.documents import one_page_requested
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.datetimes import FROM_FIELD, TO_FIELD, requested_days
from coordinator.web.kit.lists import report_scope
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.lists.report_scope import ReportScope
from coordinator.web.kit.templating import flash_trouble
from coordinator.web.kit.text import periods
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("reports", __name__, url_prefix="/desk/reports")

# In the order of use; JSON is for programs and comes last.
FORMS = ("docx", "pdf", "xlsx", "csv", "json")
OTHER = "other"  # in place of a period: the two days beside it


@dataclass(frozen=True)
class ReportPreview:
    """A preview of the report: the issuing office, and the first figures."""

    office: str
    parent: str
    place: str
    recipients: bool
    signer: bool
    totals: TallyRow
    bulletins: int
    targets: int
    partners: int
    topics: int
    days: int
    as_of: datetime
    rule_version: str


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the selection, and a preview of the file."""
    context = app_context().job_context
    errors: dict[str, str] = {}
    days = requested_days(request.args)
    if request.args.get("period", "") == OTHER or any(box.value for box in days.boxes):
        missing = [] if days.errors else [box.name for box in days.boxes if not box.value]
        errors = {box.name: box.error for box in days.boxes if box.error} | fields.field_error_messages(
            [FieldError(name, "required", "a day is needed") for name in missing]
        )
        if not errors and days.first is not None and days.last is not None:
            values = {**request.args.to_dict(), "period": f"{days.first}..{days.last}"}
            rest = {name: value for name, value in values.items() if name not in (FROM_FIELD, TO_FIELD)}
            return redirect(url_for("reports.index", **rest), 303)  # type: ignore[arg-type]  # query values
    with context.database.read() as session:
        now = context.now()
        choice = report_scope.requested_scope(session, now, ignore_period=bool(errors))
        plans = report_scope.campaign_choices(session)
        offered = periods.period_choices(choice.plan.period if choice.plan else None, city_day(now))
        scope = choice.scope
        campaign = find_campaign(session, choice.plan.code) if choice.plan else None
        letter = briefing_files.report_text(session, campaign, choice.period)
        by_day = tallies.rows(session, scope, "day")
        preview = ReportPreview(
            office=letter.office,
            parent=letter.parent,
            place=letter.place,
            recipients=bool(letter.recipients),
            signer=bool(letter.signer),
            totals=tallies.totals(session, scope),
            bulletins=sum(tallies.daily(session, scope, Metric.BULLETINS, choice.period.days())),
            targets=len(campaign.targets) if campaign else 0,
            partners=tallies.active_partner_count(session, scope),
            topics=len(report_scope.topic_choices(session)),
            days=len(by_day),
            as_of=now,
            rule_version=RULE_VERSION,
        )
    if choice.period.label not in dict(offered):
        offered = [(choice.period.label, periods.period_name(choice.period)), *offered]
    page = render_template(
        "desk/reporting/reports.html",
        choice=choice,
        plans=[(campaign.code, f"{campaign.number} · {campaign.name}") for campaign in plans],
        offered=[*offered, (OTHER, _("Kỳ khác…"))],
        preview=preview,
        errors=errors,
        days=days,
        may_report=current_actor().may(Permission.REPORT),
        may_configure=current_actor().may(Permission.CONFIGURE),
        period_name=periods.period_name,
        span=periods.period_days,
    )
    return (page, 422) if errors else page


@blueprint.get("/file.<form>")
@staff_required(Permission.REPORT)
def file(form: str) -> ResponseReturnValue:
    """Return the report in one format, with the present figures; ``one_page=1``: its summary on one page."""
    one_page = one_page_requested()
    if form not in (ONE_PAGE_FORMATS if one_page else FORMS):
        abort(404)
    context = app_context().job_context
    try:
        with context.database.read() as session:
            now = context.now()
            choice = report_scope.requested_scope(session, now)
            campaign = find_campaign(session, choice.plan.code) if choice.plan else None
            made = briefing_files.make_briefing_file(session, campaign, choice.period, form, one_page=one_page, now=now)
    except ExportError as error:
        flash_trouble(_unwritable_message(error, form))
        return redirect(url_for("reports.index", **_file_query()), 303)
    return attachment(made.body, made.media_type, made.name)


def _unwritable_message(error: CampaignError, form: str) -> str:
    """Return a message on a format that this installation cannot write, with the exporter's own message."""
    return str(
        _(
            "Máy chủ chưa lập được tệp %(form)s. Các dạng khác vẫn lập được; mời báo người quản trị: %(detail)s",
            form=form.upper(),
            detail=error_sentence(error),
        )
    )


def _file_query() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if name in {"campaign", "period"}}


def report_query(choice: ReportScope) -> dict[str, str]:
    """Return the selection for a file's address; a report has no topic and no partner."""
    values = choice.query()
    return {"campaign": values["campaign"], "period": values["period"]}


@blueprint.context_processor
def _values() -> dict[str, object]:
    return {"report_values": report_query}
