"""The timing of copies: by week and topic, and their delays after the release."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.planning.campaigns import Topic
from campaigns.reporting.rollups import tally_history
from campaigns.reporting.rollups.rollup_query import TallyScope, copy_figures, scope_conditions
from campaigns.reporting.rollups.rollup_tables import Columns, second
from campaigns.reporting.tallies import republications
from campaigns.republications.republications import Republication, RepublicationStatus


@dataclass(frozen=True)
class WeekCounts:
    """Confirmed republications of one week, by topic code. ``first``: its Monday, even before the period begins."""

    first: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """The sum over all topics."""
        return sum(self.counts.values())


def weekly_counts(session: Session, scope: TallyScope, until: date) -> list[WeekCounts]:
    """Return every week of the period up to the one with ``until`` in it, weeks with zeros included."""
    codes = {row[0]: row[1] for row in session.execute(sa.select(Topic.id, Topic.code))}
    found: dict[date, dict[str, int]] = {}
    for (day, topic), (count,) in copy_figures(session, scope, ("day", "topic_id"), ("confirmed",)).items():
        code = codes[topic]
        week = found.setdefault(day - timedelta(days=day.weekday()), {})
        week[code] = week.get(code, 0) + count
    last = max([min(scope.period.last, until), *found])
    monday = scope.period.first - timedelta(days=scope.period.first.weekday())
    return [
        WeekCounts(first, found.get(first, {}))
        for first in (monday + timedelta(weeks=number) for number in range((last - monday).days // 7 + 1))
    ]


MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
# Classes of a delay in seconds: the lower bound, and the width of each class from there. Delays before the release are
# one class.
_STEPS = ((0, MINUTE), (HOUR, 5 * MINUTE), (DAY, HOUR), (30 * DAY, DAY))
_FIRST_BIN = (0, 60, 60 + 276, 60 + 276 + 696)  # the number of the first class of each step
BEFORE_RELEASE = -1  # the class of copies before the release


def bin_column(waited: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Return the class of a delay in whole seconds, as an SQL expression."""
    whens: list[tuple[Any, Any]] = [(waited < 0, sa.literal_column(str(BEFORE_RELEASE)))]
    for (low, width), number, after in zip(_STEPS, _FIRST_BIN, (*_STEPS[1:], None), strict=True):
        # Literals, not parameters: PostgreSQL must recognise the grouping expression as the same.
        this: sa.ColumnElement[Any] = sa.literal_column(str(number), sa.Integer) + (
            waited - sa.literal_column(str(low), sa.Integer)
        ) // sa.literal_column(str(width), sa.Integer)
        whens.append((waited < after[0] if after else sa.true(), this))
    return sa.cast(sa.case(*whens), sa.Integer)


def bin_of(waited: int) -> int:
    """Return the class of a delay in whole seconds, the same as ``bin_column``."""
    if waited < 0:
        return BEFORE_RELEASE
    step = max(number for number, (low, _width) in enumerate(_STEPS) if low <= waited)
    (low, width), first = _STEPS[step], _FIRST_BIN[step]
    return first + (waited - low) // width


def bin_edges(number: int) -> tuple[int, int]:
    """Return the first second of a class (other than ``BEFORE_RELEASE``), and the first second after it."""
    step = max(value for value, first in enumerate(_FIRST_BIN) if first <= number)
    (low, width), first = _STEPS[step], _FIRST_BIN[step]
    begin = low + (number - first) * width
    return begin, begin + width


# Upper bounds in hours of the classes a delay falls in; the last class has none.
DELAY_BOUNDS = (1, 3, 6, 12, 24)


@dataclass(frozen=True)
class DelayFigures:
    """The delays of confirmed copies after the release: the count of each class, and the median in seconds.

    ``counts`` has one figure for each of ``DELAY_BOUNDS`` and one for later copies. ``median`` is None without any.
    """

    counts: Sequence[int]
    median: float | None


