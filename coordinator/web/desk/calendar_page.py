"""The release calendar by month, week and day: a table, and the same as lists that are complete by themselves."""

from datetime import date, timedelta
from enum import Enum

from flask import render_template, request
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.people.staff import May
from campaigns.publishing import series
from campaigns.publishing.slots import habits
from coordinator.web import formats
from coordinator.web.desk import calendar_rows, choosing
from coordinator.web.desk.bulletin_list import topic_shades
from coordinator.web.desk.elsewhere import calendar_of
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 1, 1)  # outside of which a day in the address is a slip
ALARM_DAYS = 7  # how long a missed day is told of


class View(Enum):
    """Which part of the calendar a page shows."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"


@staff()
def index() -> ResponseReturnValue:
    """One month, week or day; this month when the address names none."""
    place, who = front().place, actor()
    now = place.now()
    today = city_day(now)
    view = next((one for one in View if one.value == request.args.get("view")), View.MONTH)
    chosen = _asked(today)
    first, last = span(view, chosen)
    with place.database.read() as session:
        shades = topic_shades(session)
        days = calendar_rows.days(
            session, first, last, shades, month=chosen if view is View.MONTH else None,
            may_look=who.may(May.WRITE), may_move=who.may(May.APPROVE), now=now,
        )  # fmt: skip
        waiting, number = calendar_rows.untimed(session, shades)
        missed = series.missed(session, ALARM_DAYS, now=now)
        topics = choosing.topics(session)
        quiet = habits(session)
    inside = [entry for day in days if not day.off for entry in day.entries if entry.event.state is not None]
    out = sum(entry.event.out for entry in inside)
    listed = [day for day in days if not day.off and (day.entries or day.today or view is not View.MONTH)]
    begun = view is View.MONTH and any(day.today for day in listed)
    weeks = [days[start : start + 7] for start in range(0, len(days), 7)] if view is not View.DAY else []
    return render_template(
        "calendar/index.html",
        view=view.value,
        heading=_heading(view, chosen, first, last),
        weeks=weeks,
        # In a month that is under way what is to come stands first; the days gone by are one press away.
        days=[day for day in listed if not begun or day.date >= today],
        earlier=[day for day in listed if begun and day.date < today],
        standings=calendar_rows.standings(listed),
        untimed=waiting,
        untimed_number=number,
        missed=missed,
        topics=[(min(place, 6), one.name) for place, one in enumerate(topics, start=1)],
        quiet=quiet,
        chosen=chosen,
        today=today,
        out=out,
        timed=len(inside) - out,
        before=_step(view, chosen, -1),
        after=_step(view, chosen, 1),
        ways=[
            (name, calendar_of(chosen, one.value), one is view)
            for one, name in ((View.MONTH, _("Tháng")), (View.WEEK, _("Tuần")), (View.DAY, _("Ngày")))
        ],
        may_write=who.may(May.WRITE),
        may_approve=who.may(May.APPROVE),
        may_plan=who.may(May.PLAN),
    )


def span(view: View, chosen: date) -> tuple[date, date]:
    """The first and the last day of a view: whole weeks from Monday, but for a day alone."""
    if view is View.DAY:
        return chosen, chosen
    monday = chosen - timedelta(days=chosen.weekday())
    if view is View.WEEK:
        return monday, monday + timedelta(days=6)
    begins = chosen.replace(day=1)
    ends = _next_month(chosen) - timedelta(days=1)
    return begins - timedelta(days=begins.weekday()), ends + timedelta(days=6 - ends.weekday())


def _asked(today: date) -> date:
    try:
        day = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        return today
    return day if EARLIEST <= day <= LATEST else today


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _step(view: View, chosen: date, way: int) -> date:
    if view is View.MONTH:
        return _next_month(chosen) if way > 0 else (chosen.replace(day=1) - timedelta(days=1)).replace(day=1)
    return chosen + timedelta(days=way * (7 if view is View.WEEK else 1))


def _heading(view: View, chosen: date, first: date, last: date) -> str:
    if view is View.MONTH:
        return str(_("Tháng %(month)s/%(year)s", month=chosen.month, year=chosen.year))
    if view is View.WEEK:
        return str(_("Tuần %(first)s – %(last)s", first=formats.day_month(first), last=formats.day(last)))
    return f"{formats.weekday(chosen, language())} {formats.day(chosen)}"
