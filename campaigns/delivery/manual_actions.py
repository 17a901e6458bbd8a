"""Actions of people on deliveries: retry, resolution, resumption of a channel, and replay of lost deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.channels import channels
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import Capabilities
from campaigns.core import journal
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid
from campaigns.delivery import backlog
from campaigns.delivery.delays import OVERDUE_AFTER
from campaigns.delivery.outbox import (
    NOT_SENT,
    OPEN_STATES,
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryState,
    skip_open,
    void_reason,
)
from campaigns.people.staff import Actor, Permission

# Retry, resolution, and the channels' resumption and retirement.


def retry_delivery(session: Session, actor: Actor, delivery: Delivery, *, now: datetime) -> None:
    """Retry a failed or waiting delivery now, with the same key. Raises ``Conflict`` in any other state.

    One that is *unknown* is refused: settle it first, so that nothing is posted twice.
    """
    if not (actor.may(Permission.APPROVE) or actor.may(Permission.CONFIGURE)):
        raise Forbidden("only approvers and administrators may retry", act="retry")
    if delivery.state not in {DeliveryState.DEAD, DeliveryState.RETRYING}:
        raise Conflict(f"a delivery that is {delivery.state.value} cannot be retried", code="not_retryable")
    require_not_void(delivery)
    if delivery.state is DeliveryState.DEAD:
        delivery.without_pictures = False  # what the channel did not like about the pictures may be repaired
    delivery.state, delivery.reason, delivery.due_at, delivery.attempt = DeliveryState.RETRYING, "", now, 0
    delivery.settled_at, delivery.asked_at = None, now
    session.flush()
    journal.record(session, actor.id, "delivery.retried", "delivery", delivery.public, now=now)


def resolve_delivery(
    session: Session,
    actor: Actor,
    delivery: Delivery,
    *,
    arrived: bool,
    url: str | None,
    again: bool,
    note: str = "",
    now: datetime,
) -> None:
    """Record a person's decision: the outcome of an *unknown* or *dead* delivery, the post of a manual one, or whether
    a late one is still sent.

    ``arrived=False`` sends it (again) when ``again`` is set, else ends it; a *dead* one is ended with a reason, the
    ``note``, and sent again by ``retry_delivery`` alone. Raises ``Conflict`` when there is nothing to settle or its
    text must not be sent again, ``Invalid`` for an invalid address or a missing reason.
    """
    if not (actor.may(Permission.APPROVE) or actor.may(Permission.REVIEW)):
        raise Forbidden("this role may not settle deliveries", act="resolve")
    held = delivery.state is DeliveryState.DUE and delivery.due_at is None
    waits = held or delivery.state is DeliveryState.UNKNOWN
    dead = delivery.state is DeliveryState.DEAD and delivery.reason != NOT_SENT
    if not (waits or (dead and not again)):
        raise Conflict(f"a delivery that is {delivery.state.value} needs no settling", code="nothing_to_settle")
    note = note.strip()
    if dead and not arrived and not note:
        raise Invalid([FieldError("note", "required", "say why it is not sent")])
    if url is not None and not url.startswith(("http://", "https://")):
        raise Invalid([FieldError("url", "url", f"{url!r} is not an http or https address")])
    if again and not arrived:
        require_not_void(delivery)
    if arrived:
        delivery.state, delivery.url, delivery.settled_at = DeliveryState.DELIVERED, url or delivery.url, now
    elif again:
        delivery.state, delivery.due_at, delivery.settled_at = DeliveryState.RETRYING, now, None
        delivery.asked_at, delivery.reason = now, ""
        # Who settles an unknown outcome has looked; a late delivery that may have arrived is looked up again.
        delivery.look_first = delivery.look_first and held
    else:
        delivery.state, delivery.reason, delivery.settled_at = DeliveryState.DEAD, NOT_SENT, now
    session.add(
        Attempt(
            delivery_id=delivery.id,
            at=now,
            ended_at=now,
            outcome=AttemptOutcome.BY_PERSON,
            error=note or ("" if arrived else "not sent"),
        )
    )
    session.flush()
    details = {"arrived": arrived, "url": url, "again": again} | ({"note": note} if note else {})
    journal.record(session, actor.id, "delivery.settled", "delivery", delivery.public, details, now=now)


def require_not_void(delivery: Delivery) -> None:
    """Raise ``Conflict`` when the delivery's text must not be sent again."""
    if why := void_reason(delivery):
        message = f"revision {delivery.revision} of {delivery.bulletin.code} is {why}; it is not sent again"
        raise Conflict(message, code=f"delivery_{why}", bulletin=delivery.bulletin.code, revision=delivery.revision)


def resume_channel(session: Session, actor: Actor, channel: Channel, *, now: datetime) -> None:
    """Resume a channel and its due deliveries, except those that are overdue (``backlog``): on these a person decides.
    The others are not held back as late. Raises ``Conflict`` when it is retired, ``Forbidden``."""
    channels.resume(session, actor, channel, now=now)
    backlog.hold_overdue(session, channel.id, now=now)
    session.execute(
        sa.update(Delivery)
        .where(
            Delivery.channel_id == channel.id,
            Delivery.state.in_(OPEN_STATES),
            Delivery.due_at <= now,
            Delivery.due_at >= now - OVERDUE_AFTER,
        )
        .values(asked_at=now)
        .execution_options(synchronize_session=False)
    )


