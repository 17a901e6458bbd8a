"""Warnings about a release time, shown before it is saved and never blocking, and suggested free times."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.core.clock import city_day
from campaigns.delivery import outbox
from campaigns.delivery.outbox import Delivery
from campaigns.planning.holidays import holiday_on
from campaigns.release import slots_and_quiet_hours


class ReleaseWarningKind(Enum):
    """Why a release time deserves a second look."""

    QUIET = "quiet"  # inside the department's quiet hours
    CLOSE = "close"  # another bulletin goes to one of the same channels within the minimum gap
    HOLIDAY = "holiday"  # a public holiday with offices closed


@dataclass(frozen=True)
class ReleaseWarning:
    """One warning. For ``CLOSE``, ``code``, ``title`` and ``at`` are those of the other bulletin and ``channels`` the
    number of shared channels; for ``HOLIDAY``, ``day`` is the holiday."""

    kind: ReleaseWarningKind
    code: str = ""
    title: str = ""
    at: datetime | None = None
    day: date | None = None
    channels: int = 0

    @property
    def key(self) -> str:
        """Identifies the warning that a user has acknowledged: ``close:BT-…``, ``quiet``."""
        return f"{self.kind.value}:{self.code}" if self.code else self.kind.value


def warnings_for(session: Session, bulletin: Bulletin, at: datetime) -> tuple[ReleaseWarning, ...]:
    """All warnings about releasing a bulletin at ``at``. At most three queries."""
    found = []
    habits = slots_and_quiet_hours.release_habits(session)
    if habits.quiet(at):
        found.append(ReleaseWarning(ReleaseWarningKind.QUIET, at=at))
    holiday = holiday_on(city_day(at))
    if holiday is not None and holiday.rest:
        found.append(ReleaseWarning(ReleaseWarningKind.HOLIDAY, day=holiday.day))
    channels = [channel.id for channel in outbox.entitled_channels(session, bulletin)]
    if habits.gap and channels:
        gap = timedelta(minutes=habits.gap)
        shared = sa.func.count(sa.distinct(Delivery.channel_id))
        query = (
            sa.select(Bulletin.code, Revision.title, Bulletin.release_at, shared)
            .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
            .join(Delivery, Delivery.bulletin_id == Bulletin.id)
            .where(
                Bulletin.id != bulletin.id,
                Bulletin.state.in_((BulletinState.SCHEDULED, BulletinState.PUBLISHED)),
                Bulletin.release_at > at - gap,
                Bulletin.release_at < at + gap,
                Delivery.channel_id.in_(channels),
            )
            .group_by(Bulletin.id, Bulletin.code, Revision.title, Bulletin.release_at)
            .order_by(Bulletin.release_at, Bulletin.id)
            .limit(5)
        )
        found += [
            ReleaseWarning(ReleaseWarningKind.CLOSE, code=code, title=title, at=moment, channels=count)
            for code, title, moment, count in session.execute(query)
        ]
    return tuple(found)


def suggested_times(session: Session, bulletin: Bulletin, *, now: datetime, day: date | None = None) -> list[datetime]:
    """The next free slots of the channels a bulletin goes to; empty if these channels have no slots."""
    channels = [channel.id for channel in outbox.entitled_channels(session, bulletin)]
    weekly = {(slot.weekday, slot.minute) for slot in slots_and_quiet_hours.slots_of(session, channels)}
    if not weekly:
        return []
    query = sa.select(Bulletin.release_at).where(
        Bulletin.state.in_((BulletinState.SCHEDULED, BulletinState.PUBLISHED)),
        Bulletin.id != bulletin.id,
        Bulletin.release_at > now - timedelta(days=1),
    )
    taken = [moment for moment in session.execute(query).scalars() if moment is not None]
    return slots_and_quiet_hours.next_free_times(
        weekly, taken, slots_and_quiet_hours.release_habits(session), after=now, day=day
    )
