"""What speaks against a release time: told before it is saved, never a bar. And the times that would suit better."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.planning.holidays import holiday_on
from campaigns.publishing import outbox, slots
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.publishing.outbox import Delivery


class Kind(Enum):
    """Why somebody should look twice."""

    QUIET = "quiet"  # in the department's quiet hours
    CLOSE = "close"  # another bulletin goes to one of the same channels within the gap
    HOLIDAY = "holiday"  # offices are closed that day


@dataclass(frozen=True)
class Concern:
    """One thing that speaks against a time. ``code``, ``title`` and ``at`` are the other bulletin's for ``CLOSE``;
    ``day`` is the holiday for ``HOLIDAY``; ``channels``: how many they share."""

    kind: Kind
    code: str = ""
    title: str = ""
    at: datetime | None = None
    day: date | None = None
    channels: int = 0

    @property
    def key(self) -> str:
        """What a reader who goes on all the same has read: ``close:BT-…``, ``quiet``."""
        return f"{self.kind.value}:{self.code}" if self.code else self.kind.value


def concerns(session: Session, bulletin: Bulletin, at: datetime) -> tuple[Concern, ...]:
    """Everything that speaks against releasing a bulletin at ``at``. Three queries at most, whatever is planned."""
    found = []
    how = slots.habits(session)
    if how.quiet(at):
        found.append(Concern(Kind.QUIET, at=at))
    holiday = holiday_on(city_day(at))
    if holiday is not None and holiday.rest:
        found.append(Concern(Kind.HOLIDAY, day=holiday.day))
    channels = [channel.id for channel in outbox.entitled(session, bulletin)]
    if how.gap and channels:
        gap = timedelta(minutes=how.gap)
        shared = sa.func.count(sa.distinct(Delivery.channel_id))
        query = (
            sa.select(Bulletin.code, Revision.title, Bulletin.release_at, shared)
            .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
            .join(Delivery, Delivery.bulletin_id == Bulletin.id)
            .where(
                Bulletin.id != bulletin.id,
                Bulletin.state.in_((State.SCHEDULED, State.PUBLISHED)),
                Bulletin.release_at > at - gap,
                Bulletin.release_at < at + gap,
                Delivery.channel_id.in_(channels),
            )
            .group_by(Bulletin.id, Bulletin.code, Revision.title, Bulletin.release_at)
            .order_by(Bulletin.release_at, Bulletin.id)
            .limit(5)
        )
        found += [
            Concern(Kind.CLOSE, code=code, title=title, at=moment, channels=count)
            for code, title, moment, count in session.execute(query)
        ]
    return tuple(found)


def suggested(session: Session, bulletin: Bulletin, *, now: datetime, day: date | None = None) -> list[datetime]:
    """The next free slots of the channels a bulletin goes to; none while nobody has entered any."""
    channels = [channel.id for channel in outbox.entitled(session, bulletin)]
    weekly = {(slot.weekday, slot.minute) for slot in slots.slots_of(session, channels)}
    if not weekly:
        return []
    query = sa.select(Bulletin.release_at).where(
        Bulletin.state.in_((State.SCHEDULED, State.PUBLISHED)),
        Bulletin.id != bulletin.id,
        Bulletin.release_at > now - timedelta(days=1),
    )
    taken = [moment for moment in session.execute(query).scalars() if moment is not None]
    return slots.next_free(weekly, taken, slots.habits(session), after=now, day=day)
