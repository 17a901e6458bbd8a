"""Deliver: claim, compose, send outside any transaction, settle under the fence.

A crash in between leaves an expired lease. Channels that take a repeat with the same key are sent to again; those that
can be asked are asked first; for the rest the outcome is *unknown* and a person decides. Never a blind second post.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.base import rows_changed
from campaigns.core.errors import Invalid
from campaigns.people.office import the_office
from campaigns.publishing import channels as channel_rows
from campaigns.publishing import outbox, pictures, readings, retrying
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.dressing import Dress, of_json
from campaigns.publishing.formatting import compose
from campaigns.publishing.outbox import Attempt, Delivery, DeliveryState, Outcome
from campaigns.publishing.retrying import RetryDecision
from campaigns.publishing.transport import (
    Act,
    Capabilities,
    CoverFile,
    Finds,
    Message,
    Polls,
    Receipt,
    Transport,
    TransportError,
)
from coordinator.channels import registry
from coordinator.imports.cleaning import clean_html
from coordinator.imports.plaintext import text_to_html
from coordinator.jobs import settling
from coordinator.jobs.adapters import adapter_of
from coordinator.jobs.illustrating import PREVIEW
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """One claimed delivery, ready to be sent, with nothing of the session left in it."""

    claim: ledger.Claim
    delivery: str
    channel_id: int
    channel: str
    kind: str
    message: Message
    token: str | None
    polls: int
    look_first: bool
    void: str  # why it must not be sent, again or at all; empty = it may be
    cover: CoverFile | None  # the picture that goes along, its bytes not yet read
    cover_key: str  # where they are kept
    begun: bool  # whoever had it before had begun to send
    began_at: datetime  # when the first try began: a look-up goes back to here


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` deliveries that are due."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(
            session,
            Delivery,
            limit,
            place.pace.lease,
            outbox.claimable(now),
            values={"state": DeliveryState.SENDING},
            now=now,
        )


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Carry one claimed delivery through. Raises ``StaleFence`` when another worker has it by now."""
    task = _load(place, taken)
    if task is None:
        return
    try:
        settings = _settings(place, task.channel_id)
        adapter = adapter_of(place, task.channel_id, task.channel, task.kind, settings)
    except Invalid as invalid:
        # Stored settings that are no longer right: nothing was sent, and no repeat would get any further.
        refused = RetryDecision(DeliveryState.DEAD, Outcome.REFUSED, None, reason="settings")
        _settle_failure(place, task, place.now(), refused, None, str(invalid))
        return
    if taken.reclaimed and task.token is None:
        decision = retrying.after_crash(adapter.capabilities, begun=task.begun)
        if decision is not None:
            _settle_failure(place, task, place.now(), decision, None, "the worker ended in the middle of sending")
            return
    began = place.now()
    crashed = taken.reclaimed and not adapter.capabilities.once  # of those, what comes here had not begun
    try:
        receipt = _hand_over(place, adapter, task, crashed=crashed)
    except _Void:
        _settle_void(place, task, began, crashed=crashed)
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
        _settle_failure(place, task, began, decision, error.status, str(error))
        return
    if receipt.done:
        _settle_delivered(place, task, began, receipt)
    else:
        _settle_accepted(place, task, began, receipt)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """The job itself failed (a bug, the database): count it as a try whose outcome nobody knows."""
    task = _load(place, taken)
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
    _settle_failure(place, task, place.now(), decision, None, str(wrapped))


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
        raise TransportError(f"the picture cannot be read from where it is kept: {error}") from error
    return replace(task.message, cover=replace(task.cover, body=body))


def _settings(place: Workplace, channel_id: int) -> dict[str, Any]:
    with place.database.read() as session:
        return dict(session.execute(sa.select(Channel.settings).where(Channel.id == channel_id)).scalar_one())


