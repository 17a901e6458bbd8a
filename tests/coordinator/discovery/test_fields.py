"""Times in the forms of sites."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.discovery.fields import parse_time

MORNING = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # half past seven in the city


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T07:30:00+07:00",
        "2026-11-24T00:30:00Z",
        "2026-11-24T00:30:00.000Z",
        "2026-11-24T07:30:00",
        "2026-11-24T07:30",
        "2026-11-24 07:30:00",
        "2026-11-24 07:30:00 +07:00",
        "Tue, 24 Nov 2026 07:30:00 +0700",
        "Tue, 24 Nov 2026 00:30:00 GMT",
        "Tue, 24 Nov 26 07:30:00 +0700",
        "24 Nov 2026 07:30:00 +0700",
        "Tue, 24 Nov 2026 00:30:00 -0000",
        "Tue, 24 Nov 2026 07:30:00 GMT+7",
        "Tue, 24 Nov 2026 07:30:00 ICT",
        "Mon, 23 Nov 2026 19:30:00 EST",
        "Tue, 24 Nov 2026 07:30:00 GMT+07:00",
        "Tue, 24 Nov 2026 07:30:00",
        "24/11/2026 07:30",
        "24/11/2026 7:30:00 SA",
        "24-11-2026, 07:30",
        "24.11.2026 07:30:00",
        "Thứ Ba, 24/11/2026 07:30 (GMT+7)",
        "24/11/2026 - 07:30",
        "11/24/2026 7:30:00 AM",
        " 2026-11-24T07:30:00+07:00\n",
    ],
)
def test_half_past_seven_in_the_city_is_read_in_every_spelling(text: str) -> None:
    assert parse_time(text) == MORNING


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("2026-11", datetime(2026, 10, 31, 17, tzinfo=UTC)),
        ("24/11/2026", datetime(2026, 11, 23, 17, tzinfo=UTC)),
        ("04/11/2026 19:05", datetime(2026, 11, 4, 12, 5, tzinfo=UTC)),
        ("04/11/2026 7:05:00 CH", datetime(2026, 11, 4, 12, 5, tzinfo=UTC)),
        ("11/4/2026 7:05:00 PM", datetime(2026, 11, 4, 12, 5, tzinfo=UTC)),
        ("24/11/2026 12:10 SA", datetime(2026, 11, 23, 17, 10, tzinfo=UTC)),
        ("24/11/2026 12:10 CH", datetime(2026, 11, 24, 5, 10, tzinfo=UTC)),
        ("24/11/2026 07:30 GMT+0", datetime(2026, 11, 24, 7, 30, tzinfo=UTC)),
    ],
)
def test_days_months_and_halves_of_the_day_are_distinguished(text: str, moment: datetime) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hôm nay",
        "31/02/2026",
        "2026-13-01",
        "0000-00-00",
        "0001-01-01T00:00:00+14:00",
        "1" * 5000,
        "12:30",
        "Tue, 99 Nov 2026 07:30:00 +0700",
    ],
)
def test_what_names_no_moment_is_none(text: str) -> None:
    assert parse_time(text) is None


@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    moment = parse_time(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_a_moment_written_as_iso_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_time(moment.isoformat()) == moment
