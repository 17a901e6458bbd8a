"""What waits for a person, over everything: counted beside the menu of every page, and told to whoever watches.

Each kind is found by an index of its own; one condition for all of them would read every row there is. The statement
is put together once, which took longer than asking it.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.core.clock import UTCDateTime
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import HELD, NOT_SENT, OPEN, Delivery, DeliveryState, Natures
from campaigns.talking.questions import Asked, Question
from campaigns.tracking.doubts import how_many_wait


@dataclass(frozen=True)
class Waiting:
    """How many: texts to approve, deliveries in need, copies to review, channels that have lost their authorisation,
    partners' questions."""

    bulletins: int
    deliveries: int
    republications: int
    channels: int
    questions: int


def waiting(session: Session, natures: Natures, *, now: datetime) -> Waiting:
    """Count what waits for a person."""
    return Waiting(*session.execute(_counts(natures.manual), {"now": now}).one())


@cache
def _counts(manual: frozenset[str]) -> sa.Select[Any]:
    def count(query: Any) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(query.subquery()).scalar_subquery()

    counts: list[Any] = [
        count(_texts()),
        count(_deliveries(manual, sa.bindparam("now", type_=UTCDateTime))),
        how_many_wait(),
        count(sa.select(Channel.id).where(Channel.state == ChannelState.NEEDS_AUTHORISATION)),
        count(sa.select(Question.id).where(Question.state == Asked.OPEN)),
    ]
    return sa.select(*counts)


def in_review(session: Session) -> int:
    """Copies that wait for a person's conclusion: those in review, and those whose partner disagrees."""
    return session.execute(sa.select(how_many_wait())).scalar_one()


def texts_to_approve() -> sa.ColumnElement[bool]:
    """Which bulletins wait for somebody's approval: those submitted, and those that are out with a correction."""
    return Bulletin.id.in_(_texts())


def _texts() -> sa.CompoundSelect[int]:
    # Nothing that is not out has a correction.
    one = aliased(Bulletin)
    return sa.union(
        sa.select(one.id).where(one.state == State.SUBMITTED), sa.select(one.id).where(one.pending.is_not(None))
    )


def deliveries_in_need(natures: Natures, now: datetime) -> sa.ColumnElement[bool]:
    """Which deliveries go no further without somebody: unknown ones, those given up, those posted by hand whose time
    has come, those that came too late to go by themselves, and those held by a channel without authorisation."""
    return Delivery.id.in_(_deliveries(natures.manual, sa.literal(now, UTCDateTime)))


def _deliveries(manual: frozenset[str], now: sa.ColumnElement[datetime]) -> sa.CompoundSelect[int]:
    one = aliased(Delivery)
    stuck = sa.select(one.id).where(
        one.state.in_((DeliveryState.UNKNOWN, DeliveryState.DEAD)),
        sa.or_(one.state == DeliveryState.UNKNOWN, one.reason != NOT_SENT),
    )
    by_hand = sa.select(one.id).where(
        one.channel_id.in_(sa.select(Channel.id).where(Channel.kind.in_(sorted(manual)))),
        # Written out, not sent along: SQLite plans before it knows what is sent, and the index holds no others.
        one.state == sa.literal_column(f"'{DeliveryState.DUE.value}'"),
        one.due_at.is_(None),
        # Asked of each that is left: a join would begin with every bulletin that is out.
        sa.exists().where(Bulletin.id == one.bulletin_id, Bulletin.release_at <= now),
    )
    late = sa.select(one.id).where(one.state == DeliveryState.DUE, one.reason.in_(HELD))
    closed = sa.select(Channel.id).where(Channel.state == ChannelState.NEEDS_AUTHORISATION)
    held = sa.select(one.id).where(one.channel_id.in_(closed), one.state.in_(OPEN))
    return sa.union(stuck, by_hand, late, held)
