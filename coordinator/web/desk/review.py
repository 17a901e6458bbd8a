"""The review queue at the desk: one copy at a time by keyboard or mouse, several together, and taking back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from sqlalchemy.orm import Session

from campaigns.core.base import public_id
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import May
from campaigns.reporting import disputes
from campaigns.reporting.waiting import in_review
from campaigns.searching.picking import Thing
from campaigns.tracking import answers, deciding
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.doubts import BETWEEN_SOURCES, Doubt
from campaigns.tracking.republications import Republication, Status, find_republication
from coordinator.web import formats
from coordinator.web.desk import inputs, picking, review_rows
from coordinator.web.desk.doubt_words import doubt_name, where_counted
from coordinator.web.desk.elsewhere import bulletin_page, partner_page
from coordinator.web.desk.evidence_view import copy_page
from coordinator.web.desk.listing import PAGE, page_number
from coordinator.web.desk.review_reasons import TO_SAY, reason_of, reasons
from coordinator.web.desk.review_rows import Wanted
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence
from coordinator.web.wording import name_for

blueprint = Blueprint("review", __name__, url_prefix="/_review")

# For how long the bar offers to take the last conclusion back; its copy's page offers it for good.
LATELY = timedelta(hours=8)


@dataclass(frozen=True)
class Done:
    """What the reader concluded last, and what taking it back sends."""

    words: str
    at: datetime
    decisions: Sequence[str]


@blueprint.get("")
@staff()
def queue() -> ResponseReturnValue:
    """Everything that waits, by doubt, partner and bulletin."""
    place = front().place
    with place.database.read() as session:
        partner = picking.one(session, Thing.PARTNER, "partner", request.args)
        if (moved := picking.settled(partner)) is not None:
            return moved
        wanted = Wanted.of(picking.chosen(partner))
        now = place.now()
        counts = review_rows.counts(session, wanted)
        return render_template(
            "republications/queue.html",
            wanted=wanted,
            part=review_rows.rows(session, wanted, counts.of(wanted), page_number()),
            counts=counts,
            doubts=[(one, doubt_name(one)) for one in Doubt],
            partner=partner,
            first=review_rows.first(session, wanted),
            waiting=in_review(session),
            done=_done(session, now),
            may_review=actor().may(May.REVIEW),
        )


@blueprint.get("/_disagreements")
@staff()
def disagreements() -> ResponseReturnValue:
    """Where the sources disagree, whatever the status, and where each kind is counted. On a page of its own: it looks
    at every copy there is."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        return render_template("republications/disagreements.html", disputes=_disputes(session), as_of=now)


def _disputes(session: Session) -> list[tuple[Doubt, str, Mapping[Status, int], str]]:
    found = disputes.by_status(session)
    return [(one, doubt_name(one), found[one], where_counted(one)) for one in BETWEEN_SOURCES if found[one]]


@blueprint.get("/<ident>")
@staff()
def item(ident: str) -> ResponseReturnValue:
    """One copy: both texts, why no machine decides, the evidence, and the conclusion."""
    return _item(ident)


