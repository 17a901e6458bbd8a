"""The review queue: deciding on one copy by keyboard or mouse, on several together, and undo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.base import public_id
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.listing import PAGE_SIZE
from campaigns.people.staff import Permission
from campaigns.reporting import pending_work
from campaigns.reporting.pending_work import in_review_count
from campaigns.reporting.republication_filter import RepublicationFilter
from campaigns.republications.attribution.verdicts import NAMES_US, Attribution
from campaigns.republications.counted_copy import counted_elsewhere
from campaigns.republications.republications import Republication, RepublicationStatus, find_republication
from campaigns.republications.review import decisions, partner_answers
from campaigns.republications.review.decisions import DECISION_REASONS, SAID_OF_PICTURES
from campaigns.republications.review.review_reasons import SOURCE_CONFLICTS, ReviewReason
from campaigns.search.autocomplete import PickableKind
from coordinator.translation import _, counted, language, ngettext
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.republications import review_queue
from coordinator.web.desk.republications.evidence_page import copy_view
from coordinator.web.desk.republications.labels import counting_note, review_reason_name
from coordinator.web.desk.republications.review_queue import QUEUE_FIELDS, queue_filter
from coordinator.web.desk.republications.uploaded_evidence import picture_attributions
from coordinator.web.kit.forms import autocomplete, fields
from coordinator.web.kit.links import bulletin_url, partner_url
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.kit.text.state_labels import value_label


@dataclass(frozen=True)
class UsualReason:
    """One usual reason. ``key``: the digit that selects it; ``confirms``: for confirming, else for rejecting."""

    key: str
    code: str
    confirms: bool
    words: str


# Reasons for what a picture shows, and those for a text that was compared: each is offered for its kind alone.
_OF_PICTURES = frozenset({"picture_shows"})
_OF_TEXTS = frozenset({"our_text", "named_elsewhere", "enough"})


def offered_reasons(*, social: bool) -> list[UsualReason]:
    """Return the reasons for a reported post on a social network, or for any other copy."""
    left_out = _OF_TEXTS if social else _OF_PICTURES
    return [reason for reason in usual_reasons() if reason.code not in left_out]


def usual_reasons() -> list[UsualReason]:
    """Return the reasons in the order of their digits, in the reader's language."""
    return [
        UsualReason(str(key % 10), code, confirms, value_label("decision_reason", code))
        for key, (code, confirms) in enumerate(DECISION_REASONS.items(), 1)
    ]


def find_reason(code: str) -> UsualReason | None:
    """Return the reason with this code, None for any other text."""
    return next((reason for reason in usual_reasons() if reason.code == code), None)


# What a person may record about an attribution that was not detected, the strongest first.
CHOOSABLE_ATTRIBUTIONS = [attribution for attribution in Attribution if attribution in NAMES_US]


blueprint = Blueprint("review", __name__, url_prefix="/_review")

# How long the bar offers to undo the last decision; the copy's page always offers it.
LATELY = timedelta(hours=8)


@dataclass(frozen=True)
class LastConclusion:
    """The reader's last decision, and the values that undo it."""

    words: str
    at: datetime
    decisions: Sequence[str]


@blueprint.get("")
@staff_required()
def queue() -> ResponseReturnValue:
    """Show the queue by review reason, partner and bulletin."""
    context = app_context().job_context
    with context.database.read() as session:
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        wanted = requested_filter(RepublicationFilter, autocomplete.resolved_query(partner), only=QUEUE_FIELDS)
        wanted.check_codes(session)
        now = context.now()
        counts = review_queue.queue_counts(session, wanted)
        return render_template(
            "desk/republications/review/queue.html",
            wanted=wanted,
            part=review_queue.list_queue(session, wanted, counts.count_under(wanted), page_number()),
            counts=counts,
            doubts=[(reason, review_reason_name(reason)) for reason in ReviewReason],
            partner=partner,
            first=review_queue.first_waiting(session, wanted),
            waiting=in_review_count(session),
            done=_last_conclusion(session, now),
            may_review=current_actor().may(Permission.REVIEW),
        )


