"""Figures for monitoring, read every few seconds: the lateness and leases of work, and the outcomes of attempts.

All figures are read from rows, so that every process of an installation reports the same. Attempts and fetches are
append-only, so that a process reads each of them once and continues from its last position.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel
from campaigns.core import ledger
from campaigns.core.leader_lease import LeaderLease
from campaigns.delivery import outbox_claims
from campaigns.delivery.feed_fetches import FeedFetch
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery

BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds: the upper bounds of the histogram
# Ids are assigned before the commit: rows are counted permanently only when no smaller id can be committed later.
UNSETTLED_FOR = timedelta(minutes=2)
ROWS, MILLISECONDS = "rows", "milliseconds"  # the counted quantity: the last part of a key
PUSHED = (
    AttemptOutcome.DELIVERED,
    AttemptOutcome.ACCEPTED,
    AttemptOutcome.FAILED,
    AttemptOutcome.UNKNOWN,
    AttemptOutcome.REFUSED,
)


@dataclass(frozen=True)
class WorkBacklog:
    """One kind of due work at one time. ``due``: due rows without a lease; ``late``: seconds since the oldest of them
    became due; ``held``: rows under a lease; ``expired``: expired leases, that is, rows of a worker that ended, not
    claimed again yet."""

    due: int
    late: float
    held: int
    expired: int


def work_backlog(session: Session, *, now: datetime) -> dict[str, WorkBacklog]:
    """Return every kind of work by the name of its table; of deliveries only sendable ones (``is_sendable``)."""
    found = {}
    for kind in ledger.work_item_classes():
        waits = sa.and_(kind.due_at <= now, sa.or_(kind.lease_until.is_(None), kind.lease_until <= now))
        if kind is Delivery:
            waits = sa.and_(waits, outbox_claims.is_sendable(now))
        expired = sa.and_(kind.lease_until <= now, kind.due_at.is_not(None))
        row = session.execute(
            sa.select(
                sa.func.count(sa.case((waits, 1))),
                sa.func.min(sa.case((waits, kind.due_at))),
                sa.func.count(sa.case((kind.lease_until > now, 1))),
                sa.func.count(sa.case((expired, 1))),
            ).where(kind.due_at.is_not(None), sa.or_(kind.due_at <= now, kind.lease_until.is_not(None)))
        ).one()
        found[kind.__tablename__] = WorkBacklog(row[0], _since(row[1], now), row[2], row[3])
    return found


def delivery_lateness(session: Session, *, now: datetime) -> float:
    """Return the seconds since the oldest sendable delivery without a lease became due; 0 where there is none."""
    return _since(outbox_claims.longest_due_since(session, now=now), now)


def clock_lead(session: Session, *, now: datetime) -> float:
    """Return the remaining seconds of the clock's lease; negative: since its end; minus infinity: there was no
    clock."""
    leader = session.get(LeaderLease, "clock")
    return (leader.until - now).total_seconds() if leader is not None else float("-inf")


def _since(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment is not None else 0.0


@dataclass
class RunningCount:
    """A count of append-only rows, continued from its last position. Not safe for concurrent use.

    ``kept``: the permanent count, up to the id ``upto``; ``edges``: the newest ids seen, and their times.
    """

    kept: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    upto: int = 0
    edges: deque[tuple[datetime, int]] = field(default_factory=deque)

    def read(
        self, session: Session, ident: Any, query: sa.Select[*tuple[Any, ...]], now: datetime
    ) -> Counter[tuple[Any, ...]]:
        """Return the whole count. ``query``: columns of the key, then the number of rows labelled ``ROWS``, and
        optionally a sum labelled ``MILLISECONDS``; ``ident``: the rows' id. Keys end in the label."""
        settled = 0
        while self.edges and self.edges[0][0] <= now - UNSETTLED_FOR:
            settled = self.edges.popleft()[1]
        if settled > self.upto:
            self.kept += _counted(session, query.where(ident > self.upto, ident <= settled))
            self.upto = settled
        newest = session.execute(sa.select(sa.func.max(ident))).scalar_one()
        if newest is not None and (not self.edges or self.edges[-1][1] < newest):
            self.edges.append((now, newest))
        return self.kept + _counted(session, query.where(ident > self.upto))


def _counted(session: Session, query: sa.Select[*tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for row in session.execute(query).mappings():
        key = tuple(value for name, value in row.items() if name not in {ROWS, MILLISECONDS})
        for what in (ROWS, MILLISECONDS):
            if what in row:
                found[*key, what] = int(row[what])
    return found


@dataclass(frozen=True)
class AttemptDurations:
    """The durations of tries of one kind of channel. ``within``: the numbers of tries by ``BUCKETS`` and the rest, each
    try once; ``total``: the sum in seconds."""

    within: tuple[int, ...]
    total: float


class ProcessMetrics:
    """One process's counts of all attempts and fetches. Not safe for concurrent use."""

    def __init__(self) -> None:
        self._attempts, self._fetches = RunningCount(), RunningCount()

    def attempts(
        self, session: Session, *, now: datetime
    ) -> tuple[Counter[tuple[str, str]], dict[str, AttemptDurations]]:
        """Return the numbers of tries by kind of channel and outcome, and the durations of pushed ones by kind."""
        lasted = _milliseconds(session)
        bucket = sa.case(*((lasted <= most * 1000, place) for place, most in enumerate(BUCKETS)), else_=len(BUCKETS))
        query = (
            sa.select(
                Channel.kind,
                Attempt.outcome,
                bucket.label("bucket"),
                sa.func.count().label(ROWS),
                sa.func.coalesce(sa.func.sum(lasted), 0).label(MILLISECONDS),
            )
            .select_from(Attempt)
            .join(Delivery, Delivery.id == Attempt.delivery_id)
            .join(Channel, Channel.id == Delivery.channel_id)
            .group_by(Channel.kind, Attempt.outcome, sa.literal_column("bucket"))
        )
        found = self._attempts.read(session, Attempt.id, query, now)
        outcomes: Counter[tuple[str, str]] = Counter()
        within: dict[str, list[int]] = {}
        total: Counter[str] = Counter()
        for (kind, outcome, place, what), number in found.items():
            if what == MILLISECONDS:
                total[kind] += number if outcome in PUSHED else 0
                continue
            outcomes[kind, outcome.value] += number
            if outcome in PUSHED:
                within.setdefault(kind, [0] * (len(BUCKETS) + 1))[place] += number
        return outcomes, {kind: AttemptDurations(tuple(many), total[kind] / 1000) for kind, many in within.items()}

    def fetches(self, session: Session, *, now: datetime) -> Counter[tuple[str, str]]:
        """Return the numbers of reads of partners' feeds, by name and HTTP status."""
        query = sa.select(FeedFetch.feed, FeedFetch.status, sa.func.count().label(ROWS)).group_by(
            FeedFetch.feed, FeedFetch.status
        )
        found = self._fetches.read(session, FeedFetch.id, query, now)
        return Counter({(feed, str(status)): number for (feed, status, _), number in found.items()})


def _milliseconds(session: Session) -> sa.ColumnElement[int]:
    """Return the duration of an attempt in whole milliseconds, so that sums are exact; SQLite's days have a precision
    of a twentieth of a millisecond."""
    if session.get_bind().dialect.name == "postgresql":
        lasted: sa.ColumnElement[Any] = sa.extract("epoch", Attempt.ended_at - Attempt.at) * 1000
    else:
        lasted = (sa.func.julianday(Attempt.ended_at) - sa.func.julianday(Attempt.at)) * 86_400_000
    return sa.cast(sa.func.round(lasted), sa.BigInteger)
