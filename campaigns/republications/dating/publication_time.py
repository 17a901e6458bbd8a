"""The publication time of a copy, chosen from the claims of the page and of its announcement.

A claimed time is only evidence: times in the future or before 2000 are ignored. Pages show other times too: a clock in
the header, dates of other articles, of comments, and in the text; so a time is accepted by its place.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from campaigns.core.clock import CITY
from campaigns.core.vietnamese import fold
from campaigns.matching.parsed_page import PageBody, PageRegion, ParsedPage, TextBlock, TimeClaim, TimeMark, TimeOrigin
from campaigns.republications.dating.time_expressions import (
    Moment,
    placed_moments_in,
    read_moment,
    relative_moments_in,
)
from campaigns.republications.evidence.copy_location import CopySpan

# Clocks of other machines differ by minutes; a date without an hour means midnight and cannot be in the future.
CLOCK_TOLERANCE = timedelta(minutes=15)
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_BEFORE = 6  # blocks before the headline where a date may be that of the publication
_BEHIND = 12  # blocks after the headline, if the text does not begin earlier
_AFTER_TEXT = 6  # blocks after the end of the text, where some sites have the date
_LONG_LINE = 120  # characters; a longer block is text that mentions a day, not the date line
_ELSEWHERE = frozenset({PageRegion.FOOTER, PageRegion.COMMENTS, PageRegion.RELATED, PageRegion.HIDDEN})
_UPDATED = re.compile(r"(?:cap nhat|chinh sua|sua doi|updated?|modified)\b[^|]{0,24}$")
_PUBLISHED = re.compile(r"(?:xuat ban|dang(?: tai| luc| ngay)?|publi(?:shed|c)|posted)\b[^|]{0,24}$")
_UPDATE_LINE = re.compile(r"\W*(?:cap nhat|chinh sua|sua doi|updated?|modified)\b(?!.*\b(?:dang|xuat ban|published)\b)")
_UPDATE_RANK = 10_000  # behind every other place
_CLOCK = re.compile(r"clock|today|current|time-?now|date-?now|dong-?ho|ngay-?hien|hom-?nay", re.IGNORECASE)


@dataclass(frozen=True)
class PublicationTime:
    """A publication time, and its origin."""

    at: datetime
    origin: TimeOrigin
    exact: bool


def is_plausible(moment: datetime, now: datetime | None) -> bool:
    """Whether a page can have been published at a time: not before 2000, not after ``now`` (None: any later time)."""
    return moment >= _OLDEST and (now is None or moment <= now + CLOCK_TOLERANCE)


_ORDER = (
    (TimeOrigin.JSON_LD, False),
    (TimeOrigin.META, False),
    (TimeOrigin.TIME, False),
    (TimeOrigin.TEXT, False),
    (TimeOrigin.FEED, False),
    (TimeOrigin.SITEMAP, False),
    (TimeOrigin.META, True),
)


class _TimePlaces:
    """The places on a page where the article's own time may be, the likeliest first."""

    def __init__(self, body: PageBody, span: CopySpan | None) -> None:
        self.body, self.span = body, span
        self.center = body.headline if body.headline >= 0 else (span.first if span is not None else -1)
        # A header with the headline is the article's; another is the site's, and its time is the present one.
        at = body.blocks[body.headline] if 0 <= body.headline < len(body.blocks) else None
        self._own_header = at.barrier if at is not None and at.region is PageRegion.HEADER else -1

    def rank(self, block: int, region: PageRegion, barrier: int) -> int | None:
        """Return the rank of a place, lower is likelier; None where a time is not the article's."""
        if self.center < 0 or (region in _ELSEWHERE and not self._lifted(barrier)):
            return None
        far = block - self.center
        end = self.center + _BEHIND
        if self.span is not None and self.span.first >= self.center:
            end = min(end, max(self.center, self.span.first))
            if self.span.last < block <= self.span.last + _AFTER_TEXT and block <= self.span.reach:
                return 2000 + far
        if region is PageRegion.HEADER and barrier != self._own_header:
            return 3000 - far if -_BEFORE <= far <= 0 else None
        if self.body.headline < 0:
            return 500 + abs(far) if -_BEFORE <= far <= 0 else None
        if 0 <= far <= end - self.center:
            return far
        return 1000 - far if -_BEFORE <= far < 0 else None

    def _lifted(self, barrier: int) -> bool:
        return self.span is not None and barrier in self.span.own_barriers

    def lines(self) -> Iterator[TextBlock]:
        """Yield short blocks that may contain the time, the likeliest first."""
        ranked = []
        for at in range(max(0, self.center - _BEFORE), min(len(self.body.blocks), self._last() + 1)):
            block = self.body.blocks[at]
            if len(block.text) > _LONG_LINE or self._is_in_bulletin(at) or self._is_clock(block.element):
                continue
            if (rank := self.rank(at, block.region, block.barrier)) is not None:
                ranked.append((rank, at))
        for _, at in sorted(ranked):
            yield self.body.blocks[at]

    def marks(self) -> list[TimeMark]:
        """Return the machine-readable times of elements, the likeliest first; those in a line about an update last."""
        ranked = []
        for number, mark in enumerate(self.body.marks):
            if (rank := self.rank(mark.block, mark.region, mark.barrier)) is not None:
                ranked.append((rank + (_UPDATE_RANK if self._is_of_update(mark) else 0), number))
        return [self.body.marks[number] for _, number in sorted(ranked)]

    def _is_of_update(self, mark: TimeMark) -> bool:
        line = self.body.blocks[mark.block].text if mark.block < len(self.body.blocks) else ""
        return len(line) <= _LONG_LINE and _UPDATE_LINE.match(fold(line)) is not None

    def _last(self) -> int:
        return max(self.center + _BEHIND, self.span.reach if self.span is not None else 0)

    def _is_in_bulletin(self, at: int) -> bool:
        """Whether a block is text of the bulletin, whose days are not the page's."""
        return self.span is not None and at in self.span.own and self.body.blocks[at].start >= self.span.start

    def _is_clock(self, element: int) -> bool:
        for _ in range(2):
            if element < 0:
                break
            node = self.body.elements[element]
            if _CLOCK.search(f"{node.classes} {node.ident}"):
                return True
            element = node.parent
        return False


