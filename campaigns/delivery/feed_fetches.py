"""The fetch log: reads of partners' feeds by key and time, and the deliveries that they prove."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.visibility import Released
from campaigns.channels.channels import Channel
from campaigns.channels.transport import DeliveryAct
from campaigns.core.base import Base, BigKey, UTCDateTime
from campaigns.core.current_company import lock_current_companies, lock_current_company
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryModes, DeliveryState
from campaigns.people.keys import note_use

MISSED_STATES = (DeliveryState.RETRYING, DeliveryState.DEAD, DeliveryState.UNKNOWN)
CAUGHT_UP_REASON = "pulled"  # reason of a delivery whose push failed and whose receiver then read it in its feed


class FeedFetch(Base):
    """One read of a partner's feed. ``items``: the number of bulletins in the response; 0 for a 304."""

    __tablename__ = "feed_fetches"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key_id: Mapped[int] = mapped_column(sa.ForeignKey("keys.id"))
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    feed: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    status: Mapped[int]
    items: Mapped[int]

    __table_args__ = (sa.Index("ix_feed_fetches_company_id_at", "company_id", "at"),)


def count_caught_up(session: Session, channel_id: int, since: datetime) -> int:
    """The number of pushes to a channel that failed and were then fetched by the partner, settled since a moment."""
    query = sa.select(sa.func.count()).where(
        Delivery.channel_id == channel_id,
        Delivery.state == DeliveryState.DELIVERED,
        Delivery.reason == CAUGHT_UP_REASON,
        Delivery.settled_at >= since,
    )
    return session.execute(query).scalar_one()


def record_unchanged(session: Session, reads: Iterable[tuple[int, int, str, int, datetime]]) -> int:
    """Log reads that carried nothing, ``(key_id, company_id, feed, status, at)`` each; returns their number."""
    reads = list(reads)
    current = lock_current_companies(session, (company_id for _key, company_id, *_rest in reads))
    rows, last_read = [], dict[int, datetime]()
    for key_id, company_id, feed, status, at in reads:
        row = {
            "key_id": key_id,
            "company_id": current[company_id],
            "feed": feed,
            "status": status,
            "at": at,
            "items": 0,
        }
        rows.append(row)
        last_read[key_id] = max(at, last_read.get(key_id, at))
    if rows:
        session.execute(sa.insert(FeedFetch), rows)
    for key_id, at in last_read.items():
        note_use(session, key_id, now=at)
    return len(rows)


def record_fetch(
    session: Session,
    *,
    key_id: int,
    company_id: int,
    feed: str,
    status: int,
    carried: Iterable[Released],
    delivery_modes: DeliveryModes,
    now: datetime,
) -> int:
    """Log one read and settle the deliveries that it proves; returns their number.

    ``carried``: the bulletins in the response; a recalled one proves the delivery of its recall. A read settles the
    partner's due deliveries to pull channels, and its failed pushes, whose content it has received after all.
    """
    bulletins = {released.bulletin.id: released for released in carried}
    company_id = lock_current_company(session, company_id)
    session.add(FeedFetch(key_id=key_id, company_id=company_id, feed=feed, at=now, status=status, items=len(bulletins)))
    note_use(session, key_id, now=now)
    session.flush()
    own_channels = sa.select(Channel.id).where(Channel.company_id == company_id)
    pull_channels = own_channels.where(Channel.kind.in_(delivery_modes.pulled))
    due = sa.and_(Delivery.channel_id.in_(pull_channels), Delivery.state == DeliveryState.DUE)
    # A push that a worker has leased is left to it: repeating it with the same key does no harm.
    missed = sa.and_(
        Delivery.channel_id.in_(own_channels.where(Channel.kind.in_(delivery_modes.pull_beside))),
        Delivery.state.in_(MISSED_STATES),
    )
    deliveries = session.execute(
        sa.select(Delivery)
        .where(sa.or_(due, missed), Delivery.bulletin_id.in_(list(bulletins)))
        .order_by(Delivery.id)
        .with_for_update()
    ).scalars()
    settled = fetched = 0
    for delivery in deliveries:
        released = bulletins[delivery.bulletin_id]
        proven = released.recalled if delivery.act is DeliveryAct.RECALL else not released.recalled
        if not proven or delivery.revision > released.revision.number:
            continue
        if delivery.state is DeliveryState.DUE:
            fetched += 1
        else:
            delivery.reason, delivery.due_at, delivery.look_first = CAUGHT_UP_REASON, None, False
        delivery.state, delivery.settled_at = DeliveryState.DELIVERED, now
        session.add(
            Attempt(
                delivery_id=delivery.id, at=now, ended_at=now, outcome=AttemptOutcome.FETCHED, status=status, error=""
            )
        )
        settled += 1
    if fetched:  # the health of a push channel is judged by its pushes alone
        session.execute(
            sa.update(Channel)
            .where(Channel.id.in_(pull_channels))
            .values(last_success_at=now)
            .execution_options(synchronize_session=False)
        )
    session.flush()
    return settled
