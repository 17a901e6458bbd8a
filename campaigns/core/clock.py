"""Moments, the city's days, and periods.

A moment is an aware datetime, stored in UTC. A day is a date in the city's zone; the day of a moment is computed once,
when a row is written, so that no query converts zones.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.core.errors import FieldError, Invalid

CITY = ZoneInfo("Asia/Ho_Chi_Minh")


def utc_now() -> datetime:
    """The machine's current time, for composition roots and jobs; the domain receives ``now`` as an argument."""
    return datetime.now(UTC)


def city_day(moment: datetime) -> date:
    """The date in the city at this moment."""
    return moment.astimezone(CITY).date()


def day_start(day: date) -> datetime:
    """The moment a day of the city begins, in UTC."""
    return datetime.combine(day, time(), CITY).astimezone(UTC)


@dataclass(frozen=True)
class Period:
    """Whole days of the city from ``first`` to ``last``, both included; ``label``: as it was written."""

    first: date
    last: date
    label: str

    @property
    def start(self) -> datetime:
        """The first moment, in UTC."""
        return day_start(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return day_start(self.last + timedelta(days=1))

    @property
    def length(self) -> int:
        """Days in it, at least 1."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        """Every day of it, in order."""
        for offset in range(self.length):
            yield self.first + timedelta(days=offset)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def _month(year: int, month: int) -> tuple[date, date]:
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)


# Other years are typing errors; date arithmetic fails at the calendar's ends.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def read_day(text: str) -> date:
    """Read ``24/11/2026`` as people write a day, or ``2026-11-24``. Raises ``ValueError``."""
    if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    return date.fromisoformat(text)


def parse_period(text: str, field: str = "period") -> Period:
    """Read ``2026-Q4``, ``2026-11``, ``2026-11-24``, ``2026`` or ``2026-10-01..2026-12-31``, from 1900 to 2199.

    Raises ``Invalid`` for anything else, naming ``field``; its code is ``before_start`` when the
    last day is before the first, ``year`` outside of these years.
    """
    label = text.strip()
    try:
        period = read_period(label)
        if period.last < period.first:
            message = f"{label!r} ends before it starts"
            raise Invalid([FieldError(field, "before_start", message)])
        if not FIRST_YEAR <= period.first.year <= period.last.year <= LAST_YEAR:
            message = f"{label!r} is not between {FIRST_YEAR} and {LAST_YEAR}"
            raise Invalid([FieldError(field, "year", message)])
    except ValueError:
        expected = "2026-Q4, 2026-11, 2026-11-24, 2026 or 2026-10-01..2026-12-31"
        message = f"{label!r} is not a period; expected {expected}"
        raise Invalid([FieldError(field, "period", message)]) from None
    return period


def read_period(label: str) -> Period:
    """Read a label of ``parse_period``, of any year. Raises ``ValueError``."""
    if ".." in label:
        first, last = (date.fromisoformat(part.strip()) for part in label.split("..", 1))
        return Period(first, last, label)
    if found := re.fullmatch(r"(\d{4})-[Qq]([1-4])", label):
        year, quarter = int(found[1]), int(found[2])
        return Period(date(year, 3 * quarter - 2, 1), _month(year, 3 * quarter)[1], label.upper())
    if found := re.fullmatch(r"(\d{4})-(\d{2})", label):
        first, last = _month(int(found[1]), int(found[2]))
        return Period(first, last, label)
    if re.fullmatch(r"\d{4}", label):
        return Period(date(int(label), 1, 1), date(int(label), 12, 31), label)
    day = date.fromisoformat(label)
    return Period(day, day, label)


def quarter_of(day: date) -> Period:
    """The quarter a day lies in."""
    return parse_period(f"{day.year}-Q{(day.month - 1) // 3 + 1}")
