"""Cron lines: their times in the city's zone, and the errors of invalid ones."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.clock import CITY
from campaigns.core.errors import Invalid
from coordinator.jobs.reporting import crontab

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # Tuesday, ten in the city


def in_city(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("30 7 * * *", "2026-11-25T07:30"),
        ("30 17 * * *", "2026-11-24T17:30"),
        ("0 8 * * 1", "2026-11-30T08:00"),
        ("0 8 * * 0", "2026-11-29T08:00"),
        ("0 8 * * 7", "2026-11-29T08:00"),
        ("0 8 * * sun", "2026-11-29T08:00"),
        ("0 8 * * 1-5", "2026-11-25T08:00"),
        ("0 8 * * 6-1", "2026-11-28T08:00"),
        ("0 8 * * 0-7", "2026-11-25T08:00"),
        ("0 8 * * */3", "2026-11-25T08:00"),  # Sunday, Wednesday, Saturday
        ("0 9 5 1,4,7,10 *", "2027-01-05T09:00"),
        ("0 9 29 2 *", "2028-02-29T09:00"),
    ],
)
def test_a_line_comes_when_the_citys_clock_says_so(line: str, first: str) -> None:
    assert crontab.validated_next_time(line, now=NOW) == in_city(first)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "cron"),
        ("7 giờ sáng", "cron"),
        ("0 8 * *", "cron"),
        ("0 25 * * *", "cron"),
        ("0 8 * * 8", "cron"),
        ("0 8 * * mon/x", "cron"),
        ("0 8 32 * *", "cron"),
        ("0 8 1 * 1", "cron_two_days"),
        ("0 9 30 2 *", "never_comes"),
        ("* * * * *", "too_often"),
        ("0,30 8 * * *", "too_often"),
        ("59 8 * * *\n", "ok"),
    ],
)
def test_a_line_that_is_none_is_refused_with_a_reason(line: str, code: str) -> None:
    if code == "ok":
        assert crontab.validated_next_time(line, now=NOW) > NOW
        return
    with pytest.raises(Invalid) as refused:
        crontab.validated_next_time(line, now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [("cron", code)]


def test_of_many_missed_times_the_last_ones_are_reported() -> None:
    first = in_city("2026-10-01T07:30")
    missed = crontab.times_until("30 7 * * *", first, NOW, 3)
    assert missed == [in_city(f"2026-11-{day}T07:30") for day in (22, 23, 24)]
    assert crontab.times_until("30 7 * * *", first, first, 3) == [first]


def test_what_is_coming_is_in_order_and_after_now() -> None:
    assert crontab.next_times("0 8 1 * *", NOW, 2) == [in_city("2026-12-01T08:00"), in_city("2027-01-01T08:00")]


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 2000))
def test_the_next_time_is_always_later_and_at_that_minute_of_the_city(hour: int, minute: int, days: int) -> None:
    moment = NOW + timedelta(days=days, hours=hour, minutes=minute)
    following = crontab.next_after(f"{minute} {hour} * * *", moment)
    assert following is not None
    assert moment < following <= moment + timedelta(days=1)
    local = following.astimezone(CITY)
    assert (local.hour, local.minute, local.second) == (hour, minute, 0)
    assert local.date() >= date(2026, 11, 24)
