"""Broadcasts: an article that stands at an account, sent once to everybody who follows it.

A broadcast cannot be taken back, cannot be looked up and knows no idempotency key; followers accept few. So it is asked
for by a person, at most once for a bulletin and an account, within a budget of our own, and never at night. What may
have gone out is never sent again by the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal, ledger
from campaigns.core.base import Base, by_value, public_id, rows_changed
from campaigns.core.clock import CITY, UTCDateTime, city_day, parse_period
from campaigns.core.errors import Conflict, Forbidden, NotFound
from campaigns.core.pace import Pace
from campaigns.people.staff import Actor, May
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.publishing.transport import Act, BroadcastRules, Needs, TransportError

LATEST = timedelta(hours=24)  # what was asked for longer ago is no news any more and is not sent by itself


class BroadcastState(Enum):
    """How one broadcast stands."""

    DUE = "due"  # waits for its time, or for another try after one that did nothing
    SENDING = "sending"  # claimed by a worker
    SENT = "sent"  # taken by the platform, which may look through it before followers get it
    UNKNOWN = "unknown"  # may have been taken; a person decides, nothing is repeated
    REFUSED = "refused"  # did not go, for good; ``reason`` says why
    CANCELLED = "cancelled"  # taken back or overtaken before anything was sent


SPENT = (BroadcastState.DUE, BroadcastState.SENDING, BroadcastState.SENT, BroadcastState.UNKNOWN)
NOT_SENT = "not_sent"  # the ``reason`` of what a person declared not to have gone out


class Broadcast(ledger.Due, Base):
    """One bulletin to the followers of one account; there is never a second row.

    ``article``: what the platform calls the article. ``day``: the city's day on whose budget it is. ``begun``: whoever
    had it last may have begun to send. ``remote_id``: what the platform calls the broadcast.
    """

    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    state: Mapped[BroadcastState] = mapped_column(by_value(BroadcastState, "broadcast_state"))
    article: Mapped[str] = mapped_column(sa.String(500))
    day: Mapped[date] = mapped_column(sa.Date)
    begun: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
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
        # The budget of a day and of a month is counted whenever somebody looks at an article.
        sa.Index("ix_broadcasts_channel_id_day", "channel_id", "day"),
    )


@dataclass(frozen=True)
class Budget:
    """What is left of a day and of its month, never below 0."""

    day: int
    month: int

    @property
    def spent(self) -> bool:
        """Whether nothing may be sent any more."""
        return min(self.day, self.month) == 0


def goes_at(now: datetime, rules: BroadcastRules) -> datetime:
    """When a broadcast asked for ``now`` goes out: at once, or in the morning."""
    here = now.astimezone(CITY)
    if rules.night_ends <= here.time() < rules.night_begins:
        return now
    morning = datetime.combine(here.date(), rules.night_ends, CITY)
    return morning if here < morning else morning + timedelta(days=1)


def budget(session: Session, channel_id: int, day: date, rules: BroadcastRules, *, promised: bool = True) -> Budget:
    """What is left for the city's ``day``. What is on its way or may have gone counts as spent, and with ``promised``
    also what waits for its time."""
    month = parse_period(f"{day:%Y-%m}")
    gone = sa.or_(Broadcast.begun, Broadcast.state.in_((BroadcastState.SENT, BroadcastState.UNKNOWN)))
    query = sa.select(Broadcast.day, sa.func.count()).where(
        Broadcast.channel_id == channel_id,
        Broadcast.day.between(month.first, month.last),
        Broadcast.state.in_(SPENT) if promised else gone,
    )
    spent = {on: int(count) for on, count in session.execute(query.group_by(Broadcast.day))}
    return Budget(max(rules.a_day - spent.get(day, 0), 0), max(rules.a_month - sum(spent.values()), 0))


def of_bulletin(session: Session, bulletin_id: int, channel_id: int) -> Broadcast | None:
    """The broadcast of a bulletin to an account's followers, whatever became of it."""
    query = sa.select(Broadcast).where(Broadcast.bulletin_id == bulletin_id, Broadcast.channel_id == channel_id)
    return session.execute(query).scalar_one_or_none()


