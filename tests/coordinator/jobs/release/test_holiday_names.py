"""Every holiday of the table has a name in both languages."""

from datetime import date

from campaigns.planning.holidays import DAYS_OFF, REMEMBERED, REMEMBERED_LUNAR, holiday_on
from coordinator.jobs.release.holiday_names import HOLIDAY_NAMES, expected_holiday_name, holiday_name
from coordinator.translation import speaking


def test_every_holiday_of_the_table_has_a_name() -> None:
    assert set(HOLIDAY_NAMES) == {key for _name, key in DAYS_OFF} | set(REMEMBERED) | set(REMEMBERED_LUNAR)


def test_a_day_in_lieu_says_so_in_the_readers_language() -> None:
    found = holiday_on(date(2022, 1, 3))
    assert found is not None
    assert holiday_name(found) == "Nghỉ bù Tết Dương lịch"
    with speaking("en"):
        assert holiday_name(found) == "New Year's Day (in lieu)"


def test_a_day_that_waits_for_its_notice_says_so() -> None:
    found = holiday_on(date(2027, 2, 5))
    assert found is not None
    assert expected_holiday_name(found) == "Tết Nguyên đán (dự kiến)"
