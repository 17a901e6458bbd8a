"""Where a daily count will end: a profile of the week, a level, and a band for eight cases in ten. Pure.

The level is the mean of the last weeks, newer days weighing more, after each day was set against what its weekday
usually brings. The band adds up what can come out otherwise: the days themselves, the level, of which only some days
are known, and its wandering from week to week; where the weeks rise or fall, that side of it reaches as far as they
would lead, dying away. The figure itself follows no trend: most of them do not last.
``docs/explanation/forecast.md`` tells how often it held on series made
up and how far off it was; a test holds the figures of that page to it.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from campaigns.core.clock import Period
from campaigns.planning.holidays import rests


@dataclass(frozen=True)
class Forecast:
    """The expected figure at the end of a day, with the bounds of eight cases in ten."""

    value: float
    low: float
    high: float


# Days of history looked at: eight weeks, so that each weekday is seen often enough for a profile.
MEMORY_DAYS = 56
# A day so much older than another weighs half as much: two weeks follow a beginning and still average the weekdays.
HALF_LIFE_DAYS = 14.0
# The 10th and 90th percentile of a normal distribution lie this many standard deviations from its mean.
EIGHT_IN_TEN = 1.2816
# What is held of a weekday or of holidays before any was seen weighs as much as two days of them.
PRIOR_DAYS = 2.0
# How much of the wandering between neighbouring weeks goes on, at once and with every four weeks ahead; chosen on the
# series of the backtest so that the band holds in eight of ten.
WANDERS_AT_ONCE, WANDERS_IN_FOUR_WEEKS = 1.0, 0.15
# With few weeks the spread itself is only guessed: the band is widened as Student's distribution is.
FEW_WEEKS = 0.4
# A rise or fall of the weeks is believed less the nearer it is to what chance alone makes of them: at half of its
# standard error not at all.
SLOPE_OF_CHANCE = 0.5
# It goes on ever more slowly: after four weeks by a third of what it was. The level lies half a month behind it.
SLOPE_DAMPED_DAYS = 28.0
SLOPE_BEHIND_DAYS = 15.0


class Profile:
    """What a day of each kind brings, as a part of the mean day: seven weekdays, and holidays on which offices rest.

    A holiday is expected to lie halfway between its weekday and a Sunday until holidays have been seen.
    """

    def __init__(self, days: Sequence[tuple[date, float]]) -> None:
        self._mean = statistics.fmean(count for _day, count in days)
        ordinary = [(day.weekday(), count) for day, count in days if not rests(day)]
        self._rests = [count for day, count in days if rests(day)]
        self._weekdays = [
            self._part([count for weekday, count in ordinary if weekday == number], 1.0) for number in range(7)
        ]

    def _part(self, counts: Sequence[float], before: float) -> float:
        expected = before * self._mean
        return (sum(counts) + PRIOR_DAYS * expected) / ((len(counts) + PRIOR_DAYS) * self._mean)

    def __call__(self, day: date) -> float:
        usual = self._weekdays[day.weekday()]
        if not rests(day):
            return usual
        return self._part(self._rests, (usual + min(usual, self._weekdays[6])) / 2)


@dataclass(frozen=True)
class Pace:
    """What an ordinary day brings now. ``level``: an ordinary day; ``days_behind_it``: how many such days it is the
    mean of; ``own``: the variance of a day about it; ``wandering``: that of its level between weeks; ``slope``: what
    the level rises a day, below zero where it falls."""

    profile: Profile
    level: float
    days_behind_it: float
    own: float
    wandering: float
    weeks: float
    slope: float

    def ahead(self, days: Sequence[date]) -> Iterator[tuple[float, float, float]]:
        """For the end of each of ``days``: what they bring until then, and how far the band reaches below and above."""
        widening = math.sqrt(1 + FEW_WEEKS / self.weeks)
        sum_of_parts = led = 0.0
        for number, day in enumerate(days, start=1):
            part = self.profile(day)
            sum_of_parts += part
            gone_on = SLOPE_DAMPED_DAYS * (1 - math.exp(-number / SLOPE_DAMPED_DAYS))
            led += self.slope * (SLOPE_BEHIND_DAYS + gone_on) * part
            square = sum_of_parts**2
            variance = self.own * (sum_of_parts + square / self.days_behind_it)
            wanders = WANDERS_AT_ONCE + WANDERS_IN_FOUR_WEEKS * number / 28
            variance += self.wandering * square * wanders
            band = EIGHT_IN_TEN * widening * math.sqrt(variance)
            yield self.level * sum_of_parts, band + max(0.0, -led), band + max(0.0, led)


def pace_of(history: Sequence[float], today: date) -> Pace | None:
    """The pace of the days right before ``today``, the oldest first; None where nothing was ever counted."""
    counts = list(history[-MEMORY_DAYS:])
    if not any(counts):
        return None
    number = len(counts)
    days = [today - timedelta(days=number - place) for place in range(number)]
    profile = Profile(list(zip(days, counts, strict=True)))
    parts = [profile(day) for day in days]
    weights = [0.5 ** ((number - 1 - place) / HALF_LIFE_DAYS) for place in range(number)]
    weighed = sum(weight * part for weight, part in zip(weights, parts, strict=True))
    level = sum(weight * count for weight, count in zip(weights, counts, strict=True)) / weighed
    behind = weighed**2 / sum(weight**2 * part for weight, part in zip(weights, parts, strict=True))
    mean = sum(counts) / sum(parts)
    # A day of a larger part varies more, as counts do: its variance is taken to grow with its part.
    squares = [(count - mean * part) ** 2 / part for count, part in zip(counts, parts, strict=True)]
    own = sum(squares) / max(number - min(7, number // 2), 1)
    if number < 14:
        # Two or three days that happen to be alike prove nothing: independent events vary by their number at least.
        own = max(own, mean)
    ends = range(len(counts), 6, -7)
    weeks = [sum(counts[end - 7 : end]) / sum(parts[end - 7 : end]) for end in ends]
    return Pace(profile, level, behind, own, _wandering(weeks, own), max(number / 7, 1.0), _slope(weeks[::-1], own))


def _slope(weeks: Sequence[float], own: float) -> float:
    """What the level rises a day by the straight line through the weeks' levels, the oldest first, less what chance may
    make of it. Two weeks have a line always, so it takes three."""
    number = len(weeks)
    if number < 3:
        return 0.0
    middle, mean = (number - 1) / 2, statistics.fmean(weeks)
    spread = sum((place - middle) ** 2 for place in range(number))
    rise = sum((place - middle) * (week - mean) for place, week in enumerate(weeks)) / spread
    about = own / 7
    if number > 3:
        off = sum((week - mean - rise * (place - middle)) ** 2 for place, week in enumerate(weeks))
        about = max(about, off / (number - 2))
    if rise**2 <= SLOPE_OF_CHANCE**2 * about / spread:
        return 0.0
    return rise / 7 * (1 - SLOPE_OF_CHANCE**2 * about / spread / rise**2)


def _wandering(weeks: Sequence[float], own: float) -> float:
    """The variance between neighbouring weeks' levels beyond half of what their days alone would make."""
    if len(weeks) < 2:
        return 0.0
    between = statistics.fmean((one - other) ** 2 / 2 for one, other in pairwise(weeks))
    return max(0.0, between - own / 14)


