"""Claims of deliveries: the first due delivery of each ready channel, within the channel's limits.

A channel is ready when it works, its breaker is not open, it has a token, and it has fewer messages being sent than it
may. Channels with one host take turns: the HTTP client asks a host one thing at a time, so that several workers would
wait for a slow one. All of this is stored in the database and decided in the claim's own transaction, with the
channels' rows locked, so that any number of workers keep the limits together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.channels import health, rate_limits
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.rate_limits import RateLimit
from campaigns.channels.transport import DeliveryAct
from campaigns.core import ledger
from campaigns.core.base import UTCDateTime, rows_changed
from campaigns.core.ledger import Claim
from campaigns.delivery.outbox import UNSETTLED_STATES, Delivery, DeliveryModes, DeliveryState

# A claim whose candidates were all claimed by another worker is repeated, a few times at most.
ROUNDS = 8
NEAR = 4  # deliveries that are read first for each one to claim
WORKING_STATES = (ChannelState.ACTIVE, ChannelState.FAILING)


@dataclass(frozen=True)
class _Candidate:
    delivery: int
    channel: int
    due_at: datetime | None  # never None for a due delivery
    turn: int  # the channel whose row is locked for all channels of its host


def claim_deliveries(
    session: Session,
    limit: int,
    lease: timedelta,
    delivery_modes: DeliveryModes,
    *,
    rate_factor: int = 1,
    silent_limit: int | None = None,
    now: datetime,
) -> list[Claim]:
    """Lease up to ``limit`` due deliveries, those that wait longest first. The caller commits before it sends.

    One delivery of each channel is claimed, more where the channel takes several at once; never two of one bulletin. Of
    several channels with one host, one has a claimed delivery at a time; the others stay due and use up no try. A
    recall precedes everything else of its channel, and a look at a message that the channel has accepted precedes what
    it has not got yet, however long that has been due. ``rate_factor``: the factor by which each channel's rate is
    multiplied. ``silent_limit``: the largest number of concurrent messages to channels that did not answer last time,
    None = any. Each of them may block a worker for its whole deadline, so that they get few workers, after the others.
    """
    done: list[Claim] = []
    for number in range(ROUNDS):
        chosen = _candidates(session, limit - len(done), _silent_capacity(session, silent_limit, now), now)
        if not chosen:
            break
        taken, more = _lease_candidates(session, chosen, lease, delivery_modes, rate_factor, wait=number == 0, now=now)
        done += taken
        if len(done) >= limit or (taken and not more):
            break
    return done


def _silent_capacity(session: Session, silent_limit: int | None, now: datetime) -> int | None:
    """Return the number of further messages to channels that do not answer. Concurrent claims may both use it: it is a
    share of the workers, not a limit of the channels."""
    if silent_limit is None:
        return None
    return max(silent_limit - int(session.execute(_count_at_silent(), {"now": now}).scalar_one()), 0)


def _candidates(session: Session, limit: int, silent_capacity: int | None, now: datetime) -> list[_Candidate]:
    """Return the first delivery of each ready channel in the order of due times, read without a lock. Those of channels
    that did not answer come last, at most ``silent_capacity``."""
    found = _candidates_among(session, limit, False, now)
    left = limit - len(found) if silent_capacity is None else min(limit - len(found), silent_capacity)
    silent = _candidates_among(session, left, True, now) if left > 0 else []
    turns = {candidate.turn for candidate in found}
    return [*found, *(candidate for candidate in silent if candidate.turn not in turns)]


def _candidates_among(session: Session, limit: int, silent: bool, now: datetime) -> list[_Candidate]:
    """Return up to ``limit`` candidates, of the channels that did not answer or of the others. At first only the
    channels of the deliveries that are due the longest are read, so that a claim costs the same with thousands of
    channels."""
    most = NEAR * limit
    rows = session.execute(_nearest_channels(silent), {"now": now, "most": most}).scalars().all()
    given: dict[str, object] = {"now": now, "most": limit}
    found = session.execute(_first_of_each(None), {**given, "near": sorted(set(rows))}).all() if rows else []
    if len(found) < limit and len(rows) == most:
        # The first deliveries are one channel's backlog, or wait for an older one: then all channels are read.
        found = session.execute(_first_of_each(silent), given).all()
    return [_Candidate(*row) for row in found]


# Statements are built once: building takes longer than executing them, and every message makes a claim.
_NOW = sa.bindparam("now", type_=UTCDateTime())
_MOST = sa.bindparam("most", type_=sa.Integer())


def _silence_condition(silent: bool) -> sa.ColumnElement[bool]:
    return Channel.silent > 0 if silent else Channel.silent == 0


@cache
def _count_at_silent() -> sa.Select[Any]:
    return _count_sending().where(Delivery.channel_id.in_(sa.select(Channel.id).where(_silence_condition(True))))


@cache
def _nearest_channels(silent: bool) -> sa.Select[Any]:
    """The channels of the deliveries that are due the longest and that their channel allows.

    In one query PostgreSQL checks the channel of everything that is due before it sorts, since its statistics were
    made when nothing was due. With the ordered subquery it checks channels in order and stops at the limit.
    """
    due = sa.select(Delivery.channel_id, Delivery.due_at).where(*_due_conditions()).order_by(Delivery.due_at).subquery()
    return (
        sa.select(due.c.channel_id)
        .join(Channel, Channel.id == due.c.channel_id)
        .where(_silence_condition(silent), *_ready_conditions())
        .order_by(due.c.due_at)
        .limit(_MOST)
    )


@cache
def _first_of_each(silent: bool | None) -> sa.Executable:
    """The first delivery of each channel, and of each host; None: of the channels in ``near``."""
    among = Channel.id.in_(sa.bindparam("near", expanding=True)) if silent is None else _silence_condition(silent)
    ready = (
        sa.select(
            sa.func.coalesce(
                _first_of_channel(Delivery.act == DeliveryAct.RECALL),
                # A recall is also sent to paused channels and does not wait for their resumption.
                sa.case(
                    (
                        Channel.state != ChannelState.PAUSED,
                        # A due delivery that is being sent was accepted and is looked at, or its worker ended.
                        sa.func.coalesce(
                            _first_of_channel(Delivery.state == DeliveryState.SENDING), _first_of_channel()
                        ),
                    )
                ),
            ).label("first")
        )
        .where(among, *_ready_conditions())
        .subquery()
    )
    turn = _turn()
    order = (Delivery.act != DeliveryAct.RECALL, Delivery.due_at, Delivery.id)
    ranked = (
        sa.select(
            Delivery.id, Delivery.channel_id, Delivery.due_at, turn.label("turn"),
            sa.func.row_number().over(partition_by=turn, order_by=order).label("place"),
        )
        .join(ready, Delivery.id == ready.c.first)
        .join(Channel, Channel.id == Delivery.channel_id)
        .subquery()
    )  # fmt: skip
    columns = ranked.c
    return (
        sa.select(columns.id, columns.channel_id, columns.due_at, columns.turn)
        .where(columns.place == 1)
        .order_by(columns.due_at, columns.id)
        .limit(_MOST)
    )


def _turn() -> sa.ColumnElement[int]:
    """The first channel with the same host; a channel without a host is its own."""
    same = aliased(Channel)
    first = sa.select(sa.func.min(same.id)).where(same.host == Channel.host).correlate(Channel).scalar_subquery()
    return sa.func.coalesce(first, Channel.id)


def _shares_host() -> sa.ColumnElement[bool]:
    """Whether another channel in use has the same host."""
    other = aliased(Channel)
    return (
        sa.exists()
        .where(other.host == Channel.host, other.id != Channel.id, other.state != ChannelState.RETIRED)
        .correlate(Channel)
    )


def _ready_conditions() -> Iterable[sa.ColumnElement[bool]]:
    """The conditions of ready channels: active, breaker closed, a token available, below the concurrency limit, and no
    message on its way to another channel with the same host."""
    busy = _count_sending().where(Delivery.channel_id == Channel.id).correlate(Channel).scalar_subquery()
    return (
        Channel.state.in_((*WORKING_STATES, ChannelState.PAUSED)),
        sa.or_(Channel.open_until.is_(None), Channel.open_until <= _NOW),
        sa.or_(Channel.free_at.is_(None), Channel.free_at <= _NOW),
        busy < _most_at_once(),
        sa.not_(_host_is_busy(_NOW)),
    )


def _host_is_busy(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Whether a message is on its way to another channel with the same host."""
    sending, other = aliased(Delivery), aliased(Channel)
    return (
        sa.exists()
        .where(
            other.host == Channel.host, other.id != Channel.id, sending.channel_id == other.id,
            sending.state == DeliveryState.SENDING, sending.lease_until > now,
        )
        .correlate(Channel)
    )  # fmt: skip