def record_test(session: Session, actor: Actor, channel: Channel, *, good: bool, now: datetime) -> bool:
    """Record a test of a channel. A good one resumes a channel that had lost its authorisation or was failing; one that
    a person paused stays paused. Returns whether it resumed the channel. Raises ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    journal.record(session, actor.id, "channel.tried", "channel", channel.code, {"good": good}, now=now)
    if not good or channel.state not in {ChannelState.NEEDS_AUTHORISATION, ChannelState.FAILING}:
        return False
    resume_channel(session, actor, channel, now=now)
    channel.last_error = ""
    return True


# Reasons of a retirement by the receiver, who unsubscribed.
RECEIVER_REASONS = frozenset({"email", "websub"})


def retire_channel(session: Session, actor: Actor, channel: Channel, *, now: datetime) -> int:
    """Retire a channel: its open deliveries are skipped, it gets no new bulletins, and its history is kept. Returns the
    number of skipped deliveries; one that is being sent ends first. Raises ``Conflict`` when it is retired already,
    ``Forbidden``."""
    channels.retire(session, actor, channel)
    given_up = skip_open(session, channel, now=now)
    details = {"skipped": given_up}
    journal.record(session, actor.id, "channel.retired", "channel", channel.code, details, now=now)
    return given_up


def restore_channel(session: Session, actor: Actor, channel: Channel, *, now: datetime) -> None:
    """Restore a retired channel as paused, so that a person checks it first. Skipped deliveries stay skipped. Raises
    ``Conflict`` when it is not retired, or when its receiver must subscribe again; ``Forbidden``."""
    if channel.kind in RECEIVER_REASONS:
        raise Conflict(f"{channel.code} is asked for by its receiver", code="receiver_asks", channel=channel.name)
    channels.restore(session, actor, channel)
    journal.record(session, actor.id, "channel.brought_back", "channel", channel.code, now=now)


@dataclass(frozen=True)
class Replay:
    """A replay: deliveries by their public ids, the oldest first. ``arrived`` and ``dead``: the numbers of those that
    had arrived and that had failed. ``stale``: the number of further ones that are left out, because their text was
    corrected or recalled since."""

    deliveries: Sequence[str]
    arrived: int
    dead: int
    stale: int


def _check_replay(channel: Channel, capabilities: Capabilities, since: datetime, until: datetime) -> None:
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


def _rows_to_replay(
    session: Session, channel: Channel, since: datetime, until: datetime, *, lock: bool
) -> tuple[list[Delivery], int]:
    """Return the deliveries to send again, and the number of outdated ones. ``lock``: lock the rows for a change."""
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
    good = [delivery for delivery in found if not void_reason(delivery)]
    return good, len(found) - len(good)


def _replay_of(rows: Sequence[Delivery], stale: int) -> Replay:
    arrived = sum(delivery.state is DeliveryState.DELIVERED for delivery in rows)
    return Replay([delivery.public for delivery in rows], arrived, len(rows) - arrived, stale)


def preview_replay(
    session: Session, channel: Channel, capabilities: Capabilities, since: datetime, until: datetime
) -> Replay:
    """Return what ``replay_deliveries`` would send, without a change. Raises as it does, except ``Forbidden``."""
    _check_replay(channel, capabilities, since, until)
    return _replay_of(*_rows_to_replay(session, channel, since, until, lock=False))


def replay_deliveries(
    session: Session,
    actor: Actor,
    channel: Channel,
    capabilities: Capabilities,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
) -> Replay:
    """Send deliveries again that were settled from ``since`` on and before ``until``, each under its key.

    An idempotent channel gets all of them; a channel with lookup is looked up first and gets only missing ones. Raises
    ``Conflict`` for a channel with neither capability (``replay_once``), one that fetches a feed (``replay_pulled``) or
    a retired one, ``Invalid`` for a time that ends before it begins, ``Forbidden``.
    """
    actor.require(Permission.CONFIGURE)
    _check_replay(channel, capabilities, since, until)
    rows, stale = _rows_to_replay(session, channel, since, until, lock=True)
    replay = _replay_of(rows, stale)
    for delivery in rows:
        delivery.state, delivery.reason, delivery.due_at, delivery.settled_at = DeliveryState.RETRYING, "", now, None
        delivery.attempt, delivery.polls, delivery.token, delivery.asked_at = 0, 0, None, now
        delivery.look_first, delivery.without_pictures = not capabilities.idempotent, False
    session.flush()
    details = {"since": since, "until": until, "deliveries": len(rows), "arrived": replay.arrived, "dead": replay.dead}
    journal.record(session, actor.id, "channel.replayed", "channel", channel.code, details, now=now)
    return replay
