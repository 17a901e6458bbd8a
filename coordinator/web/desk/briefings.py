"""Briefings: begin one, read its figures, write its words, freeze it."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, parse_period, quarter_of
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people.staff import May
from campaigns.planning.campaigns import find_campaign
from campaigns.planning.outlines import outline_of
from campaigns.reporting import signing, versions
from campaigns.reporting.behind import Slice
from campaigns.reporting.briefing import figures, period_before
from campaigns.reporting.reading import Scope
from campaigns.reporting.signing import Briefing, Letter
from coordinator.exports.errors import ExportError
from coordinator.jobs import reporting
from coordinator.jobs.reporting import FORMATS
from coordinator.web.desk import briefing_versions, choosing, inputs, periods
from coordinator.web.desk.briefing_figures import Page
from coordinator.web.desk.briefing_rows import address, rows_page
from coordinator.web.desk.progress import attachment
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("briefings", __name__, url_prefix="/desk/briefings")
blueprint.register_blueprint(briefing_versions.blueprint)

LINES = ("addressed_to", "basis", "recipients")
TEXTS = ("number", "symbol", "place", "office", "parent", "authority", "signer", "difficulties", "proposals")


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """Every briefing, and the button for another."""
    place = front().place
    with place.database.read() as session:
        today = city_day(place.now())
        rows = [_row(session, one) for one in signing.all_briefings(session)]
        plans = [(one.code, f"{one.number} · {one.name}") for one in choosing.plans(session)]
        usual = choosing.current_code(session, place.now())
    last = period_before(quarter_of(today))
    return render_template(
        "briefings/index.html",
        rows=rows, plans=plans, offered=periods.offered(None, today), usual=usual, last=last.label,
        may_report=actor().may(May.REPORT),
    )  # fmt: skip


def _row(session: Session, row: Briefing) -> dict[str, Any]:
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
@staff(May.REPORT)
def begin() -> ResponseReturnValue:
    """Begin a briefing of a plan and a period, or open the one there is."""
    place = front().place
    try:
        period = parse_period(inputs.text("period"))
        code = inputs.text("campaign")
        with place.database.write() as session:
            campaign = find_campaign(session, code) if code and code != choosing.ALL else None
            public = signing.begin(session, actor(), campaign, period, now=place.now()).public
    except CampaignError as error:
        say_trouble("; ".join(inputs.said(error).values()))
        return redirect(url_for("briefings.index"), 303)
    return redirect(url_for("briefings.show", public=public), 303)


@blueprint.get("/<public>")
@staff()
def show(public: str) -> ResponseReturnValue:
    """The draft: its figures as they stand, its words, its versions."""
    return _page(public, {})


@blueprint.post("/<public>")
@staff(May.REPORT)
def save(public: str) -> ResponseReturnValue:
    """Save the words."""
    place = front().place
    try:
        letter = _typed()
        with place.database.write() as session:
            row = signing.find_briefing(session, public, for_update=True)
            signing.edit(session, actor(), row, letter, edits=_edits(), now=place.now())
    except CampaignError as error:
        if not isinstance(error, Invalid | Conflict):
            raise
        return _page(public, inputs.said(error))
    say_done(_("Đã lưu. Các bản đã chốt giữ nguyên lời của mình."))
    return redirect(url_for("briefings.show", public=public), 303)


@blueprint.post("/<public>/freeze")
@staff(May.REPORT)
def freeze(public: str) -> ResponseReturnValue:
    """Freeze figures and words as they stand."""
    place = front().place
    try:
        with place.database.write() as session:
            row = versions.freeze(
                session, actor(), public, reason=inputs.text("reason"), edits=_edits(),
                now=place.now(),
            )  # fmt: skip
            version, number = row.public, row.number
    except CampaignError as error:
        if not isinstance(error, Invalid | Conflict):
            raise
        return _page(public, inputs.said(error))
    say_done(_("Đã chốt bản %(number)s. Số liệu của bản này không đổi nữa.", number=number))
    return redirect(url_for("briefings.versions.show", public=version), 303)


@blueprint.get("/<public>/draft.<form>")
@staff(May.REPORT)
def draft(public: str, form: str) -> ResponseReturnValue:
    """The draft in one form, with the figures of this moment."""
    if form not in FORMATS:
        abort(404)
    place = front().place
    try:
        with place.database.read() as session:
            row = signing.find_briefing(session, public)
            made = reporting.make(session, row.campaign, row.period, form, now=place.now())
    except ExportError as error:
        say_trouble(error_sentence(error, language()))
        return redirect(url_for("briefings.show", public=public), 303)
    return attachment(made.body, made.media_type, f"du-thao-{made.name}")


@blueprint.get("/<public>/rows")
@staff()
def rows(public: str) -> ResponseReturnValue:
    """The rows behind one figure of the draft."""
    with front().place.database.read() as session:
        row = signing.find_briefing(session, public)
        scope = Scope(row.period, row.campaign_id)
        return rows_page(session, scope, (periods.period_name(row.period), url_for("briefings.show", public=public)))


def _page(public: str, errors: dict[str, str]) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        row = signing.find_briefing(session, public)
        now = place.now()
        outline = outline_of(row.campaign) if row.campaign else None
        told = figures(session, outline, row.period, now=now)
        made = briefing_versions.lines(session, row)
        values = Letter.of(row.letter).kept()
        plan = row.campaign.plan_number if row.campaign else ""

    def link(which: Slice, period: str) -> str:
        return address("briefings.rows", public, which, period)

    shown = {name: "\n".join(value) if name in LINES else value for name, value in values.items()}
    if errors:
        shown |= {name: request.form[name] for name in (*TEXTS, *LINES, "signed_on") if name in request.form}
    page = render_template(
        "briefings/show.html",
        briefing=row, plan=plan, period=row.period, period_name=periods.period_name(row.period),
        span=periods.span(row.period), told=told, grids=Page(told, link).grids(), values=shown, errors=errors,
        made=made, forms=FORMATS, may_report=actor().may(May.REPORT), over=row.last < city_day(now),
        ahead=row.first > city_day(now), lacking=_lacking(shown), reason=request.form.get("reason", ""),
        edits=row.edits,
    )  # fmt: skip
    return (page, 422) if errors else page


def _lacking(values: dict[str, Any]) -> list[str]:
    """What a signed briefing usually has and this one does not yet."""
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


def _edits() -> int:
    typed = inputs.text("edits")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _typed() -> Letter:
    """The words as typed. Raises ``Invalid``."""
    errors: list[FieldError] = []
    signed_on: date | None = inputs.day("signed_on", errors)
    if errors:
        raise Invalid(errors)
    texts: dict[str, Any] = {name: inputs.text(name).replace("\r\n", "\n") for name in TEXTS}
    lines: dict[str, Any] = {name: tuple(inputs.lines(name)) for name in LINES}
    return Letter(signed_on=signed_on.isoformat() if signed_on else "", **texts, **lines)
