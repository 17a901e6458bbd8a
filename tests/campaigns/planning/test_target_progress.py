"""Targets against counts: met, on course, behind, and the forecast."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.clock import Period
from campaigns.planning.campaigns import Metric
from campaigns.planning.forecasting import forecast_path
from campaigns.planning.target_progress import TargetStatus, cumulative, judge_target

QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31), "2026-Q4")
TODAY = date(2026, 11, 24)
DAYS = (TODAY - QUARTER.first).days + 1


def test_an_even_pace_ends_where_it_points() -> None:
    daily = [100] * DAYS
    forecast = forecast_path(daily, QUARTER, TODAY)[-1]
    assert forecast.value == sum(daily) + 100 * 37
    assert forecast.low == forecast.high == forecast.value


def test_only_the_last_weeks_count_for_what_comes() -> None:
    daily = [0] * (DAYS - 15) + [100] * 15
    assert forecast_path(daily, QUARTER, TODAY)[-1].value < 1500 + 100 * 37


@pytest.mark.parametrize(
    ("each_day", "quota", "status"),
    [(140, 5000, TargetStatus.MET), (140, 12_500, TargetStatus.ON_COURSE), (100, 12_500, TargetStatus.BEHIND)],
)
def test_a_target_is_met_on_course_or_behind(each_day: int, quota: int, status: TargetStatus) -> None:
    daily = [each_day] * DAYS
    progress = judge_target(Metric.REPUBLICATIONS, None, quota, sum(daily), daily, QUARTER, TODAY)
    assert progress.status is status
    assert progress.days_left == 37


def test_after_the_end_a_target_is_met_or_behind() -> None:
    daily = [10] * QUARTER.length
    over = judge_target(Metric.REPUBLICATIONS, None, 1000, 920, daily, QUARTER, QUARTER.last + timedelta(days=5))
    assert (over.status, over.needed_daily) == (TargetStatus.BEHIND, 0)
    assert over.forecast.value == sum(daily)


def test_before_the_start_nothing_is_expected_yet() -> None:
    early = judge_target(Metric.REPUBLICATIONS, None, 1000, 0, [], QUARTER, QUARTER.first - timedelta(days=3))
    assert (early.expected, early.actual) == (0, 0)


@pytest.mark.parametrize("metric", list(Metric))
def test_a_plan_is_not_late_before_it_begins_nor_on_its_first_day(metric: Metric) -> None:
    quota = 0.5 if metric is Metric.MEDIAN_DELAY else 90
    for days_before in (40, 3, 0):
        today = QUARTER.first - timedelta(days=days_before)
        daily = [0] if not days_before else []
        early = judge_target(metric, None, quota, 7.0, daily, QUARTER, today)
        assert early.status is TargetStatus.ON_COURSE
        assert early.missing == 0 or not metric.adds_up
        assert early.too_early
    second = judge_target(metric, None, quota, 7.0, [0, 0], QUARTER, QUARTER.first + timedelta(days=1))
    assert (second.status, second.too_early) == (TargetStatus.BEHIND, False)


def test_a_plan_is_not_late_for_days_before_anything_could_be_counted() -> None:
    since = TODAY - timedelta(days=9)
    daily = [0] * (DAYS - 10) + [100] * 10
    wanted = 100 * (10 + 37)
    figures = (Metric.REPUBLICATIONS, None, wanted, 1000.0, daily, QUARTER, TODAY)
    assert judge_target(*figures).status is TargetStatus.BEHIND
    judged = judge_target(*figures, since=since)
    assert judged.status is TargetStatus.ON_COURSE
    assert (round(judged.expected), judged.missing) == (1000, 0)
    assert round(judged.forecast.value) == wanted
    first = judge_target(Metric.REPUBLICATIONS, None, wanted, 0.0, [0] * DAYS, QUARTER, TODAY, since=TODAY)
    assert (first.status, first.expected, first.too_early) == (TargetStatus.ON_COURSE, 0, True)
    assert not judged.too_early


def test_a_rate_that_is_reached_can_still_fall() -> None:
    assert judge_target(Metric.ATTRIBUTION_RATE, None, 95, 97.5, [], QUARTER, TODAY).status is TargetStatus.ON_COURSE
    assert judge_target(Metric.ATTRIBUTION_RATE, None, 95, 80, [], QUARTER, TODAY).status is TargetStatus.BEHIND


@given(st.lists(st.integers(0, 500), min_size=DAYS, max_size=DAYS))
def test_a_forecast_never_undoes_what_is_counted(daily: list[int]) -> None:
    forecast = forecast_path(daily, QUARTER, TODAY)[-1]
    assert sum(daily) <= forecast.low <= forecast.value <= forecast.high


@given(st.lists(st.integers(0, 9)))
def test_running_totals_end_at_the_sum(daily: list[int]) -> None:
    totals = cumulative(daily)
    assert (totals[-1] if totals else 0) == sum(daily)
    assert totals == sorted(totals)
