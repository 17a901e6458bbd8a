"""The one predicate of what is visible to whom at a moment, used by every page, feed and API that outsiders read.

A bulletin is visible from its release time until it is recalled. Nothing has to run at the release time: pages and
feeds compare it with ``now`` when they are read, so that a late clock process delays no reader and an early one shows
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.errors import NotFound
from campaigns.core.listing import ListQuery
from campaigns.partners.directory import Company
from campaigns.planning.campaigns import Topic

MOST_LISTED = 200  # the largest page of any feed


@dataclass(frozen=True)
class Audience:
    """The reader of a feed. ``topics`` None: every topic; a partner's are those its own channels accept."""

    topics: frozenset[str] | None = None
    company_id: int | None = None


PUBLIC = Audience()


@dataclass(frozen=True)
class Released:
    """A visible bulletin with the text that is visible now. After a recall only a notice may be shown; the revision is
    then the last released text."""

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


def visible(now: datetime, *, with_recalled: bool = False) -> sa.ColumnElement[bool]:
    """The condition on ``Bulletin`` rows. ``with_recalled`` includes bulletins that were released and withdrawn."""
    released = sa.and_(
        # Only the states scheduled, published and recalled have a released revision: a constraint of the table
        # (``released_states``) checks it. Naming them here would lead a planner away from the index on ``changed_at``.
        Bulletin.released.is_not(None),
        Bulletin.release_at <= now,
        Bulletin.changed_at <= now,
    )
    return released if with_recalled else sa.and_(released, Bulletin.recalled_at.is_(None))


def _conditions(
    audience: Audience, topic: str | None, now: datetime, with_recalled: bool
) -> list[sa.ColumnElement[bool]]:
    conditions = [visible(now, with_recalled=with_recalled)]
    for codes in (audience.topics, {topic} if topic is not None else None):
        if codes is not None:
            # EXISTS, not IN: with IN a planner reads all bulletins of the topics and sorts them by ``changed_at``.
            conditions.append(Bulletin.topic.has(Topic.code.in_(sorted(codes))))
    return conditions


def _released_rows(
    audience: Audience, topic: str | None, now: datetime, with_recalled: bool
) -> sa.Select[Bulletin, Revision]:
    return (
        sa.select(Bulletin, Revision)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .where(*_conditions(audience, topic, now, with_recalled))
    )


def select_released(audience: Audience, *, now: datetime) -> sa.Select[Bulletin, Revision]:
    """What this audience may see, recalled bulletins included, for a caller that filters itself."""
    return _released_rows(audience, None, now, True)


def released_list(
    audience: Audience, conditions: Sequence[sa.ColumnElement[bool]] = (), *, topic: str | None = None, now: datetime
) -> ListQuery[Bulletin, Revision]:
    """What this audience may see, recalled bulletins included, the last changed first."""
    shown = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released)
    return ListQuery(
        Bulletin,
        sa.select(Bulletin, Revision).join(Revision, shown),
        [*_conditions(audience, topic, now, True), *conditions],
        (Bulletin.changed_at.desc(), Bulletin.id.desc()),
    )


def newest_released(
    session: Session,
    audience: Audience,
    conditions: Sequence[sa.ColumnElement[bool]] = (),
    *,
    topic: str | None = None,
    limit: int = 50,
    with_recalled: bool = True,
    now: datetime,
) -> list[Released]:
    """The bulletins that changed last, newest first, at most ``limit`` (1–200)."""
    query = _released_rows(audience, topic, now, with_recalled).where(*conditions)
    query = query.order_by(Bulletin.changed_at.desc(), Bulletin.id.desc()).limit(min(max(limit, 1), MOST_LISTED))
    return [Released(bulletin, revision) for bulletin, revision in session.execute(query)]


def changed_since(
    session: Session,
    audience: Audience,
    after: tuple[datetime, int] | None,
    conditions: Sequence[sa.ColumnElement[bool]] = (),
    *,
    topic: str | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Released]:
    """The bulletins that changed after a cursor ``(changed_at, id)``, oldest first; None: from the oldest."""
    query = _released_rows(audience, topic, now, True).where(*conditions)
    if after is not None:
        at, bulletin_id = after
        query = query.where(
            sa.or_(Bulletin.changed_at > at, sa.and_(Bulletin.changed_at == at, Bulletin.id > bulletin_id))
        )
    query = query.order_by(Bulletin.changed_at, Bulletin.id).limit(min(max(limit, 1), MOST_LISTED))
    return [Released(bulletin, revision) for bulletin, revision in session.execute(query)]


def last_change(session: Session, audience: Audience, *, topic: str | None = None, now: datetime) -> datetime | None:
    """When what this audience sees last changed; None while it sees nothing.

    The tag of a feed is made of it. It changes with every release, correction and recall and with nothing else, since
    each of them has its own ``changed_at``, later than those of all that are already visible.
    """
    if audience.topics is not None and not audience.topics:
        return None
    query = sa.select(Bulletin.changed_at).where(*_conditions(audience, topic, now, True))
    return session.execute(query.order_by(Bulletin.changed_at.desc()).limit(1)).scalar_one_or_none()


def find_released(session: Session, code: str, *, now: datetime) -> Released:
    """A bulletin as outsiders may see it, a recalled one included so that its notice can be shown.

    Raises ``NotFound`` for drafts and for what is not released yet, in the same words as for unknown codes.
    """
    row = session.execute(_released_rows(PUBLIC, None, now, True).where(Bulletin.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"there is no bulletin {code}", bulletin=code)
    return Released(row[0], row[1])


def is_released(session: Session, bulletin_id: int, *, now: datetime) -> bool:
    """Whether outsiders may know of a bulletin: it was released, and perhaps recalled since."""
    query = sa.select(Bulletin.id).where(Bulletin.id == bulletin_id, visible(now, with_recalled=True))
    return session.execute(query).first() is not None


def released_recently(session: Session, span: timedelta, limit: int, *, now: datetime) -> list[Released]:
    """The bulletins released within ``span`` before now, newest first, for the news sitemap."""
    query = _released_rows(PUBLIC, None, now, False).where(Bulletin.release_at > now - span)
    query = query.order_by(Bulletin.release_at.desc(), Bulletin.id.desc()).limit(limit)
    return [Released(bulletin, revision) for bulletin, revision in session.execute(query)]


def audience_of(session: Session, company: Company, pulled_kinds: Sequence[str]) -> Audience:
    """What a partner may read: the topics that its own pull channels accept, or all topics while it has none.

    A paused or retired channel accepts nothing; a partner whose pull channels are all stopped reads nothing.
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
