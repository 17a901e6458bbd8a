"""Leases of processes: one that only the clock holds, so that a second one started by mistake does nothing, and one
of each running process, renewed every few seconds."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, insert_into

HEARTBEAT_LASTS = timedelta(seconds=35)  # after which a process that has not renewed its lease counts as stopped
FORGOTTEN_AFTER = timedelta(days=1)
_PREFIX = "at:"  # of these leases' names


class LeaderLease(Base):
    """The holder of a named lease."""

    __tablename__ = "leader_leases"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[datetime] = mapped_column(UTCDateTime)


def acquire_lease(session: Session, name: str, holder: str, lease: timedelta, *, now: datetime) -> bool:
    """Acquire or renew the lease. False while another process holds it. The caller commits.

    A lease that ends later than twice its duration from now is ignored: it was taken while a machine's clock was wrong.
    """
    query = (
        sa.select(LeaderLease)
        .where(LeaderLease.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        # Several processes may ask for the first time at once: the row is inserted without a conflict, then locked.
        session.execute(
            insert_into(session, LeaderLease).values(name=name, holder=holder, until=now).on_conflict_do_nothing()
        )
        row = session.execute(query).scalar_one()
    if row.holder != holder and now < row.until <= now + 2 * lease:
        return False
    row.holder, row.until = holder, now + lease
    session.flush()
    return True


def release_lease(session: Session, name: str, holder: str, *, now: datetime) -> None:
    """End the lease early, so that another clock need not wait."""
    session.execute(
        sa.update(LeaderLease).where(LeaderLease.name == name, LeaderLease.holder == holder).values(until=now)
    )


def record_heartbeat(session: Session, part: str, ident: str, holder: str, *, now: datetime) -> None:
    """Record that a process is running. ``part``: its job (``web``, ``work``); ``ident``: unique to the process, 16
    characters at most; ``holder``: machine and process. The caller commits."""
    acquire_lease(session, f"{_PREFIX}{part}:{ident}", holder, HEARTBEAT_LASTS, now=now)


def remove_heartbeat(session: Session, part: str, ident: str) -> None:
    """Record that a process stops."""
    session.execute(sa.delete(LeaderLease).where(LeaderLease.name == f"{_PREFIX}{part}:{ident}"))


def live_processes(session: Session, *, now: datetime) -> dict[str, list[str]]:
    """The holders of live leases by part. Leases of a process whose clock is wrong are included."""
    query = sa.select(LeaderLease.name, LeaderLease.holder).where(
        LeaderLease.name.startswith(_PREFIX), LeaderLease.until > now
    )
    found: dict[str, list[str]] = {}
    for name, holder in session.execute(query.order_by(LeaderLease.holder)):
        found.setdefault(name.split(":")[1], []).append(holder)
    return found


def forget_dead_processes(session: Session, *, now: datetime) -> None:
    """Delete the rows of processes that ended without removing them."""
    session.execute(
        sa.delete(LeaderLease).where(LeaderLease.name.startswith(_PREFIX), LeaderLease.until < now - FORGOTTEN_AFTER)
    )
