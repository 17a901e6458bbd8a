"""What if: each wish changes the days left by plain arithmetic, and none of what is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planning.forecasting import Forecast
from campaigns.planning.supposing import Habit, Wishes, habit_of, suppose

PATH = tuple(Forecast(100 + 10 * day, 100 + 8 * day, 100 + 13 * day) for day in range(1, 15))  # two weeks, ten a day
HABIT = Habit(2.0, 5.0)


def test_silent_partners_add_what_they_would_carry() -> None:
    told = suppose(100, PATH, Wishes(silent=40, silent_weekly=2), HABIT)
    assert told[-1].value == pytest.approx(240 + 40 * 2 * 2)
    assert told[6].value == pytest.approx(170 + 40 * 2)
    assert told[-1].high - told[-1].value == pytest.approx(42)


def test_every_bulletin_carried_by_more_multiplies_what_comes() -> None:
    told = suppose(100, PATH, Wishes(carried=10), HABIT)
    assert told[-1].value == pytest.approx(100 + 140 * 2)
    assert told[-1].high - told[-1].value == pytest.approx(84)
    assert suppose(100, PATH, Wishes(carried=5), HABIT)[-1] == PATH[-1]


def test_more_bulletins_go_as_far_as_those_of_now() -> None:
    told = suppose(100, PATH, Wishes(more_weekly=7), HABIT)
    assert told[-1].value == pytest.approx(100 + 140 * 1.5)


def test_wishes_work_together() -> None:
    told = suppose(100, PATH, Wishes(40, 2, carried=10, more_weekly=7), HABIT)
    assert told[-1].value == pytest.approx(100 + 140 * 2 * 1.5 + 160)


def test_where_nothing_comes_now_the_wish_stands_for_itself() -> None:
    nothing = tuple(Forecast(0, 0, 0) for _ in range(14))
    told = suppose(0, nothing, Wishes(carried=3, more_weekly=14), Habit(0, 0))
    assert told[-1].value == pytest.approx(14 * 2 * 3)


def test_wishing_for_nothing_changes_nothing() -> None:
    assert not Wishes()
    assert not Wishes(silent=40)
    assert Wishes(carried=0.0)
    assert suppose(100, PATH, Wishes(), HABIT) == PATH


def test_bulletins_that_nobody_carries_any_more_bring_nothing() -> None:
    assert suppose(100, PATH, Wishes(carried=0), HABIT)[-1] == Forecast(100, 100, 100)


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
    for one in suppose(100, PATH, Wishes(silent, weekly, carried, more), Habit(bulletins, copies)):
        assert 100 <= one.low <= one.value + 1e-9
        assert one.value <= one.high + 1e-9


def test_the_habit_is_that_of_the_last_four_weeks() -> None:
    assert habit_of([9] * 10 + [2] * 28, [0] * 10 + [10] * 28) == Habit(2, 5)
    assert habit_of([], []) == Habit(0, 0)
    assert habit_of([0, 0], [3, 3]) == Habit(0, 0)