def _load(place: Workplace, taken: ledger.Claim) -> Task | None:
    """Read and compose. None when there is nothing to send after all; the delivery is settled as skipped then."""
    with place.database.read() as session:
        delivery = session.get(Delivery, taken.id)
        if delivery is None:
            return None
        before = outbox.last_delivered(session, delivery)
        act_now = delivery.act
        if before is None and act_now is Act.CORRECT:
            act_now = Act.PUBLISH  # the old text never arrived, so the new one is the first
        skip = before is None and act_now is Act.RECALL and not _in_doubt(session, delivery)
        task = None if skip else _compose(place, session, taken, delivery, before, act_now)
    if task is None:
        _finish(place, taken, {"state": DeliveryState.SKIPPED, "reason": "never_received", "settled_at": place.now()})
    return task


def _in_doubt(session: Session, delivery: Delivery) -> bool:
    """Whether the receiver may have a text whose answer was lost: elsewhere that was looked up or settled before."""
    kind = registry.kind_of(delivery.channel.kind)
    return kind.capabilities.idempotent and outbox.may_have_arrived(session, delivery)


def _compose(
    place: Workplace,
    session: Session,
    taken: ledger.Claim,
    delivery: Delivery,
    before: Delivery | None,
    act_now: Act,
) -> Task:
    bulletin, channel = delivery.bulletin, delivery.channel
    revision = bulletin.revision(delivery.revision)
    capabilities: Capabilities = registry.kind_of(channel.kind).capabilities
    first = session.execute(
        sa.select(sa.func.min(Attempt.at)).where(Attempt.delivery_id == delivery.id)
    ).scalar_one_or_none()
    dress = of_json(revision.dress)
    own = dress.for_channel(channel.code)
    message = compose(
        key=delivery.key,
        act=act_now,
        code=bulletin.code,
        revision=revision.number,
        title=own.title or revision.title,
        lead=own.lead or revision.lead,
        # Words of its own are plain; as HTML they are the same paragraphs, cleaned like every text.
        body_html=clean_html(text_to_html(own.text)).html if own.text else revision.body_html,
        body_text=own.text or revision.body_text,
        topic=bulletin.topic.code,
        author=the_office(session).name,
        addresses=place.addresses,
        released_at=bulletin.release_at or place.now(),
        note=delivery.note,
        remote_id=before.remote_id if before is not None else None,
        remote_url=before.url if before is not None else None,
        capabilities=capabilities,
        cover_url=place.addresses.picture(dress.cover.picture, ratio=PREVIEW) if dress.cover is not None else None,
    )
    if capabilities.mailed:
        token = f"{channel.code}.{place.seal.mark(f'leave {channel.code}')}"
        message = replace(message, leave_url=place.addresses.leave(token))
    cover, cover_key = _cover(session, dress) if capabilities.carries_cover else (None, "")
    return Task(
        claim=taken,
        delivery=delivery.public,
        channel_id=channel.id,
        channel=channel.code,
        kind=channel.kind,
        message=message,
        token=delivery.token,
        polls=delivery.polls,
        look_first=delivery.look_first,
        void=outbox.void(delivery),
        cover=cover,
        cover_key=cover_key,
        begun=delivery.begun,
        began_at=first or delivery.due_at or place.now(),
    )


def _cover(session: Session, dress: Dress) -> tuple[CoverFile | None, str]:
    """The whole lead picture without its bytes, and where they are kept."""
    picture = pictures.by_ident(session, [dress.cover.picture]).get(dress.cover.picture) if dress.cover else None
    if dress.cover is None or picture is None:
        return None, ""
    return CoverFile(picture.ident, picture.mime, dress.cover.alt, b""), picture.key


def _finish(
    place: Workplace,
    taken: ledger.Claim,
    values: dict[str, Any],
    then: Callable[[Session], None] | None = None,
) -> None:
    settling.settle(place, Delivery, taken, {"due_at": None, "begun": False, **values}, then)


