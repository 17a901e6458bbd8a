"""Counts of the work that waits for a person, shown beside the menu of every page and reported to monitoring.

Each kind is found by its own index; one condition for all of them would read every row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.base import UTCDateTime
from campaigns.delivery.outbox import (
    HOLD_REASONS,
    OPEN_STATES,
    Delivery,
    DeliveryModes,
    DeliveryState,
    is_given_up,
)
from campaigns.messages.questions import Question, QuestionState
from campaigns.reporting.tallies import count_if
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.review.review_reasons import ReviewReason, reason_condition, review_queue, waiting_count

DELAYED_AFTER = timedelta(minutes=5)  # how long a delivery may be due before it is called delayed


@dataclass(frozen=True)
class ChannelDelay:
    """The delayed deliveries of one channel, and since when the oldest is due."""

    channel: Channel
    count: int
    since: datetime


def delayed_deliveries(session: Session, *, now: datetime) -> list[ChannelDelay]:
    """Return the channels whose deliveries have been due for longer than ``DELAYED_AFTER`` and are not sent, whatever
    holds them up, the longest delay first."""
    oldest = sa.func.min(Delivery.due_at).label("oldest")
    late = (
        sa.select(Delivery.channel_id, sa.func.count().label("count"), oldest)
        .where(
            Delivery.due_at < now - DELAYED_AFTER, Delivery.state.in_(OPEN_STATES),
            sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= now),
        )
        .group_by(Delivery.channel_id)
        .subquery()
    )  # fmt: skip
    query = sa.select(Channel, late.c.count, late.c.oldest).join(late, late.c.channel_id == Channel.id)
    return [ChannelDelay(*row) for row in session.execute(query.order_by(late.c.oldest, Channel.id))]


def retrying_count(session: Session) -> int:
    """Return the number of deliveries that failed and are tried again by themselves."""
    query = sa.select(sa.func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.RETRYING)
    return session.execute(query).scalar_one()


# The number of copies with each review reason, by the status they are counted in.


def review_reasons_by_status(session: Session) -> dict[ReviewReason, dict[RepublicationStatus, int]]:
    """Return the number of copies with each review reason, by the status they are counted in."""
    columns: list[Any] = [Republication.status, *(count_if(reason_condition(reason)) for reason in ReviewReason)]
    query = sa.select(*columns).group_by(Republication.status)
    found: dict[ReviewReason, dict[RepublicationStatus, int]] = {reason: {} for reason in ReviewReason}
    for status, *figures in session.execute(query):
        for doubt, figure in zip(ReviewReason, figures, strict=True):
            if figure:
                found[doubt][status] = int(figure)
    return found


def review_queue_counts(
    session: Session, conditions: Sequence[sa.ColumnElement[bool]] = ()
) -> tuple[int, dict[ReviewReason, int]]:
    """Return the number of copies in the review queue that meet the conditions, in all and by review reason."""
    columns: list[Any] = [sa.func.count(), *(count_if(reason_condition(reason)) for reason in ReviewReason)]
    both = sa.union_all(*(part.where(*conditions) for part in review_queue(*columns)))
    total, *figures = (sum(map(int, column)) for column in zip(*session.execute(both), strict=True))
    return total, dict(zip(ReviewReason, figures, strict=True))


@dataclass(frozen=True)
class PendingCounts:
    """The numbers of texts to approve, deliveries that need a person, copies to review, channels without authorisation,
    and partners' questions."""

    bulletins: int
    deliveries: int
    republications: int
    channels: int
    questions: int


def pending_counts(session: Session, delivery_modes: DeliveryModes, *, now: datetime) -> PendingCounts:
    """Count the work that waits for a person."""
    return PendingCounts(*session.execute(_counts_query(delivery_modes.manual), {"now": now}).one())


@cache  # of one set in a process; to build it takes longer than its answer
def _counts_query(manual: frozenset[str]) -> sa.Select[int, int, int, int, int]:
    def count(query: Any) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(query.subquery()).scalar_subquery()

    return sa.select(
        count(_texts_query()),
        count(_deliveries_query(manual, sa.bindparam("now", type_=UTCDateTime))),
        waiting_count(),
        count(sa.select(Channel.id).where(Channel.state == ChannelState.NEEDS_AUTHORISATION)),
        count(sa.select(Question.id).where(Question.state == QuestionState.OPEN)),
    )


def in_review_count(session: Session) -> int:
    """Return the number of copies that wait for a person: those in review, and those whose partner disagrees."""
    return session.execute(sa.select(waiting_count())).scalar_one()


def texts_to_approve() -> sa.ColumnElement[bool]:
    """Return the condition of bulletins that wait for approval: submitted ones, and published ones with a
    correction."""
    return Bulletin.id.in_(_texts_query())


def _texts_query() -> sa.CompoundSelect[int]:
    # Only a published bulletin has a correction.
    cls = aliased(Bulletin)
    return sa.union(
        sa.select(cls.id).where(cls.state == BulletinState.SUBMITTED), sa.select(cls.id).where(cls.pending.is_not(None))
    )


def deliveries_in_need(delivery_modes: DeliveryModes, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of deliveries that need a person: unknown, dead, due manual and late ones, and those of a
    channel without authorisation. A dead one whose text was corrected or recalled since needs nobody."""
    return Delivery.id.in_(_deliveries_query(delivery_modes.manual, sa.literal(now, UTCDateTime)))


def _deliveries_query(manual: frozenset[str], now: sa.ColumnElement[datetime]) -> sa.CompoundSelect[int]:
    cls = aliased(Delivery)
    stuck = sa.select(cls.id).where(cls.state == DeliveryState.UNKNOWN)
    dead = sa.select(cls.id).where(is_given_up(cls))
    by_hand = sa.select(cls.id).where(
        cls.channel_id.in_(sa.select(Channel.id).where(Channel.kind.in_(sorted(manual)))),
        # Literals, not parameters: SQLite plans a query before it knows the parameters, and the index is partial.
        cls.state == sa.literal_column(f"'{DeliveryState.DUE.value}'"),
        cls.due_at.is_(None),
        # A subquery for each remaining row: a join would begin with every published bulletin.
        sa.exists().where(Bulletin.id == cls.bulletin_id, Bulletin.release_at <= now),
    )
    late = sa.select(cls.id).where(cls.state == DeliveryState.DUE, cls.reason.in_(HOLD_REASONS))
    closed = sa.select(Channel.id).where(Channel.state == ChannelState.NEEDS_AUTHORISATION)
    held = sa.select(cls.id).where(cls.channel_id.in_(closed), cls.state.in_(OPEN_STATES))
    return sa.union(stuck, dead, by_hand, late, held)
