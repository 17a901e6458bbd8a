"""Which delivery a worker takes next: of each channel that is ready the first that is, within what the channel bears.

Ready is a channel that works, whose breaker lets somebody through, that has a token, and that has fewer messages on
their way than it may. All of it stands in the database and is decided in the claim's own transaction, with the
channels' rows locked, so that workers of any number keep it together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.core import ledger
from campaigns.core.base import rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.ledger import Claim
from campaigns.publishing import breaker, rates
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import UNSETTLED, Delivery, DeliveryState, Natures
from campaigns.publishing.rates import Limits
from campaigns.publishing.transport import Act

# A claim that finds all it chose taken by another looks again; more than a few times in a row is not worth waiting for.
ROUNDS = 8
NEAR = 4  # deliveries looked at first for each that is to be claimed
WORKING = (ChannelState.ACTIVE, ChannelState.FAILING)


@dataclass(frozen=True)
class _Chosen:
    delivery: int
    channel: int
    due_at: datetime | None  # never None of what is due


def claim(
    session: Session,
    limit: int,
    lease: timedelta,
    natures: Natures,
    *,
    hurry: int = 1,
    aside: int | None = None,
    now: datetime,
) -> list[Claim]:
    """Lease up to ``limit`` deliveries that are due, those first that wait longest. The caller commits before it acts.

    Of a channel one is taken, and more where more may be on their way at once; of one bulletin never two. A recall goes
    before everything else of its channel. ``hurry``: how many times its limit each channel is sent a minute.
    ``aside``: how many messages may be on their way to channels that did not answer last time, None = any number. Each
    of them may hold a worker for its whole deadline, so they get few, and come after the others.
    """
    done: list[Claim] = []
    for number in range(ROUNDS):
        chosen = _choose(session, limit - len(done), _room(session, aside, now), now)
        if not chosen:
            break
        taken, more = _take(session, chosen, lease, natures, hurry, wait=number == 0, now=now)
        done += taken
        if len(done) >= limit or (taken and not more):
            break
    return done


def _room(session: Session, aside: int | None, now: datetime) -> int | None:
    """How many more may be on their way to channels that do not answer. Two that claim at the same moment may both use
    it: it is a share, not a limit that anybody outside counts on."""
    if aside is None:
        return None
    return max(aside - int(session.execute(_asked_in_vain(), {"now": now}).scalar_one()), 0)


def _choose(session: Session, limit: int, room: int | None, now: datetime) -> list[_Chosen]:
    """The first delivery of each ready channel by when it was due, read without a lock. Last those of channels that did
    not answer, at most ``room``."""
    found = _some(session, limit, False, now)
    left = limit - len(found) if room is None else min(limit - len(found), room)
    return found + (_some(session, left, True, now) if left > 0 else [])


def _some(session: Session, limit: int, silent: bool, now: datetime) -> list[_Chosen]:
    """Up to ``limit``, of the channels that did not answer or of the others. At first only the channels of what has
    been due the longest are looked at: a claim of a few costs the same whether there are ten channels or thousands."""
    most = NEAR * limit
    rows = session.execute(_near(silent), {"now": now, "most": most}).scalars().all()
    given: dict[str, object] = {"now": now, "most": limit}
    found = session.execute(_firsts(None), {**given, "near": sorted(set(rows))}).all() if rows else []
    if len(found) < limit and len(rows) == most:
        # What stands in front is one channel's backlog, or waits for something older: then all are looked at.
        found = session.execute(_firsts(silent), given).all()
    return [_Chosen(*row) for row in found]


# Statements are put together once: that takes longer than to execute them, and a claim comes with every message.
_NOW = sa.bindparam("now", type_=UTCDateTime())
_MOST = sa.bindparam("most", type_=sa.Integer())


def _answers(silent: bool) -> sa.ColumnElement[bool]:
    return Channel.silent > 0 if silent else Channel.silent == 0


@cache
def _asked_in_vain() -> sa.Select[Any]:
    return _in_hand().where(Delivery.channel_id.in_(sa.select(Channel.id).where(_answers(True))))


@cache
def _near(silent: bool) -> sa.Select[Any]:
    """The channels of what has been due the longest, and may be sent as far as its channel goes."""
    return (
        sa.select(Delivery.channel_id)
        .join(Channel)
        .where(_answers(silent), *_ready(), *_due())
        .order_by(Delivery.due_at)
        .limit(_MOST)
    )


@cache
def _firsts(silent: bool | None) -> sa.Executable:
    """The first delivery of each channel; None: of those named ``near``."""
    among = Channel.id.in_(sa.bindparam("near", expanding=True)) if silent is None else _answers(silent)
    ready = (
        sa.select(
            sa.func.coalesce(
                _first(Delivery.act == Act.RECALL),
                # A recall reaches paused channels too: what must come down does not wait for somebody to press resume.
                sa.case((Channel.state != ChannelState.PAUSED, _first())),
            ).label("first")
        )
        .where(among, *_ready())
        .subquery()
    )
    return (
        sa.select(Delivery.id, Delivery.channel_id, Delivery.due_at)
        .join(ready, Delivery.id == ready.c.first)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(_MOST)
    )


def _ready() -> Iterable[sa.ColumnElement[bool]]:
    """Channels that work, are not at rest, have a token, and fewer messages on their way than they may."""
    busy = _in_hand().where(Delivery.channel_id == Channel.id).correlate(Channel).scalar_subquery()
    return (
        Channel.state.in_((*WORKING, ChannelState.PAUSED)),
        sa.or_(Channel.open_until.is_(None), Channel.open_until <= _NOW),
        sa.or_(Channel.free_at.is_(None), Channel.free_at <= _NOW),
        busy < sa.case((Channel.opened > 0, 1), else_=sa.func.coalesce(Channel.at_once, 1)),
    )


def _first(*wanted: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    """The delivery of a channel that has been due the longest and that nothing stands before."""
    older = aliased(Delivery)
    before = sa.exists().where(
        older.bulletin_id == Delivery.bulletin_id,
        older.channel_id == Delivery.channel_id,
        older.id < Delivery.id,
        older.state.in_(UNSETTLED),
    )
    query = (
        sa.select(Delivery.id)
        .where(Delivery.channel_id == Channel.id, *_due(), sa.not_(before), *wanted)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
    )
    return query.correlate(Channel).scalar_subquery()


def _due() -> Iterable[sa.ColumnElement[bool]]:
    """Due, and in nobody's hands."""
    leased = sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= _NOW)
    return Delivery.due_at.is_not(None), Delivery.due_at <= _NOW, leased


