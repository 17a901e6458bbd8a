"""The release calendar: scheduled and published bulletins, and series days that no scheduled bulletin fills.

``calendar_events`` is the only source of every view (month, week, day, the JSON of the browser's calendar, the
iCalendar file), so that all of them show the same moments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.channels.channels import Channel
from campaigns.core.clock import day_start
from campaigns.core.journal import JournalEntry
from campaigns.delivery.outbox import Delivery
from campaigns.planning.campaigns import Topic
from campaigns.release import series
from campaigns.release.series import Occurrence, Series, SeriesDay, SeriesDayStatus

SHOWN_STATES = (BulletinState.SCHEDULED, BulletinState.PUBLISHED, BulletinState.RECALLED)


@dataclass(frozen=True)
class ReleaseCalendarEvent:
    """One calendar entry. Either a release (``bulletin`` and ``state`` are set, ``place`` is None) or one day of a
    series (``place`` is set). ``key`` is stable: a bulletin code, or ``ser_…/2026-11-24``.

    ``out``: the moment has passed. ``series``: the name of the series; for a release, of the series whose day it fills.
    """

    key: str
    at: datetime
    title: str
    topic: str
    topic_code: str
    out: bool
    bulletin: str | None = None
    bulletin_id: int | None = None
    state: BulletinState | None = None
    place: Occurrence | None = None
    series: str | None = None

    @property
    def movable(self) -> bool:
        """Whether it can be rescheduled: a scheduled release whose time is ahead."""
        return self.state is BulletinState.SCHEDULED and not self.out


@dataclass(frozen=True)
class ChangeHistory:
    """Number of changes of an event and the time of the last, for programs that keep copies of the calendar."""

    times: int
    last: datetime


def calendar_events(session: Session, first: date, last: date, *, now: datetime) -> list[ReleaseCalendarEvent]:
    """All events from ``first`` to ``last`` (both included), ordered by time. At most five queries."""
    # Selects columns instead of Bulletin rows: a month can have 900 of them, and few of their columns are needed.
    columns: tuple[Any, ...] = (
        Bulletin.id, Bulletin.code, Bulletin.state, Bulletin.release_at, Topic.name, Topic.code, Revision.title,
        Series.name,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .outerjoin(SeriesDay, SeriesDay.bulletin_id == Bulletin.id)
        .outerjoin(Series, Series.id == SeriesDay.series_id)
        .where(
            Bulletin.state.in_(SHOWN_STATES),
            Bulletin.release_at >= day_start(first),
            Bulletin.release_at < day_start(last + timedelta(days=1)),
        )
    )
    found = []
    for number, code, state, at, topic, topic_code, title, name in session.execute(query):
        out = at <= now
        found.append(
            ReleaseCalendarEvent(
                key=code,
                at=at,
                title=title,
                topic=topic,
                topic_code=topic_code,
                out=out,
                bulletin=code,
                bulletin_id=number,
                state=BulletinState.PUBLISHED if out and state is BulletinState.SCHEDULED else state,
                series=name,
            )
        )
    found += [
        _from_occurrence(place, now)
        for place in series.list_occurrences(session, first, last, now=now)
        if _is_shown(place)
    ]
    return sorted(found, key=lambda event: (event.at, event.key))


def _is_shown(place: Occurrence) -> bool:
    """Whether a series day is an entry of its own: a day that its bulletin fills on time appears as that bulletin."""
    return place.standing not in {SeriesDayStatus.MET, SeriesDayStatus.TIMED}


def _from_occurrence(place: Occurrence, now: datetime) -> ReleaseCalendarEvent:
    return ReleaseCalendarEvent(
        key=place.key,
        at=place.at,
        title=place.title,
        topic=place.topic,
        topic_code=place.topic_code,
        out=place.at <= now,
        place=place,
        series=place.name,
    )


def change_histories(session: Session, found: Iterable[ReleaseCalendarEvent]) -> Mapping[str, ChangeHistory]:
    """The change history of each event by its key, read from the append-only journal; the counts never decrease.

    A change of a series counts for each of its days. One query per 1,000 subjects.
    """
    events = list(found)
    subjects = {
        event.key: ("series", event.place.series) if event.place is not None else ("bulletin", event.key)
        for event in events
    }
    histories: dict[tuple[str, str], ChangeHistory] = {}
    for kind in ("bulletin", "series"):
        names = sorted({name for found_kind, name in subjects.values() if found_kind == kind})
        for begin in range(0, len(names), 1000):
            query = (
                sa.select(JournalEntry.subject, sa.func.count(), sa.func.max(JournalEntry.at))
                .where(JournalEntry.subject_kind == kind, JournalEntry.subject.in_(names[begin : begin + 1000]))
                .group_by(JournalEntry.subject)
            )
            for name, count, last in session.execute(query):
                histories[kind, name] = ChangeHistory(count, last)
    return {key: histories[subject] for key, subject in subjects.items() if subject in histories}


def narrow_events(
    session: Session, events: Sequence[ReleaseCalendarEvent], topic: str | None, channel: str | None
) -> Sequence[ReleaseCalendarEvent]:
    """Return the events with this topic that go to this channel, by their codes; None: any. A day of a series without a
    bulletin goes to no channel."""
    if topic:
        events = [event for event in events if event.topic_code == topic]
    if channel:
        query = (
            sa.select(Delivery.bulletin_id)
            .join(Channel, Channel.id == Delivery.channel_id)
            .where(Channel.code == channel, Delivery.bulletin_id.in_([event.bulletin_id for event in events]))
        )
        sent = set(session.execute(query).scalars())
        events = [event for event in events if event.bulletin_id in sent]
    return events
