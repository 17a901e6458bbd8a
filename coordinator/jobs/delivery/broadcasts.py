"""Broadcasts of an account's article to its followers, each sent at most once.

The beginning of a send is committed before it. A broadcast that had begun when its worker ended is left to a person;
nothing is sent a second time.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

from sqlalchemy.orm import Session

from campaigns.channels import accounts
from campaigns.channels import channels as channel_rows
from campaigns.channels.channels import Channel
from campaigns.channels.transport import BroadcastRules, SupportsBroadcast, TransportError
from campaigns.core import ledger
from campaigns.core.errors import Conflict, Invalid
from campaigns.core.ledger import Claim
from campaigns.delivery import broadcasts
from campaigns.delivery.broadcasts import Broadcast, BroadcastOutcome, BroadcastState
from campaigns.delivery.outbox import find_delivery
from campaigns.people.staff import Actor
from coordinator.jobs import sending
from coordinator.jobs.channels.adapters import adapter_of
from coordinator.jobs.context import AppContext, JobContext
from coordinator.jobs.sending import Outcome, SendKind

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BroadcastTask:
    """One claimed broadcast and its account."""

    public: str
    article: str
    begun: bool
    channel_id: int
    channel: str
    kind: str
    settings: dict[str, Any]


class BroadcastKind(SendKind[BroadcastTask]):
    """Broadcasts of articles to followers."""

    table = Broadcast

    def select_claims(self, context: JobContext, session: Session, limit: int, now: datetime) -> list[Claim]:
        """Claim broadcasts of active accounts."""
        values = {"state": BroadcastState.SENDING}
        claimable = broadcasts.is_claimable()
        return ledger.claim(session, Broadcast, limit, context.intervals.lease, claimable, values=values, now=now)

    def compose(self, context: JobContext, taken: Claim) -> BroadcastTask | None:
        """Read the broadcast."""
        with context.database.read() as session:
            row = session.get(Broadcast, taken.id)
            if row is None:
                return None
            channel = row.channel
            return BroadcastTask(
                row.public, row.article, row.begun, channel.id, channel.code, channel.kind, dict(channel.settings)
            )

    def send(self, context: JobContext, taken: Claim, task: BroadcastTask) -> Outcome:
        """Send the broadcast, unless it must not be sent now."""
        try:
            adapter = _adapter(context, task.channel_id, task.channel, task.kind, task.settings)
        except (Invalid, Conflict) as error:
            refused = BroadcastOutcome(BroadcastState.REFUSED, "settings")
            return _failure(context, taken, task, refused, str(error))
        with context.database.write() as session:
            unsent = broadcasts.begin_send(session, taken, adapter.broadcast_rules, now=context.now())
        if unsent is not None:
            return _unsent(context, taken, task, unsent)
        return _sent(context, taken, task, adapter.broadcast(task.article).remote_id)

    def failed(self, context: JobContext, taken: Claim, task: BroadcastTask, error: TransportError) -> Outcome:
        """Retry only a broadcast that certainly was not sent."""
        outcome = broadcasts.outcome_after_failure(error, taken.attempt, context.intervals, now=context.now())
        return _failure(context, taken, task, outcome, str(error))

    def crashed(self, context: JobContext, taken: Claim, error: BaseException) -> Outcome | None:
        """Leave a broadcast that had begun to a person; retry any other."""
        task = self.compose(context, taken)
        if task is None:
            return None
        failure = TransportError(sending.crash_message(error), outcome_unknown=task.begun)
        return self.failed(context, taken, task, failure)


def _outcome(
    context: JobContext,
    taken: Claim,
    outcome: BroadcastOutcome,
    also: Callable[[Session], None],
    report: Callable[[], None],
    *,
    error: str = "",
    remote_id: str | None = None,
) -> Outcome:
    now = context.now()

    def write(session: Session) -> None:
        if outcome.due_at is None:
            broadcasts.record_end(session, taken.id, error, now=now)
        also(session)

    return Outcome(broadcasts.settled_values(outcome, error, remote_id, now=now), write, report)


def _sent(context: JobContext, taken: Claim, task: BroadcastTask, remote_id: str | None) -> Outcome:
    """Return the outcome of an accepted broadcast. The account is read again for its remaining quota."""
    now = context.now()
    report = partial(log.info, "broadcast %s was taken by %s", task.public, task.channel)
    sent = BroadcastOutcome(BroadcastState.SENT)
    return _outcome(
        context, taken, sent, lambda session: accounts.read_now(session, task.channel_id, now=now), report,
        remote_id=remote_id,
    )  # fmt: skip


def _unsent(context: JobContext, taken: Claim, task: BroadcastTask, outcome: BroadcastOutcome) -> Outcome:
    """Return the outcome of a broadcast that must not be sent now, or that a crashed worker may have sent."""
    error = "the worker ended in the middle of sending" if outcome.state is BroadcastState.UNKNOWN else ""
    report = partial(log.info, "broadcast %s is %s %s", task.public, outcome.state.value, outcome.reason)
    return _outcome(context, taken, outcome, lambda _session: None, report, error=error)


def _failure(context: JobContext, taken: Claim, task: BroadcastTask, outcome: BroadcastOutcome, error: str) -> Outcome:
    """Return the outcome of a failed try; its channel keeps the error, and may need authorisation."""
    now = context.now()

    def also(session: Session) -> None:
        channel = session.get_one(Channel, task.channel_id)
        channel.last_error = error[:2000]
        if outcome.channel is not None:
            channel_rows.set_state(session, channel, outcome.channel, error[:500], now=now)

    report = partial(log.warning, "broadcast %s to %s is %s: %s", task.public, task.channel, outcome.state.value, error)
    return _outcome(context, taken, outcome, also, report, error=error)


def broadcast_rules(context: JobContext, channel: Channel) -> BroadcastRules | None:
    """The rules of an account whose articles can be sent to followers; None for any other channel, and for one whose
    settings are no longer right."""
    try:
        return _adapter(context, channel.id, channel.code, channel.kind, channel.settings).broadcast_rules
    except (Invalid, Conflict):
        return None


def request_broadcast(app: AppContext, actor: Actor, delivery: str) -> None:
    """Have the article of a delivery sent to followers. Raises as ``broadcasts.request_broadcast`` of the domain, and
    ``Conflict`` for a channel without followers."""
    context = app.job_context
    with context.database.write() as session:
        row = find_delivery(session, delivery)
        rules = broadcast_rules(context, row.channel)
        if rules is None:
            raise Conflict(
                "this channel has no followers to send to", code="broadcast_channel", channel=row.channel.code
            )
        broadcasts.request_broadcast(session, actor, row, rules, now=context.now())
    app.runner.nudge("broadcast")


def _adapter(context: JobContext, ident: int, code: str, kind: str, settings: Mapping[str, Any]) -> SupportsBroadcast:
    adapter = adapter_of(context, ident, code, kind, settings)
    if not adapter.capabilities.broadcasts:
        raise Conflict(
            f"a channel of the kind {kind} has no followers to send to", code="broadcast_channel", channel=code
        )
    return cast(SupportsBroadcast, adapter)
