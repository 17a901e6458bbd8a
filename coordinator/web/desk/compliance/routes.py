"""Compliance pages: the list of findings, one finding with its evidence and all actions on it, kept front pages, and
the letter to a partner.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import sqlalchemy as sa
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance import finding_workflow
from campaigns.compliance.bulk_decisions import MOST_AT_ONCE
from campaigns.compliance.cases.amounts import parse_amount
from campaigns.compliance.finding_filter import FindingFilter, WaitingFor
from campaigns.compliance.findings import Finding, FindingOutcome, FindingStatus, find_finding
from campaigns.compliance.inspections import PageSnapshot
from campaigns.compliance.rules import RuleSeverity, all_rules
from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Permission
from campaigns.reporting.word_templates import TemplateKind
from campaigns.search.autocomplete import PickableKind
from coordinator.exports.documents.letter_texts import ReminderLetter
from coordinator.jobs.compliance.finding_mail import MAIL_WORK_KIND, queue_finding_mail
from coordinator.jobs.reporting.official_letters import DOCX_MEDIA_TYPE, stationery
from coordinator.translation import _, speaking
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.compliance import batch, inspections, queries
from coordinator.web.desk.compliance.cases import routes as cases
from coordinator.web.desk.republications.kept_pages import AROUND, inert
from coordinator.web.kit.files import download_response, stored_body
from coordinator.web.kit.finding_view import finding_view
from coordinator.web.kit.forms import autocomplete, fields
from coordinator.web.kit.forms.datetimes import requested_days
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.security_headers import UNTRUSTED_CONTENT_HEADERS
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text.finding_labels import checker_name, finding_sentence, rule_title
from coordinator.web.kit.text.state_labels import value_label

kept_blueprint = Blueprint("kept", __name__, url_prefix="/_pages")


def _find_snapshot(public: str) -> PageSnapshot:
    """Return the kept front page with this id, or 404."""
    with app_context().job_context.database.read() as session:
        row = session.execute(sa.select(PageSnapshot).where(PageSnapshot.public == public)).scalar_one_or_none()
        if row is None:
            abort(404)
        assert row.site.id  # noqa: S101  # read while the session is open
        return row


@kept_blueprint.get("/<public>")
@staff_required()
def viewer(public: str) -> ResponseReturnValue:
    """Show a kept page in its frame, with its address and the time of the fetch."""
    page = render_template("desk/compliance/kept_page.html", snapshot=_find_snapshot(public))
    return page, {"Content-Security-Policy": AROUND}


@kept_blueprint.get("/<public>.html")
@staff_required()
def box(public: str) -> ResponseReturnValue:
    """Return the content of the frame."""
    snapshot = _find_snapshot(public)
    page = inert(stored_body(snapshot.body_key), snapshot.content_type)
    return Response(page, content_type="text/html; charset=utf-8", headers=UNTRUSTED_CONTENT_HEADERS)


@kept_blueprint.get("/<public>.txt")
@staff_required()
def source(public: str) -> ResponseReturnValue:
    """Return a kept page byte for byte as plain text, so that its hash can be verified."""
    return download_response(stored_body(_find_snapshot(public).body_key), "text/plain; charset=utf-8", f"{public}.txt")


letter_blueprint = Blueprint("letter", __name__)


@letter_blueprint.get("/<public>/letter.docx")
@staff_required(Permission.REVIEW)
def download(public: str) -> ResponseReturnValue:
    """Return the letter about a confirmed finding as a Word file for the records office. A person records its number
    and that it was sent.
    """
    context = app_context().job_context
    with context.database.read() as session, speaking("vi"):
        row = find_finding(session, public)
        if row.standing is not FindingStatus.CONFIRMED:
            raise Conflict(f"{public} is not confirmed", code="finding_settled", finding=public)
        paper = stationery(session, TemplateKind.REMINDER, now=context.now())
        letter = ReminderLetter(
            company=row.company.name,
            site=row.site.name,
            site_url=row.site.url,
            sentence=finding_sentence(row),
            page_url=row.page_url,
            page_at=row.page_at,
            page_hash=row.page_hash,
            rule=row.rule.title,
            basis=row.rule.basis,
            note=row.note,
            reply_by=row.reply_by,
        )
    return download_response(paper.written(letter.fields), DOCX_MEDIA_TYPE, f"{public}.docx")


blueprint = Blueprint("compliance", __name__, url_prefix="/desk/compliance")
for child in (batch.blueprint, inspections.blueprint, cases.blueprint, kept_blueprint, letter_blueprint):
    blueprint.register_blueprint(child)

FIELDS = ("do", "note", "reply_by", "number", "authority", "on", "amount")


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the list; without a tab it opens on findings that wait for a decision, if there are any."""
    now = app_context().job_context.now()
    with app_context().job_context.database.read() as session:
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        days = requested_days(request.args)
        chosen = days.settled(autocomplete.resolved_query(partner))
        filters = requested_filter(FindingFilter, chosen)
        filters.check_codes(session)
        counts = queries.counts_by_standing(session, filters, now=now)
        if "standing" not in request.args and counts[FindingStatus.PROPOSED]:
            filters = replace(filters, standing=FindingStatus.PROPOSED)
        total = sum(counts.values()) if filters.standing is None else counts[filters.standing]
        part = queries.list_findings(session, filters, total, now=now)
        rules = {rule.code: rule_title(rule.title) for rule in all_rules(session)}
    page = render_template(
        "desk/compliance/index.html",
        part=part,
        filters=filters,
        days=days,
        counts=counts,
        partner=partner,
        standings=list(FindingStatus),
        rules=[(code, f"{code}. {title}") for code, title in rules.items()],
        outcomes=[
            (finding_outcome.value, value_label("outcome", finding_outcome)) for finding_outcome in FindingOutcome
        ],
        severities=[(severity.value, value_label("severity", severity)) for severity in RuleSeverity],
        waits=[(waiting_for.value, waiting_label(waiting_for)) for waiting_for in WaitingFor],
        waits_name=waiting_label,
        may_review=current_actor().may(Permission.REVIEW),
        meanings=batch.decision_meanings(),
        most=MOST_AT_ONCE,
    )
    return page, days.status


