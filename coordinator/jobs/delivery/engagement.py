"""Reads of the engagement figures of posts: ask the channel, store a dated snapshot, schedule the next read.

A failed read only loses a figure: it changes no delivery and does not affect the channel's health, apart from a lost
authorisation, which would stop deliveries too.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from campaigns.channels import channels as channel_rows
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import PostCounts, Receipt, SupportsCounts, TransportError
from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.core.ledger import Claim
from campaigns.delivery import engagement, retry_policy
from campaigns.delivery.engagement import EngagementCheck
from campaigns.delivery.outbox import Delivery, DeliveryState
from coordinator.channels import registry
from coordinator.jobs.channels.adapters import adapter_of
from coordinator.jobs.context import JobContext
from coordinator.jobs.sending import Outcome, SendKind
from coordinator.logs import event_fields

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngagementTask:
    """One post whose figures to read."""

    delivery_id: int
    delivery: str
    delivered_at: datetime
    reads: int
    channel_id: int
    channel: str
    kind: str
    settings: dict[str, Any]
    receipt: Receipt


class EngagementKind(SendKind[EngagementTask]):
    """Reads of the figures of delivered posts. A read may be repeated after any outcome."""

    table = EngagementCheck

    def select_claims(self, context: JobContext, session: Session, limit: int, now: datetime) -> list[Claim]:
        """Claim posts of channels that can be read."""
        return ledger.claim(session, EngagementCheck, limit, context.intervals.lease, engagement.is_readable(), now=now)

    def compose(self, context: JobContext, taken: Claim) -> EngagementTask | None:
        """Read the post's row."""
        with context.database.read() as session:
            row = session.get(EngagementCheck, taken.id)
            if row is None:
                return None
            delivery, channel = row.delivery, row.delivery.channel
            return EngagementTask(
                delivery_id=delivery.id,
                delivery=delivery.public,
                delivered_at=delivery.settled_at or delivery.created_at,
                reads=row.reads,
                channel_id=channel.id,
                channel=channel.code,
                kind=channel.kind,
                settings=dict(channel.settings),
                receipt=Receipt(remote_id=delivery.remote_id, url=delivery.url),
            )

    def send(self, context: JobContext, taken: Claim, task: EngagementTask) -> Outcome:
        """Read the figures once."""
        try:
            adapter = adapter_of(context, task.channel_id, task.channel, task.kind, task.settings)
        except Invalid as invalid:
            raise TransportError(str(invalid), permanent=True) from invalid
        if not isinstance(adapter, SupportsCounts):
            error = f"channels of kind {task.kind} tell no numbers"
            return Outcome({"due_at": None, "ended": "silent", "error": error, "attempt": 0})
        return _read(context, task, adapter.counts(task.receipt))

    def failed(self, context: JobContext, taken: Claim, task: EngagementTask, error: TransportError) -> Outcome:
        """Classify the error like a failed delivery's: read later, at the next step, never, or after an
        authorisation."""
        now = context.now()
        error.outcome_unknown = False
        decision = retry_policy.decide_after_failure(
            error, registry.channel_kind(task.kind).capabilities, taken.attempt, context.intervals,
            spread=context.randomness.random(), now=now,
        )  # fmt: skip
        due_at, ended, attempt, reads = decision.due_at, "", taken.attempt, task.reads
        if decision.state is DeliveryState.DEAD:
            if decision.reason == "tries_used_up":
                attempt, reads = 0, reads + 1
                due_at = engagement.next_read_at(task.delivered_at, reads, context.intervals.rechecks, now)
            else:
                ended = decision.reason

        def also(session: Session) -> None:
            if decision.channel is ChannelState.NEEDS_AUTHORISATION:
                channel = session.get_one(Channel, task.channel_id)
                channel_rows.set_state(session, channel, decision.channel, str(error)[:500], now=now)

        values = {"due_at": due_at, "error": str(error)[:2000], "ended": ended, "attempt": attempt, "reads": reads}
        report = partial(
            log.warning, "numbers of %s at %s: %s", task.delivery, task.channel, error,
            extra=event_fields("failed", work="engagement", delivery=task.delivery, channel=task.channel),
        )  # fmt: skip
        return Outcome(values, also, report)


def _read(context: JobContext, task: EngagementTask, counts: PostCounts) -> Outcome:
    """Return the outcome of a successful read, with its figures."""
    now = context.now()
    figures = engagement.reported_figures(counts)

    def also(session: Session) -> None:
        delivery = session.get_one(Delivery, task.delivery_id)
        engagement.record_counts(session, delivery, counts, task.kind, now=now)

    reads = task.reads + 1
    values = {
        "due_at": engagement.next_read_at(task.delivered_at, reads, context.intervals.rechecks, now),
        "reads": reads,
        "read_at": now,
        "attempt": 0,
        "error": "" if figures else "the channel no longer shows this post or tells no number of it",
    }
    report = partial(
        log.info, "read %d numbers of %s at %s", len(figures), task.delivery, task.channel,
        extra=event_fields("read", work="engagement", delivery=task.delivery, channel=task.channel),
    )  # fmt: skip
    return Outcome(values, also, report)
