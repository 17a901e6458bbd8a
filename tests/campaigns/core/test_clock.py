"""Days are the city's, moments are UTC, periods are read as people write them."""

from datetime import UTC, date, datetime

import pytest

from campaigns.core.clock import city_day, day_start, parse_period, quarter_of
from campaigns.core.errors import Invalid


def test_a_day_of_the_city_begins_at_five_in_the_afternoon_utc() -> None:
    assert day_start(date(2026, 11, 24)) == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert city_day(datetime(2026, 11, 23, 16, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert city_day(datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-11-24", date(2026, 11, 24), date(2026, 11, 24)),
        ("2026-10-01..2026-10-31", date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_periods(text: str, first: date, last: date) -> None:
    period = parse_period(text)
    assert (period.first, period.last) == (first, last)
    assert first in period
    assert period.end > period.start


@pytest.mark.parametrize("text", ["", "2026-Q5", "2026-13", "hôm nay", "24/11/2026"])
def test_what_is_no_period_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(Invalid, match="expected 2026-Q4"):
        parse_period(text)


def test_days_the_wrong_way_round_are_called_that() -> None:
    with pytest.raises(Invalid, match=r"'2026-10-02\.\.2026-10-01' ends before it starts") as refused:
        parse_period("2026-10-02..2026-10-01", "starts_on")
    assert [(error.field, error.code) for error in refused.value.errors] == [("starts_on", "before_start")]


def test_the_quarter_of_a_day() -> None:
    assert quarter_of(date(2026, 11, 24)).label == "2026-Q4"