def _most_at_once() -> sa.ColumnElement[int]:
    """The concurrent messages of a channel: what an administrator allowed, but one while it is being probed, and one
    where other channels have its host, since it would never be their turn."""
    return sa.case((sa.or_(Channel.opened > 0, _shares_host()), 1), else_=sa.func.coalesce(Channel.at_once, 1))


def _first_of_channel(*wanted: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    """The delivery of a channel that has been due the longest and has no predecessor."""
    older = aliased(Delivery)
    before = sa.exists().where(
        older.bulletin_id == Delivery.bulletin_id,
        older.channel_id == Delivery.channel_id,
        older.id < Delivery.id,
        older.state.in_(UNSETTLED_STATES),
    )
    query = (
        sa.select(Delivery.id)
        .where(Delivery.channel_id == Channel.id, *_due_conditions(), sa.not_(before), *wanted)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
    )
    return query.correlate(Channel).scalar_subquery()


def _due_conditions() -> Iterable[sa.ColumnElement[bool]]:
    """The conditions of due deliveries without a lease."""
    leased = sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= _NOW)
    return Delivery.due_at.is_not(None), Delivery.due_at <= _NOW, leased


def _count_sending() -> sa.Select[Any]:
    """The number of messages that are being sent, without those that a channel has accepted and processes."""
    return (
        sa.select(sa.func.count())
        .select_from(Delivery)
        .where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until > _NOW)
    )


