"""Targets against counts: actual, pace, forecast and status. Pure: counts come in, judgements go out."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from campaigns.core.clock import Period
from campaigns.planning.campaigns import Metric


class Standing(Enum):
    """How a target stands."""

    MET = "met"
    ON_COURSE = "on_course"
    BEHIND = "behind"


@dataclass(frozen=True)
class Forecast:
    """The expected figure at the period's end, with the bounds of eight cases in ten."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class TargetProgress:
    """One target and how it stands. ``expected``: the figure that an even pace would have reached by today;
    ``needed_daily``: what every remaining day has to bring."""

    metric: Metric
    topic: str | None
    quota: float
    actual: float
    expected: float
    forecast: Forecast
    status: Standing
    days_left: int
    needed_daily: float


# How many whole days of history the forecast looks at: four weeks carry every weekday equally.
MEMORY_DAYS = 28
# The 10th and 90th percentile of a normal distribution lie this many standard deviations from its mean.
EIGHT_IN_TEN = 1.2816


def forecast_sum(daily: Sequence[int], period: Period, today: date) -> Forecast:
    """Where a counted total will end: what is there plus, for every day left, the mean of the last days.

    ``daily`` holds one figure a day from the period's first day on. Today is not over, so it is left out of the mean
    unless it is the only day; its band grows with the root of the days left, as sums of independent days do.
    """
    total = float(sum(daily))
    left = max((period.last - today).days, 0)
    elapsed = min(max((today - period.first).days, 0), len(daily))
    history = list(daily[:elapsed][-MEMORY_DAYS:]) or list(daily[:1])
    if not history or left == 0 or today < period.first:
        return Forecast(total, total, total)
    mean = statistics.fmean(history)
    spread = statistics.stdev(history) if len(history) > 1 else math.sqrt(max(mean, 1.0))
    band = EIGHT_IN_TEN * spread * math.sqrt(left)
    value = total + mean * left
    return Forecast(value, max(total, value - band), value + band)


def judge(
    metric: Metric,
    topic: str | None,
    quota: float,
    actual: float,
    daily: Sequence[int],
    period: Period,
    today: date,
) -> TargetProgress:
    """How one target stands today. For a rate and for partners the present figure is also the forecast.

    *Met* when the quota is reached; *on course* while the forecast reaches it; else *behind*. After the period's end
    only *met* and *behind* are left.
    """
    left = min(max((period.last - today).days, 0), period.length)
    if metric in {Metric.ATTRIBUTION_RATE, Metric.PARTNERS}:
        forecast = Forecast(actual, actual, actual)
        expected = quota
    else:
        forecast = forecast_sum(daily, period, today)
        expected = quota * (period.length - left) / period.length
    if actual >= quota:
        # A rate can fall again; a count cannot.
        over = metric is not Metric.ATTRIBUTION_RATE or left == 0
        status = Standing.MET if over else Standing.ON_COURSE
    elif left > 0 and (forecast.value >= quota or (metric is Metric.PARTNERS and today < period.first)):
        status = Standing.ON_COURSE
    else:
        status = Standing.BEHIND
    needed = (
        max(quota - actual, 0) / left
        if left and metric in {Metric.BULLETINS, Metric.REPUBLICATIONS, Metric.VIEWS}
        else 0
    )
    return TargetProgress(metric, topic, quota, actual, expected, forecast, status, left, needed)


def cumulative(daily: Sequence[int]) -> list[int]:
    """Running totals."""
    totals: list[int] = []
    for figure in daily:
        totals.append((totals[-1] if totals else 0) + figure)
    return totals


def day_list(period: Period, until: date) -> list[date]:
    """The days of a period up to and including ``until``."""
    last = min(period.last, until)
    return [period.first + timedelta(days=offset) for offset in range((last - period.first).days + 1)]
