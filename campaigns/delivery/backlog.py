"""The backlog of a channel: late deliveries that wait for a person's decision, taken on all of them at once.

A channel that works again after days sends what became due lately, and asks about the rest. Fresh deliveries do not
wait for the answer.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import DeliveryAct
from campaigns.core import journal
from campaigns.core.base import rows_changed
from campaigns.core.errors import Conflict, Forbidden
from campaigns.delivery.delays import OVERDUE_AFTER
from campaigns.delivery.outbox import HOLD_REASONS, OPEN_STATES, Delivery, DeliveryState, is_void
from campaigns.people.staff import Actor, Permission


@dataclass(frozen=True)
class Backlog:
    """The late deliveries of a channel. ``since``: the earliest release among their bulletins."""

    count: int
    since: datetime


class BacklogDecision(Enum):
    """What a person decides about the late deliveries of a channel."""

    SEND = "send"  # all of them, in order and at the channel's rate
    CANCEL = "cancel"  # none of them; each is cancelled


def is_held() -> sa.ColumnElement[bool]:
    """The condition of late deliveries that wait for a person's decision."""
    return sa.and_(Delivery.state == DeliveryState.DUE, Delivery.reason.in_(HOLD_REASONS))


def hold_overdue(session: Session, channel_id: int, *, now: datetime) -> int:
    """Hold back the first texts of a channel that have been due for longer than ``OVERDUE_AFTER``. Returns their
    number.

    One that may have arrived, is being sent or is being processed by the channel is looked up when it is claimed.
    """
    bound = now - OVERDUE_AFTER
    held = session.execute(
        sa.update(Delivery)
        .where(
            Delivery.channel_id == channel_id, Delivery.act == DeliveryAct.PUBLISH, Delivery.state.in_(OPEN_STATES),
            Delivery.due_at < bound, sa.or_(Delivery.asked_at.is_(None), Delivery.asked_at < bound),
            Delivery.lease_until.is_(None), Delivery.token.is_(None), sa.not_(Delivery.look_first), sa.not_(is_void()),
        )
        .values(state=DeliveryState.DUE, reason="overdue", due_at=None)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return rows_changed(held)


def backlogs(session: Session, channels: Collection[int] | None = None) -> Mapping[int, Backlog]:
    """Return the backlog of each of these channels that has one, by primary key; None: of every channel in use. One
    query."""
    since = sa.func.min(sa.func.coalesce(Bulletin.release_at, Delivery.created_at))
    query = (
        sa.select(Delivery.channel_id, sa.func.count(), since)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(is_held(), Channel.state != ChannelState.RETIRED)
        .group_by(Delivery.channel_id)
    )
    if channels is not None:
        query = query.where(Delivery.channel_id.in_(channels))
    return {ident: Backlog(count, since) for ident, count, since in session.execute(query)}


def decide_backlog(
    session: Session, actor: Actor, channel: Channel, decision: BacklogDecision, *, now: datetime
) -> int:
    """Send or cancel the late deliveries of a channel. Returns their number.

    Those whose text was corrected or recalled since are cancelled in either case. Raises ``Conflict`` when there is
    none, ``Forbidden``.
    """
    if not (actor.may(Permission.APPROVE) or actor.may(Permission.CONFIGURE)):
        raise Forbidden("only approvers and administrators may decide on late deliveries", act="retry")
    hold_overdue(session, channel.id, now=now)
    held = (Delivery.channel_id == channel.id, is_held())

    def write(*conditions: sa.ColumnElement[bool], **values: Any) -> int:
        statement = sa.update(Delivery).where(*held, *conditions).values(**values)
        return rows_changed(session.execute(statement.execution_options(synchronize_session=False)))

    cancelled: dict[str, Any] = {"state": DeliveryState.CANCELLED, "due_at": None, "settled_at": now}
    dropped = write(is_void(), **cancelled, reason="overtaken")
    if decision is BacklogDecision.SEND:
        count = write(due_at=now, asked_at=now, reason="")
    else:
        count = write(**cancelled, reason="not_wanted")
    if not count + dropped:
        raise Conflict(f"no delivery of {channel.code} waits for a decision", code="no_backlog", channel=channel.name)
    session.flush()
    details = {"decision": decision, "deliveries": count}
    journal.record(session, actor.id, "channel.backlog", "channel", channel.code, details, now=now)
    return count
