"""Things that work once: whoever shows one the second time is refused, in whatever process."""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, insert_into, rows_changed
from campaigns.core.clock import UTCDateTime


class Spent(Base):
    """The hash of something used up, until it would be refused for its age anyway."""

    __tablename__ = "spent"

    mark: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(UTCDateTime)


def spend(session: Session, thing: str, *, until: datetime) -> bool:
    """Use ``thing`` up; False when somebody did before. ``until``: from when on it is refused by itself."""
    mark = hashlib.sha256(thing.encode()).hexdigest()
    row = insert_into(session, Spent).values(mark=mark, until=until).on_conflict_do_nothing().returning(Spent.mark)
    return session.execute(row).first() is not None


def forget_spent(session: Session, *, now: datetime) -> int:
    """Drop what is past its time; how many."""
    return rows_changed(session.execute(sa.delete(Spent).where(Spent.until <= now)))
