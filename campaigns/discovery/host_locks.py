"""Host locks: one request to a host at a time, across processes and machines.

Sources and pages are claimed at most one per site, so that workers do not queue for one host; the lock, a row in the
database, guarantees it. Locks are used on databases shared by several processes; a single process has its own gates
(``coordinator.http.pacing``).
"""

from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import ledger
from campaigns.core.base import Base, UTCDateTime, insert_into, rows_changed
from campaigns.discovery.sightings import Page
from campaigns.discovery.site_sources import Source

LOCK_LIFETIME = timedelta(days=1)  # the row of a host without requests for this long is deleted

SiteItem = TypeVar("SiteItem", Source, Page)


class HostLock(Base):
    """The lock of a host. ``until``: when it expires if it is not released; ``free_at``: the end of the pause after the
    last paced request."""

    __tablename__ = "host_locks"

    host: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    free_at: Mapped[datetime] = mapped_column(UTCDateTime)


def claim_one_per_site(
    session: Session,
    kind: type[SiteItem],
    limit: int,
    lease: timedelta,
    *conditions: sa.ColumnElement[bool],
    now: datetime,
) -> list[ledger.Claim]:
    """Lease up to ``limit`` due sources or pages that meet the conditions, at most one per site, and none of a site
    with a running request: a slow site occupies one worker, whatever is queued for it."""
    asked = sa.union_all(
        sa.select(Source.site_id).where(Source.lease_until > now),
        sa.select(Page.site_id).where(Page.lease_until > now),
    )
    free = kind.site_id.not_in(asked)
    return ledger.claim(session, kind, limit, lease, free, *conditions, spread=kind.site_id, now=now)


def acquire_lock(
    session: Session, host: str, holder: str, lease: timedelta, pause: timedelta | None, *, now: datetime
) -> timedelta | None:
    """Acquire the lock of ``host``; the caller commits. Returns None when acquired, else the least time to wait: the
    rest of the pause after the last paced request, or zero during a request.

    ``lease``: longer than the request can take, since machines' clocks differ slightly. ``pause``: from this request to
    the next paced one; None for a request outside of pacing.
    """
    # A lock that lasts longer than any lease was acquired while a machine's clock was ahead.
    free = sa.or_(HostLock.until <= now, HostLock.until > now + ledger.LONGEST_LEASE)
    ready = free if pause is None else sa.and_(free, HostLock.free_at <= now)
    columns: dict[str, object] = {"holder": holder, "until": now + lease}
    if pause is not None:
        columns["free_at"] = now + pause
    taken = session.execute(
        sa.update(HostLock)
        .where(HostLock.host == host, ready)
        .values(columns)
        .execution_options(synchronize_session=False)
    )
    if rows_changed(taken):
        return None
    made = session.execute(
        insert_into(session, HostLock)
        .values({"host": host, "free_at": now, **columns})
        .on_conflict_do_nothing()
        .returning(HostLock.host)
    )
    if made.scalar_one_or_none() is not None:
        return None
    row = session.execute(sa.select(HostLock.until, HostLock.free_at).where(HostLock.host == host)).one_or_none()
    if row is None or row.until > now:
        return timedelta(0)
    left: timedelta = row.free_at - now
    return max(left, timedelta(0))


def release_lock(session: Session, host: str, holder: str, *, now: datetime) -> None:
    """Release our lock; one that expired and was acquired by another holder is kept."""
    session.execute(
        sa.update(HostLock)
        .where(HostLock.host == host, HostLock.holder == holder)
        .values(until=now)
        .execution_options(synchronize_session=False)
    )


def delete_stale(session: Session, *, now: datetime) -> int:
    """Delete the rows of hosts without requests for ``LOCK_LIFETIME``; returns how many."""
    done = session.execute(
        sa.delete(HostLock)
        .where(HostLock.until < now - LOCK_LIFETIME, HostLock.free_at < now)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