def _item(ident: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    place = front().place
    wanted = Wanted.of(request.values)
    with place.database.read() as session:
        now = place.now()
        one = copy_page(session, ident, now=now)
        around = review_rows.around(session, wanted, find_republication(session, ident))
        done = _done(session, now)
        waiting = in_review(session)
    page = render_template(
        "republications/review.html",
        one=one,
        wanted=wanted,
        around=around,
        waiting=waiting,
        done=done,
        errors=errors or {},
        typed={name: inputs.text(name) for name in ("reason", "note", "attribution")},
        reasons=reasons(),
        to_say=[("", _("Để như máy thấy")), *((way.value, name_for("attribution", way, language())) for way in TO_SAY)],
        may_review=actor().may(May.REVIEW),
        bulletin_page=bulletin_page(one.bulletin),
        partner_page=partner_page(one.partner.company_code),
    )
    return page, status


@dataclass(frozen=True)
class _Said:
    """What a form concludes."""

    confirm: bool
    reason: str
    note: str
    attribution: Attribution | None


def _said() -> _Said:
    """Read the form. Raises ``Invalid`` naming every bad field."""
    do, code, note = inputs.text("do"), inputs.text("reason"), inputs.text("note")
    chosen = reason_of(code)
    errors = []
    if do not in {"confirm", "reject"}:
        errors.append(FieldError("reason", "no_act", "confirm or reject"))
    elif chosen is not None and chosen.confirms is not (do == "confirm"):
        errors.append(FieldError("reason", "other_act", "this is a reason for the other conclusion"))
    if chosen is None and not note:
        errors.append(FieldError("reason", "no_reason", "pick a reason or write a note"))
    if errors:
        raise Invalid(errors)
    words = ". ".join(one for one in (chosen.words if chosen is not None else "", note) if one)
    said = {one.value: one for one in TO_SAY}.get(inputs.text("attribution")) if do == "confirm" else None
    return _Said(do == "confirm", chosen.code if chosen is not None else "", words, said)


def _errors(invalid: Invalid) -> dict[str, str]:
    words = {
        "no_act": _("Bấm Xác nhận hoặc Loại"),
        "other_act": _("Lý do đã chọn là của kết luận kia; chọn lại lý do hoặc bấm nút kia"),
        "no_reason": _("Chọn một lý do hoặc viết ghi chú"),
        "not_to_say": _("Máy đã thấy cách dẫn nguồn của trang này; không khai khác được"),
    }
    return {one.field: words.get(one.code) or inputs.said_of([one])[one.field] for one in invalid.errors}


@blueprint.post("/<ident>/decide")
@staff(May.REVIEW)
def decide(ident: str) -> ResponseReturnValue:
    """Conclude, and go on to the next that waits under the same filters."""
    place, wanted = front().place, Wanted.of(request.form)
    try:
        said = _said()
        with place.database.write() as session:
            row = find_republication(session, ident)
            deciding.decide(
                session, actor(), row, confirm=said.confirm, note=said.note, reason=said.reason,
                attribution=said.attribution, seal=request.form.get("seal", ""), now=place.now(),
            )  # fmt: skip
            beside = review_rows.around(session, wanted, row)
    except Invalid as invalid:
        return _item(ident, _errors(invalid), 422)
    except Conflict as conflict:
        _tell(error_sentence(conflict, language()), "bad")
        return redirect(url_for("republications.review.item", ident=ident, **wanted.args), 303)
    return _on(beside.next or beside.previous, wanted)


def _on(ident: str | None, wanted: Wanted) -> ResponseReturnValue:
    if ident is None:
        return redirect(url_for("republications.review.queue", **wanted.args), 303)
    return redirect(url_for("republications.review.item", ident=ident, **wanted.args), 303)


@blueprint.post("/_undo")
@staff(May.REVIEW)
def undo() -> ResponseReturnValue:
    """Take conclusions back, each on its own: what somebody concluded on since stays, and is told."""
    place, wanted = front().place, Wanted.of(request.form)
    undone: list[str] = []
    kept: list[str] = []
    ident = None
    wished = request.values.getlist("decision")[:PAGE]
    with place.database.write() as session:
        made = deciding.copies_of(session, wished)
        rows = {row.public: row for row in deciding.together(session, made.values())}
        for public in wished:
            if public not in made:
                continue
            ident = made[public]
            row = rows[ident]
            try:
                deciding.undo(session, actor(), row, public, now=place.now())
                undone.append(_named(row))
            except Conflict as conflict:
                kept.append(f"{_named(row)}: {error_sentence(conflict, language())}")
    if undone:
        _tell(
            ngettext(
                "Đã hoàn tác: bài trên %(sites)s trở lại như trước.",
                "Đã hoàn tác %(num)s bài: %(sites)s trở lại như trước.",
                len(undone),
                sites=", ".join(dict.fromkeys(undone)),
            )
        )
    if kept:
        _tell(_("Không hoàn tác được: %(why)s", why=" ".join(kept)), "bad")
    if not undone and not kept:
        _tell(_("Không có việc nào của bạn để hoàn tác."), "wait")
    if ident is not None and request.values.get("back") == "copy":
        return redirect(url_for("republications.show", ident=ident), 303)
    return _on(ident, wanted)


@blueprint.post("/<ident>/read")
@staff(May.REVIEW)
def read(ident: str) -> ResponseReturnValue:
    """The partner's answers were read; the copy stands as it did."""
    place, wanted = front().place, Wanted.of(request.form)
    with place.database.write() as session:
        row = find_republication(session, ident)
        answers.settle(session, row, actor(), now=place.now())
        beside = review_rows.around(session, wanted, row)
        waits = row.status is Status.REVIEW
    _tell(_("Đã ghi là đã xem câu trả lời; kết luận giữ nguyên."))
    if request.form.get("back") == "copy":
        return redirect(url_for("republications.show", ident=ident), 303)
    return _on(ident if waits else beside.next or beside.previous, wanted)


@blueprint.post("/_batch")
@staff(May.REVIEW)
def batch() -> ResponseReturnValue:
    """Several copies with the same doubt under one reason. Without a conclusion the form is shown; with one, each copy
    is decided for itself, and what somebody was faster with is told."""
    wanted = Wanted.of(request.form)
    seals = dict(one.partition("|")[::2] for one in request.form.getlist("copy")[:PAGE])
    if not seals:
        _tell(_("Chưa chọn bài nào."), "bad")
        return redirect(url_for("republications.review.queue", **wanted.args), 303)
    if "do" not in request.form:
        return _batch_page(wanted, seals, {})
    try:
        said = _said()
    except Invalid as invalid:
        return _batch_page(wanted, seals, _errors(invalid))
    done, kept = _decide_all(seals, said)
    if done:
        name = name_for("republication", Status.CONFIRMED if said.confirm else Status.REJECTED, language())
        _tell(ngettext("%(name)s: %(num)s bài.", "%(name)s: %(num)s bài.", len(done), name=name))
    if kept:
        _tell(_("Không đổi: %(why)s", why=" ".join(kept)), "bad")
    return redirect(url_for("republications.review.queue", **wanted.args), 303)


def _decide_all(seals: Mapping[str, str], said: _Said) -> tuple[list[str], list[str]]:
    place, together = front().place, public_id("bat")
    done: list[str] = []
    kept: list[str] = []
    with place.database.write() as session:
        for row in deciding.together(session, seals):
            try:
                deciding.decide(
                    session, actor(), row, confirm=said.confirm, note=said.note, reason=said.reason,
                    seal=seals[row.public], batch=together, now=place.now(),
                )  # fmt: skip
                done.append(row.public)
            except Conflict as conflict:
                kept.append(f"{_named(row)}: {error_sentence(conflict, language())}")
    return done, kept


def _batch_page(wanted: Wanted, seals: Mapping[str, str], errors: Mapping[str, str]) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        rows = review_rows.chosen(session, list(seals))
    shared = set.intersection(*({doubt for doubt, _name in row.doubts} for row in rows)) if rows else set()
    if not shared:
        _tell(_("Chỉ kết luận chung được các bài có cùng một lý do chờ. Lọc theo lý do rồi chọn lại."), "bad")
        return redirect(url_for("republications.review.queue", **wanted.args), 303)
    page = render_template(
        "republications/batch.html",
        wanted=wanted,
        rows=rows,
        copies=[f"{ident}|{seal}" for ident, seal in seals.items()],
        shared=[doubt_name(one) for one in Doubt if one in shared],
        reasons=reasons(),
        errors=errors,
        typed={name: inputs.text(name) for name in ("reason", "note")},
    )
    return page, 422 if errors else 200


def _done(session: Session, now: datetime) -> Done | None:
    """The reader's own last act, while it can be taken back."""
    found = deciding.lately(session, actor().id, since=now - LATELY)
    if not found:
        return None
    newest = found[0]
    confirmed = newest.outcome is Status.CONFIRMED
    site = _named(newest.republication)
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
    return Done(words, newest.at, [one.public for one in found])


def _named(row: Republication) -> str:
    """Which copy: one site has many, and one bulletin is on many sites."""
    return f"{row.site.name} ({row.bulletin.code})"


def _tell(text: str, tone: str = "good") -> None:
    """Say on the next page of the queue what came of an act; it stands beside the bar, also where a part is swapped."""
    flash({"text": text, "tone": tone}, "queue")  # type: ignore[arg-type]  # any JSON value passes through the session
