"""Read what channels tell of a post: claim, ask outside any transaction, keep a dated snapshot, say when to ask again.

A failed question costs a number and nothing else: it changes no delivery and does not count against the channel, apart
from a lost authorisation, which deliveries would run into next.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.publishing import channels as channel_rows
from campaigns.publishing import readings, retrying
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import DeliveryState
from campaigns.publishing.readings import CountRead
from campaigns.publishing.transport import Receipt, Tells, TransportError
from coordinator.channels import registry
from coordinator.jobs.adapters import adapter_of
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """One post to ask about."""

    claim: ledger.Claim
    delivery: str
    delivered_at: datetime
    reads: int
    channel_id: int
    channel: str
    kind: str
    settings: dict[str, Any]
    receipt: Receipt


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` readings that are due."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(session, CountRead, limit, place.pace.lease, readings.readable(), now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Ask once and settle. Raises ``StaleFence`` when another worker has it by now."""
    asked = _load(place, taken)
    if asked is None:
        return
    try:
        adapter = adapter_of(place, asked.channel_id, asked.channel, asked.kind, asked.settings)
    except Invalid as invalid:
        _fail(place, asked, TransportError(str(invalid), permanent=True))
        return
    if not isinstance(adapter, Tells):
        _end(place, asked, "silent", f"channels of kind {asked.kind} tell no numbers")
        return
    try:
        counts = adapter.counts(asked.receipt)
    except TransportError as error:
        _fail(place, asked, error)
        return
    now = place.now()
    due_at = readings.next_read(asked.delivered_at, asked.reads + 1, place.pace.rechecks, now)
    with place.database.write() as session:
        row = session.get_one(CountRead, taken.id)
        told = readings.note(session, row.delivery, counts, asked.kind, now=now)
        silent = "" if told else "the channel no longer shows this post or tells no number of it"
        values = {"due_at": due_at, "reads": asked.reads + 1, "read_at": now, "attempt": 0, "error": silent}
        ledger.settle(session, CountRead, taken, values)
    log.info("read %d numbers of %s at %s", told, asked.delivery, asked.channel,
             extra=about("read", work="count", delivery=asked.delivery, channel=asked.channel))  # fmt: skip


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """The job itself failed: the step is tried again like any other failure."""
    asked = _load(place, taken)
    if asked is not None:
        _fail(place, asked, TransportError(f"the program failed: {error}"))


def _load(place: Workplace, taken: ledger.Claim) -> Question | None:
    with place.database.read() as session:
        row = session.get(CountRead, taken.id)
        if row is None:
            return None
        delivery, channel = row.delivery, row.delivery.channel
        return Question(
            claim=taken,
            delivery=delivery.public,
            delivered_at=delivery.settled_at or delivery.created_at,
            reads=row.reads,
            channel_id=channel.id,
            channel=channel.code,
            kind=channel.kind,
            settings=dict(channel.settings),
            receipt=Receipt(remote_id=delivery.remote_id, url=delivery.url),
        )


def _fail(place: Workplace, asked: Question, error: TransportError) -> None:
    """As a failed delivery is classified: later, at the next step, not at all, or once somebody has authorised."""
    now = place.now()
    capabilities = registry.kind_of(asked.kind).capabilities
    # A question may be repeated whatever became of it, so nothing about it is ever in doubt.
    error.outcome_unknown = False
    decision = retrying.after_failure(
        error, capabilities, asked.claim.attempt, place.pace, spread=place.chance.random(), now=now
    )
    due_at, ended, attempt, reads = decision.due_at, "", asked.claim.attempt, asked.reads
    if decision.state is DeliveryState.DEAD:
        if decision.reason == "tries_used_up":
            due_at, attempt, reads = (
                readings.next_read(asked.delivered_at, reads + 1, place.pace.rechecks, now),
                0,
                reads + 1,
            )
        else:
            ended = decision.reason
    with place.database.write() as session:
        if decision.channel is ChannelState.NEEDS_AUTHORISATION:
            channel = session.get_one(Channel, asked.channel_id)
            channel_rows.set_state(session, channel, decision.channel, str(error)[:500], now=now)
        values = {"due_at": due_at, "error": str(error)[:2000], "ended": ended, "attempt": attempt, "reads": reads}
        ledger.settle(session, CountRead, asked.claim, values)
    log.warning("numbers of %s at %s: %s", asked.delivery, asked.channel, error,
                extra=about("failed", work="count", delivery=asked.delivery, channel=asked.channel))  # fmt: skip


def _end(place: Workplace, asked: Question, ended: str, why: str) -> None:
    with place.database.write() as session:
        ledger.settle(session, CountRead, asked.claim, {"due_at": None, "ended": ended, "error": why, "attempt": 0})