def delay_classes(session: Session, scope: TallyScope) -> dict[int, int]:
    """Return the number of confirmed copies in each class of delay, by the class's number (``bin_edges``)."""
    number = bin_column(sa.literal_column("waited", sa.BigInteger()))
    return _counted_by(session, scope, number)


def delay_figures(session: Session, scope: TallyScope, known: Mapping[int, int] | None = None) -> DelayFigures:
    """Return the delays from the release to the copy's publication time, or else to when it was first seen.
    ``known``: the ``delay_classes`` of the scope, where they are counted already."""
    if scope.company_id is not None and scope.as_of is None:
        return _delays_of_partner(session, scope)
    classes = sorted((delay_classes(session, scope) if known is None else known).items())
    below = [sum(count for number, count in classes if number < bin_of(hours * HOUR)) for hours in DELAY_BOUNDS]
    total = sum(count for _number, count in classes)
    counts = [after - before for before, after in pairwise([0, *below, total])]
    if not total:
        return DelayFigures(counts, None)
    # The lower of the two middle values when their number is even.
    rank = (total - 1) // 2
    for number, count in classes:
        if rank < count:
            return DelayFigures(counts, float(_delay_in_class(session, scope, number, rank)))
        rank -= count
    raise AssertionError("the middle lies in no class")  # the sum of the classes is the total


def _delays_of_partner(session: Session, scope: TallyScope) -> DelayFigures:
    """Return the delays of one partner from the rows, which are few and found by an index."""
    appeared = sa.func.coalesce(second(Republication.published_at), second(Republication.first_seen_at))
    waited = appeared - second(Bulletin.release_at)
    query = republications(scope, waited).where(
        Republication.status == RepublicationStatus.CONFIRMED, Bulletin.release_at.is_not(None)
    )
    delays = sorted(int(delay) for delay in session.execute(query).scalars())
    below = [bisect_left(delays, hours * HOUR) for hours in DELAY_BOUNDS]
    counts = [after - before for before, after in pairwise([0, *below, len(delays)])]
    return DelayFigures(counts, float(max(delays[(len(delays) - 1) // 2], 0)) if delays else None)


def _delay_in_class(session: Session, scope: TallyScope, number: int, rank: int) -> int:
    """Return the delay at this position in the order of one class, 0 for the first; never negative."""
    if number == BEFORE_RELEASE:
        return 0
    low, high = bin_edges(number)
    waited: sa.ColumnElement[int] = sa.literal_column("waited", sa.BigInteger())
    seconds = _counted_by(session, scope, waited, waited >= low, waited < high)
    return [second for second in sorted(seconds) for _ in range(seconds[second])][rank]


def _counted_by(
    session: Session, scope: TallyScope, key: sa.ColumnElement[int], *conditions: sa.ColumnElement[bool]
) -> dict[int, int]:
    """Return the confirmed copies of a scope grouped by ``key`` of the delay, from the history, which stores the delay
    of each copy, so that no join with the bulletins is needed."""

    def confirmed(changes: Columns) -> list[sa.ColumnElement[bool]]:
        # Only a copy has a status: its kind, which the index of the confirmed copies lacks, need not be asked for.
        status = changes["status"] == sa.literal_column(f"'{RepublicationStatus.CONFIRMED.value}'")
        return [status, changes["waited"].is_not(None), *scope_conditions(changes, scope, "site_id")]

    source = tally_history.changes_until(scope.as_of, ("waited", "sign"), confirmed)
    each = sa.select(key.label("key"), sa.literal_column("sign", sa.Integer).label("sign"))
    each_rows = each.select_from(source).where(*conditions).subquery()
    net = sa.func.sum(each_rows.c.sign)
    query: sa.Select[Any] = sa.select(each_rows.c.key, net).group_by(each_rows.c.key).having(net != 0)
    return {row[0]: int(row[1]) for row in session.execute(query)}
