"""Broadcasts: an article of an account, sent once to the account's followers.

A broadcast cannot be withdrawn or looked up and has no idempotency key, and followers accept few. A person therefore
requests it, at most once for a bulletin and an account, within a budget, and never at night. A broadcast that may have
been sent is never sent again by the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import BroadcastRules, ChannelNeed, DeliveryAct, TransportError
from campaigns.core import journal, ledger
from campaigns.core.base import Base, UTCDateTime, by_value, public_id, rows_changed
from campaigns.core.clock import CITY, city_day, parse_period
from campaigns.core.errors import Conflict, Forbidden, NotFound
from campaigns.core.intervals import Intervals
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Actor, Permission

LATEST = timedelta(hours=24)  # an older request is outdated and is not sent automatically


class BroadcastState(Enum):
    """The state of a broadcast."""

    DUE = "due"  # waits for its time, or for a retry after a try without effect
    SENDING = "sending"  # claimed by a worker
    SENT = "sent"  # accepted by the platform, which may review it before followers get it
    UNKNOWN = "unknown"  # may have been accepted; a person decides, nothing is repeated
    REFUSED = "refused"  # permanently not sent; ``reason`` says why
    CANCELLED = "cancelled"  # cancelled or outdated before anything was sent


SPENT_STATES = (BroadcastState.DUE, BroadcastState.SENDING, BroadcastState.SENT, BroadcastState.UNKNOWN)
NOT_SENT = "not_sent"  # the ``reason`` of a broadcast that a person declared as not sent


class Broadcast(ledger.SendItem, Base):
    """The broadcast of one bulletin to the followers of one account; there is never a second row.

    ``article``: the platform's id of the article. ``day``: the day in the city's zone whose budget it uses.
    ``remote_id``: the platform's id of the broadcast.
    """

    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    state: Mapped[BroadcastState] = mapped_column(by_value(BroadcastState, "broadcast_state"))
    article: Mapped[str] = mapped_column(sa.String(500))
    day: Mapped[date] = mapped_column(sa.Date)
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    remote_id: Mapped[str | None] = mapped_column(sa.String(500))
    asked_by: Mapped[str] = mapped_column(sa.String(200))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    bulletin: Mapped[Bulletin] = relationship(innerjoin=True)
    channel: Mapped[Channel] = relationship(innerjoin=True)

    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "channel_id"),
        ledger.due_index("broadcasts"),
        # For the count of the budget of a day and a month.
        sa.Index("ix_broadcasts_channel_id_day", "channel_id", "day"),
    )

    @classmethod
    def record_given_up(cls, session: Session, rows: Sequence[int], *, now: datetime) -> None:
        """Nobody knows whether a broadcast was accepted whose sender ended twice: a person decides."""
        values = {"state": BroadcastState.UNKNOWN, "begun": False, "error": ledger.ENDED_TWICE, "settled_at": now}
        session.execute(sa.update(Broadcast).where(Broadcast.id.in_(rows)).values(values))
        for ident in rows:
            record_end(session, ident, ledger.ENDED_TWICE, now=now)


@dataclass(frozen=True)
class BroadcastBudget:
    """The remaining broadcasts of a day and of its month, never below 0."""

    day: int
    month: int

    @property
    def spent(self) -> bool:
        """Whether the budget is used up."""
        return min(self.day, self.month) == 0


def send_time(now: datetime, rules: BroadcastRules) -> datetime:
    """Return when a broadcast that is requested ``now`` is sent: at once, or in the morning."""
    here = now.astimezone(CITY)
    if rules.night_ends <= here.time() < rules.night_begins:
        return now
    morning = datetime.combine(here.date(), rules.night_ends, CITY)
    return morning if here < morning else morning + timedelta(days=1)


def remaining_budget(
    session: Session, channel_id: int, day: date, rules: BroadcastRules, *, promised: bool = True
) -> BroadcastBudget:
    """Return the remaining budget of ``day``. Broadcasts that are being sent or may have been sent count as spent, and
    with ``promised`` also those that wait for their time."""
    month = parse_period(f"{day:%Y-%m}")
    gone = sa.or_(Broadcast.begun, Broadcast.state.in_((BroadcastState.SENT, BroadcastState.UNKNOWN)))
    query = sa.select(Broadcast.day, sa.func.count()).where(
        Broadcast.channel_id == channel_id,
        Broadcast.day.between(month.first, month.last),
        Broadcast.state.in_(SPENT_STATES) if promised else gone,
    )
    spent = {on: int(count) for on, count in session.execute(query.group_by(Broadcast.day))}
    return BroadcastBudget(max(rules.a_day - spent.get(day, 0), 0), max(rules.a_month - sum(spent.values()), 0))


def find_broadcast(session: Session, bulletin_id: int, channel_id: int) -> Broadcast | None:
    """Return the broadcast of a bulletin to an account's followers in any state, or None."""
    query = sa.select(Broadcast).where(Broadcast.bulletin_id == bulletin_id, Broadcast.channel_id == channel_id)
    return session.execute(query).scalar_one_or_none()