def waiting_label(waits: WaitingFor) -> str:
    """Return the label of what an open finding waits for."""
    return str(
        {
            WaitingFor.REPLY: _("Đối tác đã trả lời, chưa ai đọc"),
            WaitingFor.OVERDUE: _("Quá hạn mà đối tác chưa trả lời"),
            WaitingFor.MENDED: _("Trang đã đúng, chờ khép lại"),
        }[waits]
    )


@blueprint.get("/<public>")
@staff_required()
def show(public: str) -> ResponseReturnValue:
    """Show one finding."""
    return _render_finding(public)


@blueprint.post("/<public>/conclude")
@staff_required(Permission.REVIEW)
def conclude(public: str) -> ResponseReturnValue:
    """Confirm or dismiss; a confirmed finding is shown in its partner's portal at once."""
    choice = fields.text("do")
    if choice not in {"confirm", "dismiss"}:
        return _render_finding(public, {"do": _("Chọn một kết luận")}, 422)
    confirm = choice == "confirm"

    def apply(session: Session) -> Finding:
        by = _form_day("reply_by") if confirm else None
        row = finding_workflow.conclude_finding(
            session,
            current_actor(),
            public,
            fields.form_version("turn"),
            confirm=confirm,
            note=fields.clean_text("note"),
            reply_by=by,
            now=app_context().job_context.now(),
        )
        if confirm:
            queue_finding_mail(app_context(), session, row, current_actor().id)
        return row

    text = _("Đã kết luận. Đối tác thấy trong cổng và trả lời được.") if confirm else _("Đã bỏ qua nghi vấn.")
    return _apply_act(public, apply, text)


@blueprint.post("/<public>/ask")
@staff_required(Permission.REVIEW)
def ask(public: str) -> ResponseReturnValue:
    """Show a suspicion to its partner before a decision."""

    def apply(session: Session) -> Finding:
        by = _form_day("reply_by", required=True)
        assert by is not None, "a day that is required was given"  # noqa: S101  # a bug, not input
        row = finding_workflow.show_to_partner(
            session, current_actor(), public, fields.form_version("turn"), by, now=app_context().job_context.now()
        )
        queue_finding_mail(app_context(), session, row, current_actor().id)
        return row

    return _apply_act(public, apply, _("Đã hỏi. Đối tác thấy trong cổng và trả lời được."))


