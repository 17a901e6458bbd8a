"""When copies appear: by week and topic, and how long after the release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.planning.campaigns import Topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting.tallies import Scope, count_if, republications
from campaigns.tracking.republications import Republication, Status


@dataclass(frozen=True)
class Week:
    """Confirmed republications of one week, by topic code. ``first``: its Monday, even before the period begins."""

    first: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Over all topics."""
        return sum(self.counts.values())


def weekly(session: Session, scope: Scope, until: date) -> list[Week]:
    """Every week of the period up to the one with ``until`` in it, weeks without anything included."""
    query = (
        republications(scope, Republication.counted_on, Topic.code, sa.func.count())
        .join(Topic, Topic.id == Bulletin.topic_id)
        .where(Republication.status == Status.CONFIRMED)
        .group_by(Republication.counted_on, Topic.code)
    )
    found: dict[date, dict[str, int]] = {}
    for day, topic, count in session.execute(query):
        week = found.setdefault(day - timedelta(days=day.weekday()), {})
        week[topic] = week.get(topic, 0) + int(count)
    last = max([min(scope.period.last, until), *found])
    monday = scope.period.first - timedelta(days=scope.period.first.weekday())
    return [
        Week(first, found.get(first, {}))
        for first in (monday + timedelta(weeks=number) for number in range((last - monday).days // 7 + 1))
    ]


# Upper bounds in hours of the classes a delay falls in; the last class has none.
DELAY_BOUNDS = (1, 3, 6, 12, 24)


@dataclass(frozen=True)
class Delays:
    """How long after the release confirmed copies appeared: how many in each class, and the median in seconds.

    ``counts`` has one figure for each of ``DELAY_BOUNDS`` and one for what came later. ``median`` is None without any.
    """

    counts: Sequence[int]
    median: float | None


def _second(moment: InstrumentedAttribute[Any]) -> sa.ColumnElement[int]:
    """A moment as whole seconds, so that both databases put a delay of one hour into the same class."""
    return sa.cast(sa.extract("epoch", moment), sa.BigInteger)


def delays(session: Session, scope: Scope) -> Delays:
    """From the release to the copy's own publication time, else to when we first saw it; never less than nothing."""
    appeared = sa.func.coalesce(_second(Republication.published_at), _second(Republication.first_seen_at))
    waited = appeared - _second(Bulletin.release_at)
    confirmed = (Republication.status == Status.CONFIRMED, Bulletin.release_at.is_not(None))
    edges = [None, *(hours * 3600 for hours in DELAY_BOUNDS), None]
    classes = [
        count_if(
            *([waited >= low] if low is not None else []),
            *([waited < high] if high is not None else []),
        )
        for low, high in pairwise(edges)
    ]
    counts = [int(one) for one in session.execute(republications(scope, *classes).where(*confirmed)).one()]
    whole = sum(counts)
    if not whole:
        return Delays(counts, None)
    # The lower of the two middle ones when their number is even: no query has to average.
    middle = session.execute(
        republications(scope, waited).where(*confirmed).order_by(waited).offset((whole - 1) // 2).limit(1)
    ).scalar_one()
    return Delays(counts, max(float(middle), 0.0))