def waiting_for_person(session: Session) -> Sequence[tuple[str, str, str]]:
    """Those of which nobody knows whether they went out, the oldest first: the bulletin's code, the channel's name, and
    the public id of the delivery whose page tells of it."""
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


def may_ask(delivery: Delivery) -> bool:
    """Whether the article of a delivery stands, so that it can be sent to followers."""
    stands = delivery.state is DeliveryState.DELIVERED and delivery.act is not Act.RECALL
    return stands and bool(delivery.remote_id) and delivery.bulletin.recalled_at is None


def ask(session: Session, actor: Actor, delivery: Delivery, rules: BroadcastRules, *, now: datetime) -> Broadcast:
    """Have the article of a delivery sent to the account's followers, at once or in the morning.

    One that did not go, for good, may be asked for again. Raises ``Conflict`` when the article does not stand
    (``broadcast_no_article``), it was asked for already (``broadcast_there``), the account cannot send
    (``broadcast_channel``) or the budget is spent (``broadcast_budget``); ``Forbidden``.
    """
    actor.require(May.APPROVE)
    channel = delivery.channel
    _alone(session, channel.id)
    if not may_ask(delivery):
        raise Conflict("there is no article that could be sent to followers", code="broadcast_no_article")
    if channel.state not in {ChannelState.ACTIVE, ChannelState.FAILING}:
        message = f"channel {channel.code} is {channel.state.value}"
        raise Conflict(message, code="broadcast_channel", channel=channel.code)
    row = of_bulletin(session, delivery.bulletin_id, channel.id)
    if row is not None and row.state in SPENT:
        code = delivery.bulletin.code
        raise Conflict(f"{code} was sent to followers already, or will be", code="broadcast_there", bulletin=code)
    at = goes_at(now, rules)
    left = budget(session, channel.id, city_day(at), rules)
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
    _note(session, actor.id, row, "asked", now, {"goes_at": at.isoformat()})
    return row


def cancel(session: Session, actor: Actor, row: Broadcast, *, now: datetime) -> None:
    """Take back one that has not begun. Raises ``Conflict`` (``broadcast_begun``) if it is too late, ``Forbidden``."""
    actor.require(May.APPROVE)
    free = sa.or_(Broadcast.lease_until.is_(None), Broadcast.lease_until <= now)
    mine = sa.and_(Broadcast.id == row.id, Broadcast.state == BroadcastState.DUE, free)
    values = {"state": BroadcastState.CANCELLED, "reason": "person", "due_at": None, "settled_at": now}
    if rows_changed(session.execute(sa.update(Broadcast).where(mine).values(**values))) != 1:
        raise Conflict("it is on its way, or has ended", code="broadcast_begun")
    session.refresh(row)
    _note(session, actor.id, row, "cancelled", now, {"reason": "person"})


def resolve(session: Session, actor: Actor, row: Broadcast, *, sent: bool, now: datetime) -> None:
    """A person says what became of an *unknown* one. Nothing is sent; one that did not go may be asked for anew.

    Raises ``Conflict`` (``broadcast_settled``) when there is nothing to settle, ``Forbidden``.
    """
    if not (actor.may(May.APPROVE) or actor.may(May.REVIEW)):
        raise Forbidden("this role may not settle broadcasts", act="resolve")
    if row.state is not BroadcastState.UNKNOWN:
        raise Conflict(f"a broadcast that is {row.state.value} needs no settling", code="broadcast_settled")
    row.state, row.settled_at = BroadcastState.SENT if sent else BroadcastState.REFUSED, now
    row.reason = "" if sent else NOT_SENT
    session.flush()
    _note(session, actor.id, row, "settled", now, {"sent": sent})


def claimable() -> sa.ColumnElement[bool]:
    """Which due ones may be claimed: those whose account works."""
    working = sa.select(Channel.id).where(Channel.state.in_((ChannelState.ACTIVE, ChannelState.FAILING)))
    return Broadcast.channel_id.in_(working)


@dataclass(frozen=True)
class Outcome:
    """What a row becomes without having been sent, or by what was answered. ``due_at``: when it is tried, None = never
    again. ``channel``: what it means for the account."""

    state: BroadcastState
    reason: str = ""
    due_at: datetime | None = None
    channel: ChannelState | None = None