@blueprint.post("/<public>/outcome")
@staff_required(Permission.REVIEW)
def outcome(public: str) -> ResponseReturnValue:
    """Record the outcome of a confirmed finding."""
    chosen = {finding_outcome.value: finding_outcome for finding_outcome in FindingOutcome}.get(fields.text("do"))
    if chosen is None:
        return _render_finding(public, {"do": _("Chọn một kết quả")}, 422)

    def apply(session: Session) -> Finding:
        now, turn, note = app_context().job_context.now(), fields.form_version("turn"), fields.clean_text("note")
        match chosen:
            case FindingOutcome.MENDED:
                return finding_workflow.record_mended(session, current_actor(), public, turn, note, now=now)
            case FindingOutcome.HANDED:
                return finding_workflow.hand_to_inspection(session, current_actor(), public, turn, note, now=now)
        on, amount = _document_fields(needs_amount=chosen is FindingOutcome.DECIDED)
        number = fields.clean_text("number")
        if chosen is FindingOutcome.REMINDED:
            return finding_workflow.record_letter(session, current_actor(), public, turn, number, on, note, now=now)
        return finding_workflow.record_decision(
            session, current_actor(), public, turn, number, on, amount, note, fields.clean_text("authority"), now=now
        )

    return _apply_act(public, apply, _("Đã ghi: %(what)s.", what=value_label("outcome", chosen).lower()))


@blueprint.post("/<public>/read")
@staff_required(Permission.REVIEW)
def read(public: str) -> ResponseReturnValue:
    """Mark the partner's answer as read; nothing else changes."""

    def apply(session: Session) -> Finding:
        return finding_workflow.mark_reply_read(
            session, current_actor(), public, fields.form_version("turn"), now=app_context().job_context.now()
        )

    return _apply_act(public, apply, _("Đã ghi là đã đọc."), undone=False)


@blueprint.post("/<public>/undo")
@staff_required(Permission.REVIEW)
def undo(public: str) -> ResponseReturnValue:
    """Undo the last action."""
    seen = fields.form_version("turn") if "turn" in request.form else None

    def apply(session: Session) -> Finding:
        turn = seen if seen is not None else find_finding(session, public).turn
        return finding_workflow.undo_last_act(
            session, current_actor(), public, turn, now=app_context().job_context.now()
        )

    return _apply_act(public, apply, _("Đã hoàn tác."), undone=False)


def _apply_act(
    public: str, apply: Callable[[Session], Finding], done: str, *, undone: bool = True
) -> ResponseReturnValue:
    try:
        with app_context().job_context.database.write() as session:
            apply(session)
    except NotFound:
        raise
    except Conflict as conflict:
        return _render_finding(public, fields.error_messages(conflict), 409)
    except CampaignError as error:
        return _render_finding(public, fields.error_messages(error), 422)
    app_context().runner.nudge(MAIL_WORK_KIND)
    flash_done(done, undo=url_for("compliance.undo", public=public) if undone else None)
    return redirect(url_for("compliance.show", public=public), 303)


def _form_day(name: str, *, required: bool = False) -> date | None:
    errors: list[FieldError] = []
    found = fields.day(name, errors, required=required)
    if errors:
        raise Invalid(errors)
    return found


def _document_fields(*, needs_amount: bool) -> tuple[date, int | None]:
    """Return the day and amount of a document from the form; an empty amount is None."""
    errors: list[FieldError] = []
    on = fields.day("on", errors, required=True)
    amount = None
    if needs_amount:
        try:
            amount = parse_amount(fields.text("amount"))
        except Invalid as invalid:
            errors += invalid.errors
    if errors or on is None:
        raise Invalid(errors)
    return on, amount


def _render_finding(public: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        view = finding_view(session, find_finding(session, public))
        page = render_template(
            "desk/compliance/show.html",
            finding=view,
            errors=errors or {},
            typed={name: fields.text(name) for name in FIELDS},
            usual_day=(city_day(context.now()) + timedelta(days=finding_workflow.USUAL_REPLY_DAYS)).isoformat(),
            how=checker_name(view.rule.checker),
            longest=finding_workflow.LONGEST_NOTE,
            may_review=current_actor().may(Permission.REVIEW),
            may_configure=current_actor().may(Permission.CONFIGURE),
        )
    return page, status