def forecast_path(
    daily: Sequence[int], period: Period, today: date, earlier: Sequence[int] = ()
) -> tuple[Forecast, ...]:
    """What will be there at the end of each day left, tomorrow first; nothing after the period's end or before it.

    ``daily`` holds one figure a day from the period's first day on, ``earlier`` those of the days right before it.
    Today is not over, so its figure counts and says nothing of the pace, unless there is no other. What is counted
    never goes down, so the lower bound does not either.
    """
    total = float(sum(daily))
    left = max((period.last - today).days, 0)
    if left == 0 or today < period.first:
        return ()
    elapsed = min((today - period.first).days, len(daily))
    history = [*earlier, *daily[:elapsed]]
    pace = pace_of(history, today) if history else pace_of(daily[:1], today + timedelta(days=1))
    if pace is None:
        return (Forecast(total, total, total),) * left
    days = [today + timedelta(days=offset) for offset in range(1, left + 1)]
    return tuple(
        Forecast(total + gain, max(total, total + gain - below), total + gain + above)
        for gain, below, above in pace.ahead(days)
    )


def forecast_sum(daily: Sequence[int], period: Period, today: date, earlier: Sequence[int] = ()) -> Forecast:
    """Where a counted total will end: the last of ``forecast_path``, or what is there when no day is left."""
    total = float(sum(daily))
    path = forecast_path(daily, period, today, earlier)
    return path[-1] if path else Forecast(total, total, total)