@blueprint.get("/_disagreements")
@staff_required()
def disagreements() -> ResponseReturnValue:
    """Show disagreements between sources in every status, with the treatment of each kind in the figures. A separate
    page, because it reads every copy.
    """
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        return render_template("desk/republications/review/disagreements.html", disputes=_disputes(session), as_of=now)


def _disputes(session: Session) -> list[tuple[ReviewReason, str, Mapping[RepublicationStatus, int], str]]:
    found = pending_work.review_reasons_by_status(session)
    return [
        (reason, review_reason_name(reason), found[reason], counting_note(reason))
        for reason in SOURCE_CONFLICTS
        if found[reason]
    ]


@blueprint.get("/<ident>")
@staff_required()
def item(ident: str) -> ResponseReturnValue:
    """Show one copy: both texts, the review reasons, the evidence, and the decision form."""
    return _render_item(ident)


def _render_item(ident: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    context = app_context().job_context
    wanted = queue_filter(request.values)
    with context.database.read() as session:
        now = context.now()
        view = copy_view(session, ident, now=now)
        around = review_queue.queue_position(session, wanted, find_republication(session, ident))
        done = _last_conclusion(session, now)
        waiting = in_review_count(session)
    page = render_template(
        "desk/republications/review/copy.html",
        copy=view,
        wanted=wanted,
        around=around,
        waiting=waiting,
        done=done,
        errors=errors or {},
        # Of a post with its picture the usual reason is chosen already, so that one key confirms it.
        typed={
            "note": fields.text("note"),
            "attribution": fields.text("attribution") or (view.reported_attribution.value if view.picture_only else ""),
        }
        | {"reason": fields.text("reason") or ("picture_shows" if view.social and view.social.picture else "")},
        reasons=offered_reasons(social=view.social is not None),
        to_say=[
            ("", _("Để như máy thấy")),
            *((way.value, value_label("attribution", way)) for way in CHOOSABLE_ATTRIBUTIONS),
        ],
        on_picture=picture_attributions(),
        may_review=current_actor().may(Permission.REVIEW),
        bulletin_page=bulletin_url(view.bulletin),
        partner_page=partner_url(view.partner.company_code),
    )
    return page, status


@dataclass(frozen=True)
class _Conclusion:
    """The decision in a form. ``second``: a copy beside another address of its site is counted as a second posting."""

    confirm: bool
    second: bool
    reason: str
    note: str
    attribution: Attribution | None


def _form_conclusion() -> _Conclusion:
    """Read the form. Raises ``Invalid`` naming every bad field."""
    do, code, note = fields.text("do"), fields.text("reason"), fields.text("note")
    chosen = find_reason(code)
    errors = []
    confirm = do in {"confirm", "second"}
    if do not in {"confirm", "second", "reject"}:
        errors.append(FieldError("reason", "no_act", "confirm or reject"))
    elif chosen is not None and chosen.confirms is not confirm:
        errors.append(FieldError("reason", "other_act", "this is a reason for the other conclusion"))
    if chosen is None and not note:
        errors.append(FieldError("reason", "no_reason", "pick a reason or write a note"))
    if errors:
        raise Invalid(errors)
    words = ". ".join(text for text in (chosen.words if chosen is not None else "", note) if text)
    attribution = (
        {attribution.value: attribution for attribution in SAID_OF_PICTURES}.get(fields.text("attribution"))
        if confirm
        else None
    )
    return _Conclusion(confirm, do == "second", chosen.code if chosen is not None else "", words, attribution)


def _error_messages(invalid: Invalid) -> dict[str, str]:
    words = {
        "no_act": _("Bấm Xác nhận hoặc Loại"),
        "other_act": _("Lý do đã chọn là của kết luận kia; chọn lại lý do hoặc bấm nút kia"),
        "no_reason": _("Chọn một lý do hoặc viết ghi chú"),
        "not_to_say": _("Máy đã thấy cách dẫn nguồn của trang này; không khai khác được"),
    }
    return {
        error.field: words.get(error.code) or fields.field_error_messages([error])[error.field]
        for error in invalid.errors
    }


@blueprint.post("/<ident>/decide")
@staff_required(Permission.REVIEW)
def decide(ident: str) -> ResponseReturnValue:
    """Decide, and go to the next copy under the same filters."""
    context, wanted = app_context().job_context, queue_filter(request.form)
    try:
        conclusion = _form_conclusion()
        with context.database.write() as session:
            row = find_republication(session, ident)
            decisions.decide(
                session,
                current_actor(),
                row,
                confirm=conclusion.confirm,
                note=conclusion.note,
                reason=conclusion.reason,
                attribution=conclusion.attribution,
                second_posting=conclusion.second,
                seen_version=request.form.get("version_token", ""),
                now=context.now(),
            )
            beside = review_queue.queue_position(session, wanted, row)
    except Invalid as invalid:
        return _render_item(ident, _error_messages(invalid), 422)
    except Conflict as conflict:
        _flash_in_queue(error_sentence(conflict), "bad")
        return redirect(url_for("republications.review.item", ident=ident, **wanted.to_args()), 303)
    return _redirect_to_next(beside.next or beside.previous, wanted)


def _redirect_to_next(ident: str | None, wanted: RepublicationFilter) -> ResponseReturnValue:
    if ident is None:
        return redirect(url_for("republications.review.queue", **wanted.to_args()), 303)
    return redirect(url_for("republications.review.item", ident=ident, **wanted.to_args()), 303)


@blueprint.post("/_undo")
@staff_required(Permission.REVIEW)
def undo() -> ResponseReturnValue:
    """Undo decisions one by one: a copy that another person has decided on since is kept and reported."""
    context, wanted = app_context().job_context, queue_filter(request.form)
    undone: list[str] = []
    kept: list[str] = []
    ident = None
    wished = request.values.getlist("decision")[:PAGE_SIZE]
    with context.database.write() as session:
        made = decisions.copies_by_decision(session, wished)
        rows = {row.public: row for row in decisions.lock_public_copies(session, made.values())}
        for public in wished:
            if public not in made:
                continue
            ident = made[public]
            row = rows[ident]
            try:
                decisions.undo_decision(session, current_actor(), row, public, now=context.now())
                undone.append(_copy_label(row))
            except Conflict as conflict:
                kept.append(f"{_copy_label(row)}: {error_sentence(conflict)}")
    if undone:
        _flash_in_queue(
            ngettext(
                "Đã hoàn tác: bài trên %(sites)s trở lại như trước.",
                "Đã hoàn tác %(num)s bài: %(sites)s trở lại như trước.",
                len(undone),
                sites=", ".join(dict.fromkeys(undone)),
            )
        )
    if kept:
        _flash_in_queue(_("Không hoàn tác được: %(why)s", why=" ".join(kept)), "bad")
    if not undone and not kept:
        _flash_in_queue(_("Không có việc nào của bạn để hoàn tác."), "wait")
    if ident is not None and request.values.get("back") == "copy":
        return redirect(url_for("republications.show", ident=ident), 303)
    return _redirect_to_next(ident, wanted)


@blueprint.post("/<ident>/read")
@staff_required(Permission.REVIEW)
def read(ident: str) -> ResponseReturnValue:
    """Mark the partner's answers as read; the copy is unchanged."""
    context, wanted = app_context().job_context, queue_filter(request.form)
    with context.database.write() as session:
        row = find_republication(session, ident)
        partner_answers.settle_answers(session, row, current_actor(), now=context.now())
        beside = review_queue.queue_position(session, wanted, row)
        waits = row.status is RepublicationStatus.REVIEW
    _flash_in_queue(_("Đã ghi là đã xem câu trả lời; kết luận giữ nguyên."))
    if request.form.get("back") == "copy":
        return redirect(url_for("republications.show", ident=ident), 303)
    return _redirect_to_next(ident if waits else beside.next or beside.previous, wanted)


@blueprint.post("/_batch")
@staff_required(Permission.REVIEW)
def batch() -> ResponseReturnValue:
    """Decide on several copies with the same review reason. Without a decision the form is shown; with one, each copy
    is decided separately, and those already decided by others are reported.
    """
    wanted = queue_filter(request.form)
    versions = dict(text.partition("|")[::2] for text in request.form.getlist("copy")[:PAGE_SIZE])
    if not versions:
        _flash_in_queue(_("Chưa chọn bài nào."), "bad")
        return redirect(url_for("republications.review.queue", **wanted.to_args()), 303)
    if "do" not in request.form:
        return _batch_page(wanted, versions, {})
    try:
        conclusion = _form_conclusion()
    except Invalid as invalid:
        return _batch_page(wanted, versions, _error_messages(invalid))
    done, kept = _decide_all(versions, conclusion)
    if done:
        name = value_label(
            "republication", RepublicationStatus.CONFIRMED if conclusion.confirm else RepublicationStatus.REJECTED
        )
        _flash_in_queue(counted("%(name)s: %(num)s bài.", len(done), name=name))
    if kept:
        _flash_in_queue(_("Không đổi: %(why)s", why=" ".join(kept)), "bad")
    return redirect(url_for("republications.review.queue", **wanted.to_args()), 303)


def _decide_all(versions: Mapping[str, str], conclusion: _Conclusion) -> tuple[list[str], list[str]]:
    context, together = app_context().job_context, public_id("bat")
    done: list[str] = []
    kept: list[str] = []
    with context.database.write() as session:
        rows = decisions.lock_public_copies(session, versions)
        # A decision on one address makes the others of its site duplicates, which is no decision of somebody else.
        unchanged = {row.public for row in rows if versions[row.public] == decisions.version_token(row)}
        for row in rows:
            try:
                decisions.decide(
                    session,
                    current_actor(),
                    row,
                    confirm=conclusion.confirm,
                    note=conclusion.note,
                    reason=conclusion.reason,
                    second_posting=conclusion.second and counted_elsewhere(session, row) is not None,
                    seen_version=None if row.public in unchanged else versions[row.public],
                    batch=together,
                    now=context.now(),
                )
                done.append(row.public)
            except Conflict as conflict:
                kept.append(f"{_copy_label(row)}: {error_sentence(conflict)}")
    return done, kept


def _batch_page(
    wanted: RepublicationFilter, versions: Mapping[str, str], errors: Mapping[str, str]
) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        rows = review_queue.selected_copies(session, list(versions))
        second = review_queue.has_second_posting(session, list(versions))
    of_each = [{doubt for doubt, _name in row.doubts} for row in rows]
    shared = set.intersection(*of_each) if rows else set()
    if not rows or (any(of_each) and not shared):  # copies without a reason that the product can name go together
        _flash_in_queue(_("Chỉ kết luận chung được các bài có cùng một lý do chờ. Lọc theo lý do rồi chọn lại."), "bad")
        return redirect(url_for("republications.review.queue", **wanted.to_args()), 303)
    page = render_template(
        "desk/republications/review/batch.html",
        wanted=wanted,
        rows=rows,
        copies=[f"{ident}|{version}" for ident, version in versions.items()],
        shared=[review_reason_name(reason) for reason in ReviewReason if reason in shared],
        reasons=offered_reasons(social=ReviewReason.SOCIAL_POST in shared),
        second=second,
        errors=errors,
        typed={name: fields.text(name) for name in ("reason", "note")},
    )
    return page, 422 if errors else 200


def _last_conclusion(session: Session, now: datetime) -> LastConclusion | None:
    """Return the reader's last decision while it can be undone."""
    found = decisions.latest_undoable(session, current_actor().id, since=now - LATELY)
    if not found:
        return None
    newest = found[0]
    confirmed = newest.outcome is RepublicationStatus.CONFIRMED
    site = _copy_label(newest.republication)
    if len(found) > 1:
        count = formats.number(len(found), language())
        words = (
            _("Bạn đã xác nhận %(count)s bài", count=count)
            if confirmed
            else _("Bạn đã loại %(count)s bài", count=count)
        )
    else:
        words = (
            _("Bạn đã xác nhận bài trên %(site)s", site=site)
            if confirmed
            else _("Bạn đã loại bài trên %(site)s", site=site)
        )
    return LastConclusion(words, newest.at, [decision.public for decision in found])


def _copy_label(row: Republication) -> str:
    """Return the label of a copy: a site has many, and a bulletin is on many sites."""
    return f"{row.site.name} ({row.bulletin.code})"


def _flash_in_queue(text: str, tone: str = "good") -> None:
    """Show the result of an action on the next page of the queue, next to the bar, also in a swapped fragment."""
    flash({"text": text, "tone": tone}, "queue")  # type: ignore[arg-type]  # any JSON value passes through the session
