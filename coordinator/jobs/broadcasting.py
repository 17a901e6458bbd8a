"""Broadcast: send an article that stands to those who follow the account; at most once, whatever happens in between.

That the send begins is committed before it does. Whoever finds that it had begun and never heard of an end leaves it to
a person; the product sends nothing a second time.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import Actor
from campaigns.publishing import accounts, broadcasts
from campaigns.publishing import channels as channel_rows
from campaigns.publishing.broadcasts import Broadcast, BroadcastState, Outcome
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import find_delivery
from campaigns.publishing.transport import BroadcastRules, Broadcasts, TransportError
from coordinator.jobs.adapters import adapter_of
from coordinator.jobs.workplace import Front, Workplace

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Task:
    """One claimed broadcast and its account."""

    claim: ledger.Claim
    public: str
    article: str
    channel_id: int
    channel: str
    kind: str
    settings: dict[str, Any]


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` broadcasts that are due."""
    now = place.now()
    values = {"state": BroadcastState.SENDING}
    with place.database.write() as session:
        return ledger.claim(
            session, Broadcast, limit, place.pace.lease, broadcasts.claimable(), values=values, now=now
        )  # fmt: skip


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Carry one through. Raises ``StaleFence`` when another worker has it by now."""
    task = _load(place, taken)
    if task is None:
        return
    try:
        adapter = _adapter(place, task.channel_id, task.channel, task.kind, task.settings)
    except (Invalid, Conflict) as error:
        _end(place, task, Outcome(BroadcastState.REFUSED, "settings"), str(error))
        return
    if not _begin(place, task, adapter.broadcast_rules):
        return
    try:
        receipt = adapter.broadcast(task.article)
    except TransportError as error:
        _end(place, task, broadcasts.after_failure(error, taken.attempt, place.pace, now=place.now()), str(error))
        return
    with place.database.write() as session:
        now = place.now()
        broadcasts.sent(session, taken, receipt.remote_id, now=now)
        accounts.read_now(session, task.channel_id, now=now)  # so that the quota shown is the one that is left
    log.info("broadcast %s was taken by %s", task.public, task.channel)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """The job itself failed: what had begun is left to a person, the rest is tried again."""
    task = _load(place, taken)
    if task is None:
        return
    with place.database.read() as session:
        begun = session.get_one(Broadcast, taken.id).begun
    told = TransportError(f"the program failed: {error}", outcome_unknown=begun)
    _end(place, task, broadcasts.after_failure(told, taken.attempt, place.pace, now=place.now()), str(told))


def rules_of(place: Workplace, channel: Channel) -> BroadcastRules | None:
    """The rules of an account whose articles can be sent to followers; None for any other channel, and for one whose
    settings are no longer right."""
    try:
        return _adapter(place, channel.id, channel.code, channel.kind, channel.settings).broadcast_rules
    except (Invalid, Conflict):
        return None


def ask(front: Front, actor: Actor, delivery: str) -> None:
    """Have the article of a delivery sent to followers. Raises as ``broadcasts.ask``, and ``Conflict`` for a channel
    without followers."""
    place = front.place
    with place.database.write() as session:
        row = find_delivery(session, delivery)
        rules = rules_of(place, row.channel)
        if rules is None:
            raise Conflict(
                "this channel has no followers to send to", code="broadcast_channel", channel=row.channel.code
            )
        broadcasts.ask(session, actor, row, rules, now=place.now())
    front.runner.nudge("broadcast")


def _adapter(place: Workplace, ident: int, code: str, kind: str, settings: Mapping[str, Any]) -> Broadcasts:
    adapter = adapter_of(place, ident, code, kind, settings)
    if not adapter.capabilities.broadcasts:
        raise Conflict(
            f"a channel of the kind {kind} has no followers to send to", code="broadcast_channel", channel=code
        )
    return cast(Broadcasts, adapter)


def _load(place: Workplace, taken: ledger.Claim) -> _Task | None:
    with place.database.read() as session:
        row = session.get(Broadcast, taken.id)
        if row is None:
            return None
        channel = row.channel
        return _Task(taken, row.public, row.article, channel.id, channel.code, channel.kind, dict(channel.settings))


def _begin(place: Workplace, task: _Task, rules: BroadcastRules) -> bool:
    """Write down that the send begins, unless something stands in its way; then that is written down."""
    with place.database.write() as session:
        now = place.now()
        if not ledger.holds(session, Broadcast, task.claim):
            raise ledger.StaleFence(f"broadcast {task.public} was claimed again", row=task.claim.id)
        row = session.get_one(Broadcast, task.claim.id)
        end = broadcasts.hindrance(session, row, task.claim, rules, now=now)
        if end is None:
            broadcasts.begin(session, row, now=now)
            return True
        why = "the worker ended in the middle of sending" if end.state is BroadcastState.UNKNOWN else ""
        broadcasts.write_down(session, task.claim, end, why, now=now)
    log.info("broadcast %s is %s %s", task.public, end.state.value, end.reason)
    return False


def _end(place: Workplace, task: _Task, end: Outcome, error: str) -> None:
    def note(session: Session) -> None:
        channel = session.get_one(Channel, task.channel_id)
        channel.last_error = error[:2000]
        if end.channel is not None:
            channel_rows.set_state(session, channel, end.channel, error[:500], now=place.now())

    with place.database.write() as session:
        broadcasts.write_down(session, task.claim, end, error, now=place.now())
        note(session)
    log.warning("broadcast %s to %s is %s: %s", task.public, task.channel, end.state.value, error)
