"""Briefings: create one, read its figures, write its texts, freeze it."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, parse_period, quarter_of
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.core.listing import ALL
from campaigns.people.staff import Permission
from campaigns.planning.campaign_snapshots import snapshot_campaign
from campaigns.planning.campaigns import find_campaign
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.briefings.briefing_text import Briefing, BriefingText
from campaigns.reporting.briefings.drilldown import FigureSelection
from campaigns.reporting.briefings.figures import collect_figures, period_before
from campaigns.reporting.rollups.rollup_query import TallyScope
from coordinator.exports.errors import ExportError
from coordinator.jobs.reporting.briefings import briefing_files
from coordinator.jobs.reporting.briefings.briefing_files import ONE_PAGE_FORMATS
from coordinator.jobs.reporting.rendered_report import FORMATS
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.reporting.briefings import frozen_versions
from coordinator.web.desk.reporting.briefings.figures import BriefingPage, rows_page, rows_url
from coordinator.web.desk.reporting.documents import one_page_requested
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists import report_scope
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import periods
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("briefings", __name__, url_prefix="/desk/briefings")
blueprint.register_blueprint(frozen_versions.blueprint)

LINES = ("addressed_to", "basis", "recipients")
TEXTS = ("number", "symbol", "place", "office", "parent", "authority", "signer", "difficulties", "proposals")


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show every briefing, and the form for a new one."""
    context = app_context().job_context
    with context.database.read() as session:
        today = city_day(context.now())
        rows = [_briefing_row(session, briefing) for briefing in briefing_text.all_briefings(session)]
        plans = [
            (campaign.code, f"{campaign.number} · {campaign.name}")
            for campaign in report_scope.campaign_choices(session)
        ]
        usual = report_scope.current_campaign_code(session, context.now())
    last = period_before(quarter_of(today))
    return render_template(
        "desk/reporting/briefings/index.html",
        rows=rows, plans=plans, offered=periods.period_choices(None, today), usual=usual, last=last.label,
        may_report=current_actor().may(Permission.REPORT),
    )  # fmt: skip


def _briefing_row(session: Session, row: Briefing) -> dict[str, Any]:
    made = versions.versions_of(session, row)
    return {
        "public": row.public,
        "period": periods.period_name(row.period),
        "plan": row.campaign.plan_number if row.campaign else "",
        "versions": len(made),
        "newest": made[-1] if made else None,
        "edited_at": row.edited_at,
        "edited_by": row.edited_by_name,
    }


@blueprint.post("/")
@staff_required(Permission.REPORT)
def begin() -> ResponseReturnValue:
    """Create a briefing of a campaign and a period, or open the existing one."""
    context = app_context().job_context
    try:
        period = parse_period(fields.text("period"))
        code = fields.text("campaign")
        with context.database.write() as session:
            campaign = find_campaign(session, code) if code and code != ALL else None
            public = briefing_text.begin_briefing(session, current_actor(), campaign, period, now=context.now()).public
    except CampaignError as error:
        flash_trouble("; ".join(fields.error_messages(error).values()))
        return redirect(url_for("briefings.index"), 303)
    return redirect(url_for("briefings.show", public=public), 303)


@blueprint.get("/<public>")
@staff_required()
def show(public: str) -> ResponseReturnValue:
    """Show the draft: its present figures, its texts, its versions."""
    return _render_page(public, {})


@blueprint.post("/<public>")
@staff_required(Permission.REPORT)
def save(public: str) -> ResponseReturnValue:
    """Save the texts."""
    context = app_context().job_context
    try:
        letter = _form_texts()
        with context.database.write() as session:
            row = briefing_text.find_briefing(session, public, for_update=True)
            briefing_text.edit_text(session, current_actor(), row, letter, edits=_sent_edit_number(), now=context.now())
    except CampaignError as error:
        if not isinstance(error, Invalid | Conflict):
            raise
        return _render_page(public, fields.error_messages(error))
    flash_done(_("Đã lưu. Các bản đã chốt giữ nguyên lời của mình."))
    return redirect(url_for("briefings.show", public=public), 303)


