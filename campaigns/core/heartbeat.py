"""The running processes: each renews its own lease in the table of ``leader_lease`` every few seconds."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import leader_lease
from campaigns.core.leader_lease import LeaderLease

HEARTBEAT_LASTS = timedelta(seconds=35)  # after which a process that has not renewed its lease counts as stopped
FORGOTTEN_AFTER = timedelta(days=1)
_PREFIX = "at:"  # of these leases' names


def record_heartbeat(session: Session, part: str, ident: str, holder: str, *, now: datetime) -> None:
    """Record that a process is running. ``part``: its job (``web``, ``work``); ``ident``: unique to the process, 16
    characters at most; ``holder``: machine and process. The caller commits."""
    leader_lease.acquire_lease(session, f"{_PREFIX}{part}:{ident}", holder, HEARTBEAT_LASTS, now=now)


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