def hindrance(
    session: Session, row: Broadcast, taken: ledger.Claim, rules: BroadcastRules, *, now: datetime
) -> Outcome | None:
    """Why a claimed one must not be sent now; None: send it."""
    if taken.reclaimed and row.begun:
        return Outcome(BroadcastState.UNKNOWN)
    if row.bulletin.recalled_at is not None:
        return Outcome(BroadcastState.CANCELLED, "recalled")
    if now - row.asked_at > LATEST:
        return Outcome(BroadcastState.CANCELLED, "late")
    at = goes_at(now, rules)
    if at > now:
        return Outcome(BroadcastState.DUE, due_at=at)
    _alone(session, row.channel_id)
    if budget(session, row.channel_id, city_day(now), rules, promised=False).spent:
        return Outcome(BroadcastState.CANCELLED, "budget")
    return None


def begin(session: Session, row: Broadcast, *, now: datetime) -> None:
    """Write down, under a claim that is held, that the send begins; the caller commits before it does."""
    row.begun, row.day = True, city_day(now)
    session.flush()


def after_failure(error: TransportError, tries: int, pace: Pace, *, now: datetime) -> Outcome:
    """What follows from a failed try number ``tries`` (from 1): pure.

    Only what certainly did nothing is tried again, until ``LATEST`` has passed.
    """
    if error.needs is Needs.AUTHORISATION:
        # Due at once: claimed as soon as somebody has authorised the account again, and not before.
        return Outcome(BroadcastState.DUE, due_at=now, channel=ChannelState.NEEDS_AUTHORISATION)
    if error.permanent:
        return Outcome(BroadcastState.REFUSED, "refused")
    if error.outcome_unknown:
        return Outcome(BroadcastState.UNKNOWN)
    wait = pace.retries[min(tries, len(pace.retries)) - 1]
    if error.retry_after is not None:
        wait = max(wait, timedelta(seconds=max(error.retry_after, 0.0)))
    return Outcome(BroadcastState.DUE, due_at=now + wait)


def write_down(session: Session, taken: ledger.Claim, end: Outcome, error: str, *, now: datetime) -> None:
    """Settle a claimed one. Raises ``StaleFence``."""
    over = end.due_at is None
    values = {
        "state": end.state,
        "reason": end.reason,
        "due_at": end.due_at,
        "begun": False,
        "error": error[:2000],
        "settled_at": now if over else None,
    }
    ledger.settle(session, Broadcast, taken, values)
    if over:
        row = session.get_one(Broadcast, taken.id, populate_existing=True)
        _note(session, journal.SYSTEM, row, end.state.value, now, {"reason": end.reason, "error": error[:300]})


def sent(session: Session, taken: ledger.Claim, remote_id: str | None, *, now: datetime) -> None:
    """The platform has taken a claimed one. Raises ``StaleFence``."""
    values = {"state": BroadcastState.SENT, "remote_id": remote_id, "due_at": None, "settled_at": now, "error": ""}
    ledger.settle(session, Broadcast, taken, {**values, "begun": False})
    row = session.get_one(Broadcast, taken.id, populate_existing=True)
    _note(session, journal.SYSTEM, row, "sent", now, {"remote_id": remote_id})


def known(session: Session, bulletin_id: int, channel_id: int) -> Broadcast:
    """The broadcast of a bulletin to an account's followers. Raises ``NotFound``."""
    row = of_bulletin(session, bulletin_id, channel_id)
    if row is None:
        raise NotFound("nobody has asked for this broadcast")
    return row


def _alone(session: Session, channel_id: int) -> None:
    """Two that ask or begin at once would otherwise both find the budget unspent."""
    session.execute(sa.select(Channel.id).where(Channel.id == channel_id).with_for_update(key_share=True))


def _note(session: Session, who: str, row: Broadcast, what: str, now: datetime, more: dict[str, object]) -> None:
    details = {"bulletin": row.bulletin.code, "channel": row.channel.code, **more}
    journal.record(session, who, f"broadcast.{what}", "broadcast", row.public, details, now=now)
