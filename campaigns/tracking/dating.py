"""When a copy was published: the claims of the page and of whoever announced it, weighed and chosen between.

A claimed time is evidence, not truth: what lies in the future or before the web had news here is passed over. Pages
show other times too: a clock in their head, dates of other articles, of comments, of what the text speaks of; so a time
is believed by where it stands.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaigns.core.clock import CITY
from campaigns.core.vietnamese import fold
from campaigns.tracking.locating import Span
from campaigns.tracking.moments import Moment, ago_in, moments_in, read_moment, stamps_in
from campaigns.tracking.pages import Block as PageBlock
from campaigns.tracking.pages import Body, Mark, Origin, ParsedPage, Region, TimeClaim

__all__ = ["Moment", "Published", "moments_in", "plausible", "published", "read_moment"]

# Clocks of other machines go wrong by minutes; a date without an hour stands for midnight and cannot be ahead at all.
AHEAD = timedelta(minutes=15)
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_BEFORE = 6  # blocks before the headline in which a date is taken for the publication's
_BEHIND = 12  # and behind it, if the text does not begin earlier
_AFTER_TEXT = 6  # and behind the end of the text, where some sites date their articles
_LONG_LINE = 120  # characters; a longer block is text that speaks of some day, not the line that gives the date
_ELSEWHERE = frozenset({Region.FOOTER, Region.COMMENTS, Region.RELATED, Region.HIDDEN})
_UPDATED = re.compile(r"(?:cap nhat|chinh sua|sua doi|updated?|modified)\b[^|]{0,24}$")
_CLOCK = re.compile(r"clock|today|current|time-?now|date-?now|dong-?ho|ngay-?hien|hom-?nay", re.IGNORECASE)


@dataclass(frozen=True)
class Published:
    """When a page says it was published, and where that was read."""

    at: datetime
    origin: Origin
    exact: bool


def plausible(moment: datetime, now: datetime | None) -> bool:
    """Whether a page can have been published then: not before 2000, not after ``now`` (None: any later time)."""
    return moment >= _OLDEST and (now is None or moment <= now + AHEAD)


class _Places:
    """Where on a page a time may stand that is the article's own, the likeliest first."""

    def __init__(self, body: Body, span: Span | None) -> None:
        self.body, self.span = body, span
        self.center = body.headline if body.headline >= 0 else (span.first if span is not None else -1)
        # A header that holds the headline is the article's; another is the site's, and its time is the time of day.
        at = body.blocks[body.headline] if 0 <= body.headline < len(body.blocks) else None
        self._own_header = at.barrier if at is not None and at.region is Region.HEADER else -1

    def rank(self, block: int, region: Region, barrier: int) -> int | None:
        """The lower the likelier; None where no time is the article's."""
        if self.center < 0 or (region in _ELSEWHERE and not self._lifted(barrier)):
            return None
        far = block - self.center
        end = self.center + _BEHIND
        if self.span is not None and self.span.first >= self.center:
            end = min(end, max(self.center, self.span.first))
            if self.span.last < block <= self.span.last + _AFTER_TEXT and block <= self.span.reach:
                return 2000 + far
        if region is Region.HEADER and barrier != self._own_header:
            return 3000 - far if -_BEFORE <= far <= 0 else None
        if self.body.headline < 0:
            return 500 + abs(far) if -_BEFORE <= far <= 0 else None
        if 0 <= far <= end - self.center:
            return far
        return 1000 - far if -_BEFORE <= far < 0 else None

    def _lifted(self, barrier: int) -> bool:
        return self.span is not None and barrier in self.span.lifted

    def lines(self) -> Iterator[PageBlock]:
        """Short blocks that may give the time, the likeliest first."""
        ranked = []
        for at in range(max(0, self.center - _BEFORE), min(len(self.body.blocks), self._last() + 1)):
            block = self.body.blocks[at]
            if len(block.text) > _LONG_LINE or self._said(at) or self._is_clock(block.element):
                continue
            if (rank := self.rank(at, block.region, block.barrier)) is not None:
                ranked.append((rank, at))
        for _, at in sorted(ranked):
            yield self.body.blocks[at]

    def marks(self) -> list[Mark]:
        """What elements carry for machines, the likeliest first."""
        ranked = []
        for number, mark in enumerate(self.body.marks):
            if (rank := self.rank(mark.block, mark.region, mark.barrier)) is not None:
                ranked.append((rank, number))
        return [self.body.marks[number] for _, number in sorted(ranked)]

    def _last(self) -> int:
        return max(self.center + _BEHIND, self.span.reach if self.span is not None else 0)

    def _said(self, at: int) -> bool:
        """Whether the bulletin itself says this: its day is not the page's. A line break's neighbour may share it."""
        return self.span is not None and at in self.span.own and self.body.blocks[at].start >= self.span.start

    def _is_clock(self, element: int) -> bool:
        for _ in range(2):
            if element < 0:
                break
            one = self.body.elements[element]
            if _CLOCK.search(f"{one.classes} {one.ident}"):
                return True
            element = one.parent
        return False