def _in_hand() -> sa.Select[Any]:
    """How many messages are on their way. One that a channel has accepted and works on by itself is none of them."""
    return sa.select(sa.func.count()).where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until > _NOW)


@cache
def _busy() -> sa.Select[Any]:
    theirs = Delivery.channel_id.in_(sa.bindparam("locked", expanding=True))
    return _in_hand().add_columns(Delivery.channel_id).where(theirs).group_by(Delivery.channel_id)


@cache
def _locked(wait: bool) -> sa.Executable:
    columns = (
        Channel.id, Channel.kind, Channel.opened, Channel.open_until, Channel.free_at,
        Channel.rate, Channel.burst, Channel.at_once,
    )  # fmt: skip
    query = sa.select(*columns).where(Channel.id.in_(sa.bindparam("chosen", expanding=True))).order_by(Channel.id)
    return query.with_for_update(key_share=True, skip_locked=not wait)


def _take(
    session: Session,
    chosen: Sequence[_Chosen],
    lease: timedelta,
    natures: Natures,
    hurry: int,
    *,
    wait: bool,
    now: datetime,
) -> tuple[list[Claim], bool]:
    """Lock the channels of what was chosen, look again, and lease what still stands. Also, whether any of the channels
    can have another message on its way.

    Who waits for locks holds none yet, and takes them in one order; later rounds leave out what another has locked.
    """
    locked = session.execute(_locked(wait), {"chosen": [one.channel for one in chosen]}).all()
    counts = session.execute(_busy(), {"now": now, "locked": [row.id for row in locked]})
    busy = {row[1]: int(row[0]) for row in counts}
    open_ = {row.id: row for row in locked if _lets_through(row, busy.get(row.id, 0), now)}
    wanted = {one.delivery: one for one in chosen if one.channel in open_}
    if not wanted:
        return [], True
    # Who took one of them meanwhile had its channel locked, so that the row shows it now. Nothing older of the bulletin
    # can have come before it, unless by a person's hand in this very moment.
    claims = ledger.claim(
        session, Delivery, len(wanted), lease, Delivery.id.in_(list(wanted)), values={"state": DeliveryState.SENDING},
        now=now,
    )  # fmt: skip
    spent: dict[datetime | None, list[int]] = {}
    for one in claims:
        due = wanted[one.id]
        row = open_[due.channel]
        limits = limits_of(natures, row.kind, row.rate, row.burst, row.at_once, hurry)
        free_at = rates.taken(limits, row.free_at, late=now - (due.due_at or now) > rates.LATE, now=now)
        if free_at != row.free_at:
            spent.setdefault(free_at, []).append(row.id)
    for moment, ids in spent.items():  # rested channels of one kind all come to the same moment
        session.execute(
            sa.update(Channel)
            .where(Channel.id.in_(ids))
            .values(free_at=moment)
            .execution_options(synchronize_session=False)
        )
    return claims, any(row.at_once is not None and row.at_once > 1 and not row.opened for row in open_.values())


