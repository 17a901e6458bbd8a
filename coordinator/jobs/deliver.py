"""Deliver: claim, compose, send outside any transaction, settle under the fence.

A crash in between leaves an expired lease. Channels that take a repeat with the same key are sent to again; those that
can be asked are asked first; for the rest the outcome is *unknown* and a person decides. Never a blind second post.
"""

from dataclasses import replace
from typing import Any, cast

import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.core.base import rows_changed
from campaigns.core.errors import Invalid
from campaigns.publishing import claiming, retrying
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState, Outcome
from campaigns.publishing.retrying import RetryDecision
from campaigns.publishing.transport import Finds, Message, Polls, Receipt, Sign, Transport, TransportError
from coordinator.channels import registry
from coordinator.jobs import settling
from coordinator.jobs.adapters import adapter_of
from coordinator.jobs.delivery_task import Task, Unsent, load
from coordinator.jobs.workplace import Workplace


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` deliveries that are due."""
    now = place.now()
    with place.database.write() as session:
        return claiming.claim(
            session, limit, place.pace.lease, place.natures, hurry=place.pace.hurry, aside=place.aside, now=now
        )


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Carry one claimed delivery through. Raises ``StaleFence`` when another worker has it by now."""
    task = load(place, taken)
    if isinstance(task, Unsent):
        settling.unsent(place, taken, task)
        return
    if task is None:
        return
    try:
        settings = _settings(place, task.channel_id)
        adapter = adapter_of(place, task.channel_id, task.channel, task.kind, settings)
    except Invalid as invalid:
        # Stored settings that are no longer right: nothing was sent, and no repeat would get any further.
        refused = RetryDecision(DeliveryState.DEAD, Outcome.REFUSED, None, reason="settings")
        settling.failure(place, task, place.now(), refused, None, str(invalid), Sign.NOTHING)
        return
    if taken.reclaimed and task.token is None:
        decision = retrying.after_crash(adapter.capabilities, begun=task.begun)
        if decision is not None:
            words = "the worker ended in the middle of sending"
            settling.failure(place, task, place.now(), decision, None, words, Sign.NOTHING)
            return
    began = place.now()
    crashed = taken.reclaimed and not adapter.capabilities.once  # of those, what comes here had not begun
    try:
        receipt = _hand_over(place, adapter, task, crashed=crashed)
    except _Void:
        settling.void(place, task, began, crashed=crashed)
        return
    except TransportError as error:
        decision = retrying.after_failure(
            error,
            adapter.capabilities,
            taken.attempt,
            place.pace,
            spread=place.chance.random(),
            now=place.now(),
        )
        settling.failure(place, task, began, decision, error.status, str(error), error.sign)
        return
    if receipt.done:
        settling.delivered(place, task, began, receipt)
    else:
        settling.accepted(place, task, began, receipt)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """The job itself failed (a bug, the database): count it as a try whose outcome nobody knows."""
    task = load(place, taken)
    if isinstance(task, Unsent):
        settling.unsent(place, taken, task)
        return
    if task is None:
        return
    capabilities = registry.kind_of(task.kind).capabilities
    wrapped = TransportError(f"the program failed: {error}", outcome_unknown=task.begun or not capabilities.once)
    decision = retrying.after_failure(
        wrapped,
        capabilities,
        taken.attempt,
        place.pace,
        spread=place.chance.random(),
        now=place.now(),
    )
    settling.failure(place, task, place.now(), decision, None, str(wrapped), Sign.NOTHING)


class _Void(Exception):
    """The text was recalled or corrected since, so that it must not be sent any more."""


def _hand_over(place: Workplace, adapter: Transport, task: Task, *, crashed: bool) -> Receipt:
    """Ask, look or send, whichever is right. Raises ``TransportError``, or ``_Void`` when only sending is left."""
    if task.token is not None:
        return cast(Polls, adapter).poll(task.token)
    if adapter.capabilities.lookup and (task.look_first or crashed):
        found = cast(Finds, adapter).find(task.message, task.began_at)
        if found is not None:
            return found
    if task.void:
        raise _Void
    message = _with_cover(place, task)
    if adapter.capabilities.once:
        _begin(place, task.claim)
    return adapter.send(message)


def _begin(place: Workplace, taken: ledger.Claim) -> None:
    """Write down that the send begins, before it does. Should this worker die, what it had claimed and not begun is
    sent by another, and only what it had begun is left to a person. Raises ``StaleFence``."""
    mine = sa.update(Delivery).where(Delivery.id == taken.id, Delivery.fence == taken.fence).values(begun=True)
    with place.database.write() as session:
        if rows_changed(session.execute(mine)) != 1:
            raise ledger.StaleFence(f"delivery {taken.id} was claimed again", row=taken.id)


def _with_cover(place: Workplace, task: Task) -> Message:
    """The message with its picture, where the channel carries one. Raises ``TransportError`` while it cannot be read:
    nothing has been sent then."""
    if task.cover is None:
        return task.message
    try:
        body = place.store.read(task.cover_key)
    except OSError as error:
        words = f"the picture cannot be read from where it is kept: {error}"
        raise TransportError(words, sign=Sign.NOTHING) from error
    return replace(task.message, cover=replace(task.cover, body=body))


def _settings(place: Workplace, channel_id: int) -> dict[str, Any]:
    with place.database.read() as session:
        return dict(session.execute(sa.select(Channel.settings).where(Channel.id == channel_id)).scalar_one())
