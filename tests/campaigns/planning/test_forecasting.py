"""The forecast held against what came: on series made up, its band holds in eight of ten, and it is off no further than
the flat mean it took the place of."""

import math
import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.clock import Period
from campaigns.planning.forecasting import BAND_QUANTILE, Forecast, forecast_path
from tests.campaigns.planning.synthetic_counts import DAYS, FAMILIES, series

PAGE = Path(__file__).parents[3] / "docs/explanation/forecast.md"
CUTS = (14, 28, 42, 56, 70)  # days into the quarter
SERIES = 80  # of each family
QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31), "2026-Q4")
TODAY = date(2026, 11, 24)

Method = Callable[[Sequence[int], Period, date], Forecast]


def flat_mean(daily: Sequence[int], period: Period, today: date) -> Forecast:
    """What was there before: the mean of the last 28 days for each day left, and a band of their own spread."""
    left, total = (period.last - today).days, float(sum(daily))
    history = list(daily[: (today - period.first).days][-28:])
    mean, band = statistics.fmean(history), BAND_QUANTILE * statistics.stdev(history) * math.sqrt(left)
    return Forecast(total + mean * left, max(total, total + mean * left - band), total + mean * left + band)


@dataclass(frozen=True)
class Score:
    """Over all forecasts of a family. ``held``: the part of bands in which the end was; ``off``: the mean distance to
    the end in per cent of it."""

    held: float
    off: float


@cache
def score(method: Method, family: str) -> Score:
    held, off = [], []
    for seed in range(SERIES):
        first, figures = series(family, seed)
        period = Period(first, first + timedelta(days=DAYS - 1), "")
        came = sum(figures)
        for cut in CUTS:
            # At the end of a day: what the day brought is known, and it counts for the pace from the next on.
            forecast = method([*figures[:cut], 0], period, first + timedelta(days=cut))
            told_of = came - figures[cut]
            # The day that has begun is nobody's forecast: it is left out on both sides.
            held.append(forecast.low <= told_of <= forecast.high)
            off.append(100 * abs(forecast.value - told_of) / told_of)
    return Score(statistics.fmean(held), statistics.fmean(off))


def ours(daily: Sequence[int], period: Period, today: date) -> Forecast:
    return forecast_path(daily, period, today)[-1]


def test_the_band_holds_in_about_eight_of_ten_over_all_families_and_in_none_much_less() -> None:
    held = statistics.fmean(score(ours, family).held for family in FAMILIES)
    assert 0.76 <= held <= 0.88
    assert min(score(ours, family).held for family in FAMILIES) >= 0.72
    # The flat mean's band held in little more than half: it took its mean for certain.
    assert statistics.fmean(score(flat_mean, family).held for family in FAMILIES) < 0.65


@pytest.mark.parametrize("family", FAMILIES)
def test_no_family_is_forecast_worse_than_by_the_flat_mean(family: str) -> None:
    """One twentieth more is within what another eighty series of the family would differ by."""
    assert score(ours, family).off <= 1.05 * score(flat_mean, family).off
    assert score(ours, family).held > score(flat_mean, family).held


def test_over_all_families_the_forecast_is_nearer() -> None:
    before, now = (
        statistics.fmean(score(forecast, family).off for family in FAMILIES) for forecast in (flat_mean, ours)
    )
    assert now < 0.97 * before


def test_the_page_tells_the_figures_as_they_are() -> None:
    values = re.findall(
        r"^\| (\w+) \|[^|]*\| (\d+) % \| ([\d.]+) % \| (\d+) % \| ([\d.]+) % \|$", PAGE.read_text("utf-8"), re.M
    )
    assert [row[0] for row in values] == list(FAMILIES)
    for family, held_before, off_before, held, off in values:
        # Chance is drawn a little differently by other releases of Python.
        for method, says_held, says_off in ((flat_mean, held_before, off_before), (ours, held, off)):
            found = score(method, family)
            assert (family, float(says_held)) == (family, pytest.approx(100 * found.held, abs=2))
            assert (family, float(says_off)) == (family, pytest.approx(found.off, abs=0.3))


def test_holidays_are_foreseen() -> None:
    """Before the lunar new year of 2027: a quarter whose next days are a week without offices."""
    period = Period(date(2027, 1, 1), date(2027, 2, 14), "")
    today = date(2027, 2, 4)
    daily = [100 if (period.first + timedelta(days=number)).weekday() < 5 else 20 for number in range(35)]
    daily[0] = 20  # the first of January
    ahead = forecast_path(daily, period, today)
    gains = [after.value - before.value for before, after in pairwise(ahead)]
    # The new year's Monday is no Monday.
    monday = (date(2027, 2, 8) - today).days - 2
    assert gains[monday] < 75
    assert forecast_path(daily, period, today)[-1].value < sum(daily) + statistics.fmean(daily[-28:]) * 10


def test_a_weekend_ahead_is_not_taken_for_working_days() -> None:
    period = Period(date(2026, 10, 1), date(2026, 11, 29), "")
    daily = [100 if (period.first + timedelta(days=number)).weekday() < 5 else 0 for number in range(57)]
    friday = date(2026, 11, 27)
    forecast = forecast_path([*daily, 100], period, friday)[-1]
    assert forecast.value - sum(daily) - 100 < 30


def test_days_before_the_period_say_what_its_first_days_cannot() -> None:
    november = Period(date(2026, 11, 1), date(2026, 11, 30), "2026-11")
    first = date(2026, 11, 1)
    assert forecast_path([10], november, first)[-1].value == 10 + 10 * 29
    assert forecast_path([10], november, first, [50] * 31)[-1].value == pytest.approx(10 + 50 * 29, rel=0.01)


def test_the_path_has_every_remaining_day_and_widens() -> None:
    daily = series("weekdays", 0)[1][:54]
    path = forecast_path([*daily, 0], QUARTER, TODAY)
    assert len(path) == 37
    widths = [forecast.high - forecast.low for forecast in path]
    assert widths == sorted(widths)
    values = [forecast.value for forecast in path]
    assert values == sorted(values)


def test_nothing_is_forecast_from_nothing_before_the_beginning_or_after_the_end() -> None:
    assert forecast_path([0] * 55, QUARTER, TODAY)[-1] == Forecast(0, 0, 0)
    assert forecast_path([], QUARTER, QUARTER.first - timedelta(days=3)) == ()
    assert forecast_path([5] * 92, QUARTER, QUARTER.last) == ()
    assert forecast_path([5] * 92, QUARTER, QUARTER.last + timedelta(days=9)) == ()


def test_two_days_that_are_alike_prove_nothing() -> None:
    forecast = forecast_path([40, 40, 0], QUARTER, QUARTER.first + timedelta(days=2))[-1]
    assert forecast.high - forecast.low > 500


@given(st.lists(st.integers(0, 500), max_size=56), st.lists(st.integers(0, 500), min_size=55, max_size=55))
def test_a_forecast_never_undoes_what_is_counted(earlier: list[int], daily: list[int]) -> None:
    for forecast in forecast_path(daily, QUARTER, TODAY, earlier):
        assert sum(daily) <= forecast.low <= forecast.value <= forecast.high
