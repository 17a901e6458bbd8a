"""What fell short of its share: topics, weeks and partners, against plain examples."""

from datetime import date, timedelta

from campaigns.core.clock import Period
from campaigns.planning.shortfalls import (
    Share,
    Silence,
    days_before_silence,
    silence,
    slowed,
    topic_paces,
    topics_apart,
    weeks_apart,
)

QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31), "2026-Q4")
TODAY = date(2026, 11, 24)
MONDAY = date(2026, 10, 5)


def test_topics_are_behind_or_ahead_of_their_own_targets_pace() -> None:
    even, far, near, good = Share("a", 10, 10.5), Share("b", 10, 60), Share("c", 10, 20), Share("d", 30, 20)
    assert topics_apart([even, near, far, good]) == ((far, near), (good,))


def test_weeks_are_measured_by_seven_days_of_the_quota() -> None:
    totals = [
        (MONDAY + timedelta(weeks=week), float(count)) for week, count in enumerate([70, 75, 20, 140, 71, 72, 65])
    ]
    low, high = weeks_apart(totals, QUARTER, TODAY, 920)
    assert [(one.first, one.reached, one.share) for one in low] == [(date(2026, 10, 19), 20, 70)]
    assert [one.reached for one in high] == [140]
    assert low[0].last == date(2026, 10, 25)


def test_a_week_that_is_not_over_or_reaches_out_of_the_period_is_not_judged() -> None:
    totals = [(date(2026, 9, 28), 0.0), (date(2026, 11, 23), 0.0)]
    assert weeks_apart(totals, QUARTER, TODAY, 920) == ((), ())
    # Its Sunday is today: not over.
    assert weeks_apart([(date(2026, 11, 16), 0.0)], QUARTER, date(2026, 11, 22), 920) == ((), ())


def test_partners_silent_for_two_weeks_are_told_with_what_they_had_carried() -> None:
    before, now = {"a": 40.0, "b": 70.0, "c": 10.0, "d": 0.0}, {"c": 1.0}
    assert silence(before, now, 35) == Silence(("b", "a"), 22.0)
    assert silence(before, now, 6) == Silence((), 0.0)  # too early to say


def test_whose_pace_fell_to_less_than_half_slowed_and_the_silent_are_told_elsewhere() -> None:
    before = {"fell": 50.0, "silent": 50.0, "steady": 50.0, "small": 10.0}
    now = {"fell": 8.0, "steady": 19.0, "small": 1.0}
    assert slowed(before, now, 35) == (Share("fell", 4.0, 10.0),)
    assert slowed(before, now, 5) == ()


def test_the_days_before_the_last_two_weeks() -> None:
    assert days_before_silence(QUARTER, TODAY) == 41  # 1 October to 10 November
    assert days_before_silence(QUARTER, QUARTER.first) == 0
    assert days_before_silence(QUARTER, date(2027, 5, 1)) == 78


def test_a_topics_pace_is_that_of_whole_weeks() -> None:
    weeks = [(MONDAY + timedelta(weeks=number), {"x": 10.0 + number, "y": 1.0}) for number in range(8)]
    before, now, days = topic_paces(weeks, TODAY)
    # The eighth begins on 23 November and is not over.
    assert (before, now, days) == ({"x": 60.0, "y": 5.0}, {"x": 31.0, "y": 2.0}, 35)
