"""The ledger of due work: mixins for rows that fall due, and the functions that claim, begin and settle them.

A row *is* the queue entry. A worker claims a batch (lease and fence, committed), acts outside any transaction, and
settles under the fence. A crash in between leaves an expired lease, which the next claim picks up; a late writer with
an old fence is refused. ``due_at`` is NULL when there is nothing to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, rows_changed
from campaigns.core.errors import Conflict


class WorkItem:
    """Columns of work that falls due. ``fence`` grows by one with each claim; ``attempt`` counts claims since reset."""

    id: Any
    __tablename__: Any

    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fence: Mapped[int] = mapped_column(default=0, server_default="0")
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")


class SendItem(WorkItem):
    """Work that is sent to somebody else. ``begun``: the last worker to claim it committed that its send begins and has
    not settled it since; set by ``begin`` for what can neither be repeated nor looked up."""

    begun: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


def due_index(table: str) -> sa.Index:
    """The index that ``claim`` reads: only rows with work to do, in the order they fall due."""
    wanted = sa.text("due_at IS NOT NULL")
    return sa.Index(f"ix_{table}_due_at", "due_at", sqlite_where=wanted, postgresql_where=wanted)


def lease_index(table: str) -> sa.Index:
    """The index for kinds that are claimed with ``spread``: finds the few leased rows without reading the rest."""
    wanted = sa.text("lease_until IS NOT NULL")
    return sa.Index(f"ix_{table}_lease_until", "lease_until", sqlite_where=wanted, postgresql_where=wanted)


class StaleFence(Conflict):
    """Another worker has claimed the row since; the outcome must not be written."""

    code = "stale_fence"


@dataclass(frozen=True)
class Claim:
    """One claimed row: its primary key, the fence to settle under, the number of this try (from 1), and whether a lease
    had expired, that is, whether an earlier worker died before it settled the row."""

    id: int
    fence: int
    attempt: int
    reclaimed: bool


Row = TypeVar("Row", bound=WorkItem)

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
        # Many rows of one value may come first; the rest is found by the next claim, which excludes that value.
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


def names_of_due(session: Session, tables: Mapping[str, type[WorkItem]], *, now: datetime) -> list[str]:
    """The names of the tables in which at least one row is due and not leased, by one statement."""
    looks = [
        sa.select(sa.literal(name).label("name")).where(
            sa.exists().where(
                kind.due_at.is_not(None),
                kind.due_at <= now,
                sa.or_(kind.lease_until.is_(None), kind.lease_until <= now),
            )
        )
        for name, kind in tables.items()
    ]
    return list(session.scalars(sa.union_all(*looks)))


def begin(session: Session, kind: type[SendItem], taken: Claim) -> None:
    """Write down that the send of a claimed row begins; the caller commits before it sends.

    After a crash, what was claimed and not begun is sent by the next worker, and only what was begun is in doubt.
    Raises ``StaleFence``.
    """
    written = session.execute(sa.update(kind).where(kind.id == taken.id, kind.fence == taken.fence).values(begun=True))
    if rows_changed(written) != 1:
        raise StaleFence(f"row {taken.id} of {kind.__tablename__} was claimed again", row=taken.id)


def check_claim(session: Session, kind: type[WorkItem], taken: Claim) -> None:
    """Raise ``StaleFence`` when another worker has claimed the row since."""
    if session.scalar(sa.select(kind.fence).where(kind.id == taken.id)) != taken.fence:
        raise StaleFence(f"row {taken.id} of {kind.__tablename__} was claimed again", row=taken.id)


def settle(session: Session, kind: type[Row], taken: Claim, values: Mapping[str, Any]) -> None:
    """Write an outcome and end the lease. ``values`` must contain ``due_at``: None when the work is done.

    Raises ``StaleFence`` when the row was claimed by another worker since; nothing is written then.
    """
    if "due_at" not in values:
        raise ValueError("settling must say when the row is due again, or None")
    ended: dict[str, Any] = {"lease_until": None} | ({"begun": False} if issubclass(kind, SendItem) else {})
    written = session.execute(
        sa.update(kind).where(kind.id == taken.id, kind.fence == taken.fence).values(ended | dict(values))
    )
    if rows_changed(written) != 1:
        raise StaleFence(f"row {taken.id} of {kind.__tablename__} was claimed again", row=taken.id)


def still_holds(session: Session, kind: type[Row], taken: Claim) -> bool:
    """Whether no other worker has claimed the row since; locks the row for the rest of the transaction."""
    fence = session.execute(
        sa.select(kind.fence).where(kind.id == taken.id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return fence == taken.fence


# No work is claimed for longer, and a machine's clock that is this far off is noticed.
LONGEST_LEASE = timedelta(minutes=15)


def end_overlong_leases(session: Session, *, now: datetime) -> int:
    """End the leases of every kind of work that last longer than ``LONGEST_LEASE``; returns how many.

    They were taken while a machine's clock was ahead, and the work would wait until that moment comes.
    """
    done = 0
    for kind in work_item_classes():
        written = session.execute(
            sa.update(kind)
            .where(kind.lease_until > now + LONGEST_LEASE)
            .values(lease_until=now)
            .execution_options(synchronize_session=False)
        )
        done += rows_changed(written)
    return done


def work_item_classes() -> list[type[WorkItem]]:
    """Every imported class of rows that fall due."""
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, WorkItem)]
