"""Time expressions: the forms of times on Vietnamese pages, in their data and in feeds.

"Thứ năm, 12/8/2021, 07:30 (GMT+7)", "07:30 | 12-08-2021", "ngày 12 tháng 8 năm 2021", "12/08/2021 lúc 7h30", "12 Tháng
Tám, 2021"… The day is always before the month; without a zone the city's applies. Texts are compared without marks, so
that decomposed letters and text without marks are read alike.
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

_ENOUGH = 4000  # characters of one text that are read
_LONGEST_GAP = 64  # characters between a date and its hour

_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{1,2}(?!\d))?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:T?(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?(?P<zone>Z)?)?")
_EPOCH = re.compile(r"(1\d{9})(?:\d{3})?")  # seconds or milliseconds since 1970, from 2001 on
# Software in American English writes the month first and always the seconds.
_AMERICAN = re.compile(
    r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>20\d\d),? (?P<h>\d{1,2}):(?P<mi>\d\d):(?P<s>\d\d) ?(?P<half>[ap]m)",
    re.IGNORECASE,
)

# The patterns below are for folded text.
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
        # Two-digit years and missing years: only beside an hour.
        r"(?<![\d.,/-])(?P<d>\d{1,2})(?P<sep>[/.\-])(?P<m>\d{1,2})(?P=sep)(?P<yy>[123]\d)(?![\d.,/-]*\d)",
        r"(?<![\d.,/-])(?P<d>\d{1,2})/(?P<m>\d{1,2})(?![\d.,/%-]*\d)",
        r"\b(?P<near>hom nay|hom qua|hom kia|today|yesterday)\b",
    )
)
_DAYS_BACK = {"hom nay": 0, "today": 0, "hom qua": 1, "yesterday": 1, "hom kia": 2}
_TIME = re.compile(
    r"(?<![\d:.,/])(?P<h>[01]?\d|2[0-3])\s*"
    r"(?::\s*(?P<mi>[0-5]\d)(?:\s*:\s*(?P<s>[0-5]\d)|\s*['’′`])?|(?:gio|h|g)\s*(?P<mih>[0-5]\d|\d(?=\s*(?:phut|['’′`]))|ruoi\b)?(?!\d)\s*(?:phut|['’′`]|p\b)?)"
    r"(?!\d)(?:\s*(?P<half>am|pm|sang|sa|chieu|ch|toi|trua)\b)?"
)
_LUNAR_DAY = r"(?:ngay\s+)?\d{1,2}\s*(?:/|-|thang)\s*\d{1,2}(?:\s*[/-]\s*20\d\d|,?\s*(?:nam\s+)?[a-z]{2,5} [a-z]{2,4})?"
_LUNAR_YEAR = r"(?:giap|at|binh|dinh|mau|ky|canh|tan|nham|quy)\s+(?:ty|suu|dan|mao|thin|ngo|mui|than|dau|tuat|hoi)\b"
_LUNAR = re.compile(
    rf"(?:(?:tuc|nham)\s+)?(?:{_LUNAR_DAY},?\s*\(?(?:am\s+lich|al\b)|(?:am\s+lich|al)\s*:?\s*(?:la\s+)?{_LUNAR_DAY}"
    rf"|(?:ngay\s+)?\d{{1,2}}\s*(?:/|-|thang)\s*\d{{1,2}}\s*[,/-]?\s*(?:nam\s+)?{_LUNAR_YEAR})"
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
    """A time read from a text; ``exact`` when the text has an hour. ``at`` has the written offset, the city's without
    one."""

    at: datetime
    exact: bool


class PlacedMoment(NamedTuple):
    """A time and its position: ``fold(text)[start:end]``."""

    start: int
    end: int
    moment: Moment


@lru_cache(maxsize=64)
def _zone(text: str | None) -> timezone | None:
    """Return the zone of ``Z``, ``+07:00``, ``+0700``, ``+7``; None without one or for an invalid one."""
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
    """Return the hour of the day: 7 with ``pm``, ``chiều`` or ``tối`` is 19."""
    if half in {"pm", "ch", "chieu", "toi"} and 0 < hour < 12:
        return hour + 12
    if half == "trua" and 0 < hour < 3:
        return hour + 12
    return 0 if half in {"am", "sa", "sang"} and hour == 12 else hour


def _machine_moment(found: re.Match[str], zone: timezone | None) -> Moment | None:
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
    """Return the time of a claim: ISO 8601, RFC 2822, seconds since 1970, or one of the Vietnamese forms; None without
    one."""
    line = text.strip()[:200]
    if (at := _plain(line)) is not None:
        return Moment(at, True)
    found = _ISO.match(line) or _COMPACT.fullmatch(line)
    if found is not None:
        return _machine_moment(found, _zone(found["zone"]))
    if (epoch := _EPOCH.fullmatch(line)) is not None:
        return Moment(datetime.fromtimestamp(int(epoch[1]), UTC), True)
    if (american := _AMERICAN.fullmatch(line)) is not None and (moment := _machine_moment(american, None)) is not None:
        return moment
    if re.match(r"[A-Za-z]{3},? \d|\d{1,2} [A-Za-z]{3} \d{4}", line):
        try:
            at = parsedate_to_datetime(line)
        except ValueError:
            return None
        return Moment(at if at.tzinfo is not None else at.replace(tzinfo=CITY), True)
    return next(iter(sorted(moments_in(line), key=lambda moment: not moment.exact)), None)


_PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:[0-5]\d)", re.ASCII)
_FARTHEST = timedelta(hours=14)  # from UTC; no zone is beyond it


def _plain(line: str) -> datetime | None:
    """Return the time in the most frequent form, which takes a tenth of the time of the other patterns; None for any
    other form and for an invalid time."""
    if _PLAIN.fullmatch(line) is None:
        return None
    try:
        at = datetime.fromisoformat(line)
    except ValueError:
        return None
    offset = at.utcoffset()
    return at if offset is not None and abs(offset) <= _FARTHEST else None


def moments_in(text: str, now: datetime | None = None) -> Iterator[Moment]:
    """Return every date of a text, in order; impossible ones (31/02) are left out. ``now``: when the text was shown;
    without it "hôm nay" and days without a year are ignored."""
    for stamp in placed_moments_in(fold(text[:_ENOUGH]), now):
        yield stamp.moment


def placed_moments_in(line: str, now: datetime | None = None) -> list[PlacedMoment]:
    """Return ``moments_in`` of a folded text, each with its position. Days of the lunar calendar are no dates."""
    line = _LUNAR.sub(lambda lunar: " " * len(lunar[0]), line)
    days: list[re.Match[str]] = []
    for pattern in _DATES:
        days += [match for match in pattern.finditer(line) if not any(_overlaps(match, other) for other in days)]
    days.sort(key=lambda match: match.start())
    hours = [match for match in _TIME.finditer(line) if not any(_overlaps(match, day) for day in days)]
    found = []
    for day in days:
        hour = next(
            (match for match in hours if match.end() <= day.start() and _gap(line, match.end(), day.start())), None
        )
        if hour is None:
            hour = next(
                (match for match in hours if day.end() <= match.start() and _gap(line, day.end(), match.start())), None
            )
        if hour is not None:
            hours.remove(hour)
        start, end = day.start(), day.end()
        if hour is not None:
            start, end = min(start, hour.start()), max(end, hour.end())
        moment = _moment(day, hour, _written_zone(line, end, hour), now)
        if moment is not None:
            found.append(PlacedMoment(start, end, moment))
    return found


def _overlaps(match: re.Match[str], other: re.Match[str]) -> bool:
    return match.start() < other.end() and other.start() < match.end()


def _gap(line: str, start: int, end: int) -> bool:
    """Whether only punctuation, a weekday and the like is between a date and an hour."""
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
        minute = hour["mi"] or hour["mih"] or "0"
        at = (
            _hour(int(hour["h"]), hour["half"] or ""), 30 if minute == "ruoi" else int(minute), int(hour["s"] or 0)
        )  # fmt: skip
    try:
        return Moment(datetime(*date, *at, tzinfo=zone or CITY), hour is not None)
    except ValueError:
        return None


def _date(parts: dict[str, str | None], with_hour: bool, now: datetime | None) -> tuple[int, int, int] | None:
    """Return (year, month, day) of a date; None where it needs a missing hour or ``now``."""
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
        text = parts["m"] or ""
        month = int(text) if text.isdecimal() else _MONTH_WORDS[text]
    if month > 12 >= day:
        day, month = month, day  # an invalid month: the date was written month first
    if year := parts.get("y"):
        return int(year), month, day
    if not with_hour:
        return None
    if short := parts.get("yy"):
        return 2000 + int(short), month, day
    if today is None:
        return None
    return (today.year if (month, day) <= (today.month, today.day) else today.year - 1), month, day


def relative_moments_in(line: str, now: datetime) -> Moment | None:
    """Return the times of "5 phút trước" and "vừa xong" in a folded text; ``exact`` when they are in minutes."""
    found = _AGO.search(line)
    if found is None:
        return None
    if found["now"]:
        return Moment(now, False)
    unit = _UNITS[found["unit"]]
    return Moment(now - timedelta(seconds=int(found["n"]) * unit), unit <= 60)
