"""When copies appear: by week and topic, and how long after the release."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import islice, pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.planning.campaigns import Topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting import reading
from campaigns.reporting.spans import BEFORE, HOUR, as_day, bin_edges, bin_of
from campaigns.reporting.sums import BY_BIN, BY_SECOND, second
from campaigns.reporting.tallies import Scope, cube_of, republications
from campaigns.tracking.republications import Republication, Status


@dataclass(frozen=True)
class Week:
    """Confirmed republications of one week, by topic code. ``first``: its Monday, even before the period begins."""

    first: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Over all topics."""
        return sum(self.counts.values())


def weekly(session: Session, scope: Scope, until: date) -> list[Week]:
    """Every week of the period up to the one with ``until`` in it, weeks without anything included."""
    codes = {row[0]: row[1] for row in session.execute(sa.select(Topic.id, Topic.code))}
    found: dict[date, dict[str, int]] = {}
    for (span, topic), (count,) in reading.read(
        session, cube_of(scope), scope, ("span", "topic_id"), ("confirmed",)
    ).items():
        day, code = as_day(span), codes[topic]
        week = found.setdefault(day - timedelta(days=day.weekday()), {})
        week[code] = week.get(code, 0) + count
    last = max([min(scope.period.last, until), *found])
    monday = scope.period.first - timedelta(days=scope.period.first.weekday())
    return [
        Week(first, found.get(first, {}))
        for first in (monday + timedelta(weeks=number) for number in range((last - monday).days // 7 + 1))
    ]


# Upper bounds in hours of the classes a delay falls in; the last class has none.
DELAY_BOUNDS = (1, 3, 6, 12, 24)


@dataclass(frozen=True)
class Delays:
    """How long after the release confirmed copies appeared: how many in each class, and the median in seconds.

    ``counts`` has one figure for each of ``DELAY_BOUNDS`` and one for what came later. ``median`` is None without any.
    """

    counts: Sequence[int]
    median: float | None


def classes(session: Session, scope: Scope) -> dict[int, int]:
    """How many confirmed copies each class of a delay has, by the class's number (``spans.bin_edges``)."""
    return {key[0]: count for key, (count,) in reading.read(session, BY_BIN, scope, ("bin",), ("confirmed",)).items()}


def delays(session: Session, scope: Scope) -> Delays:
    """From the release to the copy's own publication time, else to when we first saw it; never less than nothing."""
    if scope.company_id is not None:
        return _one_by_one(session, scope)
    lines, asked = reading.lines_of(BY_BIN, scope, ("bin",), ("confirmed",))
    *below, number, before = session.execute(_classed(lines), asked).one()
    reached = [int(count or 0) for count in below]
    counts = [after - earlier for earlier, after in pairwise([0, *reached])]
    if not reached[-1]:
        return Delays(counts, None)
    return Delays(counts, float(_within(session, scope, number, (reached[-1] - 1) // 2 - int(before))))


@cache
def _classed(lines: sa.Subquery) -> sa.Select[Any]:
    """How many waited less than each bound, and how many in all; the class with the middle one, and how many before."""
    each = sa.select(lines.c.bin, sa.func.sum(lines.c.confirmed).label("count")).group_by(lines.c.bin).subquery()
    upto = sa.func.sum(each.c.count).over(order_by=each.c.bin)
    ranked = sa.select(each.c.bin, each.c.count, upto.label("upto"), sa.func.sum(each.c.count).over().label("all"))
    one = ranked.subquery().c
    # The lower of the two middle ones when their number is even: nothing has to be averaged.
    middle = 2 * one.upto > one.all - 1
    bounds = [sa.func.sum(sa.case((one.bin < bin_of(hours * HOUR), one.count), else_=0)) for hours in DELAY_BOUNDS]
    return sa.select(
        *bounds,
        sa.func.sum(one.count),
        sa.func.min(sa.case((middle, one.bin))),
        sa.func.min(sa.case((middle, one.upto - one.count))),
    )


def _within(session: Session, scope: Scope, number: int, rank: int) -> int:
    """The delay in this place of the order among those of one class, 0 for the first."""
    if number == BEFORE:
        return 0
    low, high = bin_edges(number)
    seconds = reading.read(session, BY_SECOND, scope, ("waited",), ("confirmed",), waited=(low, high))
    return next(islice((key[0] for key in sorted(seconds) for _ in range(seconds[key][0])), rank, None))


def _one_by_one(session: Session, scope: Scope) -> Delays:
    """The same for one partner, whose copies are few: each by itself."""
    appeared = sa.func.coalesce(second(Republication.published_at), second(Republication.first_seen_at))
    waited = appeared - second(Bulletin.release_at)
    query = republications(scope, waited).where(
        Republication.status == Status.CONFIRMED, Bulletin.release_at.is_not(None)
    )
    found = sorted(int(one) for one in session.execute(query).scalars())
    edges = [hours * HOUR for hours in DELAY_BOUNDS]
    classes = Counter(bisect_right(edges, one) for one in found)
    counts = [classes[number] for number in range(len(edges) + 1)]
    return Delays(counts, float(max(found[(len(found) - 1) // 2], 0)) if found else None)