def _shown(lines: Iterable[str], now: datetime | None) -> Iterator[Moment]:
    """The moments that lines give, in order; within a line those that are told to be of an update come last."""
    for line in lines:
        folded = fold(line)
        stamps = stamps_in(folded, now)
        late = [bool(_UPDATED.search(folded[: one.start])) for one in stamps]
        yield from (one.moment for one, updated in sorted(zip(stamps, late, strict=True), key=lambda pair: pair[1]))


def _best(moments: Iterable[Moment], origin: Origin, now: datetime | None) -> Published | None:
    """The first plausible moment with an hour, else the first without."""
    day: Published | None = None
    for moment in moments:
        if not plausible(moment.at, now):
            continue
        if moment.exact:
            return Published(moment.at, origin, True)
        day = day or Published(moment.at, origin, False)
    return day


def _claimed(texts: Iterable[str]) -> Iterator[Moment]:
    return (moment for text in texts if (moment := read_moment(text)) is not None)


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

    A claim of the day alone, or of its first minute, gives way to the next that names an hour of that day. ``now``:
    later times are refused. ``with_text`` false: the document is not read.
    """
    announced = list(told)
    places = _Places(page.body, span) if with_text else None
    shown = list(_shown((block.text for block in places.lines()), now)) if places is not None else []
    marked = [mark.text for mark in places.marks()] if places is not None else []
    found: list[Published] = []
    for origin in (Origin.JSON_LD, Origin.META, Origin.TIME, Origin.TEXT, Origin.FEED, Origin.SITEMAP):
        texts = [claim.text for claim in (*page.claims(origin), *announced) if claim.origin is origin]
        moments = shown if origin is Origin.TEXT else _claimed([*marked, *texts] if origin is Origin.TIME else texts)
        best = _best(moments, origin, now)
        if best is not None:
            found.append(best)
            if _has_hour(best):
                break
    if found:
        return _as_local(_with_hour(found), shown)
    if places is not None and now is not None:
        for block in places.lines():
            ago = ago_in(fold(block.text), now)
            if ago is not None:
                return Published(ago.at, Origin.TEXT, ago.exact)
    return Published(first_seen, Origin.FIRST_SEEN, True) if first_seen is not None else None


def _has_hour(one: Published) -> bool:
    local = one.at.astimezone(CITY)
    return one.exact and (local.hour, local.minute, local.second) != (0, 0, 0)


def _with_hour(found: list[Published]) -> Published:
    """The first, or a later one that names an hour of the same day where the first does not."""
    first = found[0]
    if _has_hour(first):
        return first
    day = first.at.astimezone(CITY).date()
    return next((one for one in found if _has_hour(one) and one.at.astimezone(CITY).date() == day), first)


def _as_local(one: Published, shown: Iterable[Moment]) -> Published:
    """Some sites mark the city's time as UTC in their data; the page itself, which shows that hour, tells."""
    if one.origin is Origin.TEXT or one.at.utcoffset() != timedelta(0):
        return one
    local = one.at.replace(tzinfo=CITY)
    if any(moment.exact and moment.at.replace(second=0) == local.replace(second=0, microsecond=0) for moment in shown):
        return Published(local, one.origin, one.exact)
    return one
