"""The ledger of due work: one mixin, claimed, settled and released the same way for deliveries, looks and checks.

A row *is* the queue. Whoever works claims a batch (lease and fence, committed), acts outside any transaction, and
settles under the fence. A crash in between leaves an expired lease, which the next claim picks up; a late writer with
an old fence is refused. ``due_at`` is NULL when there is nothing to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict


class Due:
    """Columns of work that falls due. ``fence`` grows by one with each claim; ``attempt`` counts claims since reset."""

    id: Any
    __tablename__: Any

    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fence: Mapped[int] = mapped_column(default=0, server_default="0")
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")


def due_index(table: str) -> sa.Index:
    """The index that ``claim`` reads: only rows with work to do, in the order they fall due."""
    wanted = sa.text("due_at IS NOT NULL")
    return sa.Index(f"ix_{table}_due_at", "due_at", sqlite_where=wanted, postgresql_where=wanted)


def lease_index(table: str) -> sa.Index:
    """For kinds that are claimed with ``spread``: the few rows in somebody's hands, found without reading the rest."""
    wanted = sa.text("lease_until IS NOT NULL")
    return sa.Index(f"ix_{table}_lease_until", "lease_until", sqlite_where=wanted, postgresql_where=wanted)


class StaleFence(Conflict):
    """Somebody else has claimed the row since; the outcome must not be written."""

    code = "stale_fence"


@dataclass(frozen=True)
class Claim:
    """One claimed row: its primary key, the fence to settle under, which try this is (from 1), and whether a lease
    had expired, that is, whether an earlier worker died with the work in hand."""

    id: int
    fence: int
    attempt: int
    reclaimed: bool


Row = TypeVar("Row", bound=Due)

SPREAD_OVER = 8  # rows looked at for each that is to be claimed with ``spread``


def claim(
    session: Session,
    kind: type[Row],
    limit: int,
    lease: timedelta,
    *extra: sa.ColumnElement[bool],
    values: Mapping[str, Any] | None = None,
    spread: Any = None,
    now: datetime,
) -> list[Claim]:
    """Lease up to ``limit`` due rows that meet the ``extra`` conditions, oldest first. The caller commits before it
    acts.

    ``values`` are written with the lease. ``spread``: a column of which each value is claimed once at most, so that
    what is claimed together can be done side by side. On PostgreSQL two claimers never see the same row (``SKIP
    LOCKED``); on SQLite the write transaction excludes others.
    """
    free = sa.or_(kind.lease_until.is_(None), kind.lease_until <= now)
    chosen = session.execute(
        sa.select(kind.id, kind.fence, kind.attempt, kind.lease_until, *([] if spread is None else [spread]))
        .where(kind.due_at.is_not(None), kind.due_at <= now, free, *extra)
        .order_by(kind.due_at)
        # Many rows of one value may stand first; those left over are found by the next claim, which excludes it.
        .limit(limit if spread is None else limit * SPREAD_OVER)
        .with_for_update(skip_locked=True, of=kind, key_share=True)
    ).all()
    if spread is not None:
        first: dict[Any, Any] = {}
        for row in chosen:
            first.setdefault(row[4], row)
        chosen = list(first.values())[:limit]
    if not chosen:
        return []
    session.execute(
        sa.update(kind)
        .where(kind.id.in_([row.id for row in chosen]))
        .values(lease_until=now + lease, fence=kind.fence + 1, attempt=kind.attempt + 1, **(values or {}))
        .execution_options(synchronize_session=False)
    )
    return [Claim(row.id, row.fence + 1, row.attempt + 1, row.lease_until is not None) for row in chosen]


def settle(session: Session, kind: type[Row], taken: Claim, values: Mapping[str, Any]) -> None:
    """Write an outcome and give the lease back. ``values`` must say ``due_at``: None when the work is done.

    Raises ``StaleFence`` when the row was claimed by another since; nothing is written then.
    """
    if "due_at" not in values:
        raise ValueError("settling must say when the row is due again, or None")
    written = session.execute(
        sa.update(kind).where(kind.id == taken.id, kind.fence == taken.fence).values(lease_until=None, **values)
    )
    if rows_changed(written) != 1:
        raise StaleFence(f"row {taken.id} of {kind.__tablename__} was claimed again", row=taken.id)


def settle_many(session: Session, kind: type[Row], taken: Sequence[Claim], values: Mapping[str, Any]) -> int:
    """Write the same outcome to many claimed rows in one statement per fence; returns how many were still ours."""
    done = 0
    for fence in {one.fence for one in taken}:
        ids = [one.id for one in taken if one.fence == fence]
        written = session.execute(
            sa.update(kind)
            .where(kind.id.in_(ids), kind.fence == fence)
            .values(lease_until=None, **values)
            .execution_options(synchronize_session=False)
        )
        done += rows_changed(written)
    return done


def holds(session: Session, kind: type[Row], taken: Claim) -> bool:
    """Whether the claim is still ours, with the row locked for the rest of the transaction."""
    fence = session.execute(
        sa.select(kind.fence).where(kind.id == taken.id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return fence == taken.fence


LONGEST_LEASE = timedelta(minutes=15)  # no work is claimed for longer, and no machine's clock is that far off unnoticed


def unlock(session: Session, *, now: datetime) -> int:
    """End the leases that run on for longer than any may: they were taken while a machine's clock was ahead, and the
    work would wait until that moment comes. Of every kind of work; returns how many."""
    done = 0
    for kind in kinds():
        written = session.execute(
            sa.update(kind)
            .where(kind.lease_until > now + LONGEST_LEASE)
            .values(lease_until=now)
            .execution_options(synchronize_session=False)
        )
        done += rows_changed(written)
    return done


def kinds() -> list[type[Due]]:
    """Every kind of row that falls due, as far as they are imported."""
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Due)]
