"""The outbox: one delivery for each revision, channel and act, with its attempts. The row is the queue."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from campaigns.core import ledger
from campaigns.core.base import Base, by_value, public_id, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.rates import Limits
from campaigns.publishing.transport import Act


class DeliveryState(Enum):
    """How one delivery stands."""

    DUE = "due"  # waits for its time, for its receiver to fetch it, or for a person to post it
    SENDING = "sending"  # claimed by a worker
    DELIVERED = "delivered"  # acknowledged by the receiver
    RETRYING = "retrying"  # failed in a way that may pass
    UNKNOWN = "unknown"  # may have arrived; a person decides, nothing is repeated
    DEAD = "dead"  # given up, or refused for good
    CANCELLED = "cancelled"  # overtaken by a correction, a recall or a change of plan
    SKIPPED = "skipped"  # not for this channel after all; ``reason`` says why


OPEN = (DeliveryState.DUE, DeliveryState.RETRYING)  # not begun, or between two tries
UNSETTLED = (*OPEN, DeliveryState.SENDING, DeliveryState.UNKNOWN)

NOT_SENT = "not_sent"  # the ``reason`` of what a person declared not to have arrived
HELD = ("late", "day_passed")  # the ``reason`` of what came too late to go by itself, see ``lateness``


def _index(name: str, wanted: str, *columns: str) -> sa.Index:
    condition = sa.text(wanted)
    return sa.Index(f"ix_deliveries_{name}", *columns, sqlite_where=condition, postgresql_where=condition)


class Delivery(ledger.Due, Base):
    """One revision to one channel. ``key`` is the idempotency key, the same on every try.

    ``due_at`` is NULL for receivers that fetch and for channels a person serves. ``token`` is what an asynchronous
    channel gave to ask again with. ``look_first``: an earlier try may have arrived, so the channel is asked before it
    is sent again. ``begun``: whoever had it last may have begun to send; kept for channels that can neither be repeated
    nor asked. ``reason``: a code for *cancelled*, *skipped* and *dead*, and of one that is *due* for a person to decide
    (``HELD``). ``asked_at``: when a person last said that it is to go, however late it is.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    revision: Mapped[int]
    act: Mapped[Act] = mapped_column(by_value(Act, "act"))
    state: Mapped[DeliveryState] = mapped_column(by_value(DeliveryState, "delivery_state"), default=DeliveryState.DUE)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    token: Mapped[str | None] = mapped_column(sa.String(500))
    polls: Mapped[int] = mapped_column(default=0, server_default="0")
    look_first: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    begun: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    remote_id: Mapped[str | None] = mapped_column(sa.String(500))
    url: Mapped[str | None] = mapped_column(sa.String(1000))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    bulletin: Mapped[Bulletin] = relationship(innerjoin=True)
    channel: Mapped[Channel] = relationship(innerjoin=True)
    attempts: Mapped[list["Attempt"]] = relationship(order_by="Attempt.id")

    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "channel_id", "revision", "act"),
        ledger.due_index("deliveries"),
        # What waits at a channel: its page, the fetch of a partner's feed, how many messages are on their way to it.
        sa.Index("ix_deliveries_channel_id_state", "channel_id", "state"),
        # What a claim reads: the first that is due at each channel, and the recalls, which go before.
        _index("due", "due_at IS NOT NULL", "channel_id", "due_at", "id"),
        _index("recall", "due_at IS NOT NULL AND act = 'recall'", "channel_id", "due_at", "id"),
        # What needs a person is counted beside the menu of every page.
        sa.Index("ix_deliveries_state_reason", "state", "reason"),
        _index("by_hand", "state = 'due' AND due_at IS NULL", "channel_id", "bulletin_id"),
    )

    @property
    def key(self) -> str:
        """The idempotency key that receivers see."""
        return self.public


class Outcome(Enum):
    """What one try came to."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"  # taken for processing; its fate is asked for later
    FAILED = "failed"  # will be tried again
    UNKNOWN = "unknown"
    REFUSED = "refused"  # for good
    FETCHED = "fetched"  # the receiver's own pull
    BY_PERSON = "by_person"  # posted or settled by hand


class Attempt(Base):
    """One try, append-only. ``status`` is the HTTP status where there was one;

    ``error`` says in words what happened.
    """

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("deliveries.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome, "outcome"))
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(sa.Text, default="")


class ChannelNature(Enum):
    """How deliveries reach a kind of channel; the coordinator knows it from the adapter's capabilities."""

    PUSHED = "pushed"
    PULLED = "pulled"
    MANUAL = "manual"


