"""The lunar calendar against known years and against its inverse."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planning.lunar_calendar import LunarDay, lunar_of, solar_of

# The first days of the Vietnamese year as printed calendars have them; 1968, 1985, 2007 and 2030 differ from China's.
FIRST_DAYS = (
    "1968-01-29", "1985-01-21", "2000-02-05", "2007-02-17", "2008-02-07", "2018-02-16", "2019-02-05", "2020-01-25",
    "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26",
    "2029-02-13", "2030-02-02", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08",
)  # fmt: skip


@pytest.mark.parametrize("day", FIRST_DAYS)
def test_the_year_begins_when_printed_calendars_say(day: str) -> None:
    first = date.fromisoformat(day)
    assert solar_of(1, 1, first.year) == first
    assert lunar_of(first) == LunarDay(1, 1, first.year)


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        ("2020-06-01", LunarDay(10, 4, 2020, leap=True)),
        ("2023-03-22", LunarDay(1, 2, 2023, leap=True)),
        ("2025-07-25", LunarDay(1, 6, 2025, leap=True)),
        ("2033-12-25", LunarDay(4, 11, 2033, leap=True)),
        ("2026-04-26", LunarDay(10, 3, 2026)),
        ("2026-11-24", LunarDay(16, 10, 2026)),
        ("2026-02-16", LunarDay(29, 12, 2025)),
    ],
)
def test_leap_months_and_ordinary_days_are_those_of_the_almanac(day: str, lunar: LunarDay) -> None:
    assert lunar_of(date.fromisoformat(day)) == lunar


@given(st.dates(date(1968, 1, 1), date(2199, 12, 30)))
def test_days_follow_one_another_and_lead_back(day: date) -> None:
    here, after = lunar_of(day), lunar_of(day + timedelta(days=1))
    assert after.day == here.day + 1 or (after.day == 1 and here.day in {29, 30})
    if not here.leap:
        assert solar_of(here.day, here.month, here.year) == day


def test_the_first_and_the_fifteenth_name_their_month() -> None:
    assert [lunar_of(date(2026, 11, day)).short for day in (8, 9, 10, 23)] == ["30", "1/10", "2", "15/10"]
    assert lunar_of(date(2025, 7, 25)).short == "1/6n"
