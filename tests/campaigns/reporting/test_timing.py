"""Weeks and delays equal a count by hand."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import parse_period
from campaigns.reporting import tallies
from campaigns.reporting.tallies import TallyScope
from campaigns.reporting.timing import (
    BEFORE_RELEASE,
    DELAY_BOUNDS,
    DelayFigures,
    bin_column,
    bin_edges,
    bin_of,
    delay_figures,
    weekly_counts,
)
from campaigns.republications.republications import RepublicationStatus
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication, make_republications
from tests.conftest import seeds
from tests.factories import NOW

pytestmark = pytest.mark.long

NOVEMBER = parse_period("2026-11")
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("seed", seeds(3))
def test_every_week_and_topic_equals_counting_by_hand(session: Session, seed: int) -> None:
    rows = [
        row
        for row in make_republications(session, seed)
        if row.status is RepublicationStatus.CONFIRMED and row.counted_on in NOVEMBER
    ]
    by_hand = Counter(
        (row.counted_on - timedelta(days=row.counted_on.weekday()), row.bulletin.topic.code) for row in rows
    )
    weeks = weekly_counts(session, TallyScope(NOVEMBER), TODAY)
    assert {(week.first, topic): count for week in weeks for topic, count in week.counts.items()} == by_hand
    assert sum(week.total for week in weeks) == tallies.totals(session, TallyScope(NOVEMBER)).confirmed


def test_weeks_begin_on_monday_and_none_is_left_out(session: Session) -> None:
    weeks = weekly_counts(session, TallyScope(NOVEMBER), TODAY)
    # 1 November 2026 is a Sunday: its week began in October.
    assert [week.first for week in weeks] == [date(2026, 10, 26) + timedelta(weeks=n) for n in range(5)]
    assert all(week.total == 0 for week in weeks)


def test_a_copy_dated_ahead_of_today_has_its_week(session: Session) -> None:
    make_republication(session, factories.published(session), factories.site(session), counted_on=date(2026, 11, 30))
    weeks = weekly_counts(session, TallyScope(NOVEMBER), TODAY)
    assert (weeks[-1].first, weeks[-1].total) == (date(2026, 11, 30), 1)


@pytest.mark.parametrize("seed", seeds(3))
def test_delays_equal_counting_by_hand(session: Session, seed: int) -> None:
    waited = sorted(
        ((row.published_at or row.first_seen_at) - NOW).total_seconds()
        for row in make_republications(session, seed)
        if row.status is RepublicationStatus.CONFIRMED and row.counted_on in NOVEMBER
    )
    edges = [float("-inf"), *(hours * 3600 for hours in DELAY_BOUNDS), float("inf")]
    by_hand = [sum(low <= value < high for value in waited) for low, high in pairwise(edges)]
    counted = delay_figures(session, TallyScope(NOVEMBER))
    assert list(counted.counts) == by_hand
    assert counted.median == max(waited[(len(waited) - 1) // 2], 0)


def test_a_copy_dated_before_the_release_waited_not_at_all(session: Session) -> None:
    bulletin, site = factories.published(session), factories.site(session)
    make_republication(session, bulletin, site, published_at=NOW - timedelta(hours=2), first_seen_at=NOW)
    assert delay_figures(session, TallyScope(NOVEMBER)) == DelayFigures([1, 0, 0, 0, 0, 0], 0.0)


def test_without_copies_there_is_no_median(session: Session) -> None:
    assert delay_figures(session, TallyScope(NOVEMBER)) == DelayFigures([0] * 6, None)


def test_every_second_falls_in_the_class_whose_edges_are_around_it(session: Session) -> None:
    edges = [bound * 3600 for bound in DELAY_BOUNDS]
    seconds = sorted(
        {
            number + step
            for number in (0, 60, 299, 300, 4000, 86_400, 90_000, 30 * 86_400, 31 * 86_400, 400 * 86_400, *edges)
            for step in (-1, 0, 1, 59)
        }
    )
    for second in seconds:
        number = session.execute(sa.select(bin_column(sa.literal(second, sa.BigInteger)))).scalar_one()
        assert bin_of(second) == number
        if second < 0:
            assert number == BEFORE_RELEASE
            continue
        low, high = bin_edges(number)
        assert low <= second < high, second
        # No class reaches over an edge that the page shows.
        assert not any(low < edge < high for edge in edges)


def test_classes_touch_and_do_not_overlap() -> None:
    classes = [bin_edges(number) for number in range(1_500)]
    assert all(this[1] == after[0] for this, after in pairwise(classes))