def unknown_broadcasts(session: Session) -> Sequence[tuple[str, str, str]]:
    """Return the broadcasts with an unknown outcome, the oldest first: the bulletin's code, the channel's name, and the
    public id of the delivery whose page shows it."""
    at = sa.and_(Delivery.bulletin_id == Broadcast.bulletin_id, Delivery.channel_id == Broadcast.channel_id)
    newest = sa.select(sa.func.max(Delivery.id)).where(at).correlate(Broadcast).scalar_subquery()
    query = (
        sa.select(Bulletin.code, Channel.name, Delivery.public)
        .select_from(Broadcast)
        .join(Bulletin, Bulletin.id == Broadcast.bulletin_id)
        .join(Channel, Channel.id == Broadcast.channel_id)
        .join(Delivery, Delivery.id == newest)
        .where(Broadcast.state == BroadcastState.UNKNOWN)
        .order_by(Broadcast.id)
    )
    return [(code, channel, delivery) for code, channel, delivery in session.execute(query)]


def can_request(delivery: Delivery) -> bool:
    """Whether the article of a delivery exists, so that it can be sent to followers."""
    stands = delivery.state is DeliveryState.DELIVERED and delivery.act is not DeliveryAct.RECALL
    return stands and bool(delivery.remote_id) and delivery.bulletin.recalled_at is None


def request_broadcast(
    session: Session, actor: Actor, delivery: Delivery, rules: BroadcastRules, *, now: datetime
) -> Broadcast:
    """Request the broadcast of a delivery's article to the account's followers, at once or in the morning.

    One that was permanently not sent may be requested again. Raises ``Conflict`` when there is no article
    (``broadcast_no_article``), it was requested already (``broadcast_there``), the account cannot send
    (``broadcast_channel``) or the budget is spent (``broadcast_budget``); ``Forbidden``.
    """
    actor.require(Permission.APPROVE)
    channel = delivery.channel
    _lock_channel(session, channel.id)
    if not can_request(delivery):
        raise Conflict("there is no article that could be sent to followers", code="broadcast_no_article")
    if channel.state not in {ChannelState.ACTIVE, ChannelState.FAILING}:
        message = f"channel {channel.code} is {channel.state.value}"
        raise Conflict(message, code="broadcast_channel", channel=channel.code)
    row = find_broadcast(session, delivery.bulletin_id, channel.id)
    if row is not None and row.state in SPENT_STATES:
        code = delivery.bulletin.code
        raise Conflict(f"{code} was sent to followers already, or will be", code="broadcast_there", bulletin=code)
    at = send_time(now, rules)
    left = remaining_budget(session, channel.id, city_day(at), rules)
    if left.spent:
        message = f"the budget is {rules.a_day} a day and {rules.a_month} a month; it is spent"
        raise Conflict(message, code="broadcast_budget", a_day=rules.a_day, a_month=rules.a_month)
    if row is None:
        row = Broadcast(bulletin_id=delivery.bulletin_id, channel_id=channel.id, public=public_id("brc"))
        session.add(row)
    row.state, row.article, row.day, row.begun = BroadcastState.DUE, delivery.remote_id or "", city_day(at), False
    row.reason, row.error, row.remote_id, row.settled_at = "", "", None, None
    row.asked_by, row.asked_at, row.due_at, row.attempt = actor.id, now, at, 0
    session.flush()
    _record(session, actor.id, row, "asked", now, {"goes_at": at.isoformat()})
    return row


def cancel_broadcast(session: Session, actor: Actor, row: Broadcast, *, now: datetime) -> None:
    """Cancel a broadcast that has not begun. Raises ``Conflict`` (``broadcast_begun``) if it is too late,
    ``Forbidden``."""
    actor.require(Permission.APPROVE)
    free = sa.or_(Broadcast.lease_until.is_(None), Broadcast.lease_until <= now)
    mine = sa.and_(Broadcast.id == row.id, Broadcast.state == BroadcastState.DUE, free)
    cancelled = {"state": BroadcastState.CANCELLED, "reason": "person", "due_at": None, "settled_at": now}
    if rows_changed(session.execute(sa.update(Broadcast).where(mine).values(**cancelled))) != 1:
        raise Conflict("it is on its way, or has ended", code="broadcast_begun")
    session.refresh(row)
    _record(session, actor.id, row, "cancelled", now, {"reason": "person"})


def resolve_broadcast(session: Session, actor: Actor, row: Broadcast, *, sent: bool, now: datetime) -> None:
    """Record the outcome of an *unknown* broadcast, by a person. Nothing is sent; one that was not sent may be
    requested again.

    Raises ``Conflict`` (``broadcast_settled``) when there is nothing to settle, ``Forbidden``.
    """
    if not (actor.may(Permission.APPROVE) or actor.may(Permission.REVIEW)):
        raise Forbidden("this role may not settle broadcasts", act="resolve")
    if row.state is not BroadcastState.UNKNOWN:
        raise Conflict(f"a broadcast that is {row.state.value} needs no settling", code="broadcast_settled")
    row.state, row.settled_at = BroadcastState.SENT if sent else BroadcastState.REFUSED, now
    row.reason = "" if sent else NOT_SENT
    session.flush()
    _record(session, actor.id, row, "settled", now, {"sent": sent})


