"""Forecasts of daily counts: a weekly profile, a level, and a band that holds in eight cases of ten. Pure functions.

The level is the mean of the last weeks relative to each day's usual part, newer days weighing more. The band adds the
variances of the days themselves, of the estimated level, and of its drift from week to week; where the weeks rise or
fall, that side of the band includes the damped trend. The figure itself follows no trend: most trends do not last.
``docs/explanation/forecast.md`` reports how often the band held on synthetic series and the size of the errors; a test
compares that page's figures with the code.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from campaigns.core.clock import Period
from campaigns.planning.holidays import is_public_holiday


@dataclass(frozen=True)
class Forecast:
    """The expected figure at the end of a day, with the bounds of eight cases in ten."""

    value: float
    low: float
    high: float


# Days of history: eight weeks, so that each weekday occurs often enough for a profile.
MEMORY_DAYS = 56
# A day this much older than another weighs half as much: two weeks follow changes and still average the weekdays.
HALF_LIFE_DAYS = 14.0
# The 10th and 90th percentile of a normal distribution lie this many standard deviations from its mean.
BAND_QUANTILE = 1.2816
# The prior of a weekday or of holidays weighs as much as two observed days.
PRIOR_DAYS = 2.0
# The part of the drift between neighbouring weeks that applies at once and with every four weeks ahead; chosen on the
# series of the backtest so that the band holds in eight cases of ten.
LEVEL_DRIFT_AT_ONCE, LEVEL_DRIFT_IN_FOUR_WEEKS = 1.0, 0.15
# With few weeks the variance itself is uncertain: the band is widened as Student's distribution is.
FEW_WEEKS = 0.4
# A slope of the weeks is reduced the nearer it is to what chance alone produces: to zero at half of its standard
# error.
SLOPE_OF_CHANCE = 0.5
# The slope is damped to a third after four weeks. The level lags half a month behind it.
SLOPE_DAMPED_DAYS = 28.0
SLOPE_BEHIND_DAYS = 15.0


class WeekProfile:
    """The figure of each kind of day as a part of the mean day: seven weekdays, and public holidays.

    A holiday is expected halfway between its weekday and a Sunday until holidays have been observed.
    """

    def __init__(self, days: Sequence[tuple[date, float]]) -> None:
        self._mean = statistics.fmean(count for _day, count in days)
        ordinary = [(day.weekday(), count) for day, count in days if not is_public_holiday(day)]
        self._rests = [count for day, count in days if is_public_holiday(day)]
        self._weekdays = [
            self._part([count for weekday, count in ordinary if weekday == number], 1.0) for number in range(7)
        ]

    def _part(self, counts: Sequence[float], before: float) -> float:
        expected = before * self._mean
        return (sum(counts) + PRIOR_DAYS * expected) / ((len(counts) + PRIOR_DAYS) * self._mean)

    def __call__(self, day: date) -> float:
        usual = self._weekdays[day.weekday()]
        if not is_public_holiday(day):
            return usual
        return self._part(self._rests, (usual + min(usual, self._weekdays[6])) / 2)


@dataclass(frozen=True)
class DailyRate:
    """The current daily rate. ``profile``: each day's part of an ordinary day; ``level``: an ordinary day's figure;
    ``sample_days``: the effective number of days it is the mean of; ``daily_variance``: the variance of a day about it;
    ``level_variance``: the variance of the level between weeks; ``weeks``: the number of weeks it was estimated from;
    ``slope``: the rise of the level a day, negative where it falls."""

    profile: WeekProfile
    level: float
    sample_days: float
    daily_variance: float
    level_variance: float
    weeks: float
    slope: float

    def ahead(self, days: Sequence[date]) -> Iterator[tuple[float, float, float]]:
        """For the end of each of ``days``: the expected sum until then, and the band's width below and above it."""
        widening = math.sqrt(1 + FEW_WEEKS / self.weeks)
        sum_of_parts = led = 0.0
        for number, day in enumerate(days, start=1):
            part = self.profile(day)
            sum_of_parts += part
            gone_on = SLOPE_DAMPED_DAYS * (1 - math.exp(-number / SLOPE_DAMPED_DAYS))
            led += self.slope * (SLOPE_BEHIND_DAYS + gone_on) * part
            square = sum_of_parts**2
            variance = self.daily_variance * (sum_of_parts + square / self.sample_days)
            wanders = LEVEL_DRIFT_AT_ONCE + LEVEL_DRIFT_IN_FOUR_WEEKS * number / 28
            variance += self.level_variance * square * wanders
            band = BAND_QUANTILE * widening * math.sqrt(variance)
            yield self.level * sum_of_parts, band + max(0.0, -led), band + max(0.0, led)


