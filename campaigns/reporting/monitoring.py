"""Figures for monitoring, read every few seconds: the lateness and leases of work, and the outcomes of attempts.

All figures are read from rows, so that every process of an installation reports the same. Attempts and fetches are
append-only logs of many millions of rows: the clock keeps their counts, and only the newest rows are counted anew.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.channels.channels import Channel
from campaigns.core import ledger
from campaigns.core.base import Base, BigKey, UTCDateTime
from campaigns.core.journal import JournalEntry
from campaigns.core.leases import LeaderLease
from campaigns.delivery import outbox_claims
from campaigns.delivery.feed_fetches import FeedFetch
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryState

BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # seconds: the upper bounds of the histogram
# Ids are assigned before the commit: rows are counted permanently only when no smaller id can be committed later.
UNSETTLED_FOR = timedelta(minutes=2)
BACKUP_OVERDUE_AFTER = timedelta(days=7)
KEPT_BACKUPS = 100
SHOWN_STATES = tuple(state for state in DeliveryState if state is not DeliveryState.DELIVERED)
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
            ).where(
                kind.due_at.is_not(None),
                ledger.is_claimable(kind),
                sa.or_(kind.due_at <= now, kind.lease_until.is_not(None)),
            )
        ).one()
        found[kind.__tablename__] = WorkBacklog(row[0], _since(row[1], now), row[2], row[3])
    return found


def delivery_lateness(session: Session, *, now: datetime) -> float:
    """Return the seconds since the oldest sendable delivery without a lease became due; 0 where there is none."""
    return _since(outbox_claims.longest_due_since(session, now=now), now)


LONGEST_LEAD = timedelta(minutes=1)  # no clock takes a lease of so long


def clock_lead(session: Session, *, now: datetime) -> float:
    """Return the remaining seconds of the clock's lease; negative: since its end; minus infinity: there was no
    clock, or the lease was taken while a machine's time was ahead, which says nothing of the present."""
    leader = session.get(LeaderLease, "clock")
    if leader is None or leader.until > now + LONGEST_LEAD:
        return float("-inf")
    return (leader.until - now).total_seconds()


def _since(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment is not None else 0.0


class CountProgress(Base):
    """Up to which row a log is counted in ``kept_counts``. ``upto``: the id of the last row counted; ``edge``: the
    newest id at ``edge_at``, up to which rows are counted next."""

    __tablename__ = "count_progress"

    log: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    upto: Mapped[int] = mapped_column(BigKey, default=0)
    edge: Mapped[int] = mapped_column(BigKey, default=0)
    edge_at: Mapped[datetime] = mapped_column(UTCDateTime)


class KeptCount(Base):
    """How many rows of a log have these labels, and how long they lasted together, of the rows counted so far."""

    __tablename__ = "kept_counts"

    log: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    labels: Mapped[str] = mapped_column(sa.String(120), primary_key=True)  # separated by spaces
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    milliseconds: Mapped[int] = mapped_column(sa.BigInteger)


@dataclass(frozen=True)
class LogCount:
    """A number of rows, and their durations together in milliseconds."""

    rows: int = 0
    milliseconds: int = 0

    def __add__(self, other: "LogCount") -> "LogCount":
        return LogCount(self.rows + other.rows, self.milliseconds + other.milliseconds)


Counts = dict[tuple[str, ...], LogCount]


def keep_counts(session: Session, *, now: datetime) -> None:
    """Count the rows of the logs of which no smaller id can be committed any more, so that they are never read again.
    The caller is the only one to do so, about once a minute."""
    for log, (ident, counted) in LOGS.items():
        progress = session.get(CountProgress, log)
        if progress is None:
            progress = CountProgress(log=log, upto=0, edge=0, edge_at=now)
            session.add(progress)
        if progress.edge_at > now - UNSETTLED_FOR and progress.edge > progress.upto:
            continue
        for labels, count in counted(session, ident > progress.upto, ident <= progress.edge).items():
            kept = session.get(KeptCount, (log, " ".join(labels)))
            if kept is None:
                session.add(
                    KeptCount(log=log, labels=" ".join(labels), rows=count.rows, milliseconds=count.milliseconds)
                )
            else:
                kept.rows, kept.milliseconds = kept.rows + count.rows, kept.milliseconds + count.milliseconds
        progress.upto = progress.edge
        progress.edge, progress.edge_at = session.scalar(sa.select(sa.func.max(ident))) or 0, now


def _whole_count(session: Session, log: str) -> Counts:
    """The kept counts and those of the rows since."""
    ident, counted = LOGS[log]
    upto = session.scalar(sa.select(CountProgress.upto).where(CountProgress.log == log)) or 0
    found = counted(session, ident > upto)
    for kept in session.scalars(sa.select(KeptCount).where(KeptCount.log == log)):
        labels = tuple(kept.labels.split(" "))
        found[labels] = found.get(labels, LogCount()) + LogCount(kept.rows, kept.milliseconds)
    return found


def _count_attempts(session: Session, *conditions: sa.ColumnElement[bool]) -> Counts:
    """By kind of channel, outcome, and place in ``BUCKETS``."""
    lasted = _milliseconds(session)
    bucket = sa.case(*((lasted <= most * 1000, place) for place, most in enumerate(BUCKETS)), else_=len(BUCKETS))
    query = (
        sa.select(
            Channel.kind,
            Attempt.outcome,
            bucket.label("bucket"),
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(lasted), 0),
        )
        .select_from(Attempt)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(*conditions)
        .group_by(Channel.kind, Attempt.outcome, sa.literal_column("bucket"))
    )
    rows = session.execute(query)
    return {
        (kind, outcome.value, str(place)): LogCount(number, int(spent)) for kind, outcome, place, number, spent in rows
    }


