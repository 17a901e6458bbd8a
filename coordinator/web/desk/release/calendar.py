"""The release calendar by month, week and day as a table and as complete lists, and the blueprint with all calendar
addresses.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.clock import city_day
from campaigns.core.listing import ListFilter, argument
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Topic
from campaigns.release import series
from campaigns.release.slots_and_quiet_hours import release_habits
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.list_page import topic_colours
from coordinator.web.desk.release import (
    calendar_api,
    calendar_ics,
    calendar_queries,
    continuity,
    series_days,
    series_forms,
    slots_and_quiet_hours,
)
from coordinator.web.kit.lists import report_scope
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.text import formats, periods

ALARM_DAYS = 7  # for how many days a missed day is reported


class CalendarView(Enum):
    """The part of the calendar that a page shows."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"


@dataclass(frozen=True)
class CalendarFilter(ListFilter):
    """The part that an address asks for. ``day``: one of its days, today by default; ``topic`` and ``channel``: only
    what has the topic, and what goes to the channel.
    """

    view: CalendarView = CalendarView.MONTH
    day: date | None = argument(name="from")
    topic: str | None = argument(of=Topic)
    channel: str | None = argument(of=Channel)


@staff_required()
def index() -> ResponseReturnValue:
    """Show one month, week or day; the present month when the address names none."""
    context, actor = app_context().job_context, current_actor()
    now = context.now()
    today = city_day(now)
    asked = requested_filter(CalendarFilter)
    view, chosen = asked.view, asked.day or today
    first, last = view_days(view, chosen)
    narrow = {name: code for name, code in (("topic", asked.topic), ("channel", asked.channel)) if code}
    here: dict[str, Any] = {"from": chosen.isoformat(), **narrow}
    with context.database.read() as session:
        asked.check_codes(session)
        channels = session.execute(
            sa.select(Channel.code, Channel.name).where(Channel.state != ChannelState.RETIRED).order_by(Channel.name)
        )
        receivers = [("", str(_("Mọi nơi nhận"))), *((code, name) for code, name in channels)]
        shades = topic_colours(session)
        days = calendar_queries.calendar_days(
            session, first, last, shades, month=chosen if view is CalendarView.MONTH else None, topic=asked.topic,
            channel=asked.channel,
            may_look=actor.may(Permission.WRITE), may_move=actor.may(Permission.APPROVE), now=now,
        )  # fmt: skip
        waiting, number = calendar_queries.untimed_bulletins(session, shades)
        missed = series.missed_occurrences(session, ALARM_DAYS, now=now)
        topics = report_scope.topic_choices(session)
        quiet = release_habits(session)
    inside = [entry for day in days if not day.off for entry in day.entries if entry.event.state is not None]
    out = sum(entry.event.out for entry in inside)
    listed = [day for day in days if not day.off and (day.entries or day.today or view is not CalendarView.MONTH)]
    begun = view is CalendarView.MONTH and any(day.today for day in listed)
    weeks = [days[start : start + 7] for start in range(0, len(days), 7)] if view is not CalendarView.DAY else []
    return render_template(
        "desk/release/calendar.html",
        view=view.value,
        heading=_heading(view, chosen, first, last),
        weeks=weeks,
        # In the present month, upcoming days come first; past days are folded.
        days=[day for day in listed if not begun or day.date >= today],
        earlier=[day for day in listed if begun and day.date < today],
        standings=calendar_queries.pill_states(listed),
        untimed=waiting,
        untimed_number=number,
        missed=missed,
        topics=[(min(place, 6), choice.name) for place, choice in enumerate(topics, start=1)],
        quiet=quiet,
        narrow=narrow,
        topic_choices=[("", _("Mọi chuyên đề")), *((choice.code, choice.name) for choice in topics)],
        channel_choices=receivers,
        chosen=chosen,
        today=today,
        out=out,
        timed=len(inside) - out,
        before=_neighbour_day(view, chosen, -1),
        after=_neighbour_day(view, chosen, 1),
        ways=[
            (
                name,
                url_for("calendar.index", **here, view=calendar_view.value),
                calendar_view is view,
            )
            for calendar_view, name in (
                (CalendarView.MONTH, _("Tháng")),
                (CalendarView.WEEK, _("Tuần")),
                (CalendarView.DAY, _("Ngày")),
            )
        ],
        may_write=actor.may(Permission.WRITE),
        may_approve=actor.may(Permission.APPROVE),
    )


def view_days(view: CalendarView, chosen: date) -> tuple[date, date]:
    """Return the first and last day of a view: whole weeks from Monday, or a single day."""
    if view is CalendarView.DAY:
        return chosen, chosen
    monday = chosen - timedelta(days=chosen.weekday())
    if view is CalendarView.WEEK:
        return monday, monday + timedelta(days=6)
    begins = chosen.replace(day=1)
    ends = _next_month(chosen) - timedelta(days=1)
    return begins - timedelta(days=begins.weekday()), ends + timedelta(days=6 - ends.weekday())


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _neighbour_day(view: CalendarView, chosen: date, way: int) -> date:
    if view is CalendarView.MONTH:
        return _next_month(chosen) if way > 0 else (chosen.replace(day=1) - timedelta(days=1)).replace(day=1)
    return chosen + timedelta(days=way * (7 if view is CalendarView.WEEK else 1))


def _heading(view: CalendarView, chosen: date, first: date, last: date) -> str:
    if view is CalendarView.MONTH:
        return periods.month_name(chosen)
    if view is CalendarView.WEEK:
        return str(_("Tuần %(first)s – %(last)s", first=formats.day_month(first), last=formats.day(last)))
    return f"{formats.weekday(chosen, language())} {formats.day(chosen)}"


blueprint = Blueprint("calendar", __name__, url_prefix="/desk/calendar")

_BOTH = ["GET", "POST"]

blueprint.add_url_rule("", "index", index)
blueprint.add_url_rule("/events.json", "events", calendar_api.events)
blueprint.add_url_rule("/bulletins/<code>/move", "move", calendar_api.move, methods=["POST"])
blueprint.add_url_rule("/bulletins/<code>/undo", "undo", calendar_api.undo, methods=["POST"])
blueprint.add_url_rule("/slots", "slots", slots_and_quiet_hours.page, methods=_BOTH)
blueprint.add_url_rule("/keys", "keys", calendar_ics.page, methods=_BOTH)
blueprint.add_url_rule("/keys/<public>/revoke", "revoke_key", calendar_ics.revoke, methods=["POST"])
blueprint.add_url_rule("/continuity", "continuity", continuity.page)
blueprint.add_url_rule("/series", "series", series_forms.index)
blueprint.add_url_rule("/series/_new", "series_new", series_forms.new, methods=_BOTH)
blueprint.add_url_rule("/series/<public>", "series_change", series_forms.change, methods=_BOTH)
blueprint.add_url_rule("/series/<public>/end", "series_end", series_forms.end, methods=["POST"])
blueprint.add_url_rule("/series/<public>/<day>", "place", series_days.page, methods=_BOTH)
