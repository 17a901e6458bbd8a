"""Shortfalls of topics, weeks and partners, on plain examples."""

from datetime import date, timedelta

from campaigns.core.clock import Period
from campaigns.planning.shortfalls import (
    PaceShare,
    SilentPartners,
    days_before_recent,
    find_silent_partners,
    find_slowed,
    topic_deviations,
    topic_rates,
    week_deviations,
)

QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31), "2026-Q4")
TODAY = date(2026, 11, 24)
MONDAY = date(2026, 10, 5)


def test_topics_are_behind_or_ahead_of_their_own_targets_pace() -> None:
    even, far, near, good = (
        PaceShare("a", 10, 10.5),
        PaceShare("b", 10, 60),
        PaceShare("c", 10, 20),
        PaceShare("d", 30, 20),
    )
    assert topic_deviations([even, near, far, good]) == ((far, near), (good,))


def test_weeks_are_measured_by_seven_days_of_the_quota() -> None:
    totals = [
        (MONDAY + timedelta(weeks=week), float(count)) for week, count in enumerate([70, 75, 20, 140, 71, 72, 65])
    ]
    low, high = week_deviations(totals, QUARTER, TODAY, 920)
    assert [(share.first, share.reached, share.share) for share in low] == [(date(2026, 10, 19), 20, 70)]
    assert [share.reached for share in high] == [140]
    assert low[0].last == date(2026, 10, 25)


def test_a_week_that_is_not_over_or_reaches_out_of_the_period_is_not_judged() -> None:
    totals = [(date(2026, 9, 28), 0.0), (date(2026, 11, 23), 0.0)]
    assert week_deviations(totals, QUARTER, TODAY, 920) == ((), ())
    # Before the product was in use nobody looked for copies.
    before = [(date(2026, 10, 5), 0.0), (date(2026, 11, 2), 0.0)]
    low, _high = week_deviations(before, QUARTER, TODAY, 920, date(2026, 10, 7))
    assert [week.first for week in low] == [date(2026, 11, 2)]
    # Its Sunday is today: not over.
    assert week_deviations([(date(2026, 11, 16), 0.0)], QUARTER, date(2026, 11, 22), 920) == ((), ())


def test_partners_silent_for_two_weeks_are_reported_with_what_they_had_carried() -> None:
    before, silent = {"a": 40.0, "b": 70.0, "c": 10.0, "d": 0.0}, {"a", "b", "d", "e"}
    assert find_silent_partners(before, silent, 35) == SilentPartners(("b", "a"), 22.0)
    assert find_silent_partners(before, silent, 6) == SilentPartners((), 0.0)  # too early to say


def test_whose_pace_fell_to_less_than_half_slowed_and_the_silent_are_reported_elsewhere() -> None:
    before = {"fell": 50.0, "silent": 50.0, "steady": 50.0, "small": 10.0}
    now = {"fell": 8.0, "steady": 19.0, "small": 1.0}
    assert find_slowed(before, now, 35) == (PaceShare("fell", 4.0, 10.0),)
    assert find_slowed(before, now, 5) == ()


def test_the_days_before_the_last_two_weeks() -> None:
    assert days_before_recent(QUARTER, TODAY) == 41  # 1 October to 10 November
    assert days_before_recent(QUARTER, QUARTER.first) == 0
    assert days_before_recent(QUARTER, date(2027, 5, 1)) == 78


def test_a_topics_pace_is_that_of_whole_weeks() -> None:
    weeks = [(MONDAY + timedelta(weeks=number), {"x": 10.0 + number, "y": 1.0}) for number in range(8)]
    before, now, days = topic_rates(weeks, TODAY)
    # The eighth begins on 23 November and is not over.
    assert (before, now, days) == ({"x": 60.0, "y": 5.0}, {"x": 31.0, "y": 2.0}, 35)
