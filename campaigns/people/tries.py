"""How often something may be tried that is guarded by a secret: kept in the database, so that neither a restart nor a
second process begins to count anew.

Each bound has one row, and the row one moment: when all that was tried will be forgotten. A try moves it on by its
share of the span; so many may come at once, and after that one comes free every share: whoever is too fast waits
seconds or minutes and is never shut out for good (the generic cell rate algorithm of ATM Forum TM 4.0).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, insert_into, rows_changed
from campaigns.core.clock import UTCDateTime


class Try(Base):
    """What was tried under one bound. ``mark``: a keyed hash of what is bounded, so that no address is kept."""

    __tablename__ = "tries"

    mark: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Bound:
    """At most ``most`` tries at once, refilled evenly over ``within``."""

    mark: str
    most: int
    within: timedelta

    @property
    def share(self) -> timedelta:
        """How long one try weighs."""
        return self.within / self.most


def attempt(session: Session, bounds: Iterable[Bound], *, now: datetime) -> timedelta | None:
    """Note a try under every bound before it is made, so that many at once cannot slip through. None when it may be
    made; else how long to wait, and nothing is noted."""
    asked = sorted(set(bounds), key=lambda one: one.mark)  # in one order, so that no two wait for each other
    for bound in asked:
        session.execute(
            insert_into(session, Try).values(mark=bound.mark, free_at=now).on_conflict_do_nothing()
        )  # fmt: skip
    rows = _locked(session, asked)
    wait = max((_wait(rows[one.mark], one, now) for one in asked), default=timedelta(0))
    if wait > timedelta(0):
        return wait
    for bound in asked:
        row = rows[bound.mark]
        row.free_at = max(row.free_at, now) + bound.share
    session.flush()
    return None


def forgive(session: Session, bounds: Iterable[Bound], *, now: datetime) -> None:
    """Take a try back that turned out to be no guess."""
    asked = sorted(set(bounds), key=lambda one: one.mark)
    rows = _locked(session, asked)
    for bound in asked:
        if bound.mark in rows:
            rows[bound.mark].free_at = max(rows[bound.mark].free_at - bound.share, now)
    session.flush()


def forget_tries(session: Session, *, now: datetime) -> int:
    """Drop what weighs nothing any more; how many rows."""
    return rows_changed(session.execute(sa.delete(Try).where(Try.free_at <= now)))


def _wait(row: Try, bound: Bound, now: datetime) -> timedelta:
    return max(row.free_at, now) + bound.share - bound.within - now


def _locked(session: Session, bounds: Sequence[Bound]) -> dict[str, Try]:
    query = sa.select(Try).where(Try.mark.in_([one.mark for one in bounds])).order_by(Try.mark).with_for_update()
    return {row.mark: row for row in session.execute(query.execution_options(populate_existing=True)).scalars()}
