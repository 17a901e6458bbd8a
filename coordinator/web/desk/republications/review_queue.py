"""Queries of the review queue: filters, order, counts, and the position of one copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core.listing import ListPage, page_of
from campaigns.reporting import pending_work
from campaigns.reporting.republication_filter import RepublicationFilter
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.review.decisions import version_token
from campaigns.republications.review.review_reasons import (
    ReviewReason,
    review_queue,
    review_reasons_of,
)
from campaigns.republications.social.posts import pictures_of
from coordinator.web.desk.republications.labels import review_reason_name

QUEUE_FIELDS = ("doubt", "partner", "bulletin")  # of the filter, in every address of the queue


def queue_filter(args: Mapping[str, str]) -> RepublicationFilter:
    """Return the filter of the queue from an address or form. Raises ``Invalid``."""
    return RepublicationFilter.from_args(args, QUEUE_FIELDS)


@dataclass(frozen=True)
class QueueCounts:
    """The number of copies under the other filters, in all and by review reason; a copy may have several."""

    total: int
    doubts: Mapping[ReviewReason, int]

    def count_under(self, wanted: RepublicationFilter) -> int:
        """Return the number of the open tab."""
        return self.total if wanted.doubt is None else self.doubts[wanted.doubt]


def queue_counts(session: Session, wanted: RepublicationFilter) -> QueueCounts:
    """Return the numbers of the tabs."""
    return QueueCounts(*pending_work.review_queue_counts(session, replace(wanted, doubt=None).conditions()))


@dataclass(frozen=True)
class QueueRow:
    """One row of the queue. ``version_token``: the token for a decision on it; ``doubts``: its review reasons with
    names; ``picture``: the evidence that shows a reported post."""

    id: str
    version_token: str
    title: str
    site: str
    bulletin: str
    doubts: Sequence[tuple[ReviewReason, str]]
    share: float | None
    first_seen_at: datetime
    picture: str | None = None


def decision_token(row: Republication) -> str:
    """Return a copy's id with its state when the form was shown."""
    return f"{row.public}|{version_token(row)}"


def list_queue(session: Session, wanted: RepublicationFilter, total: int, number: int) -> ListPage[QueueRow]:
    """Return one page of the queue, oldest first; beyond the end, the last page. ``total``: the number of the tab."""

    def read(most: int, skip: int) -> Sequence[QueueRow]:
        shown = _row_ids(wanted.conditions(), most, skip)
        return _queue_rows(session, _load_copies(session, Republication.id.in_(shown)))

    return page_of(read, total, number)


def selected_copies(session: Session, idents: Sequence[str]) -> list[QueueRow]:
    """Return these copies in the order of the queue, whether they are still in it or not."""
    return _queue_rows(session, _load_copies(session, Republication.public.in_(idents)))


def has_second_posting(session: Session, idents: Sequence[str]) -> bool:
    """Return whether one of these copies stands beside another address of its site that counts, or that is among
    them."""
    other = aliased(Republication)
    query = (
        sa.select(Republication.id)
        .join(
            other,
            sa.and_(
                other.bulletin_id == Republication.bulletin_id,
                other.site_id == Republication.site_id,
                other.id != Republication.id,
            ),
        )
        .where(
            Republication.public.in_(idents),
            Republication.status != RepublicationStatus.CONFIRMED,
            sa.or_(other.status == RepublicationStatus.CONFIRMED, other.public.in_(idents)),
        )
        .limit(1)
    )
    return session.execute(query).first() is not None


def _row_ids(
    conditions: Sequence[sa.ColumnElement[bool]], most: int, skip: int = 0, *, back: bool = False
) -> sa.Select[int]:
    """Return the primary keys of the first copies that match the conditions; with ``back``, of the last, in reverse
    order.

    Each of the two lists reads at most the requested number from its own index.
    """
    order = [Republication.first_seen_at, Republication.id]
    parts = []
    for part in review_queue(Republication.id, Republication.first_seen_at):
        first = (
            part.where(*conditions)
            .order_by(*(attribute.desc() if back else attribute for attribute in order))
            .limit(skip + most)
        )
        parts.append(sa.select(first.subquery()))
    every = sa.union_all(*parts).subquery()
    both = [every.c.first_seen_at, every.c.id]
    return (
        sa.select(every.c.id)
        .order_by(*(element.desc() if back else element for element in both))
        .limit(most)
        .offset(skip)
    )


def _waiting_count(*conditions: sa.ColumnElement[bool]) -> sa.Select[int]:
    # Number of rows of the filtered queue, for its pages.
    parts = [part.where(*conditions).scalar_subquery() for part in review_queue(sa.func.count())]
    return sa.select(parts[0] + parts[1])


def _load_copies(session: Session, which: sa.ColumnElement[bool]) -> Sequence[Republication]:
    query = (
        sa.select(Republication)
        .options(
            joinedload(Republication.bulletin), joinedload(Republication.site), joinedload(Republication.page),
        )
        .where(which)
        .order_by(Republication.first_seen_at, Republication.id)
    )  # fmt: skip
    return session.execute(query).scalars().all()


def _queue_rows(session: Session, found: Sequence[Republication]) -> list[QueueRow]:
    doubts = review_reasons_of(session, [row.id for row in found])
    titles = _titles(session, found)
    names = {reason: review_reason_name(reason) for reason in ReviewReason}
    pictures = pictures_of(session, [row.id for row in found])
    return [
        QueueRow(
            row.public,
            decision_token(row),
            row.headline or titles.get(row.bulletin_id, row.bulletin.code),
            row.site.name,
            row.bulletin.code,
            [(reason, names[reason]) for reason in doubts.get(row.id, ())],
            row.share if row.checked_at is not None else None,
            row.first_seen_at,
            pictures[row.id].exhibit if row.id in pictures else None,
        )
        for row in found
    ]


def _titles(session: Session, found: Sequence[Republication]) -> dict[int, str]:
    query = (
        sa.select(Bulletin.id, Revision.title)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Bulletin.id.in_({row.bulletin_id for row in found}))
    )
    return {row[0]: row[1] for row in session.execute(query)}


@dataclass(frozen=True)
class QueuePosition:
    """The position of a copy in the queue. ``position``: from 1, as if it were in it; ``total``: number waiting."""

    previous: str | None
    next: str | None
    position: int
    total: int


def queue_position(session: Session, wanted: RepublicationFilter, row: Republication) -> QueuePosition:
    """Return the position of a copy, whether it is in the queue or not."""
    order = sa.tuple_(Republication.first_seen_at, Republication.id)
    here = sa.tuple_(sa.literal(row.first_seen_at, Republication.first_seen_at.type), sa.literal(row.id))
    conditions = wanted.conditions()
    others = [*conditions, Republication.id != row.id]
    return QueuePosition(
        _public_ids(session, _row_ids([*others, order < here], 1, back=True)),
        _public_ids(session, _row_ids([*others, order > here], 1)),
        session.execute(_waiting_count(*others, order < here)).scalar_one() + 1,
        session.execute(_waiting_count(*conditions)).scalar_one(),
    )


def _public_ids(session: Session, numbers: sa.Select[int]) -> str | None:
    query = sa.select(Republication.public).where(Republication.id == numbers.scalar_subquery())
    return session.execute(query).scalar_one_or_none()


def first_waiting(session: Session, wanted: RepublicationFilter) -> str | None:
    """Return the copy that has waited longest; None for an empty queue."""
    return _public_ids(session, _row_ids(wanted.conditions(), 1))
