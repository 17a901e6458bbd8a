"""Holidays by law, by notice and in lieu."""

from datetime import date, timedelta

from campaigns.planning.holiday_table import FIRST_YEAR, HOLIDAY_NOTICES, LAST_YEAR, YEARLY_HOLIDAYS
from campaigns.planning.holidays import holiday_on, holidays, is_public_holiday


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
        assert notice.source
