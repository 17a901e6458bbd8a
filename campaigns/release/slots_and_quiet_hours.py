"""Usual release times: weekly slots of a channel, the department's quiet hours and minimum gap."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.channels.channels import Channel
from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import CITY, city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Actor, Permission
from campaigns.planning.holidays import is_public_holiday

MINUTES_A_DAY = 24 * 60  # minutes
ALL_WEEKDAYS = frozenset(range(7))
MOST_DAYS_AHEAD = 60  # days; a suggestion is searched for this far ahead
_LONGEST_GAP = 240  # minutes


class ReleaseSlot(Base):
    """One weekly slot of a channel. ``weekday``: 0 is Monday; ``minute``: of the city's day, 0–1439."""

    __tablename__ = "release_slots"

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
    """The department's release habits, a single row. Quiet hours last from ``quiet_from`` until ``quiet_until``
    (minutes of the day, may pass midnight; equal values mean none); ``gap`` is the minimum number of minutes between
    two bulletins on one channel."""

    __tablename__ = "release_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    quiet_from: Mapped[int]
    quiet_until: Mapped[int]
    gap: Mapped[int]


USUAL_HABITS = (22 * 60, 6 * 60, 15)  # quiet from 22:00 until 06:00, 15 minutes between two bulletins


@dataclass(frozen=True)
class ReleaseHabits:
    """The values of ``ReleaseHours``."""

    quiet_from: int = USUAL_HABITS[0]
    quiet_until: int = USUAL_HABITS[1]
    gap: int = USUAL_HABITS[2]

    def quiet(self, at: datetime) -> bool:
        """Whether a moment lies in the quiet hours."""
        minute = minute_of(at)
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= minute < self.quiet_until
        return minute >= self.quiet_from or minute < self.quiet_until

    def open_hour(self, at: datetime) -> datetime:
        """The first moment from ``at`` on, in steps of an hour, outside the quiet hours."""
        for hours in range(24):
            later = at + timedelta(hours=hours)
            if not self.quiet(later):
                return later
        return at  # quiet hours leave no full hour


def minute_of(at: datetime) -> int:
    """The minute of the city's day."""
    local = at.astimezone(CITY)
    return local.hour * 60 + local.minute


def moment_of(day: date, minute: int) -> datetime:
    """The moment of a minute of a day in the city's zone. Raises ``ValueError`` outside 0–1439."""
    return datetime.combine(day, time(*divmod(minute, 60)), CITY)


def release_habits(session: Session) -> ReleaseHabits:
    """The department's habits; ``USUAL_HABITS`` until they are set."""
    row = session.get(ReleaseHours, 1)
    return ReleaseHabits(row.quiet_from, row.quiet_until, row.gap) if row is not None else ReleaseHabits()


def save_release_habits(session: Session, actor: Actor, wanted: ReleaseHabits, *, now: datetime) -> None:
    """Save the department's habits. Raises ``Invalid`` for minutes out of range or a gap over four hours,
    ``Forbidden``."""
    actor.require(Permission.PLAN)
    errors = [
        FieldError(name, "time", "expected a time such as 22:00")
        for name, minute in (("quiet_from", wanted.quiet_from), ("quiet_until", wanted.quiet_until))
        if not 0 <= minute < MINUTES_A_DAY
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
    """Replace a channel's slots (weekday, minute). Raises ``Invalid``, ``Forbidden``."""
    actor.require(Permission.PLAN)
    chosen = sorted(set(wanted))
    if any(weekday not in ALL_WEEKDAYS or not 0 <= minute < MINUTES_A_DAY for weekday, minute in chosen):
        raise Invalid([FieldError("times", "time", "expected weekdays 0 to 6 and minutes 0 to 1439")])
    session.execute(sa.delete(ReleaseSlot).where(ReleaseSlot.channel_id == channel.id))
    session.add_all(ReleaseSlot(channel_id=channel.id, weekday=weekday, minute=minute) for weekday, minute in chosen)
    session.flush()
    details = {"slots": [f"{weekday} {minute // 60:02d}:{minute % 60:02d}" for weekday, minute in chosen]}
    journal.record(session, actor.id, "channel.slots", "channel", channel.code, details, now=now)


def slots_of(session: Session, channels: Collection[int] | None = None) -> Sequence[ReleaseSlot]:
    """The slots of these channels (None for all), ordered by channel, weekday and time."""
    query = sa.select(ReleaseSlot).order_by(ReleaseSlot.channel_id, ReleaseSlot.weekday, ReleaseSlot.minute)
    if channels is not None:
        query = query.where(ReleaseSlot.channel_id.in_(list(channels)))
    return session.execute(query).scalars().all()


def next_free_times(
    weekly: Collection[tuple[int, int]],
    taken: Collection[datetime],
    habits: ReleaseHabits,
    *,
    after: datetime,
    day: date | None = None,
    most: int = 3,
) -> list[datetime]:
    """The next slot times after ``after`` that are outside quiet hours and public holidays and at least the gap away
    from every ``taken`` time. With ``day``: only on that day, where a holiday counts as any other day."""
    found: list[datetime] = []
    first = day or city_day(after)
    for step in range(1 if day else MOST_DAYS_AHEAD):
        candidate = first + timedelta(days=step)
        if day is None and is_public_holiday(candidate):
            continue
        for minute in sorted({minute for weekday, minute in weekly if weekday == candidate.weekday()}):
            at = moment_of(candidate, minute)
            near = any(abs(at - other) < timedelta(minutes=max(habits.gap, 1)) for other in taken)
            if at > after and not habits.quiet(at) and not near:
                found.append(at)
                if len(found) == most:
                    return found
    return found
