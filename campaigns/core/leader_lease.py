"""The lease of the process that runs the fixed ticks, so that a second clock started by mistake does nothing."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, insert_into


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