@blueprint.post("/<public>/freeze")
@staff_required(Permission.REPORT)
def freeze(public: str) -> ResponseReturnValue:
    """Freeze the present figures and texts."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            row = versions.freeze_version(
                session, current_actor(), public, reason=fields.text("reason"), edits=_sent_edit_number(),
                now=context.now(),
            )  # fmt: skip
            version, number = row.public, row.number
    except CampaignError as error:
        if not isinstance(error, Invalid | Conflict):
            raise
        return _render_page(public, fields.error_messages(error))
    flash_done(_("Đã chốt phiên bản %(number)s. Số liệu của bản này không đổi nữa.", number=number))
    return redirect(url_for("briefings.versions.show", public=version), 303)


@blueprint.get("/<public>/draft.<form>")
@staff_required(Permission.REPORT)
def draft(public: str, form: str) -> ResponseReturnValue:
    """Return the draft in one file format, with the present figures; ``one_page=1``: its summary on one page."""
    one_page = one_page_requested()
    if form not in (ONE_PAGE_FORMATS if one_page else FORMATS):
        abort(404)
    context = app_context().job_context
    try:
        with context.database.read() as session:
            row = briefing_text.find_briefing(session, public)
            made = briefing_files.make_briefing_file(
                session, row.campaign, row.period, form, one_page=one_page, now=context.now()
            )
    except ExportError as error:
        flash_trouble(error_sentence(error))
        return redirect(url_for("briefings.show", public=public), 303)
    return attachment(made.body, made.media_type, f"du-thao-{made.name}")


@blueprint.get("/<public>/rows")
@staff_required()
def rows(public: str) -> ResponseReturnValue:
    """Show the rows behind one figure of the draft."""
    context = app_context().job_context
    with context.database.read() as session:
        row = briefing_text.find_briefing(session, public)
        back = (periods.period_name(row.period), url_for("briefings.show", public=public))
        return rows_page(session, TallyScope(row.period, row.campaign_id), back, context.now())


def _render_page(public: str, errors: dict[str, str]) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        row = briefing_text.find_briefing(session, public)
        now = context.now()
        outline = snapshot_campaign(row.campaign) if row.campaign else None
        figures = collect_figures(session, outline, row.period, now=now)
        made = frozen_versions.version_rows(session, row)
        values = BriefingText.from_json(row.letter).to_json()
        plan = row.campaign.plan_number if row.campaign else ""

    def link(which: FigureSelection, period: str) -> str:
        return rows_url("briefings.rows", public, which, period)

    shown = {name: "\n".join(value) if name in LINES else value for name, value in values.items()}
    if errors:
        shown |= {name: request.form[name] for name in (*TEXTS, *LINES, "signed_on") if name in request.form}
    page = render_template(
        "desk/reporting/briefings/show.html",
        briefing=row,
        plan=plan,
        period_name=periods.period_name(row.period),
        span=periods.period_days(row.period),
        figures=figures,
        shown=BriefingPage(figures, link),
        values=shown,
        errors=errors,
        made=made,
        forms=FORMATS,
        may_report=current_actor().may(Permission.REPORT),
        over=row.last < city_day(now),
        ahead=row.first > city_day(now),
        lacking=_missing_parts(shown),
        reason=request.form.get("reason", ""),
        edits=row.edits,
    )
    return (page, 422) if errors else page


def _missing_parts(values: dict[str, Any]) -> list[str]:
    """Return what a signed briefing usually has and this one lacks."""
    names = {
        "place": _("địa danh"),
        "symbol": _("ký hiệu"),
        "authority": _("chức vụ người ký"),
        "signer": _("người ký"),
        "recipients": _("nơi nhận"),
        "difficulties": _("khó khăn, vướng mắc"),
        "proposals": _("đề xuất, kiến nghị"),
    }
    return [str(name) for field, name in names.items() if not values[field]]


def _sent_edit_number() -> int:
    typed = fields.text("edits")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _form_texts() -> BriefingText:
    """Return the texts as typed. Raises ``Invalid``."""
    errors: list[FieldError] = []
    signed_on: date | None = fields.day("signed_on", errors)
    if errors:
        raise Invalid(errors)
    texts: dict[str, Any] = {name: fields.text(name).replace("\r\n", "\n") for name in TEXTS}
    lines: dict[str, Any] = {name: tuple(fields.lines(name)) for name in LINES}
    return BriefingText(signed_on=signed_on.isoformat() if signed_on else "", **texts, **lines)
