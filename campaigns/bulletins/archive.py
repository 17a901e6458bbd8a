"""The archive of released bulletins: by day of release, the newest first, by topic, and those changed since.

Every list holds recalled bulletins, whose notice stands in their place; what is visible is ``visibility.visible``.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import LONGEST_WORDS, Bulletin, Revision
from campaigns.bulletins.visibility import Released, visible
from campaigns.core.clock import day_start
from campaigns.core.listing import ListFilter, ListPage, ListQuery, argument
from campaigns.planning.campaigns import Topic

PAGE_SIZE = 30  # bulletins on a page of the archive
_A_DAY = dt.timedelta(days=1)


def _changed_later() -> sa.ColumnElement[bool]:
    """The condition of corrected and recalled bulletins, the one of their index."""
    return Bulletin.changed_at > Bulletin.release_at


@dataclass(frozen=True)
class ArchiveFilter(ListFilter):
    """Filter of the archive. ``q``: words of the released text, with or without diacritics, which the list looks up in
    the search index; ``day``: of release; ``first``, ``last``: days of release, both included; ``changed``: only
    corrected and recalled bulletins.
    """

    q: str = argument("", longest=LONGEST_WORDS)
    topic: str | None = argument(
        where=lambda code: Bulletin.topic_id == sa.select(Topic.id).where(Topic.code == code).scalar_subquery(),
        of=Topic,
    )
    day: dt.date | None = argument(
        where=lambda day: sa.and_(Bulletin.release_at >= day_start(day), Bulletin.release_at < day_start(day + _A_DAY))
    )
    first: dt.date | None = argument(name="from", where=lambda day: Bulletin.release_at >= day_start(day))
    last: dt.date | None = argument(name="to", where=lambda day: Bulletin.release_at < day_start(day + _A_DAY))
    changed: bool = argument(False, where=lambda _: _changed_later())


def archive_page(session: Session, filters: ArchiveFilter, number: int, *, now: dt.datetime) -> ListPage[Released]:
    """Page ``number`` of the archive without its words; beyond the end, the last one. The total is not counted."""
    found = _keys([visible(now, with_recalled=True), *filters.conditions()]).uncounted_page(session, number, PAGE_SIZE)
    return found.with_rows(_released(session, [row[0] for row in found.rows]))


def newest_in_archive(
    session: Session, most: int, *, topic: str | None = None, with_recalled: bool = True, now: dt.datetime
) -> list[Released]:
    """The bulletins that were released last, of one topic or of all, at most ``most``."""
    conditions = [visible(now, with_recalled=with_recalled), *ArchiveFilter(topic=topic).conditions()]
    return _released(session, [row[0] for row in _keys(conditions).rows(session, most)])


def count_in_archive(session: Session, topic: str, *, now: dt.datetime) -> int:
    """The number of visible bulletins of one topic, recalled ones included; read from an index alone."""
    return _keys([visible(now, with_recalled=True), *ArchiveFilter(topic=topic).conditions()]).count(session)


def changed_in_archive(session: Session, most: int, *, now: dt.datetime) -> list[Released]:
    """The bulletins that were corrected or recalled last, at most ``most``, the last change first."""
    query = sa.select(Bulletin.id).where(visible(now, with_recalled=True), _changed_later())
    found = session.execute(query.order_by(Bulletin.changed_at.desc(), Bulletin.id.desc()).limit(most)).scalars()
    return _released(session, list(found))


def _keys(conditions: Sequence[sa.ColumnElement[bool]]) -> ListQuery[int]:
    # The keys first: a page far back then skips entries of an index, not rows with their texts.
    return ListQuery(
        Bulletin, sa.select(Bulletin.id), list(conditions), (Bulletin.release_at.desc(), Bulletin.id.desc())
    )


def _released(session: Session, numbers: Sequence[int]) -> list[Released]:
    """The bulletins with these keys, in this order, each with its visible text."""
    query = (
        sa.select(Bulletin, Revision)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .where(Bulletin.id.in_(numbers))
    )
    found = {bulletin.id: Released(bulletin, revision) for bulletin, revision in session.execute(query)}
    return [found[number] for number in numbers]


@dataclass(frozen=True)
class ArchiveAddress:
    """A bulletin's code and when it changed last, for a sitemap."""

    code: str
    changed_at: dt.datetime


def archive_addresses(session: Session, most: int, skip: int, *, now: dt.datetime) -> list[ArchiveAddress]:
    """The addresses of all visible bulletins that are not recalled, in the order of their keys, ``most`` after the
    first ``skip``."""
    query = sa.select(Bulletin.code, Bulletin.changed_at).where(visible(now)).order_by(Bulletin.id)
    rows = session.execute(query.limit(most).offset(skip))
    return [ArchiveAddress(code, changed_at) for code, changed_at in rows if changed_at is not None]


def count_addresses(session: Session, *, now: dt.datetime) -> int:
    """The number of those addresses."""
    # Number of addresses of a sitemap, not a figure of a report.
    return session.execute(sa.select(sa.func.count()).select_from(Bulletin).where(visible(now))).scalar_one()
