"""The outbox: one delivery for each revision, channel and act, with its attempts. The row is the queue."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, aliased, joinedload, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin, in_campaign_named
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.rate_limits import RateLimit
from campaigns.channels.transport import DeliveryAct
from campaigns.core import ledger
from campaigns.core.base import Base, BigKey, UTCDateTime, by_value, public_id, rows_changed
from campaigns.core.errors import NotFound
from campaigns.core.listing import ALL, ListFilter, argument
from campaigns.partners.directory import Company, current_company_id
from campaigns.planning.campaigns import Campaign, Topic


class DeliveryState(Enum):
    """The state of a delivery."""

    DUE = "due"  # waits for its time, for its receiver to fetch it, or for a person to post it
    SENDING = "sending"  # claimed by a worker
    DELIVERED = "delivered"  # acknowledged by the receiver
    RETRYING = "retrying"  # a transient failure
    UNKNOWN = "unknown"  # may have arrived; a person decides, nothing is repeated
    DEAD = "dead"  # permanently failed or refused
    CANCELLED = "cancelled"  # replaced by a correction, a recall or another schedule
    SKIPPED = "skipped"  # no longer for this channel; ``reason`` says why


OPEN_STATES = (DeliveryState.DUE, DeliveryState.RETRYING)  # not begun, or between two tries
FAILED_STATES = (DeliveryState.DEAD, DeliveryState.UNKNOWN)  # not known to have arrived; a person decides
UNSETTLED_STATES = (*OPEN_STATES, DeliveryState.SENDING, DeliveryState.UNKNOWN)

NOT_SENT = "not_sent"  # the ``reason`` of a delivery that a person declared as not arrived
HOLD_REASONS = ("late", "overdue", "day_passed")  # the ``reason`` of a late delivery, see ``delays``


def _index(name: str, wanted: str, *columns: str, on_sqlite: str = "") -> sa.Index:
    """``on_sqlite``: the condition as queries of SQLite write it, if it differs; another wording leaves the index
    unused."""
    return sa.Index(
        f"ix_deliveries_{name}", *columns, sqlite_where=sa.text(on_sqlite or wanted), postgresql_where=sa.text(wanted)
    )


class Delivery(ledger.SendItem, Base):
    """The delivery of one revision to one channel. ``key`` is the idempotency key, the same on every try.

    ``due_at`` is NULL for receivers that fetch and for manual channels. ``token``: an asynchronous channel's token to
    poll with. ``look_first``: an earlier try may have arrived, so that the channel is looked up before it is sent
    again. ``reason``: a code for *cancelled*, *skipped* and *dead*, and for a *due* one that waits for a person
    (``HOLD_REASONS``). ``asked_at``: when a person last decided that it is sent although it is late.
    ``without_pictures``: the channel refused the bulletin's pictures, so that it is sent with the channel's default.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"))
    revision: Mapped[int]
    act: Mapped[DeliveryAct] = mapped_column(by_value(DeliveryAct, "act"))
    state: Mapped[DeliveryState] = mapped_column(by_value(DeliveryState, "delivery_state"), default=DeliveryState.DUE)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    token: Mapped[str | None] = mapped_column(sa.String(500))
    polls: Mapped[int] = mapped_column(default=0, server_default="0")
    look_first: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    without_pictures: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
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
        # For the open deliveries of a channel: its page, the fetch of a partner's feed, the number of concurrent
        # messages.
        sa.Index("ix_deliveries_channel_id_state", "channel_id", "state"),
        # For claims: the first due delivery of each channel, and the recalls, which precede the others.
        _index("due", "due_at IS NOT NULL", "channel_id", "due_at", "id"),
        _index("recall", "due_at IS NOT NULL AND act = 'recall'", "channel_id", "due_at", "id"),
        # For the count of deliveries that need a person, in the menu of every page.
        sa.Index("ix_deliveries_state_reason", "state", "reason"),
        # For the task of the day's page; few rows are so.
        _index("without_pictures", "without_pictures IS TRUE", "settled_at", on_sqlite="without_pictures IS 1"),
        _index("by_hand", "state = 'due' AND due_at IS NULL", "channel_id", "bulletin_id"),
    )

    @classmethod
    def record_given_up(cls, session: Session, rows: Sequence[int], *, now: datetime) -> None:
        """Nobody knows whether a delivery arrived whose sender ended twice: a person decides, nothing is repeated."""
        session.execute(
            sa.update(Delivery).where(Delivery.id.in_(rows)).values(state=DeliveryState.UNKNOWN, begun=False)
        )
        session.add_all(
            Attempt(delivery_id=ident, at=now, ended_at=now, outcome=AttemptOutcome.UNKNOWN, error=ledger.ENDED_TWICE)
            for ident in rows
        )
        session.flush()

    @property
    def key(self) -> str:
        """The idempotency key that receivers get."""
        return self.public


