"""Holidays by law, by notice and in lieu."""

from datetime import date, timedelta

import pytest
from holidays import country_holidays

from campaigns.planning.holiday_table import FIRST_YEAR, HOLIDAY_NOTICES, LAST_YEAR, YEARLY_HOLIDAYS
from campaigns.planning.holidays import holiday_on, holidays, is_public_holiday
from campaigns.planning.lunar_calendar import solar_of


def off(year: int) -> list[str]:
    return [
        f"{holiday.day:%d/%m} {holiday.key}"
        for holiday in holidays(date(year, 1, 1), date(year, 12, 31))
        if holiday.rest
    ]


def test_the_days_of_2026_are_those_of_the_law_and_of_that_years_notice() -> None:
    assert off(2026) == [
        "01/01 new-year",
        *(f"{day}/02 tet" for day in (16, 17, 18, 19, 20)),
        "26/04 hung-kings",
        "27/04 hung-kings",
        "30/04 victory",
        "01/05 labour",
        "31/08 national",
        "01/09 national",
        "02/09 national",
        "24/11 culture",
    ]
    assert not any(holiday.expected for holiday in holidays(date(2026, 1, 1), date(2026, 12, 31)))


def test_a_year_without_a_notice_says_which_days_are_only_expected() -> None:
    tet = {
        holiday.day.day: holiday.expected for holiday in holidays(date(2027, 2, 1), date(2027, 2, 28)) if holiday.rest
    }
    assert tet == {5: True, 6: False, 7: False, 8: False, 9: True, 10: True, 11: True}


def test_a_day_the_law_did_not_know_yet_was_no_holiday() -> None:
    assert not is_public_holiday(date(2025, 11, 24))
    assert is_public_holiday(date(2026, 11, 24))


def test_a_holiday_on_a_weekend_moves_to_the_next_working_day() -> None:
    found = holiday_on(date(2022, 1, 3))
    assert found is not None
    assert (found.in_lieu, found.key) == (True, "new-year")


def test_every_year_covered_has_each_rule_once_and_years_outside_have_none() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        keys = {holiday.key for holiday in holidays(date(year, 1, 1), date(year, 12, 31))}
        missing = {rule.key for rule in YEARLY_HOLIDAYS if rule.since.year < year} - keys
        # A day that is named and free shows the free one: Vu Lan may fall on the National Day.
        assert {rule.key for rule in YEARLY_HOLIDAYS if rule.key in missing and rule.rest} == set()
    assert holidays(date(FIRST_YEAR - 1, 1, 1), date(FIRST_YEAR - 1, 12, 31)) == []


def test_each_notice_surrounds_the_day_it_is_about_and_names_its_source() -> None:
    for notice in HOLIDAY_NOTICES:
        core = [holiday for holiday in holidays(notice.first, notice.last) if holiday.key == notice.key]
        assert len(core) == (notice.last - notice.first) / timedelta(days=1) + 1
        assert all(is_public_holiday(day) for day in notice.off)
        assert notice.source


# What the other table has and ours has not, with the reason. Days that the Prime Minister exchanged (29/04/2024,
# 02/05/2025, 31/08/2026) are in both.
DIFFERENCES = {
    # The notice of 2025 gives 27 to 31 January, two days before Tết and three after; the other table counts one and
    # four, of which the fourth is this Saturday, no working day in either.
    date(2025, 2, 1),
}


@pytest.mark.parametrize("year", range(2021, 2027))
def test_a_year_with_its_notices_is_as_another_table_has_it(year: int) -> None:
    theirs = set(country_holidays("VN", years=year))
    ours = {day.day for day in holidays(date(year, 1, 1), date(year, 12, 31)) if day.rest}
    assert ours ^ theirs <= DIFFERENCES
    assert not any(day.expected for day in holidays(date(year, 1, 1), date(year, 12, 31)))


def test_the_lunar_days_of_every_year_are_as_another_calendar_has_them() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        theirs = country_holidays("VN", years=year, language="en_US", observed=False)
        assert "Lunar New Year" in theirs[solar_of(1, 1, year)]
        assert "Hung Kings" in theirs[solar_of(10, 3, year)]