@cache
def _count_sending_by_channel() -> sa.Select[Any]:
    """The number of messages on their way by channel and host: of the locked channels, and of those with their
    hosts."""
    theirs = sa.or_(
        Channel.id.in_(sa.bindparam("locked", expanding=True)), Channel.host.in_(sa.bindparam("hosts", expanding=True))
    )
    return (
        _count_sending().join(Channel).where(theirs).add_columns(Channel.id, Channel.host)
        .group_by(Channel.id, Channel.host)
    )  # fmt: skip


@cache
def _lock_channels(wait: bool) -> sa.Executable:
    columns = (
        Channel.id, Channel.kind, Channel.opened, Channel.open_until, Channel.free_at,
        Channel.rate, Channel.burst, Channel.host, _most_at_once().label("most"),
    )  # fmt: skip
    query = sa.select(*columns).where(Channel.id.in_(sa.bindparam("chosen", expanding=True))).order_by(Channel.id)
    return query.with_for_update(key_share=True, skip_locked=not wait)


def _lease_candidates(
    session: Session,
    chosen: Sequence[_Candidate],
    lease: timedelta,
    delivery_modes: DeliveryModes,
    rate_factor: int,
    *,
    wait: bool,
    now: datetime,
) -> tuple[list[Claim], bool]:
    """Lock the channels of the chosen deliveries, check them again, and lease those that are still due. Also returns
    whether any of the channels can take another message.

    Locks are acquired in one order, by a transaction without other locks; later rounds skip locked channels.
    """
    places = sorted({ident for candidate in chosen for ident in (candidate.channel, candidate.turn)})
    locked = {row.id: row for row in session.execute(_lock_channels(wait), {"chosen": places})}
    hosts = sorted({row.host for row in locked.values() if row.host is not None})
    sending = session.execute(_count_sending_by_channel(), {"now": now, "locked": list(locked), "hosts": hosts}).all()
    open_ = {ident: row for ident, row in locked.items() if _lets_through(row, sending, now)}
    wanted = {
        candidate.delivery: candidate for candidate in chosen if candidate.channel in open_ and candidate.turn in locked
    }
    if not wanted:
        return [], True
    # A worker that claimed one of them meanwhile had its channel locked, so that the row shows it now. An older
    # delivery of the bulletin can have become due only by a concurrent action of a person.
    claims = ledger.claim(
        session, Delivery, len(wanted), lease, Delivery.id.in_(list(wanted)), values={"state": DeliveryState.SENDING},
        now=now,
    )  # fmt: skip
    spent: dict[datetime | None, list[int]] = {}
    for claim in claims:
        due = wanted[claim.id]
        row = open_[due.channel]
        limits = effective_limit(delivery_modes, row.kind, row.rate, row.burst, row.most, rate_factor)
        free_at = rate_limits.next_token_at(
            limits, row.free_at, late=now - (due.due_at or now) > rate_limits.LATE_AFTER, now=now
        )
        if free_at != row.free_at:
            spent.setdefault(free_at, []).append(row.id)
    for moment, ids in spent.items():  # channels of one kind after a pause get the same time
        session.execute(
            sa.update(Channel)
            .where(Channel.id.in_(ids))
            .values(free_at=moment)
            .execution_options(synchronize_session=False)
        )
    return claims, any(row.most > 1 for row in open_.values())


