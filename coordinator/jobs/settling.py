"""What each outcome of a delivery leaves behind: its row, the try, and how its channel fares. All under the fence."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.publishing import health, outbox, readings
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import Attempt, Delivery, DeliveryState, Outcome
from campaigns.publishing.retrying import RetryDecision
from campaigns.publishing.transport import Receipt, Sign
from coordinator.channels import registry
from coordinator.jobs import persisting
from coordinator.jobs.delivery_task import Task, Unsent
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)


def finish(
    place: Workplace,
    taken: ledger.Claim,
    values: dict[str, Any],
    then: Callable[[Session], None] | None = None,
) -> None:
    """Write ``values`` under the fence, and ``then`` in the same transaction. Raises ``StaleFence``."""
    persisting.settle(place, Delivery, taken, {"due_at": None, "begun": False, **values}, then)


def _about(event: str, task: Task, status: int | None = None, *span: datetime) -> dict[str, Any]:
    seconds = round((span[1] - span[0]).total_seconds(), 3) if span else None
    return about(event, work="deliver", delivery=task.delivery, bulletin=task.message.code, channel=task.channel,
                 kind=task.kind, attempt=task.claim.attempt, status=status, seconds=seconds)  # fmt: skip


def _channel(session: Session, task: Task) -> Channel:
    """The channel, locked: two settlements at once must not lose one another's count."""
    return session.get_one(Channel, task.channel_id, with_for_update={"key_share": True}, populate_existing=True)


def unsent(place: Workplace, taken: ledger.Claim, why: Unsent) -> None:
    """Nothing went out: it is skipped, or waits for a person with its try not used up."""
    if why.skipped:
        values = {"state": DeliveryState.SKIPPED, "reason": why.reason, "settled_at": place.now()}
    else:
        values = {"state": DeliveryState.DUE, "reason": why.reason, "attempt": taken.attempt - 1}
    finish(place, taken, values)
    log.info("delivery %d is not sent: %s", taken.id, why.reason)


def _attempt(task: Task, began: datetime, ended: datetime, outcome: Outcome, status: int | None, error: str) -> Attempt:
    return Attempt(
        delivery_id=task.claim.id, at=began, ended_at=ended, outcome=outcome, status=status, error=error[:2000]
    )


def delivered(place: Workplace, task: Task, began: datetime, receipt: Receipt) -> None:
    """The receiver acknowledged it."""
    now = place.now()

    def then(session: Session) -> None:
        session.add(_attempt(task, began, now, Outcome.DELIVERED, receipt.status, receipt.detail))
        health.arrived(session, _channel(session, task), now=now)
        delivery = session.get_one(Delivery, task.claim.id)
        tells = registry.kind_of(task.kind).capabilities.counts
        readings.follow(session, delivery, place.pace.rechecks, tells=tells, now=now)

    values = {
        "state": DeliveryState.DELIVERED,
        "remote_id": receipt.remote_id or task.message.remote_id,
        "url": receipt.url or task.message.remote_url,
        "token": None,
        "look_first": False,
        "settled_at": now,
    }
    finish(place, task.claim, values, then)
    log.info("delivered %s to %s, try %d", task.delivery, task.channel, task.claim.attempt,
             extra=_about("delivered", task, receipt.status, began, now))  # fmt: skip


def void(place: Workplace, task: Task, began: datetime, *, crashed: bool) -> None:
    """Its text was recalled or corrected since, so that it is not sent (again)."""
    now = place.now()

    def then(session: Session) -> None:
        if crashed:  # an earlier try may have arrived without an answer; what follows has to know
            session.add(_attempt(task, began, now, Outcome.UNKNOWN, None, "the worker ended in the middle of sending"))

    values = {"state": DeliveryState.CANCELLED, "reason": task.void, "look_first": False, "settled_at": now}
    finish(place, task.claim, values, then)
    log.info("cancelled %s to %s: %s", task.delivery, task.channel, task.void, extra=_about("cancelled", task))


def accepted(place: Workplace, task: Task, began: datetime, receipt: Receipt) -> None:
    """The channel took it and works on it; it is asked again, so and so often, and after that a person decides."""
    now = place.now()
    waits = place.pace.polls
    if task.polls >= len(waits):
        lost = RetryDecision(DeliveryState.UNKNOWN, Outcome.UNKNOWN, None)
        words = "accepted, but the channel never said what became of it"
        failure(place, task, began, lost, receipt.status, words, Sign.ANSWERS)
        return

    def then(session: Session) -> None:
        if task.token is None:  # a look that found it still in the works is not another try
            session.add(_attempt(task, began, now, Outcome.ACCEPTED, receipt.status, receipt.detail))
        health.answered(_channel(session, task))

    values = {
        "state": DeliveryState.SENDING,
        "due_at": now + waits[task.polls],
        "token": receipt.token or task.token,
        "polls": task.polls + 1,
        "attempt": task.claim.attempt - 1 if task.token is not None else task.claim.attempt,
    }
    finish(place, task.claim, values, then)


def failure(
    place: Workplace,
    task: Task,
    began: datetime,
    decision: RetryDecision,
    status: int | None,
    error: str,
    sign: Sign,
) -> None:
    """A try failed, and ``decision`` is what follows. ``sign``: what it says of the channel."""
    now = place.now()
    refused = decision.outcome is Outcome.REFUSED

    def then(session: Session) -> None:
        session.add(_attempt(task, began, now, decision.outcome, status, error))
        channel = _channel(session, task)
        health.failed(session, channel, sign, error, decision.channel, place.pace, place.alarm_after, now=now)
        if channel.state is ChannelState.RETIRED:
            outbox.skip_open(session, channel, now=now)

    values = {
        "state": decision.state,
        "due_at": decision.due_at,
        "reason": decision.reason,
        # Once a try may have arrived, the channel is asked before every later one, whatever that one failed of.
        "look_first": decision.look_first or task.look_first,
        # What was accepted stays accepted while only the question about it failed; a refusal ends it.
        "token": task.token if decision.due_at is not None and not refused else None,
        "settled_at": None if decision.due_at else now,
    }
    finish(place, task.claim, values, then)
    log.warning("%s %s to %s, try %d: %s", decision.state.value, task.delivery, task.channel, task.claim.attempt, error,
                extra=_about(decision.state.value, task, status, began, now))  # fmt: skip
