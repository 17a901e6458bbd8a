"""Which processes are there: each signs every few seconds, as a lease of its own among those of ``leading``."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import leading
from campaigns.core.leading import Leader

SIGNED_FOR = timedelta(seconds=60)  # after which a process that has not signed again counts as gone
FORGOTTEN_AFTER = timedelta(days=1)
_MARK = "at:"  # what the names of these leases begin with


def sign(session: Session, part: str, ident: str, holder: str, *, now: datetime) -> None:
    """Say that a process is there. ``part``: what it does (``web``, ``work``); ``ident``: its own for as long as it
    lives, 16 characters at most; ``holder``: where to find it. The caller commits."""
    leading.lead(session, f"{_MARK}{part}:{ident}", holder, SIGNED_FOR, now=now)


def sign_off(session: Session, part: str, ident: str) -> None:
    """Say that it is going."""
    session.execute(sa.delete(Leader).where(Leader.name == f"{_MARK}{part}:{ident}"))


def present(session: Session, *, now: datetime) -> dict[str, list[str]]:
    """Where the processes of each part are that have signed of late. One whose clock is wrong is believed."""
    query = sa.select(Leader.name, Leader.holder).where(Leader.name.startswith(_MARK), Leader.until > now)
    found: dict[str, list[str]] = {}
    for name, holder in session.execute(query.order_by(Leader.holder)):
        found.setdefault(name.split(":")[1], []).append(holder)
    return found


def forget_gone(session: Session, *, now: datetime) -> None:
    """Drop the rows of processes that ended without a word."""
    session.execute(sa.delete(Leader).where(Leader.name.startswith(_MARK), Leader.until < now - FORGOTTEN_AFTER))
