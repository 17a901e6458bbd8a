"""Compliance at the desk: the list of findings, one finding with its evidence, and every act on it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance import acting
from campaigns.compliance.findings import Finding, Outcome, Standing, find_finding
from campaigns.compliance.rules import Severity, all_rules
from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import May
from campaigns.searching.picking import Thing
from coordinator.web import typed
from coordinator.web.desk import compliance_kept, finding_letter, finding_rows, inputs, inspections, picking
from coordinator.web.desk.day_span import asked_days
from coordinator.web.desk.finding_rows import Asked, Waits
from coordinator.web.finding_shown import finding_shown
from coordinator.web.finding_words import checker_name
from coordinator.web.look import language, say_done
from coordinator.web.notices import LETTERS, tell_of_finding
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.wording import name_for

blueprint = Blueprint("compliance", __name__, url_prefix="/desk/compliance")
for child in (inspections, compliance_kept, finding_letter):
    blueprint.register_blueprint(child.blueprint)

FIELDS = ("do", "note", "reply_by", "number", "on", "amount")


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """The list; without a tab it opens on what waits for a decision, while something does."""
    now = front().place.now()
    with front().place.database.read() as session:
        partner = picking.one(session, Thing.PARTNER, "partner", request.args)
        if (moved := picking.settled(partner)) is not None:
            return moved
        days = asked_days(request.args)
        chosen = days.settled(picking.chosen(partner))
        asked = Asked.of(chosen)
        counts = finding_rows.by_standing(session, asked, now=now)
        if "standing" not in request.args and counts[Standing.PROPOSED]:
            asked = Asked.of({**chosen, "standing": Standing.PROPOSED.value})
        total = sum(counts.values()) if asked.standing is None else counts[asked.standing]
        part = finding_rows.lines(session, asked, total, now=now)
        rules = {one.code: one.title for one in all_rules(session)}
    page = render_template(
        "compliance/index.html",
        part=part, asked=asked, days=days, counts=counts, partner=partner, standings=list(Standing),
        today=city_day(now),
        rules=[(code, f"{code}. {title}") for code, title in rules.items()],
        outcomes=[(one.value, name_for("outcome", one, language())) for one in Outcome],
        severities=[(one.value, name_for("severity", one, language())) for one in Severity],
        waits=[(one.value, waits_name(one)) for one in Waits], waits_name=waits_name,
    )  # fmt: skip
    return page, days.status


def waits_name(waits: Waits) -> str:
    """What an open finding waits for, in a few words."""
    return str(
        {
            Waits.REPLY: _("Đối tác đã trả lời, chưa ai đọc"),
            Waits.OVERDUE: _("Quá hạn mà đối tác chưa trả lời"),
            Waits.MENDED: _("Trang đã đúng, chờ khép lại"),
        }[waits]
    )


@blueprint.get("/<public>")
@staff()
def show(public: str) -> ResponseReturnValue:
    """One finding."""
    return _shown(public)


@blueprint.post("/<public>/conclude")
@staff(May.REVIEW)
def conclude(public: str) -> ResponseReturnValue:
    """Confirm or dismiss; a confirmed one is in its partner's portal at once."""
    choice = inputs.text("do")
    if choice not in {"confirm", "dismiss"}:
        return _shown(public, {"do": _("Chọn một kết luận")}, 422)
    confirm = choice == "confirm"

    def act(session: Session) -> Finding:
        by = _day("reply_by") if confirm else None
        row = acting.conclude(
            session, actor(), public, typed.number("turn"), confirm=confirm, note=typed.words("note"), reply_by=by,
            now=front().place.now(),
        )  # fmt: skip
        if confirm:
            tell_of_finding(front(), session, row, actor().id)
        return row

    said = _("Đã kết luận. Đối tác thấy trong cổng và trả lời được.") if confirm else _("Đã bỏ qua nghi vấn.")
    return _act(public, act, said)


