"""THE predicate: what is visible to whom at a moment. Every exit asks here and nowhere else.

A bulletin is visible once its release time has come and until it is recalled. Nothing has to run at that second: pages
and feeds compare with ``now`` when they are read, so a clock that is late delays no reader, and one that is early shows
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.partners.directory import Company
from campaigns.planning.campaigns import Topic
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.publishing.channels import Channel, ChannelState

MOST = 200  # the largest page of any feed


@dataclass(frozen=True)
class Audience:
    """Who is reading. ``topics`` None = every topic; a partner's are those its own channels take."""

    topics: frozenset[str] | None = None
    company_id: int | None = None


PUBLIC = Audience()


@dataclass(frozen=True)
class Released:
    """A visible bulletin with the text that is visible now. After a recall ``recalled`` is set and only a notice may be
    shown; the revision is then the last text that was out."""

    bulletin: Bulletin
    revision: Revision

    @property
    def recalled(self) -> bool:
        """Whether it was withdrawn."""
        return self.bulletin.recalled_at is not None

    @property
    def changed_at(self) -> datetime:
        """When what outsiders see last changed."""
        assert self.bulletin.changed_at is not None, "visible() only lets through rows with a time"  # noqa: S101
        return self.bulletin.changed_at

    @property
    def released_at(self) -> datetime:
        """When it first became visible."""
        assert self.bulletin.release_at is not None, "visible() only lets through rows with a time"  # noqa: S101
        return self.bulletin.release_at


def visible(now: datetime | sa.BindParameter[datetime], *, with_recalled: bool = False) -> sa.ColumnElement[bool]:
    """The condition on ``Bulletin`` rows. ``with_recalled`` also lets through what was out and was withdrawn."""
    out = sa.and_(
        # A released revision there is only in the states scheduled, published and recalled: the table itself checks it
        # (``released_states``), so naming them here would only lead a planner away from the index on ``changed_at``.
        Bulletin.released.is_not(None),
        Bulletin.release_at <= now,
        Bulletin.changed_at <= now,
    )
    return out if with_recalled else sa.and_(out, Bulletin.recalled_at.is_(None))


def _rows(audience: Audience, topic: str | None, now: datetime, with_recalled: bool) -> sa.Select[Bulletin, Revision]:
    query = (
        sa.select(Bulletin, Revision)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .where(visible(now, with_recalled=with_recalled))
    )
    if audience.topics is not None:
        query = query.where(Bulletin.topic.has(sa.column("code").in_(sorted(audience.topics))))
    if topic is not None:
        query = query.where(Bulletin.topic.has(code=topic))
    return query


def released(audience: Audience, *, now: datetime) -> sa.Select[Bulletin, Revision]:
    """What this audience may see, recalled ones included, for an exit that filters, orders and pages by itself."""
    return _rows(audience, None, now, True)


def newest(
    session: Session,
    audience: Audience,
    *,
    topic: str | None = None,
    limit: int = 50,
    with_recalled: bool = True,
    now: datetime,
) -> list[Released]:
    """What changed last, newest first, at most ``limit`` (1–200)."""
    query = _rows(audience, topic, now, with_recalled)
    query = query.order_by(Bulletin.changed_at.desc(), Bulletin.id.desc()).limit(min(max(limit, 1), MOST))
    return [Released(bulletin, revision) for bulletin, revision in session.execute(query)]


def since(
    session: Session,
    audience: Audience,
    after: tuple[datetime, int] | None,
    *,
    topic: str | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Released]:
    """What changed after a cursor ``(changed_at, id)``, oldest first; None = from the oldest."""
    query = _rows(audience, topic, now, True)
    if after is not None:
        at, ident = after
        query = query.where(sa.or_(Bulletin.changed_at > at, sa.and_(Bulletin.changed_at == at, Bulletin.id > ident)))
    query = query.order_by(Bulletin.changed_at, Bulletin.id).limit(min(max(limit, 1), MOST))
    return [Released(bulletin, revision) for bulletin, revision in session.execute(query)]


@cache
def _newest_change(filtered: bool, with_topic: bool) -> sa.Select[datetime]:
    """The statement of ``last_change``, built once: it is asked for every read of a feed, most of which end there."""
    table, topics = Bulletin.__table__, Topic.__table__
    query = (
        sa.select(table.c.changed_at)
        .where(visible(sa.bindparam("now", type_=UTCDateTime()), with_recalled=True))
        .order_by(table.c.changed_at.desc())
        .limit(1)
    )
    if filtered:
        allowed = sa.select(topics.c.id).where(topics.c.code.in_(sa.bindparam("topics", expanding=True)))
        query = query.where(table.c.topic_id.in_(allowed))
    if with_topic:
        query = query.where(
            table.c.topic_id == sa.select(topics.c.id).where(topics.c.code == sa.bindparam("topic")).scalar_subquery()
        )
    return query


def last_change(session: Session, audience: Audience, *, topic: str | None = None, now: datetime) -> datetime | None:
    """When what this audience sees last changed; None while it sees nothing.

    A feed's validator is made of it. It moves with every release, correction and recall and with nothing else, since
    each of them happens at its own ``changed_at``, after all that are already visible.
    """
    given: dict[str, object] = {"now": now}
    if audience.topics is not None:
        given["topics"] = sorted(audience.topics)
    if topic is not None:
        given["topic"] = topic
    statement = _newest_change(audience.topics is not None, topic is not None)
    # The connection, not the session: there is no row to map, and this is the hottest query of all.
    return session.connection().execute(statement, given).scalar_one_or_none()


def find_released(session: Session, code: str, *, now: datetime) -> Released:
    """A bulletin as outsiders may see it, recalled ones included so that the notice can be shown.

    Raises ``NotFound`` for drafts and for what is not out yet, in the same words as for codes that do not exist.
    """
    row = session.execute(_rows(PUBLIC, None, now, True).where(Bulletin.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"there is no bulletin {code}", bulletin=code)
    return Released(row[0], row[1])


def recent(session: Session, span: timedelta, limit: int, *, now: datetime) -> list[Released]:
    """What was released within ``span`` before now, newest first: the news sitemap."""
    query = _rows(PUBLIC, None, now, False).where(Bulletin.release_at > now - span)
    query = query.order_by(Bulletin.release_at.desc(), Bulletin.id.desc()).limit(limit)
    return [Released(bulletin, revision) for bulletin, revision in session.execute(query)]


def audience_of(session: Session, company: Company, pulled_kinds: Sequence[str]) -> Audience:
    """What a partner may read: the topics its own pull channels take, or all of them while it has none.

    A paused or retired channel takes nothing; a partner whose every pull channel is stopped reads nothing.
    """
    channels = (
        session.execute(sa.select(Channel).where(Channel.company_id == company.id, Channel.kind.in_(pulled_kinds)))
        .scalars()
        .all()
    )
    if not channels:
        return Audience(None, company.id)
    live = [channel for channel in channels if channel.state in {ChannelState.ACTIVE, ChannelState.FAILING}]
    if any(channel.topics is None for channel in live):
        return Audience(None, company.id)
    return Audience(frozenset(topic for channel in live for topic in channel.topics or ()), company.id)
