"""Forecast assumptions change only the remaining days, by plain arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planning.forecasting import CurrentRates, Forecast, ForecastAssumptions, assumed_path, current_rates_of

PATH = tuple(Forecast(100 + 10 * day, 100 + 8 * day, 100 + 13 * day) for day in range(1, 15))  # two weeks, ten a day
HABIT = CurrentRates(2.0, 5.0)


def test_silent_partners_add_what_they_would_carry() -> None:
    path = assumed_path(100, PATH, ForecastAssumptions(silent=40, silent_weekly=2), HABIT)
    assert path[-1].value == pytest.approx(240 + 40 * 2 * 2)
    assert path[6].value == pytest.approx(170 + 40 * 2)
    assert path[-1].high - path[-1].value == pytest.approx(42)


def test_every_bulletin_carried_by_more_multiplies_what_comes() -> None:
    path = assumed_path(100, PATH, ForecastAssumptions(carried=10), HABIT)
    assert path[-1].value == pytest.approx(100 + 140 * 2)
    assert path[-1].high - path[-1].value == pytest.approx(84)
    assert assumed_path(100, PATH, ForecastAssumptions(carried=5), HABIT)[-1] == PATH[-1]


def test_more_bulletins_go_as_far_as_those_of_now() -> None:
    path = assumed_path(100, PATH, ForecastAssumptions(more_weekly=7), HABIT)
    assert path[-1].value == pytest.approx(100 + 140 * 1.5)


def test_wishes_work_together() -> None:
    path = assumed_path(100, PATH, ForecastAssumptions(40, 2, carried=10, more_weekly=7), HABIT)
    assert path[-1].value == pytest.approx(100 + 140 * 2 * 1.5 + 160)


def test_where_nothing_comes_now_the_wish_stands_for_itself() -> None:
    nothing = tuple(Forecast(0, 0, 0) for _ in range(14))
    path = assumed_path(0, nothing, ForecastAssumptions(carried=3, more_weekly=14), CurrentRates(0, 0))
    assert path[-1].value == pytest.approx(14 * 2 * 3)


def test_wishing_for_nothing_changes_nothing() -> None:
    assert not ForecastAssumptions()
    assert not ForecastAssumptions(silent=40)
    assert ForecastAssumptions(carried=0.0)
    assert assumed_path(100, PATH, ForecastAssumptions(), HABIT) == PATH


def test_bulletins_that_nobody_carries_any_more_bring_nothing() -> None:
    assert assumed_path(100, PATH, ForecastAssumptions(carried=0), HABIT)[-1] == Forecast(100, 100, 100)


@given(
    st.floats(0, 500),
    st.floats(0, 50),
    st.none() | st.floats(0, 99),
    st.floats(0, 99),
    st.floats(0, 9),
    st.floats(0, 9),
)
def test_what_is_there_is_never_undone(
    silent: float, weekly: float, carried: float | None, more: float, bulletins: float, copies: float
) -> None:
    for forecast in assumed_path(
        100, PATH, ForecastAssumptions(silent, weekly, carried, more), CurrentRates(bulletins, copies)
    ):
        assert 100 <= forecast.low <= forecast.value + 1e-9
        assert forecast.value <= forecast.high + 1e-9


def test_the_habit_is_that_of_the_last_four_weeks() -> None:
    assert current_rates_of([9] * 10 + [2] * 28, [0] * 10 + [10] * 28) == CurrentRates(2, 5)
    assert current_rates_of([], []) == CurrentRates(0, 0)
    assert current_rates_of([0, 0], [3, 3]) == CurrentRates(0, 0)
