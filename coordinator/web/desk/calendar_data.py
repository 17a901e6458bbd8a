"""The calendar's events as data, for the calendar that the browser draws: the same moments as the page below it."""

from datetime import date, datetime, timedelta

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import May
from campaigns.planning.holidays import holidays
from campaigns.publishing import agenda
from campaigns.publishing.agenda import Event
from campaigns.publishing.series import Standing
from coordinator.web import formats
from coordinator.web.desk import timing
from coordinator.web.desk.bulletin_list import topic_shades
from coordinator.web.desk.calendar_rows import hrefs
from coordinator.web.look import language
from coordinator.web.security import actor, front, staff
from coordinator.web.wording import word_for

MOST_DAYS = 100


@staff()
def events() -> ResponseReturnValue:
    """Events from ``start`` up to ``end`` (days of the city, the last one not included) and the holidays among them.

    ``start`` of an event is RFC 3339 with the city's offset. Raises ``Invalid`` for a span that is none.
    """
    first, after = _day("start"), _day("end")
    last = after - timedelta(days=1)
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        raise Invalid([FieldError("end", "period", f"expected one to {MOST_DAYS} days after start")])
    place, who = front().place, actor()
    now = place.now()
    with place.database.read() as session:
        shades = topic_shades(session)
        found = agenda.events(session, first, last, now=now)
        leads, movable = hrefs(), who.may(May.APPROVE)
        rows = [row(event, shades.get(event.topic_code, 6), leads(event), movable=movable) for event in found]
    feasts = [
        {"day": one.day.isoformat(), "name": one.name(language()), "rest": one.rest} for one in holidays(first, last)
    ]
    return jsonify(events=rows, holidays=feasts, today=city_day(now).isoformat())


def _day(name: str) -> date:
    # The browser's calendar sends a moment; only its day counts, which is the city's as it draws it.
    sent = request.args.get(name, "")[:10]
    try:
        return datetime.strptime(sent, "%Y-%m-%d").date()  # noqa: DTZ007  # a day, not a moment
    except ValueError:
        raise Invalid([FieldError(name, "day", f"{sent!r} is not a day; expected one such as 2026-11-24")]) from None


def row(event: Event, shade: int, href: str, *, movable: bool) -> dict[str, object]:
    """One event as the script reads it."""
    place = event.place
    kind, state = ("place", place.standing) if place is not None else ("bulletin", event.state)
    missed = place is not None and place.standing is Standing.MISSED
    return {
        "id": event.key,
        "title": event.title,
        "start": formats.city_time(event.at).isoformat(),
        "url": href,
        "shade": shade,
        "stand": "miss" if missed else "ask" if place is not None else "",
        "says": word_for(kind, state).say(language()),
        "code": event.bulletin,
        "movable": movable and event.movable,
        "seen": timing.stamp(event.at) if event.bulletin is not None else timing.NONE,
    }
