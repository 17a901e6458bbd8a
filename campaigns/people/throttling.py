"""Limits of attempts at secrets, stored in the database, so that they hold over restarts and for several processes.

Each limit has one row with one time: when all attempts will have expired. An attempt moves it by its share of the
period. A number of attempts is allowed at once, and after that one for each share: a client that is too fast waits for
seconds or minutes and is never locked out permanently (the generic cell rate algorithm of ATM Forum TM 4.0).

Here are the rows and the rule of counting. Which forms are limited, by which subjects and numbers, and the answer to a
browser that must wait are in ``coordinator.web.auth.throttling``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, insert_into, rows_changed


class AttemptCounter(Base):
    """The attempts under one limit. ``mark``: a keyed hash of the limited subject, so that no address is stored."""

    __tablename__ = "attempt_counters"

    mark: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class AttemptLimit:
    """At most ``most`` attempts at once, refilled evenly over ``within``."""

    mark: str
    most: int
    within: timedelta

    @property
    def share(self) -> timedelta:
        """The time that one attempt counts."""
        return self.within / self.most


def count_attempt(session: Session, bounds: Iterable[AttemptLimit], *, now: datetime) -> timedelta | None:
    """Count an attempt under every limit before it is made, so that concurrent ones cannot exceed them. Returns None
    when it is allowed, else the time to wait, and then nothing is counted."""
    asked = sorted(set(bounds), key=lambda limit: limit.mark)  # in one order, to prevent deadlocks
    for bound in asked:
        session.execute(
            insert_into(session, AttemptCounter).values(mark=bound.mark, free_at=now).on_conflict_do_nothing()
        )  # fmt: skip
    rows = _lock_counters(session, asked)
    wait = max((_wait_for(rows[limit.mark], limit, now) for limit in asked), default=timedelta(0))
    if wait > timedelta(0):
        return wait
    for bound in asked:
        row = rows[bound.mark]
        row.free_at = max(row.free_at, now) + bound.share
    session.flush()
    return None


def take_back_attempt(session: Session, bounds: Iterable[AttemptLimit], *, now: datetime) -> None:
    """Remove an attempt that was correct."""
    asked = sorted(set(bounds), key=lambda limit: limit.mark)
    rows = _lock_counters(session, asked)
    for bound in asked:
        if bound.mark in rows:
            rows[bound.mark].free_at = max(rows[bound.mark].free_at - bound.share, now)
    session.flush()


def forget_attempts(session: Session, *, now: datetime) -> int:
    """Delete expired rows; returns their number."""
    return rows_changed(session.execute(sa.delete(AttemptCounter).where(AttemptCounter.free_at <= now)))


def _wait_for(row: AttemptCounter, bound: AttemptLimit, now: datetime) -> timedelta:
    return max(row.free_at, now) + bound.share - bound.within - now


def _lock_counters(session: Session, bounds: Sequence[AttemptLimit]) -> dict[str, AttemptCounter]:
    query = (
        sa.select(AttemptCounter)
        .where(AttemptCounter.mark.in_([limit.mark for limit in bounds]))
        .order_by(AttemptCounter.mark)
        .with_for_update()
    )
    return {row.mark: row for row in session.execute(query.execution_options(populate_existing=True)).scalars()}