def _lets_through(row: Any, sending: Sequence[Any], now: datetime) -> bool:
    """Whether a locked row meets the conditions of ``_ready_conditions``. ``sending``: (number, channel, host)."""
    resting = row.open_until is not None and row.open_until > now
    dry = row.free_at is not None and row.free_at > now
    own = sum(count for count, channel, _ in sending if channel == row.id)
    others = sum(
        count for count, channel, host in sending if host is not None and host == row.host and channel != row.id
    )
    return not resting and not dry and own < row.most and not others


def is_sendable(now: datetime) -> sa.ColumnElement[bool]:
    """The condition of deliveries that wait only for a worker: their channel is ready, its host is not busy with
    another channel, and no older delivery of the same bulletin to it is unsettled."""
    older = aliased(Delivery)
    ready = sa.select(Channel.id).where(
        Channel.state.in_(WORKING_STATES),
        Channel.opened == 0,
        sa.or_(Channel.free_at.is_(None), Channel.free_at <= now),
        sa.not_(_host_is_busy(now)),
    )
    behind = sa.exists().where(
        older.bulletin_id == Delivery.bulletin_id,
        older.channel_id == Delivery.channel_id,
        older.id < Delivery.id,
        older.state.in_(UNSETTLED_STATES),
    )
    return sa.and_(Delivery.channel_id.in_(ready), sa.not_(behind))


def longest_due_since(session: Session, *, now: datetime) -> datetime | None:
    """Return since when the oldest sendable delivery is due; None when there is none."""
    free = sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= now)
    query = sa.select(sa.func.min(Delivery.due_at)).where(Delivery.due_at <= now, free, is_sendable(now))
    return session.execute(query).scalar_one_or_none()


def clamp_future_waits(session: Session, *, now: datetime) -> int:
    """Reset channels whose next token or probe is further ahead than possible, since it was written while a machine's
    clock was ahead. Returns their number."""
    done = 0
    for column, most in ((Channel.free_at, rate_limits.LONGEST_TOKEN_WAIT), (Channel.open_until, health.LONGEST_REST)):
        written = session.execute(
            sa.update(Channel)
            .where(column > now + most)
            .values({column.key: now})
            .execution_options(synchronize_session=False)
        )
        done += rows_changed(written)
    return done


def effective_limit(
    delivery_modes: DeliveryModes,
    kind: str,
    rate: int | None,
    burst: int | None,
    at_once: int | None,
    rate_factor: int = 1,
) -> RateLimit:
    """Return the limits of a channel: those that an administrator set, else the defaults of its kind."""
    usual = delivery_modes.limits_of(kind)
    given = rate or usual.rate
    return RateLimit(given * rate_factor if given is not None else None, burst or usual.burst, at_once or usual.at_once)