def _about(event: str, task: Task, status: int | None = None, *span: datetime) -> dict[str, Any]:
    seconds = round((span[1] - span[0]).total_seconds(), 3) if span else None
    return about(event, work="deliver", delivery=task.delivery, bulletin=task.message.code, channel=task.channel,
                 kind=task.kind, attempt=task.claim.attempt, status=status, seconds=seconds)  # fmt: skip


def _attempt(task: Task, began: datetime, ended: datetime, outcome: Outcome, status: int | None, error: str) -> Attempt:
    return Attempt(
        delivery_id=task.claim.id, at=began, ended_at=ended, outcome=outcome, status=status, error=error[:2000]
    )


def _settle_delivered(place: Workplace, task: Task, began: datetime, receipt: Receipt) -> None:
    now = place.now()

    def then(session: Session) -> None:
        session.add(_attempt(task, began, now, Outcome.DELIVERED, receipt.status, receipt.detail))
        channel = session.get_one(Channel, task.channel_id)
        channel.failures, channel.last_success_at, channel.last_error = 0, now, ""
        if channel.state is ChannelState.FAILING:
            channel_rows.set_state(session, channel, ChannelState.ACTIVE, "a delivery arrived", now=now)
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
    _finish(place, task.claim, values, then)
    log.info("delivered %s to %s, try %d", task.delivery, task.channel, task.claim.attempt,
             extra=_about("delivered", task, receipt.status, began, now))  # fmt: skip


def _settle_void(place: Workplace, task: Task, began: datetime, *, crashed: bool) -> None:
    now = place.now()

    def then(session: Session) -> None:
        if crashed:  # an earlier try may have arrived without an answer; what follows has to know
            session.add(_attempt(task, began, now, Outcome.UNKNOWN, None, "the worker ended in the middle of sending"))

    values = {"state": DeliveryState.CANCELLED, "reason": task.void, "look_first": False, "settled_at": now}
    _finish(place, task.claim, values, then)
    log.info("cancelled %s to %s: %s", task.delivery, task.channel, task.void, extra=_about("cancelled", task))


def _settle_accepted(place: Workplace, task: Task, began: datetime, receipt: Receipt) -> None:
    now = place.now()
    waits = place.pace.polls
    if task.polls >= len(waits):
        lost = RetryDecision(DeliveryState.UNKNOWN, Outcome.UNKNOWN, None)
        _settle_failure(
            place, task, began, lost, receipt.status, "accepted, but the channel never said what became of it"
        )
        return

    def then(session: Session) -> None:
        if task.token is None:  # a look that found it still in the works is not another try
            session.add(_attempt(task, began, now, Outcome.ACCEPTED, receipt.status, receipt.detail))

    values = {
        "state": DeliveryState.SENDING,
        "due_at": now + waits[task.polls],
        "token": receipt.token or task.token,
        "polls": task.polls + 1,
        "attempt": task.claim.attempt - 1 if task.token is not None else task.claim.attempt,
    }
    _finish(place, task.claim, values, then)


def _settle_failure(
    place: Workplace,
    task: Task,
    began: datetime,
    decision: RetryDecision,
    status: int | None,
    error: str,
) -> None:
    now = place.now()
    refused = decision.outcome is Outcome.REFUSED

    def then(session: Session) -> None:
        session.add(_attempt(task, began, now, decision.outcome, status, error))
        channel = session.get_one(Channel, task.channel_id)
        channel.failures, channel.last_error = channel.failures + 1, error[:2000]
        state = decision.channel
        if state is None and channel.failures >= retrying.FAILING_AFTER and channel.state is ChannelState.ACTIVE:
            state = ChannelState.FAILING
        if state is not None:
            channel_rows.set_state(session, channel, state, error[:500], now=now)

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
    _finish(place, task.claim, values, then)
    log.warning("%s %s to %s, try %d: %s", decision.state.value, task.delivery, task.channel, task.claim.attempt, error,
                extra=_about(decision.state.value, task, status, began, now))  # fmt: skip
