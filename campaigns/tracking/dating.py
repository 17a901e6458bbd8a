"""When a copy was published: the claims of the page and of whoever announced it, read and chosen between.

Dates of Vietnamese pages come in many forms: "Thứ năm, 12/8/2021, 07:30 (GMT+7)", "07:30 | 12-08-2021", "ngày 12 tháng
8 năm 2021", "12/08/2021 lúc 7h30"… Day before month, always; no zone means the city's. A claimed time is evidence, not
truth: what lies in the future or before the web had news here is passed over.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from campaigns.core.clock import CITY
from campaigns.tracking.locating import Span
from campaigns.tracking.pages import Body, Origin, ParsedPage, Region, TimeClaim

# Clocks of other machines go wrong by minutes; a date without an hour stands for midnight and cannot be ahead at all.
AHEAD = timedelta(minutes=15)
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_NEAR_HEADLINE = 6  # blocks on either side of the headline in which a date is taken for the publication's
_LONG_LINE = 120  # characters; a longer block is text that speaks of some day, not the line that gives the date
_ENOUGH = 4000  # characters of one text that are looked at

_T = (
    r"(?P<h>[01]?\d|2[0-3])\s*(?:[:h]|giờ)\s*(?P<mi>[0-5]\d)?(?:\s*phút)?(?::(?P<s>[0-5]\d))?"
    r"(?:\s*(?P<half>[ap]m|sa|ch)\b)?"
)
_D = (
    r"(?:ngày\s*)?(?<!\d)(?P<d>0?[1-9]|[12]\d|3[01])\s*(?:[/.\-]|tháng)\s*(?P<m>0?[1-9]|1[0-2])\s*(?:[/.\-,]|năm)\s*"
    r"(?P<y>20\d\d)(?!\d)"
)
_DATE_FIRST = re.compile(rf"{_D}(?:[^\w]{{0,6}}(?:lúc\s*)?{_T})?", re.IGNORECASE)
_HOUR_FIRST = re.compile(
    rf"(?<!\d){_T}\s*(?:[,|\-–]\s*)?(?:thứ\s+\w+|chủ\s+nhật)?[\s,|\-–]*{_D}",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{1,2}(?!\d))?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:T?(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?(?P<zone>Z)?)?")
_ZONE_BEHIND = re.compile(r"\s*\(?\s*(?:GMT|UTC)\s*(?P<zone>[+-]\s*\d{1,2}(?::?\d{2})?)?", re.IGNORECASE)


@dataclass(frozen=True)
class Moment:
    """A moment read from a text; ``exact`` when the text gave an hour. ``at`` carries the offset that was written, the
    city's when none was."""

    at: datetime
    exact: bool


@dataclass(frozen=True)
class Published:
    """When a page says it was published, and where that was read."""

    at: datetime
    origin: Origin
    exact: bool


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


def _moment(found: re.Match[str], zone: timezone | None) -> Moment | None:
    parts = found.groupdict()
    exact = parts.get("h") is not None
    hour = int(parts.get("h") or 0)
    half = (parts.get("half") or "").lower()
    if half in {"pm", "ch"} and 0 < hour < 12:
        hour += 12
    elif half in {"am", "sa"} and hour == 12:
        hour = 0
    year, month, day = (int(parts[name]) for name in "ymd")
    minute, second = (int(parts.get(name) or 0) for name in ("mi", "s"))
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone or CITY)
    except ValueError:
        return None
    return Moment(at, exact)


def read_moment(text: str) -> Moment | None:
    """The moment a claim gives: ISO 8601, RFC 2822, or one of the Vietnamese forms; None when it gives none."""
    line = text.strip()[:200]
    found = _ISO.match(line) or _COMPACT.fullmatch(line)
    if found is not None:
        return _moment(found, _zone(found["zone"]))
    if re.match(r"[A-Za-z]{3},? \d|\d{1,2} [A-Za-z]{3} \d{4}", line):
        try:
            moment = parsedate_to_datetime(line)
        except ValueError:
            return None
        return Moment(moment if moment.tzinfo is not None else moment.replace(tzinfo=CITY), True)
    return next(iter(sorted(moments_in(line), key=lambda one: not one.exact)), None)


def moments_in(text: str) -> Iterator[Moment]:
    """Every date of a Vietnamese form in a text, in order; impossible ones (31/02) left out."""
    part = text[:_ENOUGH]
    taken: list[tuple[int, int]] = []
    finds = []
    for pattern in (_HOUR_FIRST, _DATE_FIRST):
        for found in pattern.finditer(part):
            start, end = found.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            behind = _ZONE_BEHIND.match(part, end)
            moment = _moment(found, _zone(behind["zone"]) if behind is not None else None)
            if moment is not None:
                finds.append((start, moment))
    for _, moment in sorted(finds, key=lambda one: one[0]):
        yield moment


def plausible(moment: datetime, now: datetime | None) -> bool:
    """Whether a page can have been published then: not before 2000, not after ``now`` (None: any later time)."""
    return moment >= _OLDEST and (now is None or moment <= now + AHEAD)


def _near_headline(body: Body, span: Span | None) -> list[str]:
    """Short lines around the headline and between it and the text, nearest to the headline first."""
    center = body.headline if body.headline >= 0 else (span.first if span is not None else -1)
    if center < 0:
        return []
    last = min(center + _NEAR_HEADLINE, len(body.blocks) - 1)
    if span is not None:
        last = min(last, max(center, span.first))
    places = sorted(range(max(0, center - _NEAR_HEADLINE), last + 1), key=lambda at: (abs(at - center), -at))
    return [
        body.blocks[at].text
        for at in places
        if len(body.blocks[at].text) <= _LONG_LINE
        and body.blocks[at].region not in {Region.FOOTER, Region.COMMENTS, Region.RELATED, Region.HIDDEN}
    ]


def _best(texts: Iterable[str], origin: Origin, now: datetime | None) -> Published | None:
    """The first plausible moment with an hour, else the first without."""
    day: Published | None = None
    for text in texts:
        for moment in moments_in(text) if origin is Origin.TEXT else filter(None, [read_moment(text)]):
            if not plausible(moment.at, now):
                continue
            if moment.exact:
                return Published(moment.at, origin, True)
            day = day or Published(moment.at, origin, False)
    return day


def published(
    page: ParsedPage,
    span: Span | None,
    *,
    told: Iterable[TimeClaim] = (),
    first_seen: datetime | None = None,
    now: datetime | None = None,
    with_text: bool = True,
) -> Published | None:
    """When the page was published: JSON-LD, then meta, then time elements, then a date near the headline, then what a
    feed or sitemap told, then when it was first seen; the first that is plausible.

    ``now``: later times are refused. ``with_text`` false: the visible text is not read.
    """
    claims = [*page.times, *told]
    for origin in (Origin.JSON_LD, Origin.META, Origin.TIME):
        best = _best((claim.text for claim in claims if claim.origin is origin), origin, now)
        if best is not None:
            return best
    if with_text:
        best = _best(_near_headline(page.body, span), Origin.TEXT, now)
        if best is not None:
            return best
    for origin in (Origin.FEED, Origin.SITEMAP):
        best = _best((claim.text for claim in claims if claim.origin is origin), origin, now)
        if best is not None:
            return best
    return Published(first_seen, Origin.FIRST_SEEN, True) if first_seen is not None else None