def daily_rate_of(history: Sequence[float], today: date) -> DailyRate | None:
    """The rate of the days right before ``today``, the oldest first; None where nothing was counted."""
    counts = list(history[-MEMORY_DAYS:])
    if not any(counts):
        return None
    number = len(counts)
    days = [today - timedelta(days=number - place) for place in range(number)]
    profile = WeekProfile(list(zip(days, counts, strict=True)))
    parts = [profile(day) for day in days]
    weights = [0.5 ** ((number - 1 - place) / HALF_LIFE_DAYS) for place in range(number)]
    weighed = sum(weight * part for weight, part in zip(weights, parts, strict=True))
    level = sum(weight * count for weight, count in zip(weights, counts, strict=True)) / weighed
    behind = weighed**2 / sum(weight**2 * part for weight, part in zip(weights, parts, strict=True))
    mean = sum(counts) / sum(parts)
    # As with counts, the variance of a day is taken to be proportional to its part.
    squares = [(count - mean * part) ** 2 / part for count, part in zip(counts, parts, strict=True)]
    own = sum(squares) / max(number - min(7, number // 2), 1)
    if number < 14:
        # Two or three equal days prove nothing: independent events vary at least by their number.
        own = max(own, mean)
    ends = range(len(counts), 6, -7)
    weeks = [sum(counts[end - 7 : end]) / sum(parts[end - 7 : end]) for end in ends]
    return DailyRate(
        profile, level, behind, own, _level_drift(weeks, own), max(number / 7, 1.0), _level_slope(weeks[::-1], own)
    )


def _level_slope(weeks: Sequence[float], own: float) -> float:
    """The rise of the level a day by the straight line through the weeks' levels, the oldest first, reduced by what
    chance produces. At least three weeks are needed."""
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


def _level_drift(weeks: Sequence[float], own: float) -> float:
    """The variance between neighbouring weeks' levels beyond half of what their days alone produce."""
    if len(weeks) < 2:
        return 0.0
    between = statistics.fmean((week - after) ** 2 / 2 for week, after in pairwise(weeks))
    return max(0.0, between - own / 14)


def forecast_path(
    daily: Sequence[int], period: Period, today: date, earlier: Sequence[int] = (), *, since: date | None = None
) -> tuple[Forecast, ...]:
    """The forecast for the end of each remaining day, tomorrow first; empty after the period's end or before it.

    ``daily`` has one figure a day from the period's first day on, ``earlier`` those of the days right before it. Today
    is not over: its figure counts but is left out of the rate, unless there is no other. So are days before ``since``,
    on which nothing could be counted. Counts never decrease, so that the lower bound is at least the present total.
    """
    total = float(sum(daily))
    left = max((period.last - today).days, 0)
    if left == 0 or today < period.first:
        return ()
    elapsed = min((today - period.first).days, len(daily))
    without = (since - period.first).days if since else 0
    history = list(daily[without:elapsed]) if without > 0 else [*earlier, *daily[:elapsed]]
    if history:
        pace = daily_rate_of(history, today)
    else:
        pace = daily_rate_of(daily[elapsed : elapsed + 1], today + timedelta(days=1))
    if pace is None:
        return (Forecast(total, total, total),) * left
    days = [today + timedelta(days=offset) for offset in range(1, left + 1)]
    return tuple(
        Forecast(total + gain, max(total, total + gain - below), total + gain + above)
        for gain, below, above in pace.ahead(days)
    )


# Forecasts of figures that do not add up day by day: partners, a rate, a median.


# The prior shape of the gamma distribution of the partners' rates, and the number of copies beyond each partner's
# first that weigh as much as the prior.
USUAL_SHAPE, SHAPE_WEIGHT = 0.8, 60.0
_SHAPES = (0.05, 100.0)  # between "few partners have all copies" and "all partners are equal"
_STEPS = 40  # halvings of an interval, beyond the precision of a float
# The number of unseen partners is itself estimated from those seen once.
UNSEEN_UNCERTAINTY = 2.0
# Delays of one week are more alike than those of different weeks; the band is widened by this factor.
WEEKS_DIFFER = 1.3


def forecast_partners(copies: Sequence[int], ahead: float, known: int) -> Forecast:
    """How many partners will have at least one copy. ``copies``: of each that has some, in any order; ``ahead``: the
    time that is left as a part of the time that is over; ``known``: how many partners there are.

    Partners' rates are taken as gamma distributed, so their counts as negative binomial without the zeros; its shape
    and mean follow from the mean count and from how many have exactly one (after B. Efron, R. Thisted, "Estimating the
    number of unseen species", Biometrika 63, 1976).
    """
    seen, copied = len(copies), sum(copies)
    if not seen or ahead <= 0 or known <= seen:
        return Forecast(seen, seen, seen)
    ones = sum(count == 1 for count in copies)
    mean = copied / seen
    found = _shape(mean, ones / seen)
    evidence = copied - seen
    weight = evidence / (evidence + SHAPE_WEIGHT)
    shape = math.exp(weight * math.log(found) + (1 - weight) * math.log(USUAL_SHAPE))
    rate = _partner_rate(shape, mean)
    nothing_yet = (1 + rate / shape) ** -shape
    unseen = min(seen * nothing_yet / (1 - nothing_yet), known - seen)
    still_nothing = ((1 + rate / shape) / (1 + rate * (1 + ahead) / shape)) ** shape
    new = unseen * (1 - still_nothing)
    band = BAND_QUANTILE * math.sqrt(max(new, 0.5) * (1 + UNSEEN_UNCERTAINTY * new / max(ones, 1)))
    return Forecast(seen + new, max(seen, seen + new - band), min(known, seen + new + band))


def _shape(mean: float, ones: float) -> float:
    """The shape for which a partner with copies has ``mean`` of them, and just one with the chance ``ones``."""
    low, high = (math.log(bound) for bound in _SHAPES)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        shape = math.exp(middle)
        rate = _partner_rate(shape, mean)
        nothing = (1 + rate / shape) ** -shape
        just_one = rate * (1 + rate / shape) ** (-shape - 1) / (1 - nothing)
        low, high = (middle, high) if just_one > ones else (low, middle)
    return math.exp((low + high) / 2)


def _partner_rate(shape: float, mean: float) -> float:
    """The mean over all partners for which those with copies have ``mean``: 1 at the least, by its making."""
    low, high = 1e-9, max(mean, 1e-9)
    for _ in range(_STEPS):
        rate = (low + high) / 2
        if rate / -math.expm1(-shape * math.log1p(rate / shape)) < mean:
            low = rate
        else:
            high = rate
    return (low + high) / 2


def forecast_rate(weeks: Sequence[tuple[int, int]], counted: int, fulfilling: int, coming: float) -> Forecast:
    """The forecast of a rate in per cent. ``weeks``: the copies of each past week, the oldest first, and how many
    fulfil the condition; ``counted`` and ``fulfilling``: the same of the whole period; ``coming``: expected copies.

    Expected copies are taken to be like the last four weeks. Weeks differ by more than chance; that excess widens the
    band.
    """
    now = 100 * fulfilling / counted if counted else 0.0
    last = [(many, well) for many, well in weeks if many][-4:]
    if not counted or coming <= 0 or not last:
        return Forecast(now, now, now)
    recent, well = sum(many for many, _ in last), sum(good for _, good in last)
    rate = well / recent
    # One more of each kind: an observed rate of 0 or 1 is not certain.
    spread = (well + 1) / (recent + 2) * (1 - (well + 1) / (recent + 2))
    excess = sum((good - many * rate) ** 2 / (many * spread) for many, good in last) / max(len(last) - 1, 1)
    part = coming / (counted + coming)
    weekly = recent / len(last)
    variance = spread * max(1.0, excess) * (1 / max(coming, weekly) + 1 / recent)
    band = 100 * part * BAND_QUANTILE * math.sqrt(variance * (1 + FEW_WEEKS / len(last)))
    expected = 100 * (fulfilling + rate * coming) / (counted + coming)
    return Forecast(expected, max(0.0, expected - band), min(100.0, expected + band))


def forecast_median(
    counts: Sequence[tuple[float, int]], recent: Sequence[tuple[float, int]], coming: float
) -> Forecast:
    """The forecast of a median. ``counts``: values with their numbers, of the whole period; ``recent``: of the last
    weeks; ``coming``: the expected number of further values, distributed as the recent ones.

    The band's bounds are the quantiles as far from the middle as chance moves it: by the share of expected values,
    times the deviation of a share of one half among them and among the recent ones.
    """
    whole, latest = sum(many for _, many in counts), sum(many for _, many in recent)
    if not whole:
        return Forecast(0.0, 0.0, 0.0)
    if coming <= 0 or not latest:
        now = _quantile(counts, 0.5)
        return Forecast(now, now, now)
    mixed = [*counts, *((value, many * coming / latest) for value, many in recent)]
    part = coming / (whole + coming)
    away = part * BAND_QUANTILE * 0.5 * math.sqrt(1 / coming + 1 / latest) * WEEKS_DIFFER
    bounds = [_quantile(mixed, 0.5 + side * min(away, 0.5)) for side in (-1, 0, 1)]
    return Forecast(bounds[1], bounds[0], bounds[2])


def _quantile(counts: Sequence[tuple[float, float]], part: float) -> float:
    """The quantile of weighted values."""
    ordered = sorted(counts)
    wanted = part * sum(many for _, many in ordered)
    reached = 0.0
    for value, many in ordered:
        reached += many
        if many and reached >= wanted:
            return value
    return ordered[-1][0]


# What-if forecasts: other assumptions for the remaining days.


RECENT_RATE_DAYS = 28  # past whole days from which the current rates are computed


@dataclass(frozen=True)
class ForecastAssumptions:
    """Assumptions from tomorrow on; None or 0 = as now.

    ``silent``: the number of silent partners that would each publish ``silent_weekly`` copies a week. ``carried``:
    copies of every bulletin. ``more_weekly``: additional bulletins a week.
    """

    silent: float = 0.0
    silent_weekly: float = 0.0
    carried: float | None = None
    more_weekly: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.silent * self.silent_weekly or self.carried is not None or self.more_weekly)


@dataclass(frozen=True)
class CurrentRates:
    """The current rates: bulletins a day, and copies a bulletin."""

    bulletins_daily: float
    copies_each: float


def current_rates_of(bulletins: Sequence[int], copies: Sequence[int]) -> CurrentRates:
    """The rates of the last four weeks. ``bulletins`` and ``copies``: a figure a day, oldest first, without today's."""
    published, copied = sum(bulletins[-RECENT_RATE_DAYS:]), sum(copies[-RECENT_RATE_DAYS:])
    days = len(bulletins[-RECENT_RATE_DAYS:])
    return CurrentRates(published / days if days else 0.0, copied / published if published else 0.0)


def assumed_path(
    total: float, path: Sequence[Forecast], wishes: ForecastAssumptions, habit: CurrentRates
) -> tuple[Forecast, ...]:
    """The forecast path under assumptions (``wishes``). ``total``: the present figure; ``path``: the forecast for
    the end of each remaining day.

    Additional bulletins have as many copies as the present ones, or as many as assumed; the forecast and its band grow
    by that ratio. Where nothing is published or copied now, the assumed figures replace the forecast.
    """
    bulletins = habit.bulletins_daily + wishes.more_weekly / 7
    each = habit.copies_each if wishes.carried is None else wishes.carried
    now = habit.bulletins_daily * habit.copies_each
    unchanged = wishes.carried is None and not wishes.more_weekly
    growth = 1.0 if unchanged else bulletins * each / now if now else None
    extra = wishes.silent * wishes.silent_weekly / 7
    found = []
    for number, forecast in enumerate(path, start=1):
        gain = (forecast.value - total) * growth if growth is not None else bulletins * each * number
        value = total + gain + extra * number
        wider = growth if growth is not None else 1.0
        low, high = (forecast.value - forecast.low) * wider, (forecast.high - forecast.value) * wider
        found.append(Forecast(value, max(total, value - low), value + high))
    return tuple(found)
