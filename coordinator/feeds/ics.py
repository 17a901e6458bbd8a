"""The release calendar as iCalendar (RFC 5545): moments in UTC, text escaped, lines folded at 75 octets.

Moments are written in UTC, so that no time zone has to be described and every program shows them in its reader's own.
An event has no length: a bulletin goes out at a moment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum

MEDIA_TYPE = "text/calendar; charset=utf-8"
_FOLD = 75  # octets a line, the line's end not counted (RFC 5545, 3.1)


class Status(Enum):
    """How sure an event is (RFC 5545, 3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class CalendarEvent:
    """One event. ``uid`` is the same for ever; ``sequence`` never falls; ``changed_at`` is when it last changed."""

    uid: str
    at: datetime
    summary: str
    description: str
    url: str
    category: str
    status: Status
    sequence: int
    changed_at: datetime


@dataclass(frozen=True)
class CalendarDay:
    """A whole day with a name: a holiday."""

    uid: str
    day: date
    summary: str


def write(
    name: str, description: str, events: Iterable[CalendarEvent], days: Iterable[CalendarDay], *, stamp: datetime
) -> bytes:
    """The whole file. ``stamp`` is when it was made, or when anything in it last changed."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lan Toa//Release calendar//VI",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"X-WR-CALDESC:{_text(description)}",
        "X-WR-TIMEZONE:Asia/Ho_Chi_Minh",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    ]
    for event in events:
        lines += _event(event)
    for day in days:
        lines += _day(day, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _event(event: CalendarEvent) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(event.uid)}",
        f"DTSTAMP:{_utc(event.changed_at)}",
        f"LAST-MODIFIED:{_utc(event.changed_at)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART:{_utc(event.at)}",
        f"SUMMARY:{_text(event.summary)}",
        f"DESCRIPTION:{_text(event.description)}",
        f"URL:{_address(event.url)}",
        f"CATEGORIES:{_text(event.category)}",
        f"STATUS:{event.status.value}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _day(day: CalendarDay, stamp: datetime) -> list[str]:
    after = day.day + timedelta(days=1)
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(day.uid)}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART;VALUE=DATE:{day.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{after:%Y%m%d}",
        f"SUMMARY:{_text(day.summary)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11). Control characters other than the line's end have no way to be written."""
    plain = words.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(letter for letter in plain if letter in "\n\t" or (ord(letter) >= 32 and ord(letter) != 127))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _address(url: str) -> str:
    """An address as a URI value, which is not escaped; whatever could end the line is left out."""
    return "".join(letter for letter in url if ord(letter) > 32 and ord(letter) != 127)


def _folded(line: str) -> Iterator[str]:
    """Parts of at most 75 octets, each after the first begun with a space; no letter is cut in two."""
    part, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _FOLD:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + octets
    yield part
