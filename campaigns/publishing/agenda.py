"""What stands on the calendar: releases that are out or timed, and the days of series that no timed bulletin fills.

Every view of the calendar (month, week, day, the data for the browser's own calendar, the file for phones) is made of
``events`` and of nothing else, so that none can show another moment than its neighbour.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import day_start
from campaigns.core.journal import Entry
from campaigns.planning.campaigns import Topic
from campaigns.publishing import series
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.publishing.series import Place, Series, SeriesDay, Standing

SHOWN = (State.SCHEDULED, State.PUBLISHED, State.RECALLED)


@dataclass(frozen=True)
class Event:
    """One entry of the calendar at one moment. Either a release (``bulletin`` and ``state`` are set, ``place`` is not)
    or a place of a series. ``key`` never changes while the thing is the same: a code, or ``ser_…/2026-11-24``.

    ``out``: its time has come. ``series``: of a release, the name of the series whose day it fills.
    """

    key: str
    at: datetime
    title: str
    topic: str
    topic_code: str
    out: bool
    bulletin: str | None = None
    bulletin_id: int | None = None
    state: State | None = None
    place: Place | None = None
    series: str | None = None

    @property
    def movable(self) -> bool:
        """Whether it can be given another time: a release that is still ahead."""
        return self.state is State.SCHEDULED and not self.out


@dataclass(frozen=True)
class History:
    """How often an event was changed since it came to be, and when last: for programs that keep copies of it."""

    times: int
    last: datetime


def events(session: Session, first: date, last: date, *, now: datetime) -> list[Event]:
    """Everything from ``first`` to ``last``, both days included, in the order of time. Five queries at most."""
    # Columns, not bulletins: a busy month has nine hundred of them, and most of a bulletin is not asked for.
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
            Bulletin.state.in_(SHOWN),
            Bulletin.release_at >= day_start(first),
            Bulletin.release_at < day_start(last + timedelta(days=1)),
        )
    )
    found = []
    for number, code, state, at, topic, topic_code, title, name in session.execute(query):
        out = at <= now
        found.append(
            Event(
                key=code,
                at=at,
                title=title,
                topic=topic,
                topic_code=topic_code,
                out=out,
                bulletin=code,
                bulletin_id=number,
                state=State.PUBLISHED if out and state is State.SCHEDULED else state,
                series=name,
            )
        )
    found += [_of_place(place, now) for place in series.places(session, first, last, now=now) if _stands(place)]
    return sorted(found, key=lambda event: (event.at, event.key))


def _stands(place: Place) -> bool:
    """Whether a place is shown itself: one that its bulletin fills in time is shown as that bulletin."""
    return place.standing not in {Standing.MET, Standing.TIMED}


def _of_place(place: Place, now: datetime) -> Event:
    return Event(
        key=place.key,
        at=place.at,
        title=place.title,
        topic=place.topic,
        topic_code=place.topic_code,
        out=place.at <= now,
        place=place,
        series=place.name,
    )


def histories(session: Session, found: Iterable[Event]) -> Mapping[str, History]:
    """How often each event was changed, by key, from the journal: it only ever grows, and so do the numbers.

    A change of a series counts for each of its days. One query for every thousand.
    """
    every = list(found)
    subjects = {
        event.key: ("series", event.place.series) if event.place is not None else ("bulletin", event.key)
        for event in every
    }
    told: dict[tuple[str, str], History] = {}
    for kind in ("bulletin", "series"):
        names = sorted({name for found_kind, name in subjects.values() if found_kind == kind})
        for begin in range(0, len(names), 1000):
            query = (
                sa.select(Entry.subject, sa.func.count(), sa.func.max(Entry.at))
                .where(Entry.subject_kind == kind, Entry.subject.in_(names[begin : begin + 1000]))
                .group_by(Entry.subject)
            )
            for name, count, last in session.execute(query):
                told[kind, name] = History(count, last)
    return {key: told[subject] for key, subject in subjects.items() if subject in told}
