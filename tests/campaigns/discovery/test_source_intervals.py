"""Intervals between looks: by rate, hours, what the site asks for, and failures."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.intervals import FAST, NORMAL
from campaigns.discovery import source_intervals
from campaigns.discovery.source_intervals import HOUR_PROFILE, hourly_profile, is_silent, learned_hours, look_interval

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
HOURS = st.none() | st.lists(st.floats(0, 1e4), min_size=24, max_size=24)


def test_the_hours_of_a_day_have_a_mean_of_one() -> None:
    assert len(HOUR_PROFILE) == 24
    assert sum(HOUR_PROFILE) == pytest.approx(24, abs=0.2)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), HOURS)
def test_a_busier_source_is_never_looked_at_more_rarely_and_bounds_hold(
    first: float, second: float, moment: datetime, hours: list[float] | None
) -> None:
    at = moment.replace(tzinfo=UTC)
    for pace in (NORMAL, FAST):
        slow, quick = (
            look_interval(min(first, second), at, pace, hours),
            look_interval(max(first, second), at, pace, hours),
        )
        assert pace.look_least <= quick <= slow <= pace.look_most


def test_four_times_as_much_news_is_looked_at_twice_as_often() -> None:
    assert look_interval(10, NOON, NORMAL) / look_interval(40, NOON, NORMAL) == pytest.approx(2)


def test_the_night_is_quieter_than_the_morning() -> None:
    night = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)  # 02:30 in the city
    assert look_interval(24, night, NORMAL) > look_interval(24, NOON, NORMAL)


def test_a_wait_that_begins_by_night_ends_soon_after_the_newsroom_wakes() -> None:
    sleepy = [0.0] * 5 + [100.0] * 19
    before_five = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # 04:30 in the city
    due = before_five + look_interval(6, before_five, NORMAL, sleepy)
    assert due < before_five + timedelta(hours=1, minutes=30)


@given(HOURS)
def test_a_sites_own_hours_have_a_mean_of_one_and_none_is_nothing(hours: list[float] | None) -> None:
    own = hourly_profile(hours)
    assert sum(own) == pytest.approx(24, abs=0.6)
    assert min(own) > 0


def test_little_knowledge_leaves_the_general_habit_and_much_replaces_it() -> None:
    evening = [0.0] * 24
    evening[21] = 3.0
    assert hourly_profile(evening)[21] < 2
    evening[21] = 2000.0
    assert hourly_profile(evening)[21] > 20
    assert hourly_profile(None) == pytest.approx(HOUR_PROFILE, abs=0.02)


def test_hours_are_those_of_the_city_and_fade_in_a_month() -> None:
    first = learned_hours(None, [NOON, NOON], timedelta(0))
    assert first[12] == 2
    assert learned_hours(first, [], source_intervals.HOURS_MEMORY)[12] == pytest.approx(2 / 2.71828, rel=1e-3)
    assert learned_hours([1.0] * 7, [], timedelta(0)) == [0.0] * 24


@pytest.mark.parametrize(("seconds", "minutes"), [(None, 10), (0, 10), (60, 10), (1200, 20), (86_400, 60), (10**9, 60)])
def test_a_lifetime_the_site_gives_is_kept_within_an_hour(seconds: float | None, minutes: int) -> None:
    assert source_intervals.with_cache_lifetime(timedelta(minutes=10), seconds, NORMAL) == timedelta(minutes=minutes)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_failing_longer_is_never_looked_at_sooner_and_always_again(one: int, two: int) -> None:
    few, many = (
        source_intervals.after_failure(min(one, two), NORMAL),
        source_intervals.after_failure(max(one, two), NORMAL),
    )
    assert few <= many <= timedelta(hours=4)


@given(st.floats(0, 1, exclude_max=True))
def test_a_wait_is_spread_by_a_tenth(chance: float) -> None:
    wait = timedelta(minutes=10)
    assert timedelta(minutes=9) <= source_intervals.jittered(wait, chance) <= timedelta(minutes=11)


def test_silence_is_judged_by_what_a_list_used_to_name() -> None:
    busy, slow = [28 * 24 / 24.0] * 24, [28 / 24.0] * 24  # 24 a day, one a day
    day = timedelta(days=1)
    assert not is_silent(None, busy, NOON)
    assert not is_silent(NOON - 9 * day, None, NOON)
    assert is_silent(NOON - 2.1 * day, busy, NOON)
    assert not is_silent(NOON - 1.9 * day, busy, NOON)
    assert not is_silent(NOON - 11 * day, slow, NOON)
    assert is_silent(NOON - 13 * day, slow, NOON)
