"""The Vietnamese lunar calendar, computed: the day and month of any date, and the date of any lunar day.

Months begin on the day of the new moon as it falls in UTC+7; a year's eleventh month is the one with the winter
solstice in it, and of thirteen months between two such the first without a principal term is the leap one. New moon and
the sun's longitude are the short series of Jean Meeus, *Astronomical Algorithms*, chapters 49 and 25: their error is
under two minutes of time, which moves no month between 1968, when the country took UTC+7 for its calendar, and 2199.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import floor, pi, sin

ZONE = 7 / 24  # of a day; the calendar's own zone, the same as the city's
MONTH = 29.530588861  # mean days between two new moons
_FIRST_MOON = 2451550.09766  # Julian day of the mean new moon of 6 January 2000
_DELTA_T = 70 / 86400  # days between dynamical time, in which the series run, and ours; within 30 s of it until 2100
_JULIAN = 1721425  # the Julian day number that begins at noon of a date, less the date's ordinal

# Periodic terms of the new moon's moment: (days, power of the earth's eccentricity, factors of M, M', F, omega).
_NEW_MOON = (
    (-0.40720, 0, 0, 1, 0, 0), (0.17241, 1, 1, 0, 0, 0), (0.01608, 0, 0, 2, 0, 0), (0.01039, 0, 0, 0, 2, 0),
    (0.00739, 1, -1, 1, 0, 0), (-0.00514, 1, 1, 1, 0, 0), (0.00208, 2, 2, 0, 0, 0), (-0.00111, 0, 0, 1, -2, 0),
    (-0.00057, 0, 0, 1, 2, 0), (0.00056, 1, 1, 2, 0, 0), (-0.00042, 0, 0, 3, 0, 0), (0.00042, 1, 1, 0, 2, 0),
    (0.00038, 1, 1, 0, -2, 0), (-0.00024, 1, -1, 2, 0, 0), (-0.00017, 0, 0, 0, 0, 1),
)  # fmt: skip


@dataclass(frozen=True)
class LunarDay:
    """A day of the lunar calendar: ``day`` 1–30 of ``month`` 1–12 of ``year``; ``leap``: of the repeated month."""

    day: int
    month: int
    year: int
    leap: bool = False

    @property
    def short(self) -> str:
        """``16``, and with its month on the first and the fifteenth: ``1/10``, ``15/10``; a leap month has an ``n``."""
        return f"{self.day}/{self.month}{'n' if self.leap else ''}" if self.day in {1, 15} else str(self.day)


def _degrees(value: float) -> float:
    return value % 360 * pi / 180


@lru_cache(maxsize=4096)
def _new_moon(number: int) -> int:
    """The Julian day number, in UTC+7, of the ``number``-th new moon after that of 6 January 2000."""
    t = number / 1236.85
    mean = _FIRST_MOON + MONTH * number + 0.00015437 * t**2
    eccentric = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = _degrees(2.5534 + 29.10535670 * number - 0.0000014 * t**2)
    moon = _degrees(201.5643 + 385.81693528 * number + 0.0107582 * t**2)
    node = _degrees(160.7108 + 390.67050284 * number - 0.0016118 * t**2)
    rising = _degrees(124.7746 - 1.56375588 * number + 0.0020672 * t**2)
    shift = sum(
        days * eccentric**power * sin(m * sun + mm * moon + f * node + om * rising)
        for days, power, m, mm, f, om in _NEW_MOON
    )
    return floor(mean + shift - _DELTA_T + 0.5 + ZONE)


@lru_cache(maxsize=4096)
def _sun_sector(julian: int) -> int:
    """The twelfth of the ecliptic (0 from the spring equinox, 9 from the winter solstice) of the sun as a day begins.

    A month holds a principal term when the twelfth has changed as the next month begins.
    """
    t = (julian - 0.5 - ZONE + _DELTA_T - 2451545.0) / 36525
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t**2
    anomaly = _degrees(357.52911 + 35999.05029 * t - 0.0001537 * t**2)
    centre = (
        (1.914602 - 0.004817 * t) * sin(anomaly)
        + (0.019993 - 0.000101 * t) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    wobble = _degrees(125.04 - 1934.136 * t)
    return floor((mean + centre - 0.00569 - 0.00478 * sin(wobble)) % 360 / 30)


@lru_cache(maxsize=512)
def _eleventh_month(year: int) -> int:
    """The number of the new moon that begins the eleventh month, the one with the winter solstice of ``year``."""
    last = date(year, 12, 31).toordinal() + _JULIAN
    number = floor((last - _FIRST_MOON) / MONTH)
    while _new_moon(number + 1) <= last:
        number += 1
    # The solstice may be before that moon: then the month before contains it.
    return number - 1 if _sun_sector(_new_moon(number)) >= 9 else number


@lru_cache(maxsize=512)
def _leap_place(year: int) -> int | None:
    """How many months after the eleventh of ``year - 1`` the leap month comes; None in a year of twelve."""
    first = _eleventh_month(year - 1)
    if _eleventh_month(year) - first == 12:
        return None
    for place in range(1, 14):
        if _sun_sector(_new_moon(first + place)) == _sun_sector(_new_moon(first + place + 1)):
            return place
    raise AssertionError(f"thirteen months and none without a term: {year}")


def lunar_of(day: date) -> LunarDay:
    """The lunar day of a date."""
    julian = day.toordinal() + _JULIAN
    number = floor((julian - _FIRST_MOON) / MONTH) + 1
    while _new_moon(number) > julian:
        number -= 1
    # A lunar year is numbered by the winter in which its eleventh month began.
    winter = day.year if _eleventh_month(day.year) <= number else day.year - 1
    place = number - _eleventh_month(winter)
    leap_at = _leap_place(winter + 1)
    leap = leap_at == place
    if leap_at is not None and place >= leap_at:
        place -= 1
    month = (place + 10) % 12 + 1
    year = winter + (0 if month >= 11 and place < 2 else 1)
    return LunarDay(julian - _new_moon(number) + 1, month, year, leap)


def solar_of(day: int, month: int, year: int) -> date:
    """The date of a day of an ordinary (not leap) lunar month; the 30th of a month of 29 is its last day."""
    winter = year if month >= 11 else year - 1
    place = (month - 11) % 12
    leap_at = _leap_place(winter + 1)
    if leap_at is not None and place >= leap_at:
        place += 1
    number = _eleventh_month(winter) + place
    begins, ends = _new_moon(number), _new_moon(number + 1)
    return date.fromordinal(min(begins + day - 1, ends - 1) - _JULIAN)
