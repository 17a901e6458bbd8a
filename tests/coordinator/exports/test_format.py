from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from coordinator.exports.format import vi_date, vi_datetime, vi_day, vi_number, vi_percent, vi_written_date


@pytest.mark.parametrize(
    ("value", "decimals", "locale", "expected"),
    [
        (12500, 0, "vi", "12.500"),
        (12500, 0, "en", "12,500"),
        (1234567.25, 1, "vi", "1.234.567,3"),
        (0.5, 0, "vi", "1"),
        (2.5, 0, "vi", "3"),
        (-1250, 0, "vi", "-1.250"),
        (-0.2, 0, "vi", "0"),
        (Decimal("98.55"), 1, "vi", "98,6"),
        (None, 0, "vi", "–"),
        (float("nan"), 0, "vi", "–"),
        (float("inf"), 1, "en", "–"),
    ],
)
def test_a_number_is_grouped_and_rounded_half_up(value, decimals, locale, expected):
    assert vi_number(value, decimals, locale) == expected


def test_the_largest_number_is_still_written():
    assert vi_number(1e300).count(".") == 100


def test_a_share_is_a_percentage_with_the_comma_of_the_language():
    assert vi_percent(0.985) == "98,5%"
    assert vi_percent(1) == "100,0%"
    assert vi_percent(0.985, locale="en") == "98.5%"
    assert vi_percent(0.5925, decimals=0) == "59%"
    assert vi_percent(None) == "–"


def test_a_moment_is_shown_on_the_clock_of_the_city():
    late = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)
    assert vi_datetime(late) == "00:42, 24/11/2026"
    assert vi_date(late) == "24/11/2026"
    assert vi_date(date(2026, 11, 4), locale="en") == "4 Nov 2026"
    assert vi_day(date(2026, 1, 4)) == "04/01"


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        vi_datetime(datetime(2026, 11, 23, 17, 42))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 2, 5), "ngày 05 tháng 02 năm 2027"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2026, 12, 31), "ngày 31 tháng 12 năm 2026"),
    ],
)
def test_a_document_writes_leading_zeros_for_days_below_ten_and_the_first_two_months(day, expected):
    assert vi_written_date(day) == expected
