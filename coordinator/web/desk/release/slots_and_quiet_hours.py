"""Slots of each channel, quiet hours, and the minimum interval between two bulletins, on one page
with a form for each.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.channels.channels import ChannelState, all_channels, find_channel
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Permission
from campaigns.release import slots_and_quiet_hours
from campaigns.release.slots_and_quiet_hours import ReleaseHabits
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import datetimes, fields
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text import formats

_TIME = re.compile(r"([01]?\d|2[0-3])(?:[:hg.]([0-5]\d)?)?")


@dataclass(frozen=True)
class ChannelSlots:
    """One channel with its slots: the times of each weekday as typed."""

    code: str
    name: str
    owner: str | None
    times: tuple[str, ...]

    def grouped(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Return consecutive days with the same times as one group with those times."""
        found = []
        for times, days in groupby(range(7), key=lambda day: self.times[day]):
            run = list(days)
            if times:
                text = names[run[0]] if len(run) == 1 else f"{names[run[0]]} – {names[run[-1]]}"
                found.append((text, times))
        return found


@staff_required()
def page() -> ResponseReturnValue:
    """Show the settings, or change them."""
    context, actor = app_context().job_context, current_actor()
    errors: dict[str, str] = {}
    asked = request.args.get("channel", "")
    if request.method == "POST":
        actor.require(Permission.PLAN)
        try:
            return _save()
        except Invalid as invalid:
            errors = fields.error_messages(invalid)
            asked = request.form.get("channel", "")
    with context.database.read() as session:
        how = slots_and_quiet_hours.release_habits(session)
        every = slots_and_quiet_hours.slots_of(session)
        rows = [
            ChannelSlots(
                channel.code,
                channel.name,
                channel.company.name if channel.company is not None else None,
                tuple(
                    ", ".join(
                        minute_label(slot.minute)
                        for slot in every
                        if slot.channel_id == channel.id and slot.weekday == day
                    )
                    for day in range(7)
                ),
            )
            for channel in all_channels(session)
            if channel.state is not ChannelState.RETIRED
        ]
    monday = date(2026, 11, 23)
    page = render_template(
        "desk/release/slots_and_quiet_hours.html",
        rows=rows,
        chosen=next((row for row in rows if row.code == asked), None),
        days=[formats.weekday(monday + timedelta(days=step), language()) for step in range(7)],
        hours=_hours(how),
        typed=request.form,
        errors=errors,
        may_plan=actor.may(Permission.PLAN),
    )
    return (page, 422) if errors else page


def _hours(how: ReleaseHabits) -> Mapping[str, str]:
    if request.method == "POST" and request.form.get("do") == "hours":
        return {name: request.form.get(name, "") for name in ("quiet_from", "quiet_until", "gap")}
    return {
        "quiet_from": minute_label(how.quiet_from),
        "quiet_until": minute_label(how.quiet_until),
        "gap": str(how.gap),
    }


def minute_label(minute: int) -> str:
    """``06:30``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _save() -> ResponseReturnValue:
    context = app_context().job_context
    errors: list[FieldError] = []
    if request.form.get("do") == "hours":
        first, last = datetimes.form_time("quiet_from", errors), datetimes.form_time("quiet_until", errors)
        gap = fields.text("gap")
        if not (gap.isascii() and gap.isdigit() and len(gap) < 5):
            errors.append(FieldError("gap", "gap", "expected minutes from 0 to 240"))
        if errors or first is None or last is None:
            raise Invalid(errors)
        wanted = ReleaseHabits(first.hour * 60 + first.minute, last.hour * 60 + last.minute, int(gap))
        with context.database.write() as session:
            slots_and_quiet_hours.save_release_habits(session, current_actor(), wanted, now=context.now())
        flash_done(_("Đã lưu khung giờ không phát và khoảng cách."))
        return redirect(url_for("calendar.slots"), 303)
    weekly = [(day, minute) for day in range(7) for minute in _parse_times(f"day_{day}", errors)]
    if errors:
        raise Invalid(errors)
    with context.database.write() as session:
        channel = find_channel(session, fields.text("channel"))
        slots_and_quiet_hours.set_slots(session, current_actor(), channel, weekly, now=context.now())
        name = channel.name
    flash_done(_("Đã lưu khung giờ của %(name)s.", name=name))
    return redirect(url_for("calendar.slots"), 303)


def _parse_times(field: str, errors: list[FieldError]) -> list[int]:
    """Parse ``6:30, 11h, 17.00`` to minutes."""
    found = []
    for typed in re.split(r"[,;\s]+", fields.text(field).lower()):
        if not typed:
            continue
        read = _TIME.fullmatch(typed)
        if read is None:
            errors.append(FieldError(field, "time", f"{typed[:20]!r} is not a time such as 06:30"))
        else:
            found.append(int(read[1]) * 60 + int(read[2] or 0))
    return found
