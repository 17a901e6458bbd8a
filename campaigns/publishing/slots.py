"""When bulletins usually go out: slots of a channel by weekday and time, quiet hours, and how close is too close."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import CITY, city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Actor, May
from campaigns.planning.holidays import rests
from campaigns.publishing.channels import Channel

DAY = 24 * 60  # minutes
WEEK = frozenset(range(7))
FAR = 60  # days ahead that a suggestion is looked for; beyond it somebody should choose
_LONGEST_GAP = 240  # minutes


class Slot(Base):
    """One usual time of a channel. ``weekday``: 0 is Monday; ``minute``: of the city's day, 0–1439."""

    __tablename__ = "slots"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    minute: Mapped[int]

    channel: Mapped[Channel] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("channel_id", "weekday", "minute"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),
    )


class ReleaseHours(Base):
    """The one row of the department's habits. Quiet from ``quiet_from`` until ``quiet_until`` (minutes of the day,
    usually over midnight; equal = no quiet hours); two bulletins at one channel less than ``gap`` minutes apart are
    too close."""

    __tablename__ = "release_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    quiet_from: Mapped[int]
    quiet_until: Mapped[int]
    gap: Mapped[int]


USUAL = (22 * 60, 6 * 60, 15)  # quiet from 22:00 until 06:00, a quarter of an hour between two bulletins


@dataclass(frozen=True)
class Habits:
    """``ReleaseHours`` as a value."""

    quiet_from: int = USUAL[0]
    quiet_until: int = USUAL[1]
    gap: int = USUAL[2]

    def quiet(self, at: datetime) -> bool:
        """Whether a moment lies in the quiet hours."""
        minute = minute_of(at)
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= minute < self.quiet_until
        return minute >= self.quiet_from or minute < self.quiet_until


def minute_of(at: datetime) -> int:
    """The minute of the city's day."""
    local = at.astimezone(CITY)
    return local.hour * 60 + local.minute


def moment_of(day: date, minute: int) -> datetime:
    """The moment of a minute of a day of the city. Raises ``ValueError`` outside of 0–1439."""
    return datetime.combine(day, time(*divmod(minute, 60)), CITY)


def habits(session: Session) -> Habits:
    """The department's habits; the usual ones until somebody has entered theirs."""
    row = session.get(ReleaseHours, 1)
    return Habits(row.quiet_from, row.quiet_until, row.gap) if row is not None else Habits()


def save_habits(session: Session, actor: Actor, wanted: Habits, *, now: datetime) -> None:
    """Enter other habits. Raises ``Invalid`` for minutes that are none or a gap over four hours, ``Forbidden``."""
    actor.require(May.PLAN)
    errors = [
        FieldError(name, "time", "expected a time such as 22:00")
        for name, minute in (("quiet_from", wanted.quiet_from), ("quiet_until", wanted.quiet_until))
        if not 0 <= minute < DAY
    ]
    if not 0 <= wanted.gap <= _LONGEST_GAP:
        errors.append(FieldError("gap", "gap", f"expected minutes from 0 to {_LONGEST_GAP}"))
    if errors:
        raise Invalid(errors)
    row = session.get(ReleaseHours, 1) or ReleaseHours(id=1)
    row.quiet_from, row.quiet_until, row.gap = wanted.quiet_from, wanted.quiet_until, wanted.gap
    session.add(row)
    session.flush()
    details = {"quiet_from": row.quiet_from, "quiet_until": row.quiet_until, "gap": row.gap}
    journal.record(session, actor.id, "hours.saved", "hours", "release", details, now=now)


def set_slots(
    session: Session, actor: Actor, channel: Channel, wanted: Iterable[tuple[int, int]], *, now: datetime
) -> None:
    """Put other slots (weekday, minute) in the place of a channel's. Raises ``Invalid``, ``Forbidden``."""
    actor.require(May.PLAN)
    chosen = sorted(set(wanted))
    if any(weekday not in WEEK or not 0 <= minute < DAY for weekday, minute in chosen):
        raise Invalid([FieldError("times", "time", "expected weekdays 0 to 6 and minutes 0 to 1439")])
    session.execute(sa.delete(Slot).where(Slot.channel_id == channel.id))
    session.add_all(Slot(channel_id=channel.id, weekday=weekday, minute=minute) for weekday, minute in chosen)
    session.flush()
    details = {"slots": [f"{weekday} {minute // 60:02d}:{minute % 60:02d}" for weekday, minute in chosen]}
    journal.record(session, actor.id, "channel.slots", "channel", channel.code, details, now=now)


def slots_of(session: Session, channels: Collection[int] | None = None) -> Sequence[Slot]:
    """The slots of these channels (None = of all), by channel, weekday and time."""
    query = sa.select(Slot).order_by(Slot.channel_id, Slot.weekday, Slot.minute)
    if channels is not None:
        query = query.where(Slot.channel_id.in_(list(channels)))
    return session.execute(query).scalars().all()


def next_free(
    weekly: Collection[tuple[int, int]],
    taken: Collection[datetime],
    habits: Habits,
    *,
    after: datetime,
    day: date | None = None,
    most: int = 3,
) -> list[datetime]:
    """The next moments of weekly slots that lie after ``after``, in no quiet hour, on no public holiday and not within
    the gap of what is taken; on ``day`` alone where one is given (a holiday then counts as any day)."""
    found: list[datetime] = []
    first = day or city_day(after)
    for step in range(1 if day else FAR):
        here = first + timedelta(days=step)
        if day is None and rests(here):
            continue
        for minute in sorted({minute for weekday, minute in weekly if weekday == here.weekday()}):
            at = moment_of(here, minute)
            near = any(abs(at - other) < timedelta(minutes=max(habits.gap, 1)) for other in taken)
            if at > after and not habits.quiet(at) and not near:
                found.append(at)
                if len(found) == most:
                    return found
    return found
