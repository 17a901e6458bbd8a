"""The fetch log: who read which partner feed when, and which deliveries that proves."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.people.keys import note_use
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Attempt, Delivery, DeliveryState, Natures, Outcome
from campaigns.publishing.release import Released
from campaigns.publishing.transport import Act

MISSED = (DeliveryState.RETRYING, DeliveryState.DEAD, DeliveryState.UNKNOWN)
CAUGHT = "pulled"  # the reason of a delivery whose push failed and whose receiver then fetched it by itself


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


def caught(session: Session, channel_id: int, since: datetime) -> int:
    """How many pushes to a channel failed since then and were made up for by the partner's own reading."""
    query = sa.select(sa.func.count()).where(
        Delivery.channel_id == channel_id,
        Delivery.state == DeliveryState.DELIVERED,
        Delivery.reason == CAUGHT,
        Delivery.settled_at >= since,
    )
    return session.execute(query).scalar_one()


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
    natures: Natures,
    now: datetime,
) -> int:
    """Log one read and settle the deliveries it proves; returns how many those were.

    ``carried`` is what the reply held; a recalled bulletin in it proves that its withdrawal was told. Beside what waits
    to be fetched, that is what was pushed to the same partner in vain: it has got it all the same.
    """
    items = list(carried)
    session.add(FeedFetch(key_id=key_id, company_id=company_id, feed=feed, at=now, status=status, items=len(items)))
    note_use(session, key_id, now=now)
    session.flush()
    shown = {item.bulletin.id: item for item in items}
    own = sa.select(Channel.id).where(Channel.company_id == company_id)
    channels = own.where(Channel.kind.in_(natures.pulled))
    waits = sa.and_(Delivery.channel_id.in_(channels), Delivery.state == DeliveryState.DUE)
    # One that a worker has in hand is left to it: a repeat of the same key does no harm there.
    missed = sa.and_(Delivery.channel_id.in_(own.where(Channel.kind.in_(natures.caught))), Delivery.state.in_(MISSED))
    found = session.execute(
        sa.select(Delivery)
        .where(sa.or_(waits, missed), Delivery.bulletin_id.in_(list(shown)))
        .order_by(Delivery.id)
        .with_for_update()
    ).scalars()
    done = fetched = 0
    for delivery in found:
        item = shown[delivery.bulletin_id]
        told = item.recalled if delivery.act is Act.RECALL else not item.recalled
        if not told or delivery.revision > item.revision.number:
            continue
        if delivery.state is DeliveryState.DUE:
            fetched += 1
        else:
            delivery.reason, delivery.due_at, delivery.look_first = CAUGHT, None, False
        delivery.state, delivery.settled_at = DeliveryState.DELIVERED, now
        session.add(
            Attempt(delivery_id=delivery.id, at=now, ended_at=now, outcome=Outcome.FETCHED, status=status, error="")
        )
        done += 1
    if fetched:  # the health of a pushed channel is judged by its pushes alone
        session.execute(
            sa.update(Channel)
            .where(Channel.id.in_(channels))
            .values(last_success_at=now)
            .execution_options(synchronize_session=False)
        )
    session.flush()
    return done
