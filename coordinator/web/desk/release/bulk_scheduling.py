"""Scheduling, rescheduling and taking back several bulletins at once: a plan of times, each with its warnings, that can
be changed or left out, then one press that does all that may be done and names what was not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.bulletins.drafts import is_out
from campaigns.core.clock import CITY
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.people.staff import Permission
from campaigns.release import release_warnings, slots_and_quiet_hours
from campaigns.release.spaced_times import LEAST_STEP, MOST_STEP, Spacing, spaced_times
from campaigns.release.workflow import SeenReleaseTime
from coordinator.jobs.release import bulk_scheduling
from coordinator.jobs.release.bulk_scheduling import MOST_AT_ONCE, BulkResult, SeenBulletin
from coordinator.translation import _, language, ngettext
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.release import release_time
from coordinator.web.desk.release.release_time import TimeWarning
from coordinator.web.kit.forms import datetimes, fields
from coordinator.web.kit.forms.field_types import FlagField, InputField, MomentForm, OneOfField, TextField
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

UNITS = {"minutes": 1, "hours": 60}


class StepField(InputField):
    """The distance of two times: a whole number."""

    data: int

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the submitted number; 0 for any other text, which the page refuses."""
        del valuelist
        self.data = fields.parse_version(self.typed)

    def _value(self) -> str:
        return self.typed if self.raw_data else str(self.data)


class PlanForm(MomentForm):
    """How the times are laid out: the first, the spacing, and the distance where that is a number of minutes or hours.
    ``note``: what to change, where the bulletins are returned to their writers.
    """

    spacing = OneOfField(tuple(spacing.value for spacing in (Spacing.DAILY, Spacing.EVERY, Spacing.SAME)))
    step = StepField()
    unit = OneOfField(("hours", "minutes"))
    skips_holidays = FlagField()
    note = TextField(required=True)

    @property
    def minutes(self) -> int:
        """The distance in minutes."""
        return self.step.data * UNITS[self.unit.data]

    def faults(self) -> list[FieldError]:
        """Return what is wrong with the distance."""
        if self.spacing.data != Spacing.EVERY.value or LEAST_STEP <= self.minutes <= MOST_STEP:
            return []
        return [FieldError("step", "step", f"expected {LEAST_STEP} minutes to {MOST_STEP // 60} hours")]


@dataclass(frozen=True)
class PlanRow:
    """One bulletin of the plan. ``seen``, ``revision``: its time and text as the page showed them. ``at``: the wanted
    time, None for a text that is none; ``day`` and ``time``: as typed. ``open``: whether its time may be set;
    ``reason``: why it was not set, in words.
    """

    code: str
    title: str
    state: BulletinState
    writer: str
    release_at: datetime | None
    open: bool
    seen: str
    revision: int
    taken: bool
    at: datetime | None
    day: str
    time: str
    warnings: tuple[TimeWarning, ...] = ()
    unread: tuple[TimeWarning, ...] = ()
    reason: str = ""

    @property
    def known(self) -> SeenBulletin:
        """The bulletin as the form showed it."""
        return SeenBulletin(
            self.code, release_time.parse_stamp(self.seen) or SeenReleaseTime(self.release_at), self.revision
        )

    def timed(self, at: datetime) -> "PlanRow":
        """Return the row with another time."""
        day, time = datetimes.datetime_fields(at)
        return replace(self, at=at, day=day, time=time)


@staff_required(Permission.APPROVE)
def page() -> ResponseReturnValue:
    """Show the plan for the ticked bulletins, lay its times out anew, or do what the pressed button says."""
    if request.method == "GET":
        return redirect(url_for("bulletins.index", state=BulletinState.APPROVED.value))
    context = app_context().job_context
    with context.database.read() as session:
        codes, left = _chosen_codes(session)
        usual = release_time.usual_time(session, context.now())
        rows = _plan_rows(session, codes)
        habits = slots_and_quiet_hours.release_habits(session)
    if not rows:
        flash_trouble(_("Chưa chọn bản tin nào."))
        return redirect(url_for("bulletins.index", state=BulletinState.APPROVED.value), 303)
    do = request.form.get("do", "")
    if not do:
        usual_plan = {"spacing": Spacing.DAILY.value, "step": 2, "unit": "hours"}
        form = PlanForm(data=PlanForm.values_of(usual) | usual_plan)
        untimed = [row for row in rows if row.open and row.release_at is None]
        times = spaced_times(usual, len(untimed), Spacing.DAILY, habits)
        return _render(
            form, _with_times(rows, {row.code: at for row, at in zip(untimed, times, strict=True)}), left=left
        )
    form = PlanForm.of_request()
    taken = [row for row in rows if row.open and row.taken]
    if do in {"plan", "schedule", "clear", "return"} and not any(row.taken for row in rows):
        form.add_messages({"form": _("Chưa chọn bản tin nào.")})
        return _render(form, rows, left=left)
    match do:
        case "plan":
            form.validate()
            form.add_field_errors(form.faults())
            if form.messages:
                return _render(form, rows, left=left)
            times = spaced_times(
                form.moment, len(taken), Spacing(form.spacing.data), habits,
                step=form.minutes, skips_holidays=form.skips_holidays.data,
            )  # fmt: skip
            rows = _with_times(rows, {row.code: at for row, at in zip(taken, times, strict=True)})
            return _render(form, rows, left=left)
        case "schedule":
            return _schedule(form, rows)
        case "clear":
            result = bulk_scheduling.clear_all(app_context(), current_actor(), [row.known for row in taken])
            return _finish(form, rows, result, _cleared_words(len(result.done)))
        case "return":
            try:
                result = bulk_scheduling.return_all(
                    app_context(), current_actor(), [row.known for row in taken], form.note.data
                )
            except Invalid as invalid:
                form.add_errors(invalid)
                return _render(form, rows, left=left)
            return _finish(form, rows, result, _returned_words(len(result.done)))
        case _:
            return _render(form, rows, left=left)