class AttemptOutcome(Enum):
    """The outcome of a try."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"  # accepted for processing; its outcome is polled later
    FAILED = "failed"  # will be tried again
    UNKNOWN = "unknown"
    REFUSED = "refused"  # permanently
    FETCHED = "fetched"  # by the receiver's fetch
    BY_PERSON = "by_person"  # posted or settled by hand


class Attempt(Base):
    """One try, append-only. ``status`` is the HTTP status where there was one; ``error`` is the message."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("deliveries.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[AttemptOutcome] = mapped_column(by_value(AttemptOutcome, "outcome"))
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(sa.Text, default="")


class DeliveryMode(Enum):
    """How deliveries reach a kind of channel; the coordinator knows it from the adapter's capabilities."""

    PUSHED = "pushed"
    PULLED = "pulled"
    MANUAL = "manual"


class RefusalReason(Enum):
    """Why a bulletin is not for a channel."""

    RETIRED = "retired"  # the channel is no longer used
    NOT_CHOSEN = "not_chosen"  # the bulletin names its channels, and this is none of them
    TOPIC = "topic"  # the channel does not take the topic


def refusal_reason(channel: Channel, bulletin: Bulletin) -> RefusalReason | None:
    """Return why a channel does not receive a bulletin; None = it gets a delivery. This is the only such predicate."""
    if channel.state is ChannelState.RETIRED:
        return RefusalReason.RETIRED
    if bulletin.wanted_channels is not None and channel.code not in bulletin.wanted_channels:
        return RefusalReason.NOT_CHOSEN
    return None if channel.takes(bulletin.topic.code) else RefusalReason.TOPIC


# Owners are loaded with the channels: a page names the owners of hundreds.
_WITH_COMPANY = joinedload(Channel.company)


def entitled_channels(session: Session, bulletin: Bulletin) -> list[Channel]:
    """Return the channels that receive a bulletin: not retired, with its topic, and chosen if it names channels."""
    # The conditions only reduce the number of rows; ``refusal_reason`` decides.
    query = sa.select(Channel).options(_WITH_COMPANY).where(Channel.state != ChannelState.RETIRED).order_by(Channel.id)
    if bulletin.wanted_channels is not None:
        query = query.where(Channel.code.in_(bulletin.wanted_channels))
    return [channel for channel in session.execute(query).scalars() if refusal_reason(channel, bulletin) is None]


def entitled_by_bulletin(session: Session, bulletins: Collection[Bulletin]) -> dict[int, list[int]]:
    """The primary keys of the same channels for many bulletins, by the bulletin's primary key. One query."""
    query = sa.select(Channel).options(_WITH_COMPANY).where(Channel.state != ChannelState.RETIRED).order_by(Channel.id)
    channels = session.execute(query).scalars().all() if bulletins else []
    return {
        bulletin.id: [
            channel.id
            for channel in channels
            if (bulletin.wanted_channels is None or channel.code in bulletin.wanted_channels)
            and refusal_reason(channel, bulletin) is None
        ]
        for bulletin in bulletins
    }


