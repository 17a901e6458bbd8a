"""How long the rows of logs are kept that grow with every try, read and look, and their deletion in batches.

Nothing is deleted that a count, a frozen report or evidence rests on: deliveries, tries that arrived and the last try
of each delivery stay, and so does every page that a copy, a report or another page names.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from campaigns.core.base import Base, BigKey, UTCDateTime, rows_changed
from campaigns.delivery.feed_fetches import FeedFetch
from campaigns.delivery.outbox import Attempt, AttemptOutcome
from campaigns.discovery.pending_pages import PendingPage
from campaigns.discovery.sightings import Page, Sighting, SightingMethod

LOGS_KEPT = timedelta(days=400)  # a year, and the month in which it is reported
BATCH = 5_000  # rows gone through in one transaction
_WITHOUT_EFFECT = (AttemptOutcome.FAILED, AttemptOutcome.UNKNOWN, AttemptOutcome.REFUSED)


class RetentionProgress(Base):
    """How far a log was gone through. ``upto``: the id of the last row; ``deleted``: rows deleted so far."""

    __tablename__ = "retention_progress"

    log: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    upto: Mapped[int] = mapped_column(BigKey, default=0)
    deleted: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


def forget_tries(session: Session, *, now: datetime) -> int:
    """Delete expired tries without effect that were followed by another; returns the number of rows gone through, 0
    when there are no more. The same holds for the other functions of this module."""
    later = aliased(Attempt)
    followed = sa.exists().where(later.delivery_id == Attempt.delivery_id, later.id > Attempt.id)
    return _go_through(session, Attempt, Attempt.at, sa.and_(Attempt.outcome.in_(_WITHOUT_EFFECT), followed), now)


def forget_fetches(session: Session, *, now: datetime) -> int:
    """Delete expired reads of feeds; ``kept_counts`` has counted them."""
    return _go_through(session, FeedFetch, FeedFetch.at, sa.true(), now)


def forget_plain_pages(session: Session, *, now: datetime) -> int:
    """Delete expired pages on which nothing of ours was found and that nobody named, with their discovery. One that a
    site lists again is read again."""
    return _go_through(session, Page, Page.first_seen_at, sa.and_(Page.due_at.is_(None), *_named_nowhere()), now)


def _named_nowhere() -> list[sa.ColumnElement[bool]]:
    """The conditions that no row of another table names a page, except that it was discovered."""
    conditions = [~sa.exists().where(Sighting.page_id == Page.id, Sighting.how != SightingMethod.DISCOVERED)]
    for table in Base.metadata.tables.values():
        if table.name in {Sighting.__tablename__, PendingPage.__tablename__}:
            continue
        other = table.alias()  # pages name pages
        conditions += [
            ~sa.exists().where(other.c[column.name] == Page.id)
            for column in table.c
            if any(key.column is Page.__table__.c.id for key in column.foreign_keys)
        ]
    return conditions


def _go_through(session: Session, log: Any, at: Any, removable: sa.ColumnElement[bool], now: datetime) -> int:
    """Go through the next batch of the expired rows of a log and delete those that are removable. Rows are numbered in
    the order of their time."""
    expired = now - LOGS_KEPT
    progress = session.get(RetentionProgress, log.__tablename__)
    if progress is None:
        progress = RetentionProgress(log=log.__tablename__, upto=0, deleted=0, at=now)
        session.add(progress)
    progress.at = now
    rows = session.execute(sa.select(log.id, at).where(log.id > progress.upto).order_by(log.id).limit(BATCH)).all()
    seen = 0
    while seen < len(rows) and rows[seen][1] <= expired:
        seen += 1
    if not seen:
        return 0
    last = int(rows[seen - 1][0])
    chosen = sa.select(log.id).where(log.id > progress.upto, log.id <= last, removable)
    idents = session.execute(chosen).scalars().all()
    if log is Page:
        for table in (Sighting, PendingPage):
            session.execute(sa.delete(table).where(table.page_id.in_(idents)))
    progress.deleted += rows_changed(session.execute(sa.delete(log).where(log.id.in_(idents))))
    progress.upto = last
    session.flush()
    return seen
