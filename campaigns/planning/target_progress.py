"""Targets against counts: actual figure, pace, forecast and status. Pure functions."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from campaigns.core.clock import Period
from campaigns.planning.campaigns import Metric, MilestoneContent
from campaigns.planning.forecasting import Forecast, forecast_path


class TargetStatus(Enum):
    """The status of a target."""

    MET = "met"
    ON_COURSE = "on_course"
    BEHIND = "behind"


class MilestoneStatus(Enum):
    """The status of a milestone."""

    MET = "met"  # reached by its day
    LATE = "late"  # reached, after its day
    MISSED = "missed"  # not reached, and its day is over
    EXPECTED = "expected"  # its day is to come, and the forecast reaches it
    DOUBTFUL = "doubtful"  # its day is to come, and the forecast does not reach it


@dataclass(frozen=True)
class MilestoneProgress:
    """One milestone. ``reached``: the figure at the end of its day, as forecast while that day is to come."""

    due_on: date
    figure: float
    reached: float
    standing: MilestoneStatus


@dataclass(frozen=True)
class TargetProgress:
    """One target with its status. ``expected``: the figure of an even pace by today; ``needed_daily``: the figure that
    every remaining day needs; ``known``: whether there are copies to compute a rate or a delay of, which are 0
    otherwise; ``path``: the forecast for the end of each remaining day, where the figure adds up."""

    metric: Metric
    topic: str | None
    quota: float
    actual: float
    expected: float
    forecast: Forecast
    status: TargetStatus
    days_left: int
    needed_daily: float
    period: Period
    known: bool = True
    milestones: tuple[MilestoneProgress, ...] = ()
    path: tuple[Forecast, ...] = field(default=(), repr=False)

    @property
    def whole_daily(self) -> int:
        """``needed_daily`` as pages say it: whole copies, rounded up."""
        return math.ceil(self.needed_daily)

    @property
    def too_early(self) -> bool:
        """Whether it is on course only because there is no pace to judge yet: the forecast does not reach the quota."""
        reached = self.known and self.metric.reaches(self.forecast.value, self.quota)
        return self.status is TargetStatus.ON_COURSE and not reached

    @property
    def missing(self) -> float:
        """The distance of the actual figure behind an even pace, or the quota where there is none; at least 0."""
        gap = self.actual - self.expected if self.metric is Metric.MEDIAN_DELAY else self.expected - self.actual
        return max(gap, 0.0) if self.known else 0.0


def judge_target(
    metric: Metric,
    topic: str | None,
    quota: float,
    actual: float,
    daily: Sequence[int],
    period: Period,
    today: date,
    *,
    earlier: Sequence[int] = (),
    since: date | None = None,
    forecast: Forecast | None = None,
    known: bool = True,
    milestones: Sequence[MilestoneContent] = (),
    figure_on: Callable[[date], float] | None = None,
) -> TargetProgress:
    """The progress of one target as of today.

    A metric that adds up is forecast from ``daily`` (one figure a day from the period's first) and ``earlier``, the
    days right before; for others ``forecast`` is given, else the actual figure is the forecast. ``figure_on``: the
    figure at the end of a past day, for milestones; computed from ``daily`` where the metric adds up.

    ``since``: the first day on which anything could be counted, where that is within the period; the even pace and the
    forecast begin there.

    *Met* when the quota is reached; *on course* while the forecast reaches it, and until the end of the first day that
    counts, before which there is no pace to judge; else *behind*. After the period's end a target is *met* or *behind*.
    """
    left = min(max((period.last - today).days, 0), period.length)
    path: tuple[Forecast, ...] = ()
    expected = quota
    first = min(max(since or period.first, period.first), period.last)
    if metric.adds_up:
        path = forecast_path(daily, period, today, earlier, since=first)
        # Without a path no day is left or the period has not begun: the actual figure is the forecast.
        ends = path[-1] if path else Forecast(float(sum(daily)), float(sum(daily)), float(sum(daily)))
        # The first day has only begun, so that nothing is missing on it yet.
        days = (period.last - first).days + 1
        expected = quota * (days - left) / days if today > first else 0.0
    else:
        ends = forecast or Forecast(actual, actual, actual)
    needed = max(quota - actual, 0) / left if left and metric.adds_up else 0
    figures = _figures(metric, daily, period, figure_on)
    steps = [_milestone(metric, wanted, actual, today, ends, path, period, figures) for wanted in milestones]
    return TargetProgress(
        metric, topic, quota, actual, expected, ends, _status(metric, quota, actual, ends, left, known,
        begun=today > first), left, needed, period, known, tuple(steps), path,
    )  # fmt: skip


def _status(
    metric: Metric, quota: float, actual: float, ends: Forecast, left: int, known: bool, *, begun: bool
) -> TargetStatus:
    if known and metric.reaches(actual, quota) and (left == 0 or metric.adds_up or metric is Metric.PARTNERS):
        return TargetStatus.MET
    # A reached rate can fall again and a delay can grow; neither is behind before there is a copy.
    early = not known or not begun
    if left > 0 and (early or metric.reaches(ends.value, quota)):
        return TargetStatus.ON_COURSE
    return TargetStatus.BEHIND


def _figures(
    metric: Metric, daily: Sequence[int], period: Period, figure_on: Callable[[date], float] | None
) -> Callable[[date], float]:
    if metric.adds_up or figure_on is None:
        return lambda day: float(sum(daily[: (day - period.first).days + 1]))
    return figure_on


def _milestone(
    metric: Metric,
    wanted: MilestoneContent,
    actual: float,
    today: date,
    ends: Forecast,
    path: Sequence[Forecast],
    period: Period,
    figure_on: Callable[[date], float],
) -> MilestoneProgress:
    def progress(reached: float, standing: MilestoneStatus) -> MilestoneProgress:
        return MilestoneProgress(wanted.due_on, wanted.figure, reached, standing)

    fits = metric.reaches(actual, wanted.figure)
    if wanted.due_on < today:
        then = figure_on(wanted.due_on)
        if metric.reaches(then, wanted.figure):
            return progress(then, MilestoneStatus.MET)
        return progress(then, MilestoneStatus.LATE if fits else MilestoneStatus.MISSED)
    if fits and (metric.adds_up or metric is Metric.PARTNERS):
        return progress(actual, MilestoneStatus.MET)
    ahead = (wanted.due_on - today).days
    if ahead == 0:
        will_be = actual
    elif path:
        will_be = path[min(ahead, len(path)) - 1].value
    else:
        # Linear between now and the end.
        will_be = actual + (ends.value - actual) * ahead / max((period.last - today).days, 1)
    reaches = metric.reaches(will_be, wanted.figure)
    return progress(will_be, MilestoneStatus.EXPECTED if reaches else MilestoneStatus.DOUBTFUL)


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
