"""The release calendar as an iCalendar file (RFC 5545).

Times are written in UTC, so that no time zone has to be described and every program shows them in its reader's own. An
event has no duration: a bulletin is released at a moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

from icalendar import Calendar, Event, vDuration, vText

from coordinator.feeds.item import clean_text

MEDIA_TYPE = "text/calendar; charset=utf-8"
REFRESH_INTERVAL = timedelta(minutes=15)


class EventStatus(Enum):
    """How definite an event is (RFC 5545, 3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class CalendarEvent:
    """One event. ``uid`` never changes; ``sequence`` never decreases; ``changed_at`` is when the event last changed."""

    uid: str
    at: datetime
    summary: str
    description: str
    url: str
    category: str
    status: EventStatus
    sequence: int
    changed_at: datetime


@dataclass(frozen=True)
class CalendarDay:
    """A named whole day: a holiday."""

    uid: str
    day: date
    summary: str


def write_calendar(
    name: str, description: str, events: Iterable[CalendarEvent], days: Iterable[CalendarDay], *, stamp: datetime
) -> bytes:
    """The whole file. ``stamp``: when it was made, or when anything in it last changed."""
    calendar = Calendar()
    _add_all(
        calendar,
        version="2.0",
        prodid="-//Lan Toa//Release calendar//VI",
        calscale="GREGORIAN",
        method="PUBLISH",
        name=_text(name),
        x_wr_calname=_text(name),
        x_wr_caldesc=_text(description),
        x_wr_timezone="Asia/Ho_Chi_Minh",
        x_published_ttl=vDuration(REFRESH_INTERVAL),
    )
    calendar.add("refresh-interval", REFRESH_INTERVAL, parameters={"value": "DURATION"})
    for event in events:
        calendar.add_component(_event(event))
    for day in days:
        calendar.add_component(_day(day, stamp))
    body: bytes = calendar.to_ical(sorted=False)
    return body


def _text(value: str) -> vText:
    """A TEXT value (3.3.11), escaped when it is written; DEL is the one more character that it must not contain."""
    return vText(clean_text(value).replace("\x7f", ""))


def _add_all(component: Calendar | Event, **values: Any) -> None:
    for name, value in values.items():
        component.add(name.replace("_", "-"), value)


def _event(event: CalendarEvent) -> Event:
    component = Event()
    _add_all(
        component,
        uid=_text(event.uid),
        dtstamp=event.changed_at.astimezone(UTC),
        last_modified=event.changed_at.astimezone(UTC),
        sequence=event.sequence,
        dtstart=event.at.astimezone(UTC),
        summary=_text(event.summary),
        description=_text(event.description),
        url="".join(clean_text(event.url).split()),  # a URI is not escaped: a line end in it would end the property
        categories=[_text(event.category)],
        status=event.status.value,
        transp="TRANSPARENT",
    )
    return component


def _day(day: CalendarDay, stamp: datetime) -> Event:
    component = Event()
    _add_all(
        component,
        uid=_text(day.uid),
        dtstamp=stamp.astimezone(UTC),
        dtstart=day.day,
        dtend=day.day + timedelta(days=1),
        summary=_text(day.summary),
        transp="TRANSPARENT",
    )
    return component
