"""What a monitor asks every few seconds: how late work is, who holds it, and what tries have come to. SQL, no loops.

Everything here is read from rows, so that every process of an installation says the same. Attempts and fetches are
never changed and only ever added, so that a process reads each of them once and goes on from where it was.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.leading import Leader
from campaigns.publishing import claiming
from campaigns.publishing.channels import Channel
from campaigns.publishing.fetches import FeedFetch
from campaigns.publishing.outbox import Attempt, Delivery, Outcome

BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds: the upper bounds of the histogram
# Ids are given out before they are committed: what is read once is what can have no older neighbour on its way.
UNSETTLED_FOR = timedelta(minutes=2)
ROWS, MILLISECONDS = "rows", "milliseconds"  # what is counted: the last part of a key
PUSHED = (Outcome.DELIVERED, Outcome.ACCEPTED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.REFUSED)


@dataclass(frozen=True)
class Work:
    """One kind of due work at a moment. ``due``: rows whose time has come and that nobody has; ``late``: seconds since
    the oldest of them fell due; ``held``: rows under a lease; ``expired``: leases that ran out, that is, somebody died
    or was stopped with work in hand and nobody has taken it up yet."""

    due: int
    late: float
    held: int
    expired: int


def work(session: Session, *, now: datetime) -> dict[str, Work]:
    """Every kind of work by the name of its table; of deliveries those that are ``claiming.sendable``."""
    found = {}
    for kind in ledger.kinds():
        waits = sa.and_(kind.due_at <= now, sa.or_(kind.lease_until.is_(None), kind.lease_until <= now))
        if kind is Delivery:
            waits = sa.and_(waits, claiming.sendable(now))
        expired = sa.and_(kind.lease_until <= now, kind.due_at.is_not(None))
        row = session.execute(
            sa.select(
                sa.func.count(sa.case((waits, 1))),
                sa.func.min(sa.case((waits, kind.due_at))),
                sa.func.count(sa.case((kind.lease_until > now, 1))),
                sa.func.count(sa.case((expired, 1))),
            ).where(kind.due_at.is_not(None), sa.or_(kind.due_at <= now, kind.lease_until.is_not(None)))
        ).one()
        found[kind.__tablename__] = Work(row[0], _since(row[1], now), row[2], row[3])
    return found


def lateness(session: Session, *, now: datetime) -> float:
    """Seconds since the oldest delivery fell due that could be sent and that nobody has; 0 where there is none."""
    return _since(claiming.longest_due(session, now=now), now)


def clock_lead(session: Session, *, now: datetime) -> float:
    """Seconds for which the leading clock still leads; negative: for how long none has; minus infinity: none ever."""
    leader = session.get(Leader, "clock")
    return (leader.until - now).total_seconds() if leader is not None else float("-inf")


def _since(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment is not None else 0.0


@dataclass
class Tally:
    """A count of rows that are only ever added, read forward from where it got to. For one reader at a time.

    ``kept``: what is counted for good, up to the id ``upto``; ``edges``: newest ids seen, and when.
    """

    kept: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    upto: int = 0
    edges: deque[tuple[datetime, int]] = field(default_factory=deque)

    def read(
        self, session: Session, ident: Any, query: sa.Select[*tuple[Any, ...]], now: datetime
    ) -> Counter[tuple[Any, ...]]:
        """The whole count. ``query``: columns of the key, then the number of rows labelled ``ROWS``, and, where there
        is something to add up, its sum labelled ``MILLISECONDS``; ``ident``: the rows' id. Keys end in the label."""
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
class Durations:
    """How long tries of one kind of channel took. ``within``: how many took at most each of ``BUCKETS`` and the rest,
    each try once; ``total``: seconds together."""

    within: tuple[int, ...]
    total: float


class Figures:
    """What one process has counted of the attempts and fetches so far: true for all of them, whoever asks. For one
    reader at a time."""

    def __init__(self) -> None:
        self._attempts, self._fetches = Tally(), Tally()

    def attempts(self, session: Session, *, now: datetime) -> tuple[Counter[tuple[str, str]], dict[str, Durations]]:
        """How many tries there were by kind of channel and outcome; and how long those took that were ours to make,
        by kind."""
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
        return outcomes, {kind: Durations(tuple(many), total[kind] / 1000) for kind, many in within.items()}

    def fetches(self, session: Session, *, now: datetime) -> Counter[tuple[str, str]]:
        """How often partners' own feeds were read, by name and HTTP status."""
        query = sa.select(FeedFetch.feed, FeedFetch.status, sa.func.count().label(ROWS)).group_by(
            FeedFetch.feed, FeedFetch.status
        )
        found = self._fetches.read(session, FeedFetch.id, query, now)
        return Counter({(feed, str(status)): number for (feed, status, _), number in found.items()})


def _milliseconds(session: Session) -> sa.ColumnElement[int]:
    """How long an attempt took: whole, so that a sum is the same however it is cut, and since SQLite's days are good to
    a twentieth of a millisecond."""
    if session.get_bind().dialect.name == "postgresql":
        lasted: sa.ColumnElement[Any] = sa.extract("epoch", Attempt.ended_at - Attempt.at) * 1000
    else:
        lasted = (sa.func.julianday(Attempt.ended_at) - sa.func.julianday(Attempt.at)) * 86_400_000
    return sa.cast(sa.func.round(lasted), sa.BigInteger)