class Refusal(Enum):
    """Why a bulletin is not for a channel."""

    RETIRED = "retired"  # the channel is no longer used
    NOT_CHOSEN = "not_chosen"  # the bulletin names its channels, and this is none of them
    TOPIC = "topic"  # the channel does not take the topic


def refusal(channel: Channel, bulletin: Bulletin) -> Refusal | None:
    """THE predicate of who receives: None = a delivery is written for the channel."""
    if channel.state is ChannelState.RETIRED:
        return Refusal.RETIRED
    if bulletin.wanted_channels is not None and channel.code not in bulletin.wanted_channels:
        return Refusal.NOT_CHOSEN
    return None if channel.takes(bulletin.topic.code) else Refusal.TOPIC


# Whose each is comes along: a page names the owners of hundreds.
_OWNED = joinedload(Channel.company)


def entitled(session: Session, bulletin: Bulletin) -> list[Channel]:
    """The channels a bulletin goes to: not retired, taking its topic, and among those it asks for if it does."""
    # The conditions only spare the reading of rows that ``refusal`` would turn away; it has the word.
    query = sa.select(Channel).options(_OWNED).where(Channel.state != ChannelState.RETIRED).order_by(Channel.id)
    if bulletin.wanted_channels is not None:
        query = query.where(Channel.code.in_(bulletin.wanted_channels))
    return [channel for channel in session.execute(query).scalars() if refusal(channel, bulletin) is None]


def enqueue(
    session: Session,
    bulletin: Bulletin,
    channels: Iterable[Channel],
    revision: int,
    act: Act,
    natures: "Natures",
    *,
    due_at: datetime,
    note: str = "",
    now: datetime,
) -> int:
    """Write one delivery a channel, all in the caller's transaction; returns how many.

    A doubled call writes nothing.
    """
    present = set(
        session.execute(
            sa.select(Delivery.channel_id).where(
                Delivery.bulletin_id == bulletin.id, Delivery.revision == revision, Delivery.act == act
            )
        ).scalars()
    )
    rows: list[dict[str, Any]] = [
        {
            "public": public_id("dlv"),
            "bulletin_id": bulletin.id,
            "channel_id": channel.id,
            "revision": revision,
            "act": act,
            "state": DeliveryState.DUE,
            "note": note,
            "reason": "",
            "polls": 0,
            "look_first": False,
            "due_at": due_at if natures.of(channel.kind) is ChannelNature.PUSHED else None,
            "fence": 0,
            "attempt": 0,
            "created_at": now,
        }
        for channel in channels
        if channel.id not in present
    ]
    if rows:
        session.execute(sa.insert(Delivery), rows)
    return len(rows)


class Natures:
    """What the domain has to know about kinds of channels: whether they are pushed to, pulled from, or served by hand,
    and how fast each is sent to unless an administrator says otherwise. ``caught``: kinds pushed to a program that may
    also read the partner's feed.
    """

    def __init__(
        self,
        pulled: Iterable[str] = (),
        manual: Iterable[str] = (),
        caught: Iterable[str] = (),
        limits: Mapping[str, Limits] | None = None,
    ) -> None:
        self.pulled, self.manual, self.caught = frozenset(pulled), frozenset(manual), frozenset(caught)
        self._limits = dict(limits or {})

    def limits_of(self, kind: str) -> Limits:
        """What is usual for a kind; of one that is not known as fast as it goes, one message at a time."""
        return self._limits.get(kind, Limits())

    def of(self, kind: str) -> ChannelNature:
        """The nature of a kind; unknown kinds are pushed to."""
        if kind in self.pulled:
            return ChannelNature.PULLED
        return ChannelNature.MANUAL if kind in self.manual else ChannelNature.PUSHED


