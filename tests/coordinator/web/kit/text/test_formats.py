"""Numbers, days and times in the office's format."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.web.kit.text import formats

NOW = datetime(2026, 11, 24, 3, 42, tzinfo=UTC)  # 10:42 in the city


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (0, 0, "0", "0"),
        (1250, 0, "1.250", "1,250"),
        (1234567, 0, "1.234.567", "1,234,567"),
        (-12, 0, "-12", "-12"),
        (2.5, 1, "2,5", "2.5"),
        (2.0, 1, "2", "2"),
        (Decimal("7412"), 0, "7.412", "7,412"),
        (None, 0, "–", "–"),
    ],
)
def test_numbers_are_grouped_the_readers_way(value, digits, vi, en) -> None:
    assert formats.number(value, "vi", digits) == vi
    assert formats.number(value, "en", digits) == en


@pytest.mark.parametrize(
    ("share", "vi", "en"),
    [(0.985, "98,5%", "98.5%"), (1, "100%", "100%"), (0.593, "59,3%", "59.3%"), (0, "0%", "0%"), (None, "–", "–")],
)
def test_a_share_is_written_as_per_cent_without_a_space(share, vi, en) -> None:
    assert formats.percent(share, "vi") == vi
    assert formats.percent(share, "en") == en


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_a_grouped_number_reads_back_as_itself(value: int) -> None:
    assert int(formats.number(value, "vi").replace(".", "")) == value


def test_moments_are_shown_in_the_citys_zone() -> None:
    late = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    assert formats.time_of_day(late) == "00:30"
    assert formats.day(late) == "25/11/2026"
    assert formats.long_day(late) == "Thứ Tư, 25/11/2026"
    assert formats.long_day(late, "en") == "Wednesday, 25/11/2026"
    assert formats.full_moment(late) == "00:30, 25/11/2026"
    assert formats.time_of_day(late.replace(second=7), seconds=True) == "00:30:07"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        formats.time_of_day(datetime(2026, 11, 24, 8, 0))


@pytest.mark.parametrize(
    ("moment", "vi", "en"),
    [
        (NOW, "10:42", "10:42"),
        (NOW - timedelta(days=1), "10:42 hôm qua", "10:42 yesterday"),
        (NOW + timedelta(days=1), "10:42 ngày mai", "10:42 tomorrow"),
        (NOW - timedelta(days=11), "10:42, 13/11", "10:42, 13/11"),
        (NOW - timedelta(days=365), "10:42, 24/11/2025", "10:42, 24/11/2025"),
        # 17:30 UTC is already the next day in the city.
        (datetime(2026, 11, 24, 17, 30, tzinfo=UTC), "00:30 ngày mai", "00:30 tomorrow"),
    ],
)
def test_a_near_moment_is_short_and_a_far_one_exact(moment, vi, en) -> None:
    assert formats.short_moment(moment, NOW, "vi") == vi
    assert formats.short_moment(moment, NOW, "en") == en


def test_days_stand_alone_too() -> None:
    assert formats.day(date(2026, 1, 5)) == "05/01/2026"
    assert formats.day_month(date(2026, 1, 5)) == "05/01"
    assert formats.weekday(date(2026, 11, 29)) == "Chủ Nhật"
    assert formats.day(None) == "–"


@pytest.mark.parametrize(
    ("seconds", "vi", "en"),
    [
        (0, "0 giây", "0 seconds"),
        (7, "7 giây", "7 seconds"),
        (60, "1 phút", "1 minute"),
        (67, "1 phút", "1 minute"),
        (6420, "1 giờ 47 phút", "1 hour 47 minutes"),
        (7205, "2 giờ", "2 hours"),
        (3 * 86400 + 4 * 3600 + 59, "3 ngày 4 giờ", "3 days 4 hours"),
        (timedelta(days=1, seconds=30), "1 ngày", "1 day"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(seconds, vi, en) -> None:
    assert formats.duration(seconds, "vi") == vi
    assert formats.duration(seconds, "en") == en


def test_a_file_size_is_in_steps_of_a_thousand() -> None:
    assert [formats.file_size(size) for size in (0, 999, 1000, 1_250_000)] == ["0 B", "999 B", "1 kB", "1,2 MB"]


def test_initials_are_of_the_words_a_person_is_called_by() -> None:
    assert [formats.initials(name) for name in ("Trần Quốc Bảo", "Đăng", "")] == ["QB", "Đ", "?"]


def test_a_title_makes_a_plain_id() -> None:
    assert formats.anchor("Cần xử lý: 3 lượt, đúng 10:42") == "can-xu-ly-3-luot-dung-10-42"
    assert formats.anchor("“…”") == "muc"


@given(st.text())
def test_any_title_makes_an_id_that_needs_no_escaping(text: str) -> None:
    assert set(formats.anchor(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
