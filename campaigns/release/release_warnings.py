"""Warnings about a release time, shown before it is saved and never blocking, and suggested free times."""

from collections.abc import Mapping, Sequence
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
from campaigns.release.series import Series, SeriesDay


class ReleaseWarningKind(Enum):
    """Why a release time deserves a second look."""

    QUIET = "quiet"  # inside the department's quiet hours
    CLOSE = "close"  # another bulletin goes to one of the same channels within the minimum gap
    HOLIDAY = "holiday"  # a public holiday with offices closed
    LATE = "late"  # after the day of the series that the bulletin fills


@dataclass(frozen=True)
class ReleaseWarning:
    """One warning. For ``CLOSE``, ``code``, ``title`` and ``at`` are those of the other bulletin and ``channels`` the
    number of shared channels; for ``HOLIDAY``, ``day`` is the holiday; for ``LATE``, ``day`` is the one that the
    bulletin fills in the series ``title``."""

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
    """All warnings about releasing a bulletin at ``at``. At most four queries."""
    return warnings_for_all(session, [(bulletin, at)])[bulletin.id]


def warnings_for_all(
    session: Session, plan: Sequence[tuple[Bulletin, datetime]]
) -> dict[int, tuple[ReleaseWarning, ...]]:
    """All warnings about releasing these bulletins at these times, by primary key, also about one another. A release
    time that one of them has now is given up, so that nobody is warned of it. As many queries as for one.
    """
    habits = slots_and_quiet_hours.release_habits(session)
    found: dict[int, list[ReleaseWarning]] = {bulletin.id: [] for bulletin, _at in plan}
    due = _series_days(session, list(found))
    for bulletin, at in plan:
        if habits.quiet(at):
            found[bulletin.id].append(ReleaseWarning(ReleaseWarningKind.QUIET, at=at))
        holiday = holiday_on(city_day(at))
        if holiday is not None and holiday.rest:
            found[bulletin.id].append(ReleaseWarning(ReleaseWarningKind.HOLIDAY, day=holiday.day))
        if bulletin.id in due and city_day(at) > due[bulletin.id][1]:
            name, day = due[bulletin.id]
            found[bulletin.id].append(ReleaseWarning(ReleaseWarningKind.LATE, title=name, day=day))
    if habits.gap:
        gap = timedelta(minutes=habits.gap)
        channels = outbox.entitled_by_bulletin(session, [bulletin for bulletin, _at in plan])
        others = [*_neighbours(session, plan, channels, gap), *_planned(session, plan, channels)]
        for bulletin, at in plan:
            near = [
                (other, shared)
                for other in others
                if other.ident != bulletin.id
                and abs(other.at - at) < gap
                and (shared := len(other.channels.intersection(channels[bulletin.id])))
            ]
            near.sort(key=lambda pair: (pair[0].at, pair[0].ident))
            found[bulletin.id] += [
                ReleaseWarning(ReleaseWarningKind.CLOSE, other.code, other.title, other.at, channels=shared)
                for other, shared in near[:MOST_NEIGHBOURS]
            ]
    return {ident: tuple(warnings) for ident, warnings in found.items()}


MOST_NEIGHBOURS = 5  # named in the warnings about one bulletin


@dataclass(frozen=True)
class _Timed:
    """Another bulletin with its release time and the primary keys of its channels."""

    ident: int
    code: str
    title: str
    at: datetime
    channels: frozenset[int]


def _neighbours(
    session: Session, plan: Sequence[tuple[Bulletin, datetime]], channels: Mapping[int, Sequence[int]], gap: timedelta
) -> list[_Timed]:
    """Bulletins outside of the plan that go to one of its channels within the gap of one of its times."""
    wanted = sorted({channel for of_one in channels.values() for channel in of_one})
    if not wanted:
        return []
    times = {at for _bulletin, at in plan}
    query = (
        sa.select(Bulletin.id, Bulletin.code, Revision.title, Bulletin.release_at, Delivery.channel_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .join(Delivery, Delivery.bulletin_id == Bulletin.id)
        .where(
            Bulletin.id.not_in([bulletin.id for bulletin, _at in plan]),
            Bulletin.state.in_((BulletinState.SCHEDULED, BulletinState.PUBLISHED)),
            sa.or_(*(sa.and_(Bulletin.release_at > at - gap, Bulletin.release_at < at + gap) for at in times)),
            Delivery.channel_id.in_(wanted),
        )
        .distinct()
    )
    reached: dict[tuple[int, str, str, datetime], set[int]] = {}
    for ident, code, title, at, channel in session.execute(query):
        assert at is not None  # noqa: S101  # the condition compares it
        reached.setdefault((ident, code, title, at), set()).add(channel)
    return [_Timed(*key, frozenset(of_one)) for key, of_one in reached.items()]


def _planned(
    session: Session, plan: Sequence[tuple[Bulletin, datetime]], channels: Mapping[int, Sequence[int]]
) -> list[_Timed]:
    """The bulletins of a plan, as each other's neighbours; none for a plan of one."""
    if len(plan) < 2:
        return []
    newest = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
    idents = [bulletin.id for bulletin, _at in plan]
    query = sa.select(Bulletin.id, Revision.title).join(Revision, newest).where(Bulletin.id.in_(idents))
    titles = {ident: title for ident, title in session.execute(query)}  # noqa: C416  # rows are unpacked, for mypy
    return [
        _Timed(bulletin.id, bulletin.code, titles[bulletin.id], at, frozenset(channels[bulletin.id]))
        for bulletin, at in plan
    ]


def _series_days(session: Session, bulletins: Sequence[int]) -> dict[int, tuple[str, date]]:
    """The name of the series and the day that each of these bulletins fills."""
    query = (
        sa.select(SeriesDay.bulletin_id, Series.name, SeriesDay.day)
        .join(Series, Series.id == SeriesDay.series_id)
        .where(SeriesDay.bulletin_id.in_(bulletins))
    )
    return {ident: (name, day) for ident, name, day in session.execute(query) if ident is not None}


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