def _count_fetches(session: Session, *conditions: sa.ColumnElement[bool]) -> Counts:
    """By name of the feed and HTTP status."""
    query = sa.select(FeedFetch.feed, FeedFetch.status, sa.func.count()).where(*conditions)
    rows = session.execute(query.group_by(FeedFetch.feed, FeedFetch.status))
    return {(feed, str(status)): LogCount(number) for feed, status, number in rows}


LOGS: Mapping[str, tuple[Any, Callable[..., Counts]]] = {
    "attempts": (Attempt.id, _count_attempts),
    "feed_fetches": (FeedFetch.id, _count_fetches),
}


@dataclass(frozen=True)
class AttemptDurations:
    """The durations of tries of one kind of channel. ``within``: the numbers of tries by ``BUCKETS`` and the rest, each
    try once; ``total``: the sum in seconds."""

    within: tuple[int, ...]
    total: float


def attempts(session: Session) -> tuple[Counter[tuple[str, str]], dict[str, AttemptDurations]]:
    """Return the numbers of tries by kind of channel and outcome, and the durations of pushed ones by kind."""
    outcomes: Counter[tuple[str, str]] = Counter()
    within: dict[str, list[int]] = {}
    total: Counter[str] = Counter()
    for (kind, outcome, place), count in _whole_count(session, "attempts").items():
        outcomes[kind, outcome] += count.rows
        if AttemptOutcome(outcome) in PUSHED:
            within.setdefault(kind, [0] * (len(BUCKETS) + 1))[int(place)] += count.rows
            total[kind] += count.milliseconds
    return outcomes, {kind: AttemptDurations(tuple(many), total[kind] / 1000) for kind, many in within.items()}


def fetches(session: Session) -> dict[tuple[str, str], int]:
    """Return the numbers of reads of partners' feeds, by name and HTTP status."""
    return {(feed, status): count.rows for (feed, status), count in _whole_count(session, "feed_fetches").items()}


def _milliseconds(session: Session) -> sa.ColumnElement[int]:
    """Return the duration of an attempt in whole milliseconds, so that sums are exact; SQLite's days have a precision
    of a twentieth of a millisecond."""
    if session.get_bind().dialect.name == "postgresql":
        lasted: sa.ColumnElement[Any] = sa.extract("epoch", Attempt.ended_at - Attempt.at) * 1000
    else:
        lasted = (sa.func.julianday(Attempt.ended_at) - sa.func.julianday(Attempt.at)) * 86_400_000
    return sa.cast(sa.func.round(lasted), sa.BigInteger)


# Backups.


class Backup(Base):
    """One backup that was written whole. ``size``: of the file, in bytes."""

    __tablename__ = "backups"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    file: Mapped[str] = mapped_column(sa.String(300))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    encrypted: Mapped[bool]


def record_backup(session: Session, file: str, size: int, *, encrypted: bool, now: datetime) -> None:
    """Record a backup; the oldest records beyond ``KEPT_BACKUPS`` go."""
    session.add(Backup(at=now, file=file[-300:], size=size, encrypted=encrypted))
    session.flush()
    newest = sa.select(Backup.id).order_by(Backup.id.desc()).limit(KEPT_BACKUPS)
    session.execute(sa.delete(Backup).where(Backup.id.not_in(newest.scalar_subquery())))


def last_backup(session: Session) -> Backup | None:
    """The newest record."""
    return session.scalars(sa.select(Backup).order_by(Backup.at.desc(), Backup.id.desc()).limit(1)).first()


def backup_age(session: Session, *, now: datetime) -> timedelta:
    """The time since the last backup; without one since the first act in the journal, zero without any act."""
    last = last_backup(session)
    since = last.at if last is not None else session.scalar(sa.select(sa.func.min(JournalEntry.at)))
    return now - since if since is not None else timedelta(0)