def _schedule(form: PlanForm, rows: Sequence[PlanRow]) -> ResponseReturnValue:
    """Schedule every taken row with a time and without a warning that was not shown beside that time before."""
    checked = _with_warnings(rows)
    wanted = [row for row in checked if row.open and row.taken]
    ready = [(row.known, row.at) for row in wanted if row.at is not None and not row.unread]
    result = bulk_scheduling.schedule_all(app_context(), current_actor(), ready)
    reasons = {
        row.code: _("Có điều cần xem lại trước khi hẹn; bấm lần nữa là vẫn dùng giờ này.")
        if row.at is not None
        else row.reason
        for row in wanted
        if row.at is None or row.unread
    }
    return _finish(form, checked, result, _scheduled_words(len(result.done)), reasons)


def _finish(
    form: PlanForm,
    rows: Sequence[PlanRow],
    result: BulkResult,
    words: str,
    reasons: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """Say what was done, and show what was not with its reason; back to the list where nothing is left."""
    closed = _("Không còn chờ phát nên không hẹn được ở đây.")
    why = {row.code: closed for row in rows if row.taken and not row.open} | dict(reasons or {})
    why |= {code: _error_words(error) for code, error in result.kept}
    if result.done:
        flash_done(words)
    rest = [row for row in rows if row.code not in result.done]
    if not why and not any(row.open and row.taken for row in rest):
        return redirect(url_for("bulletins.index", state=BulletinState.SCHEDULED.value), 303)
    with app_context().job_context.database.read() as session:
        # The page shows each bulletin as it is now, so that the next press is about what the reader sees.
        now = app_context().job_context.now()
        fresh = {row.code: row for row in _rows_of(session, [row.code for row in rest], now)}
        rest = [_refreshed(row, fresh[row.code], why) for row in rest]
    return _render(form, rest, status=409 if why else 200)


def _refreshed(row: PlanRow, fresh: PlanRow, why: Mapping[str, str]) -> PlanRow:
    return replace(
        row, state=fresh.state, release_at=fresh.release_at, open=fresh.open, title=fresh.title, seen=fresh.seen,
        revision=fresh.revision, reason=why.get(row.code, ""),
    )  # fmt: skip


def _error_words(error: CampaignError) -> str:
    if isinstance(error, Invalid):
        return "; ".join(fields.error_messages(error).values())
    return error_sentence(error)


def _chosen_codes(session: Session) -> tuple[list[str], int]:
    """Return the codes of the form, each once and at most ``MOST_AT_ONCE``, and how many were left for another time."""
    codes = list(dict.fromkeys(code.strip() for code in request.form.getlist("bulletin")))
    if "all" in request.form and "do" not in request.form:
        query = (
            sa.select(Bulletin.code)
            .where(Bulletin.state == BulletinState.APPROVED)
            .order_by(Bulletin.code)
            .limit(10 * MOST_AT_ONCE)
        )
        codes = list(session.execute(query).scalars())
    return codes[:MOST_AT_ONCE], max(0, len(codes) - MOST_AT_ONCE)


def _rows_of(session: Session, codes: Sequence[str], now: datetime) -> list[PlanRow]:
    """Return the rows of bulletins as they are now, in the order of their times, then of their codes."""
    newest = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
    query = sa.select(Bulletin, Revision.title).join(Revision, newest).where(Bulletin.code.in_(codes))
    found = []
    for bulletin, title in session.execute(query.order_by(Bulletin.code)):
        scheduled = bulletin.state is BulletinState.SCHEDULED and not is_out(bulletin, now)
        day, time = datetimes.datetime_fields(bulletin.release_at) if scheduled and bulletin.release_at else ("", "")
        found.append(
            PlanRow(
                code=bulletin.code,
                title=title,
                state=bulletin.state,
                writer=bulletin.writer_name,
                release_at=bulletin.release_at if scheduled else None,
                open=scheduled or bulletin.state is BulletinState.APPROVED,
                seen=release_time.stamp(bulletin.release_at if scheduled else None),
                revision=bulletin.latest,
                taken=True,
                at=bulletin.release_at if scheduled else None,
                day=day,
                time=time,
            )
        )
    return sorted(found, key=lambda row: (row.release_at or datetime.max.replace(tzinfo=UTC), row.code))


def _plan_rows(session: Session, codes: Sequence[str]) -> list[PlanRow]:
    """Return the rows of the form: with its times, ticks and stamps where it has them."""
    rows = _rows_of(session, codes, app_context().job_context.now())
    if "do" not in request.form:
        return rows
    order = {code: place for place, code in enumerate(codes)}
    ticked = frozenset(request.form.getlist("take"))
    return sorted((_submitted(row, ticked) for row in rows), key=lambda row: order[row.code])


def _submitted(row: PlanRow, ticked: frozenset[str]) -> PlanRow:
    """Return a row as the form has it."""
    errors: list[FieldError] = []
    day, time = fields.text(f"day.{row.code}"), fields.text(f"time.{row.code}")
    on = fields.parse_day(day, "day", errors)
    if not day:
        errors.append(FieldError("day", "required", "a day is needed"))
    clock = datetimes.parse_form_time(time, "time", errors)
    at = datetime.combine(on, clock, CITY).astimezone(UTC) if on is not None and clock is not None else None
    return replace(
        row,
        seen=request.form.get(f"seen.{row.code}", row.seen),
        revision=fields.form_version(f"text.{row.code}") or row.revision,
        taken=row.code in ticked,
        at=at,
        day=on.isoformat() if on is not None else day,
        time=time,
        reason="; ".join(fields.field_error_messages(errors).values()) if row.code in ticked else "",
    )


def _with_times(rows: Sequence[PlanRow], times: Mapping[str, datetime]) -> list[PlanRow]:
    return [replace(row.timed(times[row.code]), reason="") if row.code in times else row for row in rows]


def _with_warnings(rows: Sequence[PlanRow]) -> list[PlanRow]:
    """Return the rows with the warnings about their times, also about one another's; ``unread``: those that the
    submitted form did not show beside that time.
    """
    heeded = release_time.form_heeded_warnings()
    with app_context().job_context.database.read() as session:
        how = slots_and_quiet_hours.release_habits(session)
        planned = {row.code: row.at for row in rows if row.open and row.taken and row.at is not None}
        query = sa.select(Bulletin).where(Bulletin.code.in_(planned))
        bulletins = session.execute(query).scalars().all()
        plan = [(bulletin, at) for bulletin in bulletins if (at := planned.get(bulletin.code)) is not None]
        found = release_warnings.warnings_for_all(session, plan)
        warned = {
            bulletin.code: tuple(
                TimeWarning(f"{bulletin.code}|{warning.key}", warning.words)
                for warning in release_time.time_warnings(found[bulletin.id], at, how)
            )
            for bulletin, at in plan
        }
    return [
        replace(
            row,
            warnings=warned.get(row.code, ()),
            unread=tuple(warning for warning in warned.get(row.code, ()) if warning.key not in heeded),
        )
        for row in rows
    ]


def _scheduled_words(count: int) -> str:
    words = formats.number(count, language())
    return ngettext("Đã hẹn giờ %(words)s bản tin.", "Đã hẹn giờ %(words)s bản tin.", count, words=words)


def _cleared_words(count: int) -> str:
    words = formats.number(count, language())
    return ngettext(
        "Đã bỏ giờ phát của %(words)s bản tin; vẫn là đã duyệt.",
        "Đã bỏ giờ phát của %(words)s bản tin; vẫn là đã duyệt.",
        count,
        words=words,
    )


def _returned_words(count: int) -> str:
    words = formats.number(count, language())
    return ngettext("Đã trả lại %(words)s bản tin để sửa.", "Đã trả lại %(words)s bản tin để sửa.", count, words=words)


def _render(
    form: PlanForm, rows: Sequence[PlanRow], *, left: int = 0, status: int | None = None
) -> ResponseReturnValue:
    shown = _with_warnings(rows)
    with app_context().job_context.database.read() as session:
        habits = slots_and_quiet_hours.release_habits(session)
    page = render_template(
        "desk/release/bulk.html",
        form=form,
        rows=shown,
        left=left,
        most=MOST_AT_ONCE,
        refused=[row for row in shown if row.reason],
        timed=any(row.open and row.release_at is not None for row in shown),
        quiet=[f"{minute // 60:02d}:{minute % 60:02d}" for minute in (habits.quiet_from, habits.quiet_until)]
        if habits.quiet_from != habits.quiet_until
        else [],
    )
    return page, status or form.status