def enqueue_deliveries(
    session: Session,
    bulletin: Bulletin,
    channels: Iterable[Channel],
    revision: int,
    act: DeliveryAct,
    delivery_modes: "DeliveryModes",
    *,
    due_at: datetime,
    note: str = "",
    now: datetime,
) -> int:
    """Write one delivery for each channel in the caller's transaction; returns their number.

    A repeated call writes nothing.
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
            "without_pictures": False,
            "due_at": due_at if delivery_modes.mode_of(channel.kind) is DeliveryMode.PUSHED else None,
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


class DeliveryModes:
    """The delivery mode of each kind of channel (push, pull, manual), and its default rate limit. ``pull_beside``:
    kinds that push to a program that may also read the partner's feed.
    """

    def __init__(
        self,
        pulled: Iterable[str] = (),
        manual: Iterable[str] = (),
        pull_beside: Iterable[str] = (),
        limits: Mapping[str, RateLimit] | None = None,
    ) -> None:
        self.pulled, self.manual, self.pull_beside = frozenset(pulled), frozenset(manual), frozenset(pull_beside)
        self._limits = dict(limits or {})

    def limits_of(self, kind: str) -> RateLimit:
        """Return the default limit of a kind; an unknown one has no rate limit and sends one message at a time."""
        return self._limits.get(kind, RateLimit())

    def mode_of(self, kind: str) -> DeliveryMode:
        """Return the delivery mode of a kind; unknown kinds are pushed to."""
        if kind in self.pulled:
            return DeliveryMode.PULLED
        return DeliveryMode.MANUAL if kind in self.manual else DeliveryMode.PUSHED


def cancel_open(session: Session, bulletin: Bulletin, reason: str, *, now: datetime) -> int:
    """Cancel the deliveries of a bulletin that have not begun. Returns their number.

    A running try ends, and a delivery that may have arrived is still looked up: neither is sent again, see
    ``void_reason``.
    """
    done = session.execute(
        sa.update(Delivery)
        .where(Delivery.bulletin_id == bulletin.id, Delivery.state.in_(OPEN_STATES), sa.not_(Delivery.look_first))
        .values(state=DeliveryState.CANCELLED, reason=reason, due_at=None, lease_until=None, settled_at=now)
    )
    return rows_changed(done)


def skip_open(session: Session, channel: Channel, *, now: datetime) -> int:
    """Skip the open deliveries of a retired channel. Returns their number."""
    skipped = {"state": DeliveryState.SKIPPED, "reason": "channel_retired", "due_at": None, "settled_at": now}
    done = session.execute(
        sa.update(Delivery)
        .where(Delivery.channel_id == channel.id, Delivery.state.in_(OPEN_STATES), Delivery.lease_until.is_(None))
        .values(skipped)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)


def drop_unbegun(session: Session, bulletin: Bulletin) -> None:
    """Delete the deliveries of a cancelled release, none of which was tried."""
    session.execute(
        sa.delete(Delivery).where(
            Delivery.bulletin_id == bulletin.id, Delivery.state == DeliveryState.DUE, Delivery.attempt == 0
        )
    )


def reached_channels(session: Session, bulletin: Bulletin) -> list[Channel]:
    """Return the channels that have, or may have, a text of this bulletin; paused ones too."""
    touched = (DeliveryState.DELIVERED, DeliveryState.SENDING, DeliveryState.UNKNOWN)
    ids = sa.select(Delivery.channel_id).where(
        Delivery.bulletin_id == bulletin.id, sa.or_(Delivery.state.in_(touched), _was_tried())
    )
    kept = sa.select(Channel).options(_WITH_COMPANY).where(Channel.id.in_(ids), Channel.state != ChannelState.RETIRED)
    return list(session.execute(kept.order_by(Channel.id)).scalars())


def _was_tried() -> sa.ColumnElement[bool]:
    """Whether a try of a delivery was neither refused nor declared by a person as not arrived.

    This includes a delivery that arrived and is being sent again.
    """
    open_ended = (AttemptOutcome.DELIVERED, AttemptOutcome.ACCEPTED, AttemptOutcome.FAILED, AttemptOutcome.UNKNOWN)
    tries = sa.select(Attempt.id).where(Attempt.delivery_id == Delivery.id, Attempt.outcome.in_(open_ended))
    return sa.and_(Delivery.reason != NOT_SENT, sa.exists(tries))


def may_have_arrived(session: Session, delivery: Delivery) -> bool:
    """Whether an earlier delivery of the same bulletin to the same channel was tried and may have arrived.

    For channels where repeats are harmless, since there a failed try does not determine what arrived.
    """
    query = sa.select(Delivery.id).where(
        Delivery.bulletin_id == delivery.bulletin_id,
        Delivery.channel_id == delivery.channel_id,
        Delivery.id < delivery.id,
        _was_tried(),
    )
    return session.execute(query.limit(1)).first() is not None


def void_reason(delivery: Delivery) -> str:
    """Return why a delivery must not be sent, again or at all: ``recalled``, or ``overtaken`` by a revision; else
    ''."""
    if delivery.act is DeliveryAct.RECALL:
        return ""
    bulletin = delivery.bulletin
    if bulletin.recalled_at is not None:
        return "recalled"
    return "overtaken" if bulletin.released is not None and delivery.revision < bulletin.released else ""


def is_void(cls: type[Delivery] = Delivery) -> sa.ColumnElement[bool]:
    """``void_reason`` as a condition: the delivery's text must not be sent, again or at all."""
    outdated = sa.or_(Bulletin.recalled_at.is_not(None), Bulletin.released > cls.revision)
    return sa.and_(cls.act != DeliveryAct.RECALL, sa.exists().where(Bulletin.id == cls.bulletin_id, outdated))


def is_given_up(cls: type[Delivery] = Delivery) -> sa.ColumnElement[bool]:
    """The condition of failed deliveries that wait for a person: nobody has settled them, and they may be sent."""
    return sa.and_(cls.state == DeliveryState.DEAD, cls.reason != NOT_SENT, sa.not_(is_void(cls)))


