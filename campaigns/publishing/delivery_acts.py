"""What a person does about a delivery: try it again, say what became of it, let what a channel held go."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid
from campaigns.people.staff import Actor, May
from campaigns.publishing import channels
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import NOT_SENT, OPEN, Attempt, Delivery, DeliveryState, Outcome, skip_open, void


def retry(session: Session, actor: Actor, delivery: Delivery, *, now: datetime) -> None:
    """Try a failed or waiting delivery again now, with the same key. Raises ``Conflict`` in any other state.

    One that is *unknown* is refused: settle it first, so that nothing is posted twice.
    """
    if not (actor.may(May.APPROVE) or actor.may(May.CONFIGURE)):
        raise Forbidden("only approvers and administrators may retry", act="retry")
    if delivery.state not in {DeliveryState.DEAD, DeliveryState.RETRYING}:
        raise Conflict(f"a delivery that is {delivery.state.value} cannot be retried", code="not_retryable")
    refuse_void(delivery)
    delivery.state, delivery.reason, delivery.due_at, delivery.attempt = DeliveryState.RETRYING, "", now, 0
    delivery.settled_at, delivery.asked_at = None, now
    session.flush()
    journal.record(session, actor.id, "delivery.retried", "delivery", delivery.public, now=now)


def resolve(
    session: Session, actor: Actor, delivery: Delivery, *, arrived: bool, url: str | None, again: bool, now: datetime
) -> None:
    """A person says what became of an *unknown* delivery, that a manual one is posted, or whether one that came too
    late is still to go.

    ``arrived=False`` sends it (again) when ``again`` is set, else gives it up. Raises ``Conflict`` when
    there is nothing to settle or its text must not go out again, ``Invalid`` for an address that is none.
    """
    if not (actor.may(May.APPROVE) or actor.may(May.REVIEW)):
        raise Forbidden("this role may not settle deliveries", act="resolve")
    waits = delivery.state is DeliveryState.UNKNOWN or (delivery.state is DeliveryState.DUE and delivery.due_at is None)
    if not waits:
        raise Conflict(f"a delivery that is {delivery.state.value} needs no settling", code="nothing_to_settle")
    if url is not None and not url.startswith(("http://", "https://")):
        raise Invalid([FieldError("url", "url", f"{url!r} is not an http or https address")])
    if again and not arrived:
        refuse_void(delivery)
    if arrived:
        delivery.state, delivery.url, delivery.settled_at = DeliveryState.DELIVERED, url or delivery.url, now
    elif again:
        delivery.state, delivery.due_at, delivery.settled_at = DeliveryState.RETRYING, now, None
        delivery.look_first, delivery.asked_at, delivery.reason = False, now, ""
    else:
        delivery.state, delivery.reason, delivery.settled_at = DeliveryState.DEAD, NOT_SENT, now
    session.add(
        Attempt(
            delivery_id=delivery.id,
            at=now,
            ended_at=now,
            outcome=Outcome.BY_PERSON,
            error="" if arrived else "not sent",
        )
    )
    session.flush()
    details = {"arrived": arrived, "url": url, "again": again}
    journal.record(session, actor.id, "delivery.settled", "delivery", delivery.public, details, now=now)


def refuse_void(delivery: Delivery) -> None:
    """Raise ``Conflict`` when the delivery's text must not go out again."""
    if why := void(delivery):
        message = f"revision {delivery.revision} of {delivery.bulletin.code} is {why}; it is not sent again"
        raise Conflict(message, code=f"delivery_{why}", bulletin=delivery.bulletin.code, revision=delivery.revision)


def resume(session: Session, actor: Actor, channel: Channel, *, now: datetime) -> None:
    """Let a channel go on, and what fell due meanwhile with it: whoever resumes it was told how much that is, so none
    of it is asked about again for being late. Raises ``Conflict`` when it is retired, ``Forbidden``."""
    channels.resume(session, actor, channel, now=now)
    session.execute(
        sa.update(Delivery)
        .where(Delivery.channel_id == channel.id, Delivery.state.in_(OPEN), Delivery.due_at <= now)
        .values(asked_at=now)
        .execution_options(synchronize_session=False)
    )


# Kinds whose receiver stops and begins it himself: an address that has left, a listener to the hub.
ASKED_FOR_BY_RECEIVERS = frozenset({"email", "websub"})


def retire(session: Session, actor: Actor, channel: Channel, *, now: datetime) -> int:
    """Use a channel no more: what waits for it is given up, new bulletins do not go there, and all that went stays on
    record. Returns how many deliveries were given up; one that is being sent ends first. Raises ``Conflict`` when it is
    retired already, ``Forbidden``."""
    channels.retire(session, actor, channel)
    given_up = skip_open(session, channel, now=now)
    details = {"skipped": given_up}
    journal.record(session, actor.id, "channel.retired", "channel", channel.code, details, now=now)
    return given_up


def bring_back(session: Session, actor: Actor, channel: Channel, *, now: datetime) -> None:
    """Take a retired channel up again, paused, so that somebody looks at it before anything goes there. What was given
    up stays so. Raises ``Conflict`` when it is not retired, or when its receiver has to ask himself; ``Forbidden``."""
    if channel.kind in ASKED_FOR_BY_RECEIVERS:
        raise Conflict(f"{channel.code} is asked for by its receiver", code="receiver_asks", channel=channel.name)
    channels.bring_back(session, actor, channel)
    journal.record(session, actor.id, "channel.brought_back", "channel", channel.code, now=now)
