"""Decisions on several findings at once: the selection, what each decision means, one reason, and undoing the batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance import bulk_decisions, finding_workflow
from campaigns.compliance.bulk_decisions import MOST_AT_ONCE, BulkDecision, BulkResult
from campaigns.compliance.finding_filter import FindingFilter
from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import PAGE_SIZE
from campaigns.partners.editors import editors_of
from campaigns.people.staff import Permission
from coordinator.jobs.compliance.finding_mail import MAIL_WORK_KIND, queue_batch_mail
from coordinator.translation import _, counted, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.compliance import queries
from coordinator.web.desk.compliance.queries import SelectedFinding
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("batch", __name__)


@dataclass(frozen=True)
class DecisionMeaning:
    """What one decision means: ``partner``: what the partner sees; ``deadline``: for its reply; ``letter``: the mails
    and letters that follow."""

    value: str
    name: str
    partner: str
    deadline: str
    letter: str


def decision_meanings() -> list[DecisionMeaning]:
    """Return the meaning of each decision, in the reader's language."""
    return [
        DecisionMeaning(
            BulkDecision.ASK.value,
            _("Hỏi đối tác trước khi kết luận"),
            _("Thấy nghi vấn và bằng chứng trong cổng, ghi là chưa kết luận; trả lời được."),
            _("Bắt buộc. Quá hạn thì nghi vấn vào danh sách quá hạn; không có gì tự xảy ra."),
            _("Một thư báo tới người của đối tác. Không có công văn."),
        ),
        DecisionMeaning(
            BulkDecision.CONFIRM.value,
            _("Đúng như nghi vấn"),
            _("Thấy trong cổng là đã kết luận, cùng lý do đã ghi; vẫn trả lời được."),
            _("Tùy chọn. Để trống thì không đặt hạn."),
            _("Một thư báo tới người của đối tác. Tải được công văn nhắc của từng nghi vấn; văn thư gửi."),
        ),
        DecisionMeaning(
            BulkDecision.DISMISS.value,
            _("Bỏ qua"),
            _("Không thấy gì mới. Nghi vấn đã hỏi thì hiện là đã bỏ qua."),
            _("Không có."),
            _("Không có. Cùng một lỗi của cùng trang hoặc bài sẽ không được nêu lại."),
        ),
    ]


@blueprint.post("/_batch")
@staff_required(Permission.REVIEW)
def decide() -> ResponseReturnValue:
    """Decide on several findings. Until the form's own button is pressed the form is shown; then each finding is
    decided by itself, and those on which something was done meanwhile are left and reported by name.
    """
    wanted = FindingFilter.from_args(request.form)
    context = app_context().job_context
    turns = _chosen_turns()
    left = 0
    if "all" in request.form:
        with context.database.read() as session:
            turns, left = queries.undecided_turns(session, wanted, MOST_AT_ONCE, now=context.now())
    if not turns:
        flash_trouble(_("Chưa chọn nghi vấn nào."))
        return redirect(_list_url(wanted), 303)
    if not {"do", "decide"} & request.form.keys():
        return _render_form(wanted, turns, {}, left=left)
    try:
        decision = _form_decision()
        errors: list[FieldError] = []
        reply_by = fields.day("reply_by", errors)
        if errors:
            raise Invalid(errors)
        with context.database.write() as session:
            result = bulk_decisions.decide_findings(
                session,
                current_actor(),
                decision,
                turns,
                note=fields.clean_text("note"),
                reply_by=reply_by,
                now=context.now(),
            )
            if decision is not BulkDecision.DISMISS:
                queue_batch_mail(app_context(), session, result.done, current_actor().id)
            count, kept = len(result.done), _kept_words(session, result)
    except Invalid as invalid:
        return _render_form(wanted, turns, fields.field_error_messages(invalid.errors))
    app_context().runner.nudge(MAIL_WORK_KIND)
    if count:
        flash_done(_done_words(decision, count), undo=url_for("compliance.batch.undo", batch=result.batch))
    if kept:
        flash_trouble(_("Không đổi: %(why)s", why=" ".join(kept)))
    return redirect(_list_url(wanted), 303)


@blueprint.post("/_batch/<batch>/undo")
@staff_required(Permission.REVIEW)
def undo(batch: str) -> ResponseReturnValue:
    """Undo a batch, except where something was done since."""
    context = app_context().job_context
    with context.database.write() as session:
        result = bulk_decisions.undo_batch(session, current_actor(), batch, now=context.now())
        count, kept = len(result.done), _kept_words(session, result)
    if count:
        words = formats.number(count, language())
        flash_done(counted("Đã hoàn tác %(words)s nghi vấn.", count, words=words))
    if kept:
        flash_trouble(_("Không hoàn tác được: %(why)s", why=" ".join(kept)))
    return redirect(url_for("compliance.index", standing="proposed"), 303)


def _chosen_turns() -> dict[str, int]:
    """Return the selected findings, each with the version it was shown at."""
    chosen = request.form.getlist("finding")[: max(MOST_AT_ONCE, PAGE_SIZE)]
    return {public: fields.parse_version(turn) for public, _bar, turn in (text.partition("|") for text in chosen)}


def _form_decision() -> BulkDecision:
    found = {decision.value: decision for decision in BulkDecision}.get(fields.text("do"))
    if found is None:
        raise Invalid([FieldError("do", "no_decision", "choose what is done with them")])
    return found


def _kept_words(session: Session, result: BulkResult) -> list[str]:
    names = {row.public: row for row in queries.selected_findings(session, [public for public, _error in result.kept])}
    return [
        f"{names[public].label if public in names else public}: {error_sentence(error)}"
        for public, error in result.kept
    ]


def _done_words(decision: BulkDecision, count: int) -> str:
    words = formats.number(count, language())
    match decision:
        case BulkDecision.ASK:
            return counted("Đã hỏi về %(words)s nghi vấn.", count, words=words)
        case BulkDecision.CONFIRM:
            return counted("Đã kết luận đúng %(words)s nghi vấn.", count, words=words)
        case BulkDecision.DISMISS:
            return counted("Đã bỏ qua %(words)s nghi vấn.", count, words=words)


def _list_url(wanted: FindingFilter) -> str:
    return url_for("compliance.index", **wanted.to_args())


def _render_form(
    wanted: FindingFilter, turns: Mapping[str, int], errors: Mapping[str, str], *, left: int = 0
) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        rows = queries.selected_findings(session, list(turns))
        partners = {row.company_code: row.company for row in rows}
        readers = _reader_count(session, rows) if context.mail is not None else None
    page = render_template(
        "desk/compliance/batch.html",
        wanted=wanted,
        back=_list_url(wanted),
        rows=rows,
        turns=[f"{public}|{turn}" for public, turn in turns.items()],
        partners=partners,
        readers=readers,
        left=left,
        meanings=decision_meanings(),
        errors=errors,
        typed={name: fields.text(name) for name in ("do", "note", "reply_by")},
        usual_day=(city_day(context.now()) + timedelta(days=finding_workflow.USUAL_REPLY_DAYS)).isoformat(),
        longest=finding_workflow.LONGEST_NOTE,
    )
    return page, 422 if errors else 200


def _reader_count(session: Session, rows: list[SelectedFinding]) -> int:
    """Return how many editors of these partners would get a mail."""
    companies = {row.company_id: row.finding.company for row in rows}
    return sum(editor.may_enter for company in companies.values() for editor in editors_of(session, company))
