"""Forecasts of figures that are not sums of days, compared with the outcome on generated data."""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planning.forecasting import Forecast, forecast_median, forecast_partners, forecast_rate
from tests.campaigns.planning.synthetic_counts import counted, events, partners

CUTS = (14, 28, 46, 70)  # of 92 days
WORLDS = [
    ("alike", 20.0, 8.0, 440),
    ("unequal", 0.7, 20.0, 440),
    ("very unequal", 0.3, 20.0, 440),
    ("a few", 0.7, 5.0, 40),
]


def scored(shape: float, mean: float, known: int) -> tuple[float, float, float]:
    """How often the bounds held, how far the forecast was off, and how far the present number."""
    held, off, before = [], [], []
    for seed in range(60):
        dice = random.Random(f"{shape} {known} {seed}")
        rates = partners(dice, known=known, mean=mean, shape=shape)
        for cut in CUTS:
            had, came = counted(dice, rates, cut / 92), counted(dice, rates, 1 - cut / 92)
            seen = [count for count in had if count]
            end = sum(1 for number, other in zip(had, came, strict=True) if number + other)
            forecast = forecast_partners(seen, (92 - cut) / cut, known)
            # Partners are whole: a bound of 12,4 is held by 12.
            held.append(forecast.low - 0.5 <= end <= forecast.high + 0.5)
            off.append(abs(forecast.value - end))
            before.append(end - len(seen))
    return statistics.fmean(held), statistics.fmean(off), statistics.fmean(before)


@pytest.mark.parametrize(("name", "shape", "mean", "known"), WORLDS)
def test_partners_still_to_appear_are_foreseen(name: str, shape: float, mean: float, known: int) -> None:
    held, off, before = scored(shape, mean, known)
    assert off < 0.5 * before, name
    assert 0.7 <= held <= 0.93, name


@given(st.lists(st.integers(1, 300), max_size=60), st.floats(0, 100), st.integers(0, 80))
def test_partners_are_never_fewer_than_seen_nor_more_than_there_are(
    copies: list[int], ahead: float, known: int
) -> None:
    forecast = forecast_partners(copies, ahead, known)
    assert len(copies) <= forecast.low <= forecast.value <= forecast.high <= max(known, len(copies))


def test_without_time_left_or_without_anyone_left_the_present_number_is_the_forecast() -> None:
    assert forecast_partners([3, 1, 1], 0, 40) == Forecast(3, 3, 3)
    assert forecast_partners([3, 1, 1], 1, 3) == Forecast(3, 3, 3)
    assert forecast_partners([], 1, 40) == Forecast(0, 0, 0)


def test_more_that_have_just_one_copy_foretell_more_that_have_none_yet() -> None:
    many, few = forecast_partners([1] * 30 + [5] * 30, 1, 400), forecast_partners([1] * 5 + [5] * 55, 1, 400)
    assert many.value > few.value


def test_a_rate_moves_towards_that_of_the_last_weeks_by_the_copies_to_come() -> None:
    weeks = [(100, 90)] * 4
    forecast = forecast_rate(weeks, 1000, 700, 1000)
    assert forecast.value == pytest.approx((700 + 900) / 20)
    assert forecast.low < forecast.value < forecast.high
    assert forecast_rate(weeks, 1000, 700, 10).value == pytest.approx(70, abs=0.3)


def test_a_rates_bounds_hold_in_about_eight_of_ten() -> None:
    """Weeks whose own rate strays by a few points, as after an editor's training or a new template."""
    held = []
    for seed in range(300):
        dice = random.Random(seed)
        weeks = []
        for _ in range(13):
            many, rate = events(dice, 90), min(max(dice.gauss(0.85, 0.04), 0), 1)
            weeks.append((many, sum(dice.random() < rate for _ in range(many))))
        past, future = weeks[:7], weeks[7:]
        copies, well = sum(many for many, _ in past), sum(good for _, good in past)
        forecast = forecast_rate(past, copies, well, 90 * 6)
        end = 100 * sum(good for _, good in weeks) / sum(many for many, _ in weeks)
        held.append(forecast.low <= end <= forecast.high)
        assert future
    assert 0.72 <= statistics.fmean(held) <= 0.93


def test_a_rate_of_nothing_is_nothing_and_one_that_is_over_stays() -> None:
    assert forecast_rate([], 0, 0, 50) == Forecast(0, 0, 0)
    assert forecast_rate([(10, 5)], 10, 5, 0) == Forecast(50, 50, 50)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.data(), st.floats(0, 1e6))
def test_a_rate_stays_within_its_bounds_and_between_none_and_all(
    weeks: list[int], data: st.DataObject, coming: float
) -> None:
    numbers = [(many, data.draw(st.integers(0, many))) for many in weeks]
    copies, well = sum(many for many, _ in numbers), sum(good for _, good in numbers)
    found = forecast_rate(numbers, copies, well, coming)
    assert -1e-9 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 100 + 1e-9


def test_a_median_moves_towards_that_of_the_last_weeks() -> None:
    early, late = [(2.0, 100)], [(6.0, 60)]
    assert forecast_median([*early, *late], late, 10).value == 2.0
    assert forecast_median([*early, *late], late, 500).value == 6.0
    assert forecast_median([], [], 10) == Forecast(0, 0, 0)
    assert forecast_median([*early, *late], [], 10).value == 2.0


def test_a_medians_bounds_hold_in_about_eight_of_ten() -> None:
    """A little more of ten here, where weeks do not differ."""
    held = []
    for seed in range(200):
        dice = random.Random(seed)
        waited = [round(dice.lognormvariate(1.0, 1.0), 1) for _ in range(600)]
        forecast = forecast_median(
            [(value, 1) for value in waited[:300]], [(value, 1) for value in waited[150:300]], 300
        )
        held.append(forecast.low <= statistics.median_low(waited) <= forecast.high)
        assert forecast.low <= forecast.value <= forecast.high
    assert 0.8 <= statistics.fmean(held) <= 0.97
