"""Slots of each channel, the quiet hours, and how close two bulletins may come: one page, a form for each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import May
from campaigns.publishing import slots
from campaigns.publishing.channels import ChannelState, all_channels, find_channel
from campaigns.publishing.slots import Habits
from coordinator.web import formats
from coordinator.web.desk import inputs, moments
from coordinator.web.look import language, say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

_TIME = re.compile(r"([01]?\d|2[0-3])(?:[:hg.]([0-5]\d)?)?")


@dataclass(frozen=True)
class ChannelSlots:
    """One channel with its slots: for each weekday the times as they are typed."""

    code: str
    name: str
    owner: str | None
    times: tuple[str, ...]

    def grouped(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Days one after the other that have the same times, named together, with those times."""
        found = []
        for times, days in groupby(range(7), key=lambda day: self.times[day]):
            run = list(days)
            if times:
                said = names[run[0]] if len(run) == 1 else f"{names[run[0]]} – {names[run[-1]]}"
                found.append((said, times))
        return found


@staff()
def page() -> ResponseReturnValue:
    """Read them, and change them."""
    place, who = front().place, actor()
    errors: dict[str, str] = {}
    asked = request.args.get("channel", "")
    if request.method == "POST":
        who.require(May.PLAN)
        try:
            return _save()
        except Invalid as invalid:
            errors = inputs.said(invalid)
            asked = request.form.get("channel", "")
    with place.database.read() as session:
        how = slots.habits(session)
        every = slots.slots_of(session)
        rows = [
            ChannelSlots(
                channel.code,
                channel.name,
                channel.company.name if channel.company is not None else None,
                tuple(
                    ", ".join(clock(one.minute) for one in every if one.channel_id == channel.id and one.weekday == day)
                    for day in range(7)
                ),
            )
            for channel in all_channels(session)
            if channel.state is not ChannelState.RETIRED
        ]
    monday = date(2026, 11, 23)
    shown = render_template(
        "calendar/slots.html",
        rows=rows,
        chosen=next((row for row in rows if row.code == asked), None),
        days=[formats.weekday(monday + timedelta(days=step), language()) for step in range(7)],
        hours=_hours(how),
        typed=request.form,
        errors=errors,
        may_plan=who.may(May.PLAN),
    )
    return (shown, 422) if errors else shown


def _hours(how: Habits) -> Mapping[str, str]:
    if request.method == "POST" and request.form.get("do") == "hours":
        return {name: request.form.get(name, "") for name in ("quiet_from", "quiet_until", "gap")}
    return {"quiet_from": clock(how.quiet_from), "quiet_until": clock(how.quiet_until), "gap": str(how.gap)}


def clock(minute: int) -> str:
    """``06:30``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _save() -> ResponseReturnValue:
    place = front().place
    errors: list[FieldError] = []
    if request.form.get("do") == "hours":
        first, last = moments.sent_time("quiet_from", errors), moments.sent_time("quiet_until", errors)
        gap = inputs.text("gap")
        if not (gap.isascii() and gap.isdigit() and len(gap) < 5):
            errors.append(FieldError("gap", "gap", "expected minutes from 0 to 240"))
        if errors or first is None or last is None:
            raise Invalid(errors)
        wanted = Habits(first.hour * 60 + first.minute, last.hour * 60 + last.minute, int(gap))
        with place.database.write() as session:
            slots.save_habits(session, actor(), wanted, now=place.now())
        say_done(_("Đã lưu giờ yên lặng và khoảng cách."))
        return redirect(url_for("calendar.slots"), 303)
    weekly = [(day, minute) for day in range(7) for minute in _times(f"day_{day}", errors)]
    if errors:
        raise Invalid(errors)
    with place.database.write() as session:
        channel = find_channel(session, inputs.text("channel"))
        slots.set_slots(session, actor(), channel, weekly, now=place.now())
        name = channel.name
    say_done(_("Đã lưu khung giờ của %(name)s.", name=name))
    return redirect(url_for("calendar.slots"), 303)


def _times(field: str, errors: list[FieldError]) -> list[int]:
    """``6:30, 11h, 17.00`` as minutes."""
    found = []
    for typed in re.split(r"[,;\s]+", inputs.text(field).lower()):
        if not typed:
            continue
        read = _TIME.fullmatch(typed)
        if read is None:
            errors.append(FieldError(field, "time", f"{typed[:20]!r} is not a time such as 06:30"))
        else:
            found.append(int(read[1]) * 60 + int(read[2] or 0))
    return found