def _shown_moments(lines: Iterable[str], now: datetime | None) -> Iterator[Moment]:
    """Yield the times in lines, in order; within a line those of an update come last, and behind all lines where one of
    them says when the article was published."""
    found: list[tuple[Moment, bool]] = []
    published = False
    for line in lines:
        folded = fold(line)
        stamps = placed_moments_in(folded, now)
        begins = [0, *(stamp.end for stamp in stamps)]
        before = [folded[begin : stamp.start] for begin, stamp in zip(begins, stamps, strict=False)]
        late = [bool(_UPDATED.search(words)) for words in before]
        published |= any(not updated and _PUBLISHED.search(words) for words, updated in zip(before, late, strict=True))
        found += sorted(zip((stamp.moment for stamp in stamps), late, strict=True), key=itemgetter(1))
    yield from (moment for moment, _ in (sorted(found, key=itemgetter(1)) if published else found))


def _best_moment(moments: Iterable[Moment], origin: TimeOrigin, now: datetime | None) -> PublicationTime | None:
    """Return the first plausible time with an hour, else the first without."""
    day: PublicationTime | None = None
    for moment in moments:
        if not is_plausible(moment.at, now):
            continue
        if moment.exact:
            return PublicationTime(moment.at, origin, True)
        day = day or PublicationTime(moment.at, origin, False)
    return day


def _claimed_moments(texts: Iterable[str]) -> Iterator[Moment]:
    return (moment for text in texts if (moment := read_moment(text)) is not None)


def read_publication_time(
    page: ParsedPage,
    span: CopySpan | None,
    *,
    claims: Iterable[TimeClaim] = (),
    first_seen: datetime | None = None,
    now: datetime | None = None,
    with_text: bool = True,
) -> PublicationTime | None:
    """Return the first plausible publication time, in the order: JSON-LD, meta, time elements, a date near the
    headline, a feed or sitemap, a meta element with any date, and when it was first seen.

    A claim of a day only, or of its first minute, is replaced by the next one with an hour of that day. ``now``: later
    times are refused. ``with_text`` false: the document is not read.
    """
    announced = list(claims)
    places = _TimePlaces(page.body, span) if with_text else None
    shown = list(_shown_moments((block.text for block in places.lines()), now)) if places is not None else []
    marked = [mark.text for mark in places.marks()] if places is not None else []
    found: list[PublicationTime] = []
    for origin, vague in _ORDER:
        texts = [
            claim.text
            for claim in (*page.claims(origin), *announced)
            if claim.origin is origin and claim.vague is vague
        ]
        moments = (
            shown
            if origin is TimeOrigin.TEXT
            else _claimed_moments([*marked, *texts] if origin is TimeOrigin.TIME else texts)
        )
        best = _best_moment(moments, origin, now)
        if best is not None:
            found.append(best)
            if _has_hour(best):
                break
    if found:
        return _as_local(_moment_with_hour(found), shown)
    if places is not None and now is not None:
        for block in places.lines():
            ago = relative_moments_in(fold(block.text), now)
            if ago is not None:
                return PublicationTime(ago.at, TimeOrigin.TEXT, ago.exact)
    return PublicationTime(first_seen, TimeOrigin.FIRST_SEEN, True) if first_seen is not None else None


def _has_hour(time: PublicationTime) -> bool:
    local = time.at.astimezone(CITY)
    return time.exact and (local.hour, local.minute, local.second) != (0, 0, 0)


def _moment_with_hour(found: list[PublicationTime]) -> PublicationTime:
    """Return the first, or a later one with an hour of the same day where the first has none."""
    first = found[0]
    if _has_hour(first):
        return first
    day = first.at.astimezone(CITY).date()
    return next((time for time in found if _has_hour(time) and time.at.astimezone(CITY).date() == day), first)


def _as_local(time: PublicationTime, shown: Iterable[Moment]) -> PublicationTime:
    """Correct data that mark the city's time as UTC, where the page shows the same hour."""
    if time.origin is TimeOrigin.TEXT or time.at.utcoffset() != timedelta(0):
        return time
    local = time.at.replace(tzinfo=CITY)
    if any(moment.exact and moment.at.replace(second=0) == local.replace(second=0, microsecond=0) for moment in shown):
        return PublicationTime(local, time.origin, time.exact)
    return time
