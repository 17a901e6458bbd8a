"""The holidays of a year, computed from the table's rules and notices, with days in lieu."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from campaigns.planning.holiday_table import (
    FIRST_YEAR,
    HOLIDAY_NOTICES,
    LAST_YEAR,
    YEARLY_HOLIDAYS,
    HolidayNotice,
    YearlyHoliday,
)
from campaigns.planning.lunar_calendar import solar_of

IN_LIEU = "Bộ luật Lao động 45/2019/QH14, Điều 111 khoản 3"


@dataclass(frozen=True)
class Holiday:
    """One day of the table; ``key`` names the holiday. ``rest``: offices are closed. ``in_lieu``: it stands in for a
    holiday that fell on a weekend.

    ``expected``: the holiday is law, but that it falls on this very day waits for the year's notice.
    """

    day: date
    key: str
    rest: bool
    source: str
    in_lieu: bool = False
    expected: bool = False


def holiday_on(day: date) -> Holiday | None:
    """The holiday of a day, one with rest before one without; None on ordinary days and outside the table's years."""
    return _holidays_of_year(day.year).get(day)


def holidays(first: date, last: date) -> list[Holiday]:
    """Every holiday from ``first`` to ``last``, in order."""
    return [
        holiday
        for year in range(first.year, last.year + 1)
        for day, holiday in sorted(_holidays_of_year(year).items())
        if first <= day <= last
    ]


def is_public_holiday(day: date) -> bool:
    """Whether offices are closed for a holiday on this day; a weekend is no holiday."""
    found = holiday_on(day)
    return found is not None and found.rest


@lru_cache(maxsize=256)
def _holidays_of_year(year: int) -> MappingProxyType[date, Holiday]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return MappingProxyType({})
    found: dict[date, Holiday] = {}
    notices = {notice.key: notice for notice in HOLIDAY_NOTICES if notice.year == year}
    # Holidays with rest first: a day with two names shows the one that closes offices.
    for rule in sorted(YEARLY_HOLIDAYS, key=lambda rule: not rule.rest):
        core = solar_of(rule.day, rule.month, year) if rule.lunar else date(year, rule.month, rule.day)
        if core < rule.since:
            continue
        for holiday in _rule_days(rule, core, notices.get(rule.key)):
            found.setdefault(holiday.day, holiday)
    _add_in_lieu(found, {day for notice in notices.values() for day in notice.worked})
    return MappingProxyType({day: holiday for day, holiday in found.items() if day.year == year})


def _rule_days(rule: YearlyHoliday, core: date, notice: HolidayNotice | None) -> list[Holiday]:
    if notice is not None:
        whole = [notice.first + timedelta(days=step) for step in range((notice.last - notice.first).days + 1)]
        return [
            Holiday(day, rule.key, True, rule.source if day == core else notice.source) for day in [*whole, *notice.off]
        ]
    return [
        Holiday(core + timedelta(days=step), rule.key, rule.rest, rule.source,
                expected=not _is_fixed_by_law(rule, step))
        for step in range(-rule.before, rule.after + 1)
    ]  # fmt: skip


def _is_fixed_by_law(rule: YearlyHoliday, step: int) -> bool:
    """Whether the law fixes the day: of Tết, the first three days of the year are in every permitted choice."""
    return step == 0 or (rule.key == "tet" and step in {1, 2})


def _add_in_lieu(found: dict[date, Holiday], worked: set[date]) -> None:
    """A holiday on a weekend moves to the next working day (Labour Code, article 111, paragraph 3)."""
    for day in sorted(day for day, found_day in found.items() if found_day.rest and day.weekday() >= 5):
        holiday, free = found[day], day
        while free.weekday() >= 5 or (free in found and found[free].rest):
            free += timedelta(days=1)
        if free in worked:
            continue
        # Where the days before it are only expected, the one it moves to is so as well.
        expected = any(one.expected for one in found.values() if one.key == holiday.key)
        found[free] = Holiday(free, holiday.key, True, IN_LIEU, True, expected)