def last_delivered(session: Session, delivery: Delivery) -> Delivery | None:
    """Return the newest delivered text of the same bulletin at the same channel, before this delivery. A delivery that
    arrived once and is being sent again counts as delivered."""
    arrived = sa.exists().where(Attempt.delivery_id == Delivery.id, Attempt.outcome == AttemptOutcome.DELIVERED)
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
    """Return the delivery with this public id. Raises ``NotFound``."""
    row = session.execute(sa.select(Delivery).where(Delivery.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no delivery {public}", delivery=public)
    return row


def _of_bulletins(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return Delivery.bulletin_id.in_(sa.select(Bulletin.id).where(condition))


def _first_arrival() -> sa.ColumnElement[bool]:
    """Return the condition of the first delivery that arrived of a released bulletin at a channel: a correction is not
    another arrival."""
    earlier = aliased(Delivery)
    before = sa.exists().where(
        earlier.bulletin_id == Delivery.bulletin_id,
        earlier.channel_id == Delivery.channel_id,
        earlier.state == DeliveryState.DELIVERED,
        earlier.id < Delivery.id,
    )
    released = _of_bulletins(Bulletin.released_on.is_not(None))
    return sa.and_(Delivery.state == DeliveryState.DELIVERED, released, sa.not_(before))


def sent_without_pictures(session: Session, since: datetime, limit: int) -> Sequence[Delivery]:
    """Return the deliveries that arrived from ``since`` on without the bulletin's pictures, newest first; not those
    that a later delivery of the same bulletin to the same channel has replaced."""
    later = aliased(Delivery)
    replaced = sa.exists().where(
        later.bulletin_id == Delivery.bulletin_id, later.channel_id == Delivery.channel_id, later.id > Delivery.id
    )
    query = (
        sa.select(Delivery)
        .options(joinedload(Delivery.bulletin), joinedload(Delivery.channel))
        .where(
            Delivery.without_pictures.is_(True), Delivery.state == DeliveryState.DELIVERED,
            Delivery.settled_at >= since,
            sa.not_(replaced),
        )
        .order_by(Delivery.settled_at.desc(), Delivery.id.desc())
        .limit(limit)
    )  # fmt: skip
    return session.execute(query).scalars().all()


def _in_states(*states: DeliveryState) -> sa.ColumnElement[bool]:
    """Most deliveries are delivered. The others are found by the index of states first, since a search in the order of
    the list would read all deliveries."""
    if DeliveryState.DELIVERED in states:
        return Delivery.state.in_(states)
    chosen = aliased(Delivery)
    return Delivery.id.in_(sa.select(chosen.id).where(chosen.state.in_(states)))


@dataclass(frozen=True)
class DeliveryFilter(ListFilter):
    """Filter of a list of deliveries, by codes of a channel and a bulletin. ``needs``: only those that wait for a
    person (``reporting.pending_work.deliveries_in_need``). ``arrived``: one for each bulletin that arrived at a
    channel, as reports count them. ``failed``: dead and unknown ones. ``topic`` and ``campaign`` are those of the
    bulletin, ``first`` and ``last`` the days of its release, ``partner`` the owner of the channel.
    """

    state: DeliveryState | None = argument(where=_in_states)
    channel: str | None = argument(
        where=lambda code: Delivery.channel_id == sa.select(Channel.id).where(Channel.code == code).scalar_subquery(),
        of=Channel,
    )
    bulletin: str | None = argument(
        where=lambda code: (
            Delivery.bulletin_id == sa.select(Bulletin.id).where(Bulletin.code == code).scalar_subquery()
        ),
        of=Bulletin,
    )
    needs: bool = argument(False, name="view", values={"needs": True, ALL: False}, tab=True)
    arrived: bool = argument(False, where=lambda _: _first_arrival())
    failed: bool = argument(False, where=lambda _: _in_states(*FAILED_STATES))
    topic: str | None = argument(
        where=lambda code: _of_bulletins(
            Bulletin.topic_id == sa.select(Topic.id).where(Topic.code == code).scalar_subquery()
        ),
        of=Topic,
    )
    campaign: str | None = argument(where=lambda code: _of_bulletins(in_campaign_named(code)), of=Campaign)
    partner: str | None = argument(
        where=lambda code: Delivery.channel_id.in_(
            sa.select(Channel.id).where(Channel.company_id == current_company_id(code))
        ),
        of=Company,
    )
    first: date | None = argument(name="from", where=lambda day: _of_bulletins(Bulletin.released_on >= day))
    last: date | None = argument(name="to", where=lambda day: _of_bulletins(Bulletin.released_on <= day))
