"""One request to a host at a time, whoever makes it: what is claimed together lies on different sites, and whoever asks
a host holds its turn in the database while other processes and machines wait.

Claims are spread so that workers do not queue for one host; the turn is what makes the promise true. Turns are kept on
databases that several processes share; one process alone has its own gates (``coordinator.http.pacing``).
"""

from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import ledger
from campaigns.core.base import Base, insert_into, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.tracking.sightings import Page
from campaigns.tracking.watching import Source

KEPT = timedelta(days=1)  # after which the row of a host that nobody asks any more is swept away

OnSite = TypeVar("OnSite", Source, Page)


class HostTurn(Base):
    """Whose turn it is to ask a host. ``until``: when the turn ends if it is not given back; ``free_at``: before which
    no paced request begins, the pause after the last one."""

    __tablename__ = "host_turns"

    host: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    free_at: Mapped[datetime] = mapped_column(UTCDateTime)


def claim(
    session: Session,
    kind: type[OnSite],
    limit: int,
    lease: timedelta,
    *conditions: sa.ColumnElement[bool],
    now: datetime,
) -> list[ledger.Claim]:
    """Lease up to ``limit`` due sources or pages that meet the conditions, one a site, and none of a site that somebody
    is asking now: a slow site keeps one worker busy, whatever waits for it."""
    asked = sa.union_all(
        sa.select(Source.site_id).where(Source.lease_until > now),
        sa.select(Page.site_id).where(Page.lease_until > now),
    )
    free = kind.site_id.not_in(asked)
    return ledger.claim(session, kind, limit, lease, free, *conditions, spread=kind.site_id, now=now)


def take_turn(
    session: Session, host: str, holder: str, lease: timedelta, pause: timedelta | None, *, now: datetime
) -> timedelta | None:
    """Take the turn to ask ``host``; the caller commits. None when it is ours, else how long it is at least until it
    can be: the pause that the last paced request left, or zero when somebody is asking.

    ``lease``: longer than the request can take, since machines' clocks differ a little. ``pause``: from this request to
    the next paced one; None for a request that neither keeps a pause nor leaves one.
    """
    # A turn that goes on for longer than any may was taken while a machine's clock was ahead.
    free = sa.or_(HostTurn.until <= now, HostTurn.until > now + ledger.LONGEST_LEASE)
    ready = free if pause is None else sa.and_(free, HostTurn.free_at <= now)
    values: dict[str, object] = {"holder": holder, "until": now + lease}
    if pause is not None:
        values["free_at"] = now + pause
    taken = session.execute(
        sa.update(HostTurn)
        .where(HostTurn.host == host, ready)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if rows_changed(taken):
        return None
    made = session.execute(
        insert_into(session, HostTurn)
        .values({"host": host, "free_at": now, **values})
        .on_conflict_do_nothing()
        .returning(HostTurn.host)
    )
    if made.scalar_one_or_none() is not None:
        return None
    row = session.execute(sa.select(HostTurn.until, HostTurn.free_at).where(HostTurn.host == host)).one_or_none()
    if row is None or row.until > now:
        return timedelta(0)
    left: timedelta = row.free_at - now
    return max(left, timedelta(0))


def give_back(session: Session, host: str, holder: str, *, now: datetime) -> None:
    """End our turn; one that ran out and was taken by another is left to that one."""
    session.execute(
        sa.update(HostTurn)
        .where(HostTurn.host == host, HostTurn.holder == holder)
        .values(until=now)
        .execution_options(synchronize_session=False)
    )


def sweep(session: Session, *, now: datetime) -> int:
    """Forget hosts that nobody has asked for a day; returns how many."""
    done = session.execute(
        sa.delete(HostTurn)
        .where(HostTurn.until < now - KEPT, HostTurn.free_at < now)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