def is_claimable() -> sa.ColumnElement[bool]:
    """The condition of due broadcasts that may be claimed: their account is active."""
    working = sa.select(Channel.id).where(Channel.state.in_((ChannelState.ACTIVE, ChannelState.FAILING)))
    return Broadcast.channel_id.in_(working)


@dataclass(frozen=True)
class BroadcastOutcome:
    """The new state of a broadcast, before a send or after an answer. ``due_at``: the time of the next try, None =
    none. ``channel``: the new state of the account, if any."""

    state: BroadcastState
    reason: str = ""
    due_at: datetime | None = None
    channel: ChannelState | None = None


def begin_send(
    session: Session, taken: ledger.Claim, rules: BroadcastRules, *, now: datetime
) -> BroadcastOutcome | None:
    """Record that the send of a claimed broadcast begins; the caller commits before it sends.

    Returns its outcome instead, if it must not be sent now. Raises ``StaleFence``.
    """
    row = session.get_one(Broadcast, taken.id, with_for_update={"key_share": True}, populate_existing=True)
    if taken.reclaimed and row.begun:
        return BroadcastOutcome(BroadcastState.UNKNOWN)
    if row.bulletin.recalled_at is not None:
        return BroadcastOutcome(BroadcastState.CANCELLED, "recalled")
    if now - row.asked_at > LATEST:
        return BroadcastOutcome(BroadcastState.CANCELLED, "late")
    at = send_time(now, rules)
    if at > now:
        return BroadcastOutcome(BroadcastState.DUE, due_at=at)
    _lock_channel(session, row.channel_id)
    if remaining_budget(session, row.channel_id, city_day(now), rules, promised=False).spent:
        return BroadcastOutcome(BroadcastState.CANCELLED, "budget")
    ledger.begin(session, Broadcast, taken)
    row.day = city_day(now)
    session.flush()
    return None


def outcome_after_failure(error: TransportError, tries: int, pace: Intervals, *, now: datetime) -> BroadcastOutcome:
    """Return the outcome of a failed try number ``tries`` (from 1). Pure.

    Only a try that certainly had no effect is repeated, until ``LATEST`` has passed.
    """
    if error.needs is ChannelNeed.AUTHORISATION:
        # Due at once, so that it is claimed as soon as the account is authorised again.
        return BroadcastOutcome(BroadcastState.DUE, due_at=now, channel=ChannelState.NEEDS_AUTHORISATION)
    if error.permanent:
        return BroadcastOutcome(BroadcastState.REFUSED, "refused")
    if error.outcome_unknown:
        return BroadcastOutcome(BroadcastState.UNKNOWN)
    wait = pace.retries[min(tries, len(pace.retries)) - 1]
    if error.retry_after is not None:
        wait = max(wait, timedelta(seconds=max(error.retry_after, 0.0)))
    return BroadcastOutcome(BroadcastState.DUE, due_at=now + wait)


def settled_values(
    outcome: BroadcastOutcome, error: str = "", remote_id: str | None = None, *, now: datetime
) -> dict[str, Any]:
    """Return the values for ``ledger.settle``. ``remote_id``: the platform's id of an accepted broadcast."""
    return {
        "state": outcome.state,
        "reason": outcome.reason,
        "due_at": outcome.due_at,
        "error": error[:2000],
        "remote_id": remote_id,
        "settled_at": now if outcome.due_at is None else None,
    }


def record_end(session: Session, ident: int, error: str, *, now: datetime) -> None:
    """Record the end of a broadcast in the journal, in the transaction that settles it."""
    row = session.get_one(Broadcast, ident, populate_existing=True)
    sent = row.state is BroadcastState.SENT
    details: dict[str, object] = {"remote_id": row.remote_id} if sent else {"reason": row.reason, "error": error[:300]}
    _record(session, journal.SYSTEM, row, row.state.value, now, details)


def get_broadcast(session: Session, bulletin_id: int, channel_id: int) -> Broadcast:
    """Return the broadcast of a bulletin to an account's followers. Raises ``NotFound``."""
    row = find_broadcast(session, bulletin_id, channel_id)
    if row is None:
        raise NotFound("nobody has asked for this broadcast")
    return row


def _lock_channel(session: Session, channel_id: int) -> None:
    """Lock the channel, since two concurrent requests could both find the budget unspent."""
    session.execute(sa.select(Channel.id).where(Channel.id == channel_id).with_for_update(key_share=True))


def _record(session: Session, actor_id: str, row: Broadcast, what: str, now: datetime, more: dict[str, object]) -> None:
    details = {"bulletin": row.bulletin.code, "channel": row.channel.code, **more}
    journal.record(session, actor_id, f"broadcast.{what}", "broadcast", row.public, details, now=now)
