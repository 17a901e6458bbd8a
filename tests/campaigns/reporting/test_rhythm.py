"""Weeks and delays say what counting by hand says."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import parse_period
from campaigns.reporting import tallies
from campaigns.reporting.rhythm import DELAY_BOUNDS, Delays, delays, weekly
from campaigns.reporting.tallies import Scope
from campaigns.tracking.republications import Status
from tests import factories
from tests.campaigns.reporting.copies import copy, many
from tests.factories import NOW

NOVEMBER = parse_period("2026-11")
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_week_and_topic_equals_counting_by_hand(session: Session, seed: int) -> None:
    rows = [row for row in many(session, seed) if row.status is Status.CONFIRMED and row.counted_on in NOVEMBER]
    by_hand = Counter(
        (row.counted_on - timedelta(days=row.counted_on.weekday()), row.bulletin.topic.code) for row in rows
    )
    weeks = weekly(session, Scope(NOVEMBER), TODAY)
    assert {(week.first, topic): count for week in weeks for topic, count in week.counts.items()} == by_hand
    assert sum(week.total for week in weeks) == tallies.totals(session, Scope(NOVEMBER)).confirmed


def test_weeks_begin_on_monday_and_none_is_left_out(session: Session) -> None:
    weeks = weekly(session, Scope(NOVEMBER), TODAY)
    # 1 November 2026 is a Sunday: its week began in October.
    assert [week.first for week in weeks] == [date(2026, 10, 26) + timedelta(weeks=n) for n in range(5)]
    assert all(week.total == 0 for week in weeks)


def test_a_copy_dated_ahead_of_today_has_its_week(session: Session) -> None:
    copy(session, factories.published(session), factories.site(session), counted_on=date(2026, 11, 30))
    weeks = weekly(session, Scope(NOVEMBER), TODAY)
    assert (weeks[-1].first, weeks[-1].total) == (date(2026, 11, 30), 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_delays_equal_counting_by_hand(session: Session, seed: int) -> None:
    waited = sorted(
        ((row.published_at or row.first_seen_at) - NOW).total_seconds()
        for row in many(session, seed)
        if row.status is Status.CONFIRMED and row.counted_on in NOVEMBER
    )
    edges = [float("-inf"), *(hours * 3600 for hours in DELAY_BOUNDS), float("inf")]
    by_hand = [sum(low <= one < high for one in waited) for low, high in pairwise(edges)]
    counted = delays(session, Scope(NOVEMBER))
    assert list(counted.counts) == by_hand
    assert counted.median == max(waited[(len(waited) - 1) // 2], 0)


def test_a_copy_dated_before_the_release_waited_not_at_all(session: Session) -> None:
    bulletin, site = factories.published(session), factories.site(session)
    copy(session, bulletin, site, published_at=NOW - timedelta(hours=2), first_seen_at=NOW)
    assert delays(session, Scope(NOVEMBER)) == Delays([1, 0, 0, 0, 0, 0], 0.0)


def test_without_copies_there_is_no_median(session: Session) -> None:
    assert delays(session, Scope(NOVEMBER)) == Delays([0] * 6, None)
