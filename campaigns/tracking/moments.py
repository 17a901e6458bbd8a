"""Moments in letters: every form in which Vietnamese pages, their data and other machines write a time.

"Thứ năm, 12/8/2021, 07:30 (GMT+7)", "07:30 | 12-08-2021", "ngày 12 tháng 8 năm 2021", "12/08/2021 lúc 7h30", "12 Tháng
Tám, 2021"… Day before month, always; no zone means the city's. Texts are compared without marks, so that decomposed
letters and text typed without marks are read alike.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from campaigns.core.clock import CITY
from campaigns.core.vietnamese import fold

_ENOUGH = 4000  # characters of one text that are looked at
_LONGEST_GAP = 48  # characters between a date and its hour

_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{1,2}(?!\d))?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:T?(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?(?P<zone>Z)?)?")
_EPOCH = re.compile(r"(1\d{9})(?:\d{3})?")  # seconds or milliseconds since 1970, from 2001 on
# Software set to American English writes the month first and always the seconds.
_AMERICAN = re.compile(
    r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>20\d\d),? (?P<h>\d{1,2}):(?P<mi>\d\d):(?P<s>\d\d) ?(?P<half>[ap]m)",
    re.IGNORECASE,
)

# From here on in text that ``fold`` left.
_MONTH_WORDS = {
    "gieng": 1, "mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
    "muoi mot": 11, "muoi hai": 12, "muoi": 10, "chap": 12,
}  # fmt: skip
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = "|".join(sorted(_MONTH_WORDS, key=lambda word: -len(word)))
_MONTH = rf"(?P<mon>{'|'.join(_ENGLISH)})[a-z]{{0,6}}\.?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d.,-])(?:(?<!/)|(?<=:\d\d/))(?P<d>\d{1,2})\s*[/.\-–]\s*(?P<m>\d{1,2})\s*[/.\-–,]\s*(?P<y>20\d\d)(?!\d)",
        rf"(?<!\d)(?P<d>\d{{1,2}})\s*-?\s*(?:thang|thg|th)\.?\s*(?P<m>\d{{1,2}}|{_WORDS})\s*(?:[/.\-,]\s*)?(?:nam\s*)?(?P<y>20\d\d)(?!\d)",
        r"(?<![\d.,/-])(?P<y>20\d\d)\s*[/.\-]\s*(?P<m>\d{1,2})\s*[/.\-]\s*(?P<d>\d{1,2})(?!\d)",
        rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>20\d\d)(?!\d)",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<y>20\d\d)(?!\d)",
        # Two-digit years and none at all: only beside an hour.
        r"(?<![\d.,/-])(?P<d>\d{1,2})(?P<sep>[/.\-])(?P<m>\d{1,2})(?P=sep)(?P<yy>[123]\d)(?![\d.,/-]*\d)",
        r"(?<![\d.,/-])(?P<d>\d{1,2})/(?P<m>\d{1,2})(?![\d.,/%-]*\d)",
        r"\b(?P<near>hom nay|hom qua|hom kia|today|yesterday)\b",
    )
)
_DAYS_BACK = {"hom nay": 0, "today": 0, "hom qua": 1, "yesterday": 1, "hom kia": 2}
_TIME = re.compile(
    r"(?<![\d:.,/])(?P<h>[01]?\d|2[0-3])\s*"
    r"(?::\s*(?P<mi>[0-5]\d)(?:\s*:\s*(?P<s>[0-5]\d))?|(?:gio|h|g)\s*(?P<mih>[0-5]\d)?(?!\d)\s*(?:phut|['’′`]|p\b)?)"
    r"(?!\d)(?:\s*(?P<half>am|pm|sang|sa|chieu|ch|toi|trua)\b)?"
)
_SIGNS = r"[\s,|\-–—/•·;:()\[\]<>~]*"
_ZONE = r"(?:gmt|utc)\s*(?P<zone>[+-]\s*\d{1,2}(?::?\d{2})?)?"
_DAY = r"(?:thu\s+(?:hai|ba|tu|nam|sau|bay|[2-7])|t[2-7]|cn|chu\s+nhat|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
_GAP = re.compile(
    rf"{_SIGNS}(?:(?:luc|vao|hoi|at|ngay|gio|{_DAY}|(?:gmt|utc)\s*(?:[+-]\s*\d{{1,2}}(?::?\d{{2}})?)?){_SIGNS})*"
)
_ZONE_BEHIND = re.compile(rf"\s*[(\[]?\s*{_ZONE}")
_AGO = re.compile(
    r"(?<!\d)(?P<n>\d{1,3})\s*(?P<unit>giay|phut|gio|tieng|ngay|tuan)\s*truoc\b"
    r"|\b(?P<now>vua xong|vua dang|moi day)\b"
)
_UNITS = {"giay": 1, "phut": 60, "gio": 3600, "tieng": 3600, "ngay": 86400, "tuan": 604800}


@dataclass(frozen=True)
class Moment:
    """A moment read from a text; ``exact`` when the text gave an hour. ``at`` carries the offset that was written, the
    city's when none was."""

    at: datetime
    exact: bool