def _lets_through(row: Any, busy: int, now: datetime) -> bool:
    """The same as ``_choose`` asked, of a row that nobody else can change now."""
    resting = row.open_until is not None and row.open_until > now
    dry = row.free_at is not None and row.free_at > now
    return not resting and not dry and busy < (1 if row.opened else row.at_once or 1)


def sendable(now: datetime) -> sa.ColumnElement[bool]:
    """Deliveries that nothing but us keeps waiting: neither their channel, being paused, without authorisation, at rest
    or out of tokens, nor an older one of the same bulletin there that is not settled."""
    older = aliased(Delivery)
    ready = sa.select(Channel.id).where(
        Channel.state.in_(WORKING), Channel.opened == 0, sa.or_(Channel.free_at.is_(None), Channel.free_at <= now)
    )
    behind = sa.exists().where(
        older.bulletin_id == Delivery.bulletin_id,
        older.channel_id == Delivery.channel_id,
        older.id < Delivery.id,
        older.state.in_(UNSETTLED),
    )
    return sa.and_(Delivery.channel_id.in_(ready), sa.not_(behind))


def longest_due(session: Session, *, now: datetime) -> datetime | None:
    """Since when the sendable delivery that waits longest for a worker is due; None when none does."""
    free = sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= now)
    query = sa.select(sa.func.min(Delivery.due_at)).where(Delivery.due_at <= now, free, sendable(now))
    return session.execute(query).scalar_one_or_none()


def believe_no_later(session: Session, *, now: datetime) -> int:
    """Let go on the channels whose next token or probe lies further ahead than any can: a machine's clock was ahead
    when it was written, and they would wait until that moment comes. Returns how many."""
    done = 0
    for column, most in ((Channel.free_at, rates.LONGEST), (Channel.open_until, breaker.LONGEST)):
        written = session.execute(
            sa.update(Channel)
            .where(column > now + most)
            .values({column.key: now})
            .execution_options(synchronize_session=False)
        )
        done += rows_changed(written)
    return done


def limits_of(
    natures: Natures, kind: str, rate: int | None, burst: int | None, at_once: int | None, hurry: int = 1
) -> Limits:
    """The limits of a channel: what an administrator set, and else what is usual for its kind."""
    usual = natures.limits_of(kind)
    given = rate or usual.rate
    return Limits(given * hurry if given is not None else None, burst or usual.burst, at_once or usual.at_once)
