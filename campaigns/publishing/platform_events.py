"""What platforms tell us by themselves, as numbers a day: which events came for which account, and how many.

Never who caused one: what identifies a reader is not kept, and not looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, insert_into

SHOWN = timedelta(days=30)


class PlatformEvent(Base):
    """How often one event came for one account on one of the city's days."""

    __tablename__ = "platform_events"

    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    event: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class Came:
    """One event over the days shown."""

    event: str
    count: int
    last: date


def note(session: Session, channel_id: int, event: str, *, day: date) -> None:
    """One more."""
    row = insert_into(session, PlatformEvent).values(channel_id=channel_id, day=day, event=event, count=1)
    more = row.on_conflict_do_update(
        index_elements=["channel_id", "day", "event"], set_={"count": PlatformEvent.count + 1}
    )
    session.execute(more)


def came(session: Session, channel_id: int, *, day: date) -> Sequence[Came]:
    """What came in the ``SHOWN`` days up to ``day``, the most frequent first."""
    total = sa.func.sum(PlatformEvent.count)
    query = (
        sa.select(PlatformEvent.event, total, sa.func.max(PlatformEvent.day))
        .where(PlatformEvent.channel_id == channel_id, PlatformEvent.day > day - SHOWN)
        .group_by(PlatformEvent.event)
        .order_by(total.desc(), PlatformEvent.event)
    )
    return [Came(event, int(count), last) for event, count, last in session.execute(query)]
