"""Holidays by law, by notice and in lieu."""

from datetime import date

import pytest
from holidays import country_holidays

from campaigns.planning.holidays import DAYS_OFF, FIRST_YEAR, LAST_YEAR, holiday_on, holidays, is_public_holiday
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
    assert tet == {4: True, 5: True, 6: False, 7: False, 8: False, 9: True, 10: True}


def test_a_day_the_law_did_not_know_yet_was_no_holiday() -> None:
    assert not is_public_holiday(date(2025, 11, 24))
    assert is_public_holiday(date(2026, 11, 24))


def test_a_holiday_on_a_weekend_moves_to_the_next_working_day() -> None:
    found = holiday_on(date(2022, 1, 3))
    assert found is not None
    assert (found.in_lieu, found.key) == (True, "new-year")


def test_every_year_covered_has_each_day_off_and_years_outside_have_none() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        keys = {holiday.key for holiday in holidays(date(year, 1, 1), date(year, 12, 31)) if holiday.rest}
        assert {key for _name, key in DAYS_OFF} - keys <= ({"culture"} if year < 2026 else set())
    assert holidays(date(FIRST_YEAR - 1, 1, 1), date(FIRST_YEAR - 1, 12, 31)) == []


def test_a_day_that_is_remembered_and_free_shows_that_it_is_free() -> None:
    both = [year for year in range(FIRST_YEAR, LAST_YEAR + 1) if solar_of(15, 7, year) == date(year, 9, 2)]
    assert both
    assert all(is_public_holiday(date(year, 9, 2)) for year in both)


# The days around Tết and the National Day, and the exchanged days, that each year's notice gave: 4875/TB-LĐTBXH (2021),
# 245/VPCP-KGVX of 11/01/2022, the ministry's notices of 2022 and 2023, 8662/VPCP-KGVX of 03/11/2023 and 2450/VPCP-KGVX
# of 12/04/2024 (2024), 8726/VPCP-KGVX of 26/11/2024 (2025), 9441/TB-BNV of 16/10/2025 (2026).
GIVEN_BY_NOTICE = {
    2021: "10/02 11/02 12/02 13/02 14/02 15/02 16/02 02/09 03/09",
    2022: "31/01 01/02 02/02 03/02 04/02 01/09 02/09",
    2023: "20/01 21/01 22/01 23/01 24/01 25/01 26/01 01/09 02/09 04/09",
    2024: "08/02 09/02 10/02 11/02 12/02 13/02 14/02 29/04 02/09 03/09",
    2025: "27/01 28/01 29/01 30/01 31/01 02/05 01/09 02/09",
    2026: "16/02 17/02 18/02 19/02 20/02 31/08 01/09 02/09",
}


@pytest.mark.parametrize("year", GIVEN_BY_NOTICE)
def test_the_days_that_a_years_notice_gave_are_days_off(year: int) -> None:
    given = [date(year, int(day[3:]), int(day[:2])) for day in GIVEN_BY_NOTICE[year].split()]
    assert [day for day in given if not is_public_holiday(day)] == []
    assert not any(day.expected for day in holidays(date(year, 1, 1), date(year, 12, 31)))
    around = [
        day.day for day in holidays(date(year, 1, 1), date(year, 12, 31)) if day.rest and day.key in {"tet", "national"}
    ]
    # Of the first of February 2025, a Saturday, the notice says nothing: offices are closed in any case.
    assert set(around) - set(given) <= {date(2025, 2, 1)}


def test_the_lunar_days_of_every_year_are_as_another_calendar_has_them() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        theirs = country_holidays("VN", years=year, language="en_US", observed=False)
        assert "Lunar New Year" in theirs[solar_of(1, 1, year)]
        assert "Hung Kings" in theirs[solar_of(10, 3, year)]
