"""Who may run a fixed tick: one row a name, leased, so that a second clock started by mistake does nothing twice."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, insert_into
from campaigns.core.clock import UTCDateTime


class Leader(Base):
    """The holder of a named lease."""

    __tablename__ = "leaders"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[datetime] = mapped_column(UTCDateTime)


def lead(session: Session, name: str, holder: str, lease: timedelta, *, now: datetime) -> bool:
    """Take or keep the lease. False while another holds it. The caller commits.

    One that runs on for longer than twice a lease is not believed: it was taken while a machine's clock was wrong.
    """
    query = sa.select(Leader).where(Leader.name == name).with_for_update().execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        # Many may ask for the first time at once: the row is made without a quarrel, and then locked by one of them.
        session.execute(
            insert_into(session, Leader).values(name=name, holder=holder, until=now).on_conflict_do_nothing()
        )
        row = session.execute(query).scalar_one()
    if row.holder != holder and now < row.until <= now + 2 * lease:
        return False
    row.holder, row.until = holder, now + lease
    session.flush()
    return True


def step_down(session: Session, name: str, holder: str, *, now: datetime) -> None:
    """Give the lease back early, so that another clock need not wait it out."""
    session.execute(sa.update(Leader).where(Leader.name == name, Leader.holder == holder).values(until=now))
