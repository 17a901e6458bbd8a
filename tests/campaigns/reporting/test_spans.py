"""Periods come apart into spans that are exactly their days; every delay has one class, the same on each database."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, parse_period
from campaigns.reporting.rhythm import DELAY_BOUNDS
from campaigns.reporting.spans import BEFORE, as_day, bin_column, bin_edges, bin_of, day_span, spans_of

DAYS = st.dates(date(2023, 1, 1), date(2028, 12, 31))


def days_of(span: int) -> set[date]:
    """The days of a span, by walking six years."""
    every = (date(2023, 1, 1) + timedelta(days=number) for number in range(6 * 366))
    size = 10_000 if span % 10_000 == 0 else 100 if span % 100 == 0 else 1
    return {day for day in every if day_span(day) // size == span // size}


@given(DAYS, DAYS)
def test_the_spans_of_a_period_are_its_days_each_once(one: date, other: date) -> None:
    period = Period(min(one, other), max(one, other), "")
    parts = [days_of(span) for span in spans_of(period)]
    assert sum(map(len, parts)) == period.length
    assert set().union(*parts) == set(period.days())


@pytest.mark.parametrize(
    ("label", "spans"),
    [
        ("2026", [20260000]),
        ("2026-Q4", [20261000, 20261100, 20261200]),
        ("2026-02-27..2026-03-31", [20260227, 20260228, 20260300]),
        ("2026-11-24", [20261124]),
    ],
)
def test_whole_years_and_months_are_one_span_each(label: str, spans: list[int]) -> None:
    assert spans_of(parse_period(label)) == spans


@given(DAYS)
def test_a_days_span_names_the_day(day: date) -> None:
    assert as_day(day_span(day)) == day


def test_every_second_falls_in_the_class_whose_edges_are_around_it(session: Session) -> None:
    edges = [bound * 3600 for bound in DELAY_BOUNDS]
    seconds = sorted({
        one + step for one in (0, 60, 299, 300, 4000, 86_400, 90_000, 30 * 86_400, 31 * 86_400, 400 * 86_400, *edges)
        for step in (-1, 0, 1, 59)
    })  # fmt: skip
    for second in seconds:
        number = session.execute(sa.select(bin_column(sa.literal(second, sa.BigInteger)))).scalar_one()
        assert bin_of(second) == number
        if second < 0:
            assert number == BEFORE
            continue
        low, high = bin_edges(number)
        assert low <= second < high, second
        # No class reaches over an edge that the page shows.
        assert not any(low < edge < high for edge in edges)


def test_classes_touch_and_do_not_overlap() -> None:
    classes = [bin_edges(number) for number in range(1_500)]
    assert all(this[1] == after[0] for this, after in pairwise(classes))
