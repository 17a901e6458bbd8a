"""The day's releases in the order of their times, and the texts that wait for somebody's approval."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import day_start
from campaigns.people.staff import Actor, May
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.reporting.reach import Reach, reach_of
from campaigns.reporting.waiting import texts_to_approve


@dataclass(frozen=True)
class Release:
    """One bulletin of the day. ``out``: its time has come."""

    code: str
    title: str
    state: State
    at: datetime
    out: bool
    reach: Reach
    topic: str
    topic_code: str


@dataclass(frozen=True)
class Waiting:
    """One text that waits for approval. ``mine``: this reader may decide on it; ``own``: they wrote it."""

    code: str
    title: str
    author: str
    revision: int
    correction: bool
    submitted_at: datetime | None
    mine: bool
    own: bool


def releases(session: Session, first: date, last: date, *, now: datetime) -> list[Release]:
    """What was or will be released on the days from ``first`` to ``last``, in order; recalled ones stay in place."""
    query = (
        sa.select(Bulletin, Revision.title)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .where(
            Bulletin.state.in_((State.SCHEDULED, State.PUBLISHED, State.RECALLED)),
            Bulletin.release_at >= day_start(first),
            Bulletin.release_at < day_start(last + timedelta(days=1)),
        )
        .order_by(Bulletin.release_at, Bulletin.id)
    )
    rows = session.execute(query).all()
    reach = reach_of(session, [bulletin.id for bulletin, _title in rows])
    found = []
    for bulletin, title in rows:
        assert bulletin.release_at is not None  # noqa: S101  # the query lets through rows with a time only
        out = bulletin.release_at <= now
        found.append(
            Release(
                code=bulletin.code,
                title=title,
                state=State.PUBLISHED if out and bulletin.state is State.SCHEDULED else bulletin.state,
                at=bulletin.release_at,
                out=out,
                reach=reach[bulletin.id],
                topic=bulletin.topic.name,
                topic_code=bulletin.topic.code,
            )
        )
    return found


def waiting(session: Session, who: Actor) -> list[Waiting]:
    """Every text that waits, the longest first."""
    number = sa.func.coalesce(Bulletin.pending, Bulletin.latest)
    query = (
        sa.select(Bulletin, Revision)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == number))
        .where(texts_to_approve())
        .order_by(Bulletin.submitted_at, Bulletin.id)
    )
    found = []
    for bulletin, revision in session.execute(query):
        own = who.id in {bulletin.writer, revision.author}
        found.append(
            Waiting(
                code=bulletin.code,
                title=revision.title,
                author=revision.author_name,
                revision=revision.number,
                correction=bulletin.pending is not None,
                submitted_at=bulletin.submitted_at,
                mine=who.may(May.APPROVE) and not own,
                own=own,
            )
        )
    return found
