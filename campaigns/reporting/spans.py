"""What sums are kept by: years, months and days of the city, and the classes a delay falls in.

A span is a number that reads as a date does: 20261124 a day, 20261100 a month, 20260000 a year.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from campaigns.core.clock import Period


def day_span(day: date) -> int:
    """The span of one day."""
    return day.year * 10_000 + day.month * 100 + day.day


MONTH, YEAR = 100, 10_000  # what the span of a day is cut off at


def wider_span(span: int, size: int) -> int:
    """The month (``MONTH``) or year (``YEAR``) that a day's span lies in."""
    return span - span % size


def as_day(span: int) -> date:
    """The day of a day's span."""
    return date(span // 10_000, span // 100 % 100, span % 100)


def spans_of(period: Period) -> list[int]:
    """The fewest spans that are exactly a period: whole years, then whole months, then single days."""
    return list(_spans(period.first, period.last))


def _spans(first: date, last: date) -> Iterator[int]:
    day = first
    while day <= last:
        year_end, month_end = date(day.year, 12, 31), _month_end(day)
        if day == date(day.year, 1, 1) and year_end <= last:
            yield day.year * 10_000
            day = year_end
        elif day.day == 1 and month_end <= last:
            yield day.year * 10_000 + day.month * 100
            day = month_end
        else:
            yield day_span(day)
        day += timedelta(days=1)


def _month_end(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)


def span_columns(day: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[int], ...]:
    """The day, the month and the year that a column of days belongs to, each as a span."""
    year, month = sa.extract("year", day) * 10_000, sa.extract("month", day) * 100
    return (
        sa.cast(year + month + sa.extract("day", day), sa.Integer),
        sa.cast(year + month, sa.Integer),
        sa.cast(year, sa.Integer),
    )


MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
# Classes of a delay in seconds: from where on, and how wide each is from there; before the release is a class of its
# own. They are narrow where copies are many, so that few have to be read to find the middle one.
_STEPS = ((0, MINUTE), (HOUR, 5 * MINUTE), (DAY, HOUR), (30 * DAY, DAY))
_FIRST_BIN = (0, 60, 60 + 276, 60 + 276 + 696)  # the number of the first class of each step
BEFORE = -1  # the class of what appeared before the release


def bin_column(waited: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The class of a delay in whole seconds."""
    whens: list[tuple[Any, Any]] = [(waited < 0, sa.literal_column(str(BEFORE)))]
    for (low, width), number, after in zip(_STEPS, _FIRST_BIN, (*_STEPS[1:], None), strict=True):
        # Written out, not bound: what is grouped by it has to be the same expression to PostgreSQL.
        this: sa.ColumnElement[Any] = sa.literal_column(str(number)) + (
            waited - sa.literal_column(str(low))
        ) // sa.literal_column(str(width))
        whens.append((waited < after[0] if after else sa.true(), this))
    return sa.cast(sa.case(*whens), sa.Integer)


def bin_of(waited: int) -> int:
    """The class of a delay in whole seconds, as ``bin_column`` tells it in the database."""
    if waited < 0:
        return BEFORE
    step = max(one for one, (low, _width) in enumerate(_STEPS) if low <= waited)
    (low, width), first = _STEPS[step], _FIRST_BIN[step]
    return first + (waited - low) // width


@cache
def bin_edges(number: int) -> tuple[int, int]:
    """From which second on, and before which, a delay is in this class (not ``BEFORE``)."""
    step = max(one for one, first in enumerate(_FIRST_BIN) if first <= number)
    (low, width), first = _STEPS[step], _FIRST_BIN[step]
    begin = low + (number - first) * width
    return begin, begin + width