class Stamp(NamedTuple):
    """A moment and where it was read: ``fold(text)[start:end]``."""

    start: int
    end: int
    moment: Moment


@lru_cache(maxsize=64)
def _zone(text: str | None) -> timezone | None:
    """``Z``, ``+07:00``, ``+0700``, ``+7``; None for none or one that no place has."""
    if text is None:
        return None
    bare = text.strip().upper().replace(" ", "")
    if bare in {"Z", "UTC", "GMT"}:
        return UTC
    digits = bare[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if hours > 14 or minutes > 59:
        return None
    return timezone((1 if bare[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _hour(hour: int, half: str) -> int:
    """The hour of the day: 7 and ``pm``, ``chiều`` or ``tối`` is 19."""
    if half in {"pm", "ch", "chieu", "toi"} and 0 < hour < 12:
        return hour + 12
    if half == "trua" and 0 < hour < 3:
        return hour + 12
    return 0 if half in {"am", "sa", "sang"} and hour == 12 else hour


def _machine(found: re.Match[str], zone: timezone | None) -> Moment | None:
    parts = found.groupdict()
    year, month, day = (int(parts[name]) for name in "ymd")
    minute, second = (int(parts.get(name) or 0) for name in ("mi", "s"))
    hour = _hour(int(parts.get("h") or 0), (parts.get("half") or "").lower())
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone or CITY)
    except ValueError:
        return None
    return Moment(at, parts.get("h") is not None)


def read_moment(text: str) -> Moment | None:
    """The moment a claim gives: ISO 8601, RFC 2822, seconds since 1970, or one of the Vietnamese forms; None when it
    gives none."""
    line = text.strip()[:200]
    if (at := _plain(line)) is not None:
        return Moment(at, True)
    found = _ISO.match(line) or _COMPACT.fullmatch(line)
    if found is not None:
        return _machine(found, _zone(found["zone"]))
    if (epoch := _EPOCH.fullmatch(line)) is not None:
        return Moment(datetime.fromtimestamp(int(epoch[1]), UTC), True)
    if (american := _AMERICAN.fullmatch(line)) is not None and (moment := _machine(american, None)) is not None:
        return moment
    if re.match(r"[A-Za-z]{3},? \d|\d{1,2} [A-Za-z]{3} \d{4}", line):
        try:
            at = parsedate_to_datetime(line)
        except ValueError:
            return None
        return Moment(at if at.tzinfo is not None else at.replace(tzinfo=CITY), True)
    return next(iter(sorted(moments_in(line), key=lambda one: not one.exact)), None)


_PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:[0-5]\d)", re.ASCII)
_FARTHEST = timedelta(hours=14)  # from Greenwich; no place is beyond it


def _plain(line: str) -> datetime | None:
    """The form that nearly every page's data has, read in a tenth of the time that the other patterns take; None for
    any other, and for what is no moment."""
    if _PLAIN.fullmatch(line) is None:
        return None
    try:
        at = datetime.fromisoformat(line)
    except ValueError:
        return None
    offset = at.utcoffset()
    return at if offset is not None and abs(offset) <= _FARTHEST else None


def moments_in(text: str, now: datetime | None = None) -> Iterator[Moment]:
    """Every date of a text, in order; impossible ones (31/02) left out. ``now``: when the text was shown, without which
    "hôm nay" and days without a year say nothing."""
    for stamp in stamps_in(fold(text[:_ENOUGH]), now):
        yield stamp.moment


def stamps_in(line: str, now: datetime | None = None) -> list[Stamp]:
    """``moments_in`` for a text already folded, each with its place."""
    days: list[re.Match[str]] = []
    for pattern in _DATES:
        days += [one for one in pattern.finditer(line) if not any(_meet(one, other) for other in days)]
    days.sort(key=lambda one: one.start())
    hours = [one for one in _TIME.finditer(line) if not any(_meet(one, day) for day in days)]
    found = []
    for day in days:
        hour = next((one for one in hours if one.end() <= day.start() and _gap(line, one.end(), day.start())), None)
        if hour is None:
            hour = next((one for one in hours if day.end() <= one.start() and _gap(line, day.end(), one.start())), None)
        if hour is not None:
            hours.remove(hour)
        start, end = day.start(), day.end()
        if hour is not None:
            start, end = min(start, hour.start()), max(end, hour.end())
        moment = _moment(day, hour, _written_zone(line, end, hour), now)
        if moment is not None:
            found.append(Stamp(start, end, moment))
    return found


def _meet(one: re.Match[str], other: re.Match[str]) -> bool:
    return one.start() < other.end() and other.start() < one.end()


def _gap(line: str, start: int, end: int) -> bool:
    """Whether nothing but signs, a weekday and the like stands between a date and an hour."""
    return end - start <= _LONGEST_GAP and _GAP.fullmatch(line, start, end) is not None


def _written_zone(line: str, end: int, hour: re.Match[str] | None) -> timezone | None:
    for at in (end, hour.end() if hour is not None else end):
        behind = _ZONE_BEHIND.match(line, at)
        if behind is not None and behind["zone"]:
            return _zone(behind["zone"])
    return None


def _moment(
    day: re.Match[str], hour: re.Match[str] | None, zone: timezone | None, now: datetime | None
) -> Moment | None:
    date = _date(day.groupdict(), hour is not None, now)
    if date is None:
        return None
    if hour is None:
        at = (0, 0, 0)
    else:
        at = (_hour(int(hour["h"]), hour["half"] or ""), int(hour["mi"] or hour["mih"] or 0), int(hour["s"] or 0))
    try:
        return Moment(datetime(*date, *at, tzinfo=zone or CITY), hour is not None)
    except ValueError:
        return None


def _date(parts: dict[str, str | None], with_hour: bool, now: datetime | None) -> tuple[int, int, int] | None:
    """(year, month, day) of a date; None where it takes an hour or a ``now`` that there is not."""
    today = now.astimezone(CITY) if now is not None else None
    if near := parts.get("near"):
        if today is None:
            return None
        then = today - timedelta(days=_DAYS_BACK[near])
        return then.year, then.month, then.day
    day = int(parts["d"] or 0)
    if mon := parts.get("mon"):
        month = _ENGLISH.index(mon) + 1
    else:
        told = parts["m"] or ""
        month = int(told) if told.isdecimal() else _MONTH_WORDS[told]
    if month > 12 >= day:
        day, month = month, day  # no such month: this one was written month first
    if year := parts.get("y"):
        return int(year), month, day
    if not with_hour:
        return None
    if short := parts.get("yy"):
        return 2000 + int(short), month, day
    if today is None:
        return None
    return (today.year if (month, day) <= (today.month, today.day) else today.year - 1), month, day


def ago_in(line: str, now: datetime) -> Moment | None:
    """What "5 phút trước" and "vừa xong" say, in a text already folded; ``exact`` when it is told in minutes."""
    found = _AGO.search(line)
    if found is None:
        return None
    if found["now"]:
        return Moment(now, False)
    unit = _UNITS[found["unit"]]
    return Moment(now - timedelta(seconds=int(found["n"]) * unit), unit <= 60)
