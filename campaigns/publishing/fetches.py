"""The fetch log: who read which partner feed when, and which deliveries that proves."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.people.keys import note_use
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Attempt, Delivery, DeliveryState, Outcome
from campaigns.publishing.release import Released
from campaigns.publishing.transport import Act


class FeedFetch(Base):
    """One read of a partner's feed. ``items`` is how many bulletins the reply carried; 0 for a 304."""

    __tablename__ = "feed_fetches"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(sa.ForeignKey("keys.id"))
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    feed: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    status: Mapped[int]
    items: Mapped[int]

    __table_args__ = (sa.Index("ix_feed_fetches_company_id_at", "company_id", "at"),)


def record_quiet(session: Session, reads: Iterable[tuple[int, int, str, int, datetime]]) -> int:
    """Log reads that carried nothing new, ``(key_id, company_id, feed, status, at)`` each; returns how many."""
    rows, last = [], dict[int, datetime]()
    for key, company, feed, status, at in reads:
        rows.append({"key_id": key, "company_id": company, "feed": feed, "status": status, "at": at, "items": 0})
        last[key] = max(at, last.get(key, at))
    if rows:
        session.execute(sa.insert(FeedFetch), rows)
    for key, at in last.items():
        note_use(session, key, now=at)
    return len(rows)


def record_fetch(
    session: Session,
    *,
    key_id: int,
    company_id: int,
    feed: str,
    status: int,
    carried: Iterable[Released],
    pulled_kinds: Iterable[str],
    now: datetime,
) -> int:
    """Log one read and settle the deliveries it proves; returns how many those were.

    ``carried`` is what the reply held; a recalled bulletin in it proves that its withdrawal was told.
    """
    items = list(carried)
    session.add(FeedFetch(key_id=key_id, company_id=company_id, feed=feed, at=now, status=status, items=len(items)))
    note_use(session, key_id, now=now)
    session.flush()
    shown = {item.bulletin.id: item for item in items}
    channels = sa.select(Channel.id).where(Channel.company_id == company_id, Channel.kind.in_(list(pulled_kinds)))
    waiting = session.execute(
        sa.select(Delivery).where(
            Delivery.channel_id.in_(channels),
            Delivery.state == DeliveryState.DUE,
            Delivery.bulletin_id.in_(list(shown)),
        )
    ).scalars()
    done = 0
    for delivery in waiting:
        item = shown[delivery.bulletin_id]
        told = item.recalled if delivery.act is Act.RECALL else not item.recalled
        if not told or delivery.revision > item.revision.number:
            continue
        delivery.state, delivery.settled_at = DeliveryState.DELIVERED, now
        session.add(
            Attempt(delivery_id=delivery.id, at=now, ended_at=now, outcome=Outcome.FETCHED, status=status, error="")
        )
        done += 1
    if done:
        session.execute(
            sa.update(Channel)
            .where(Channel.id.in_(channels))
            .values(last_success_at=now)
            .execution_options(synchronize_session=False)
        )
    session.flush()
    return done
