"""Sending a channel again what it had: for a receiver that lost what arrived, with the keys that it knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.core import journal
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import Actor, May
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import NOT_SENT, Delivery, DeliveryState, void
from campaigns.publishing.transport import Capabilities


@dataclass(frozen=True)
class Replay:
    """What is sent again: deliveries by their public ids, the oldest first. ``arrived`` and ``dead``: how many of them
    had arrived, and had been given up. ``stale``: how many more are left out, because their text was corrected or
    recalled since."""

    deliveries: Sequence[str]
    arrived: int
    dead: int
    stale: int


def _refuse(channel: Channel, capabilities: Capabilities, since: datetime, until: datetime) -> None:
    if channel.state is ChannelState.RETIRED:
        raise Conflict(f"channel {channel.code} is retired", code="channel_retired", channel=channel.code)
    if capabilities.pulled:
        message = f"channel {channel.code} fetches by itself; it can read its feed again from any point (after=)"
        raise Conflict(message, code="replay_pulled", channel=channel.code)
    if capabilities.once:
        message = f"channel {channel.code} can neither be asked nor sent the same twice; each would be a second post"
        raise Conflict(message, code="replay_once", channel=channel.code)
    if since >= until:
        raise Invalid([FieldError("until", "order", "the end must be after the beginning")])


def _rows(
    session: Session, channel: Channel, since: datetime, until: datetime, *, lock: bool
) -> tuple[list[Delivery], int]:
    """What is to go again, and how many are not because their text must not. ``lock``: they are about to be changed."""
    settled = sa.or_(
        Delivery.state == DeliveryState.DELIVERED,
        sa.and_(Delivery.state == DeliveryState.DEAD, Delivery.reason != NOT_SENT),
    )
    query = (
        sa.select(Delivery)
        .options(joinedload(Delivery.bulletin))
        .where(Delivery.channel_id == channel.id, settled, Delivery.settled_at >= since, Delivery.settled_at < until)
        .order_by(Delivery.id)
    )
    if lock:
        query = query.with_for_update(of=Delivery, key_share=True)
    found = list(session.execute(query).scalars())
    good = [one for one in found if not void(one)]
    return good, len(found) - len(good)


def _told(rows: Sequence[Delivery], stale: int) -> Replay:
    arrived = sum(one.state is DeliveryState.DELIVERED for one in rows)
    return Replay([one.public for one in rows], arrived, len(rows) - arrived, stale)


def foretell(
    session: Session, channel: Channel, capabilities: Capabilities, since: datetime, until: datetime
) -> Replay:
    """What ``replay`` would send, nothing changed. Raises as it does, but for ``Forbidden``."""
    _refuse(channel, capabilities, since, until)
    return _told(*_rows(session, channel, since, until, lock=False))


def replay(
    session: Session,
    actor: Actor,
    channel: Channel,
    capabilities: Capabilities,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
) -> Replay:
    """Send again what was settled from ``since`` on and before ``until``, each under its key of then.

    Where repeats with a key are harmless it is simply sent; where the channel can be asked, it is asked first, and only
    what is not there is sent. Raises ``Conflict`` for a channel that can do neither (``replay_once``), that fetches by
    itself (``replay_pulled``) or is retired, ``Invalid`` for a time that ends before it begins, ``Forbidden``.
    """
    actor.require(May.CONFIGURE)
    _refuse(channel, capabilities, since, until)
    rows, stale = _rows(session, channel, since, until, lock=True)
    told = _told(rows, stale)
    for one in rows:
        one.state, one.reason, one.due_at, one.settled_at = DeliveryState.RETRYING, "", now, None
        one.attempt, one.polls, one.token, one.asked_at = 0, 0, None, now
        one.look_first = not capabilities.idempotent
    session.flush()
    details = {"since": since, "until": until, "deliveries": len(rows), "arrived": told.arrived, "dead": told.dead}
    journal.record(session, actor.id, "channel.replayed", "channel", channel.code, details, now=now)
    return told