@blueprint.post("/<public>/ask")
@staff(May.REVIEW)
def ask(public: str) -> ResponseReturnValue:
    """Show a suspicion to its partner before anybody concludes."""

    def act(session: Session) -> Finding:
        by = _day("reply_by", required=True)
        assert by is not None, "a day that is required was given"  # noqa: S101  # a bug, not input
        row = acting.show(session, actor(), public, typed.number("turn"), by, now=front().place.now())
        tell_of_finding(front(), session, row, actor().id)
        return row

    return _act(public, act, _("Đã hỏi. Đối tác thấy trong cổng và trả lời được."))


@blueprint.post("/<public>/outcome")
@staff(May.REVIEW)
def outcome(public: str) -> ResponseReturnValue:
    """What came of a confirmed finding."""
    chosen = {one.value: one for one in Outcome}.get(inputs.text("do"))
    if chosen is None:
        return _shown(public, {"do": _("Chọn một kết quả")}, 422)

    def act(session: Session) -> Finding:
        now, turn, note = front().place.now(), typed.number("turn"), typed.words("note")
        match chosen:
            case Outcome.MENDED:
                return acting.mended(session, actor(), public, turn, note, now=now)
            case Outcome.HANDED:
                return acting.hand_over(session, actor(), public, turn, note, now=now)
        on, amount = _of_document(needs_amount=chosen is Outcome.DECIDED)
        number = typed.words("number")
        if chosen is Outcome.REMINDED:
            return acting.remind(session, actor(), public, turn, number, on, note, now=now)
        return acting.decided(session, actor(), public, turn, number, on, amount, note, now=now)

    return _act(public, act, _("Đã ghi: %(what)s.", what=name_for("outcome", chosen, language()).lower()))


@blueprint.post("/<public>/read")
@staff(May.REVIEW)
def read(public: str) -> ResponseReturnValue:
    """The partner's words were read; nothing else changes."""

    def act(session: Session) -> Finding:
        return acting.read_reply(session, actor(), public, typed.number("turn"), now=front().place.now())

    return _act(public, act, _("Đã ghi là đã đọc."), undone=False)


@blueprint.post("/<public>/undo")
@staff(May.REVIEW)
def undo(public: str) -> ResponseReturnValue:
    """Take the last act back."""
    seen = typed.number("turn") if "turn" in request.form else None

    def act(session: Session) -> Finding:
        turn = seen if seen is not None else find_finding(session, public).turn
        return acting.undo(session, actor(), public, turn, now=front().place.now())

    return _act(public, act, _("Đã hoàn tác."), undone=False)


def _act(public: str, act: Callable[[Session], Finding], said: str, *, undone: bool = True) -> ResponseReturnValue:
    try:
        with front().place.database.write() as session:
            act(session)
    except NotFound:
        raise
    except Conflict as conflict:
        return _shown(public, inputs.said(conflict), 409)
    except CampaignError as error:
        return _shown(public, inputs.said(error), 422)
    front().runner.nudge(LETTERS)
    say_done(said, undo=url_for("compliance.undo", public=public) if undone else None)
    return redirect(url_for("compliance.show", public=public), 303)


def _day(name: str, *, required: bool = False) -> date | None:
    errors: list[FieldError] = []
    found = inputs.day(name, errors, required=required)
    if errors:
        raise Invalid(errors)
    return found


def _of_document(*, needs_amount: bool) -> tuple[date, int | None]:
    """The day and the amount of a document, as the form has them; an empty amount is none."""
    errors: list[FieldError] = []
    on = inputs.day("on", errors, required=True)
    amount = None
    if needs_amount and (words := inputs.text("amount")):
        figure = inputs.figure(words)
        if figure is None or figure != int(figure):
            errors.append(FieldError("amount", "amount", f"{words!r} is not an amount in đồng"))
        else:
            amount = int(figure)
    if errors or on is None:
        raise Invalid(errors)
    return on, amount


def _shown(public: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        one = finding_shown(session, find_finding(session, public))
        page = render_template(
            "compliance/show.html",
            one=one,
            errors=errors or {},
            typed={name: inputs.text(name) for name in FIELDS},
            usual_day=(city_day(place.now()) + timedelta(days=acting.USUAL_DAYS)).isoformat(),
            how=checker_name(one.rule.checker),
            longest=acting.LONGEST,
            outcomes=list(Outcome),
            may_review=actor().may(May.REVIEW),
            may_configure=actor().may(May.CONFIGURE),
        )
    return page, status
