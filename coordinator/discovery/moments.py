"""Times as sites write them, read into aware UTC datetimes. A time without a zone is the city's."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from campaigns.core.clock import CITY

LONGEST = 80  # characters; more is not a time

# 24/11/2026, 07:30 · 24-11-2026 7:30:05 SA · 11/24/2026 7:30:05 AM · a weekday in front and "GMT+7" behind may stand
_WRITTEN = re.compile(
    r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})"
    r"(?:\D{1,5}?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(SA|CH|AM|PM)?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:GMT|UTC)\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)


def read_moment(text: str) -> datetime | None:
    """The moment that ``text`` names, or None.

    Reads ISO 8601 and W3C dates (a day alone is its first minute), RFC 822 dates, and day/month/year as Vietnamese
    sites write it, with SA and CH for the halves of the day. AM or PM is written by software set to American English,
    so with it the month is taken to come first, unless that is impossible.
    """
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        return None
    try:
        moment = _iso(text) or _rfc822(text) or _written(text)
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=CITY)).astimezone(UTC)
    except (ValueError, OverflowError):  # a 31st of February, the year 0 or 10000
        return None


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-?\d{2}", text):
        return None
    if re.fullmatch(r"\d{4}-\d{2}", text):  # W3C-DTF allows a month alone
        text += "-01"
    try:
        return datetime.fromisoformat(text.replace(" ", "T", 1) if re.match(r"\S+ \d", text) else text)
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    if not re.search(r"[A-Za-z]{3}", text) or _WRITTEN.search(text):
        return None
    # "GMT+7" is an offset, which the e-mail format would write +0700.
    text = _OFFSET.sub(lambda found: f"{found[1]}{int(found[2]):02d}{found[3] or '00'}", text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # "-0000" and unknown zone names come back without a zone; they do not mean the city's.
    named = re.search(r"(?:[+-]\d{4}|\b[A-Z]{1,5})$", text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None and named else moment


def _written(text: str) -> datetime | None:
    found = _WRITTEN.search(text)
    if not found:
        return None
    day, month, year = int(found[1]), int(found[2]), int(found[3])
    half = (found[7] or "").upper()
    if (half in {"AM", "PM"} and day <= 12) or (month > 12 >= day):
        day, month = month, day
    hour, minute, second = (int(found[group] or 0) for group in (4, 5, 6))
    if half in {"CH", "PM"} and hour < 12:
        hour += 12
    elif half in {"SA", "AM"} and hour == 12:
        hour = 0
    moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # the caller gives it its zone
    offset = _OFFSET.search(text)
    if offset:
        sign, hours, minutes = offset[1], int(offset[2]), offset[3] or "00"
        return datetime.fromisoformat(f"{moment.isoformat()}{sign}{hours:02d}:{minutes}")
    return moment