def cancel_open(session: Session, bulletin: Bulletin, reason: str, *, now: datetime) -> int:
    """Cancel what has not begun for a bulletin. Returns how many.

    A try under way is left to end, and what may have arrived is left to be looked for: neither is sent again, see
    ``void``.
    """
    done = session.execute(
        sa.update(Delivery)
        .where(Delivery.bulletin_id == bulletin.id, Delivery.state.in_(OPEN), sa.not_(Delivery.look_first))
        .values(state=DeliveryState.CANCELLED, reason=reason, due_at=None, lease_until=None, settled_at=now)
    )
    return rows_changed(done)


def skip_open(session: Session, channel: Channel, *, now: datetime) -> int:
    """Give up what waits for a channel that is no longer used. Returns how many."""
    values = {"state": DeliveryState.SKIPPED, "reason": "channel_retired", "due_at": None, "settled_at": now}
    done = session.execute(
        sa.update(Delivery)
        .where(Delivery.channel_id == channel.id, Delivery.state.in_(OPEN), Delivery.lease_until.is_(None))
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)


def drop_unbegun(session: Session, bulletin: Bulletin) -> None:
    """Remove the deliveries of a release that never came; nothing was tried yet, so there is nothing to keep."""
    session.execute(
        sa.delete(Delivery).where(
            Delivery.bulletin_id == bulletin.id, Delivery.state == DeliveryState.DUE, Delivery.attempt == 0
        )
    )


def reached(session: Session, bulletin: Bulletin) -> list[Channel]:
    """The channels that have, or may have, some text of this bulletin; paused ones too."""
    touched = (DeliveryState.DELIVERED, DeliveryState.SENDING, DeliveryState.UNKNOWN)
    ids = sa.select(Delivery.channel_id).where(
        Delivery.bulletin_id == bulletin.id, sa.or_(Delivery.state.in_(touched), _tried())
    )
    kept = sa.select(Channel).options(_OWNED).where(Channel.id.in_(ids), Channel.state != ChannelState.RETIRED)
    return list(session.execute(kept.order_by(Channel.id)).scalars())


def _tried() -> sa.ColumnElement[bool]:
    """Whether some try of a delivery was neither refused nor declared by a person not to have arrived.

    One that arrived and is being sent again is among them.
    """
    open_ended = (Outcome.DELIVERED, Outcome.ACCEPTED, Outcome.FAILED, Outcome.UNKNOWN)
    tries = sa.select(Attempt.id).where(Attempt.delivery_id == Delivery.id, Attempt.outcome.in_(open_ended))
    return sa.and_(Delivery.reason != NOT_SENT, sa.exists(tries))


def may_have_arrived(session: Session, delivery: Delivery) -> bool:
    """Whether an earlier delivery of the same bulletin to the same channel was tried and its answer may only be lost.

    To be asked where a failed try leaves it open what arrived, that is, where repeats are harmless.
    """
    query = sa.select(Delivery.id).where(
        Delivery.bulletin_id == delivery.bulletin_id,
        Delivery.channel_id == delivery.channel_id,
        Delivery.id < delivery.id,
        _tried(),
    )
    return session.execute(query.limit(1)).first() is not None


def void(delivery: Delivery) -> str:
    """Why a delivery must not be sent, again or at all: ``recalled``, or ``overtaken`` by a revision; else empty."""
    if delivery.act is Act.RECALL:
        return ""
    bulletin = delivery.bulletin
    if bulletin.recalled_at is not None:
        return "recalled"
    return "overtaken" if bulletin.released is not None and delivery.revision < bulletin.released else ""


def last_delivered(session: Session, delivery: Delivery) -> Delivery | None:
    """The newest delivered text of the same bulletin at the same channel, before this delivery. What arrived once and
    is being sent again, or could not be, counts as delivered."""
    arrived = sa.exists().where(Attempt.delivery_id == Delivery.id, Attempt.outcome == Outcome.DELIVERED)
    query = (
        sa.select(Delivery)
        .where(
            Delivery.bulletin_id == delivery.bulletin_id,
            Delivery.channel_id == delivery.channel_id,
            sa.or_(Delivery.state == DeliveryState.DELIVERED, sa.and_(Delivery.reason != NOT_SENT, arrived)),
            Delivery.id < delivery.id,
        )
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def find_delivery(session: Session, public: str) -> Delivery:
    """The delivery with this public id. Raises ``NotFound``."""
    row = session.execute(sa.select(Delivery).where(Delivery.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no delivery {public}", delivery=public)
    return row
