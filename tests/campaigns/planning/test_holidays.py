"""Holidays by law, by notice and in lieu."""

from datetime import date, timedelta

from campaigns.planning.holiday_table import FIRST_YEAR, LAST_YEAR, NOTICES, YEARLY
from campaigns.planning.holidays import holiday_on, holidays, rests


def off(year: int) -> list[str]:
    return [
        f"{one.day:%d/%m} {one.vi}" for one in holidays(date(year, 1, 1), date(year, 12, 31)) if one.rest
    ]  # fmt: skip


def test_the_days_of_2026_are_those_of_the_law_and_of_that_years_notice() -> None:
    assert off(2026) == [
        "01/01 Tết Dương lịch",
        *(f"{day}/02 Tết Nguyên đán" for day in (16, 17, 18, 19, 20)),
        "26/04 Giỗ Tổ Hùng Vương",
        "27/04 Nghỉ bù Giỗ Tổ Hùng Vương",
        "30/04 Ngày Chiến thắng",
        "01/05 Ngày Quốc tế Lao động",
        "31/08 Quốc khánh",
        "01/09 Quốc khánh",
        "02/09 Quốc khánh",
        "24/11 Ngày Văn hóa Việt Nam",
    ]
    assert not any(one.expected for one in holidays(date(2026, 1, 1), date(2026, 12, 31)))


def test_a_year_without_a_notice_says_which_days_are_only_expected() -> None:
    tet = {one.day.day: one.expected for one in holidays(date(2027, 2, 1), date(2027, 2, 28)) if one.rest}
    assert tet == {5: True, 6: False, 7: False, 8: False, 9: True, 10: True, 11: True}


def test_a_day_the_law_did_not_know_yet_was_no_holiday() -> None:
    assert not rests(date(2025, 11, 24))
    assert rests(date(2026, 11, 24))


def test_a_holiday_on_a_weekend_moves_to_the_next_working_day() -> None:
    found = holiday_on(date(2022, 1, 3))
    assert found is not None
    assert (found.in_lieu, found.en) == (True, "New Year's Day (in lieu)")


def test_every_year_covered_has_each_rule_once_and_years_outside_have_none() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        keys = {one.key for one in holidays(date(year, 1, 1), date(year, 12, 31))}
        missing = {rule.key for rule in YEARLY if rule.since.year < year} - keys
        # A day that is named and free shows the free one: Vu Lan may fall on the National Day.
        assert {rule.key for rule in YEARLY if rule.key in missing and rule.rest} == set()
    assert holidays(date(FIRST_YEAR - 1, 1, 1), date(FIRST_YEAR - 1, 12, 31)) == []


def test_each_notice_surrounds_the_day_it_is_about_and_names_its_source() -> None:
    for notice in NOTICES:
        core = [one for one in holidays(notice.first, notice.last) if one.key == notice.key]
        assert len(core) == (notice.last - notice.first) / timedelta(days=1) + 1
        assert notice.source
