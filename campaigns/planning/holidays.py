"""The holidays of a year: days off by the law and by the year's notice, from the package ``holidays``, and the days
that the department remembers besides."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from holidays import country_holidays

from campaigns.planning.lunar_calendar import solar_of

FIRST_YEAR, LAST_YEAR = 2021, 2060
# The Government's notice fixes the days of Tết and of the National Day that the Labour Code (article 112) leaves open.
# The package holds the notices to this year; of later years those days are computed, and only expected.
LAST_YEAR_WITH_NOTICE: Final = 2026

DAYS_OFF: Final = (  # what the package's English name contains, and the key
    ("Lunar New Year", "tet"),
    ("New Year's Day", "new-year"),
    ("Hung Kings", "hung-kings"),
    ("Liberation Day", "victory"),
    ("Labor Day", "labour"),
    ("National Day", "national"),
    ("Cultural Day", "culture"),
)
EXCHANGED: Final = "Day off"  # a working day that the Government exchanged for a Saturday, named after no holiday
FIXED_DAYS_OF_TET: Final = ("Lunar New Year", "Second Day of Lunar New Year", "Third Day of Lunar New Year")
REMEMBERED: Final = {  # key -> day, month
    "party": (3, 2),
    "women": (8, 3),
    "press": (21, 6),
    "invalids": (27, 7),
    "teachers": (20, 11),
    "army": (22, 12),
}
REMEMBERED_LUNAR: Final = {"vu-lan": (15, 7), "mid-autumn": (15, 8)}


@dataclass(frozen=True)
class Holiday:
    """One day; ``key`` names the holiday. ``rest``: offices are closed. ``in_lieu``: it stands in for a holiday that
    fell on a weekend. ``expected``: the holiday is law, but that it falls on this very day waits for the year's notice.
    """

    day: date
    key: str
    rest: bool
    in_lieu: bool = False
    expected: bool = False


def holiday_on(day: date) -> Holiday | None:
    """The holiday of a day, one with rest before one without; None on ordinary days and outside ``FIRST_YEAR`` to
    ``LAST_YEAR``."""
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
    names = dict(country_holidays("VN", years=year, language="en_US"))
    keys = {day: key for day, name in names.items() for part, key in DAYS_OFF if part in name}
    days_off = [_day_off(day, name, keys) for day, name in sorted(names.items())]
    remembered = [Holiday(date(year, month, day), key, rest=False) for key, (day, month) in REMEMBERED.items()]
    remembered += [Holiday(solar_of(*place, year), key, rest=False) for key, place in REMEMBERED_LUNAR.items()]
    # A day with two names shows the one that closes offices.
    return MappingProxyType({holiday.day: holiday for holiday in (*remembered, *days_off)})


def _day_off(day: date, name: str, keys: dict[date, str]) -> Holiday:
    """``keys``: of the year's days off that are named after a holiday."""
    key = keys[min(keys, key=lambda named: abs(named - day))] if name.startswith(EXCHANGED) else keys[day]
    fixed = {"tet": name in FIXED_DAYS_OF_TET, "national": (day.month, day.day) == (9, 2)}.get(key, True)
    return Holiday(
        day,
        key,
        rest=True,
        in_lieu=name.endswith("(observed)"),
        expected=day.year > LAST_YEAR_WITH_NOTICE and not fixed,
    )
