"""Which delivery a worker takes next: of each channel that is ready the first that is, within what the channel bears.

Ready is a channel that works, whose breaker lets somebody through, that has a token, and that has fewer messages on
their way than it may. All of it stands in the database and is decided in the claim's own transaction, with the
channels' rows locked, so that workers of any number keep it together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.core import ledger
from campaigns.core.ledger import Claim
from campaigns.publishing import rates
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import UNSETTLED, Delivery, DeliveryState, Natures
from campaigns.publishing.rates import Limits
from campaigns.publishing.transport import Act

# A claim that finds all it chose taken by another looks again; more than a few times in a row is not worth waiting for.
ROUNDS = 8
WORKING = (ChannelState.ACTIVE, ChannelState.FAILING)


@dataclass(frozen=True)
class _Chosen:
    delivery: int
    channel: int
    due_at: datetime | None  # never None of what is due


def claim(
    session: Session, limit: int, lease: timedelta, natures: Natures, *, hurry: int = 1, now: datetime
) -> list[Claim]:
    """Lease up to ``limit`` deliveries that are due, those first that wait longest. The caller commits before it acts.

    Of a channel one is taken, and more where more may be on their way at once; of one bulletin never two. A recall goes
    before everything else of its channel. ``hurry``: how many times its limit each channel is sent a minute.
    """
    done: list[Claim] = []
    for number in range(ROUNDS):
        chosen = _choose(session, limit - len(done), now)
        if not chosen:
            break
        taken, more = _take(session, chosen, lease, natures, hurry, wait=number == 0, now=now)
        done += taken
        if len(done) >= limit or (taken and not more):
            break
    return done


def _choose(session: Session, limit: int, now: datetime) -> list[_Chosen]:
    """The first delivery of each ready channel, by when it was due; read without a lock."""
    ready = (
        sa.select(
            sa.func.coalesce(
                _first(now, Delivery.act == Act.RECALL),
                # A recall reaches paused channels too: what must come down does not wait for somebody to press resume.
                sa.case((Channel.state != ChannelState.PAUSED, _first(now))),
            ).label("first")
        )
        .where(
            Channel.state.in_((*WORKING, ChannelState.PAUSED)),
            sa.or_(Channel.open_until.is_(None), Channel.open_until <= now),
            sa.or_(Channel.free_at.is_(None), Channel.free_at <= now),
            _in_hand(now).where(Delivery.channel_id == Channel.id).correlate(Channel).scalar_subquery()
            < sa.case((Channel.opened > 0, 1), else_=sa.func.coalesce(Channel.at_once, 1)),
        )
        .subquery()
    )
    query = (
        sa.select(Delivery.id, Delivery.channel_id, Delivery.due_at)
        .join(ready, Delivery.id == ready.c.first)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    )
    return [_Chosen(*row) for row in session.execute(query)]


def _first(now: datetime, *wanted: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    """The delivery of a channel that has been due the longest and that nothing stands before."""
    query = (
        sa.select(Delivery.id)
        .where(Delivery.channel_id == Channel.id, *_free(now), *wanted)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
    )
    return query.correlate(Channel).scalar_subquery()


def _free(now: datetime) -> Iterable[sa.ColumnElement[bool]]:
    """Due, in nobody's hands, and nothing older of the same bulletin unsettled at the same channel."""
    older = aliased(Delivery)
    before = sa.exists().where(
        older.bulletin_id == Delivery.bulletin_id,
        older.channel_id == Delivery.channel_id,
        older.id < Delivery.id,
        older.state.in_(UNSETTLED),
    )
    leased = sa.or_(Delivery.lease_until.is_(None), Delivery.lease_until <= now)
    return Delivery.due_at.is_not(None), Delivery.due_at <= now, leased, sa.not_(before)


def _in_hand(now: datetime) -> sa.Select[Any]:
    """How many messages are on their way. One that a channel has accepted and works on by itself is none of them."""
    return sa.select(sa.func.count()).where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until > now)


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
    columns = (
        Channel.id, Channel.kind, Channel.opened, Channel.open_until, Channel.free_at,
        Channel.rate, Channel.burst, Channel.at_once,
    )  # fmt: skip
    query = sa.select(*columns).where(Channel.id.in_([one.channel for one in chosen])).order_by(Channel.id)
    locked = session.execute(query.with_for_update(key_share=True, skip_locked=not wait)).all()
    theirs = Delivery.channel_id.in_([row.id for row in locked])
    counts = _in_hand(now).add_columns(Delivery.channel_id).where(theirs).group_by(Delivery.channel_id)
    busy = {row[1]: int(row[0]) for row in session.execute(counts)}
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


def longest_due(session: Session, *, now: datetime) -> datetime | None:
    """Since when the delivery that waits longest for a worker is due; None when none does. What a channel holds, being
    paused, without authorisation, at rest or out of tokens, waits for the channel."""
    waits = Delivery.due_at.is_not(None), Delivery.due_at <= now, Delivery.lease_until.is_(None)
    ready = (
        Channel.state.in_(WORKING),
        Channel.opened == 0,
        sa.or_(Channel.free_at.is_(None), Channel.free_at <= now),
    )
    query = sa.select(sa.func.min(Delivery.due_at)).join(Channel).where(*waits, *ready)
    return session.execute(query).scalar_one_or_none()


def limits_of(
    natures: Natures, kind: str, rate: int | None, burst: int | None, at_once: int | None, hurry: int = 1
) -> Limits:
    """The limits of a channel: what an administrator set, and else what is usual for its kind."""
    usual = natures.limits_of(kind)
    given = rate or usual.rate
    return Limits(given * hurry if given is not None else None, burst or usual.burst, at_once or usual.at_once)
