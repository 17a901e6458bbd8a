"""WebSub subscriptions: who asked to be told when a feed changes, until when, and what is due to them."""

from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal, ledger
from campaigns.core.base import Base, by_value, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound

# A request names a callback that somebody else may own, and is written before it is asked. So that nobody fills the
# table, or has us knock at a stranger's door a thousand times, there are at most so many:
MOST_ASKED = 500  # that have never confirmed, at once
MOST_AT_ONE_HOST = 100  # of one host's, confirmed or not: a reader of every feed and topic has some thirty
FULL_FOR = 60  # seconds after which it is worth asking again: a callback that answers is settled in a few


class Full(Exception):
    """No more subscriptions of this sort are taken now. ``retry_after``: seconds, None if waiting will not help."""

    def __init__(self, message: str, retry_after: int | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SubscriptionState(Enum):
    """How a subscription stands."""

    VERIFYING = "verifying"  # the callback must first say that it asked
    ACTIVE = "active"
    ENDING = "ending"  # an unsubscription waits for the callback's word


class Subscription(ledger.Due, Base):
    """One callback for one feed. What is sealed is encrypted by the coordinator: its secret, and the feed's address,
    for a partner's own feed has the partner's key in it. ``topic_hash``: the address's SHA-256, to find it again.

    Due when something is to be sent. ``sent_change``: when the feed was last sent; NULL while a change waits to be told
    until the callback has answered what it was asked.
    """

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_hash: Mapped[str] = mapped_column(sa.String(64))
    sealed_topic: Mapped[str] = mapped_column(sa.Text)
    callback: Mapped[str] = mapped_column(sa.String(1000))
    callback_host: Mapped[str] = mapped_column(sa.String(260), index=True, server_default="")
    state: Mapped[SubscriptionState] = mapped_column(by_value(SubscriptionState, "subscription_state"))
    lease_seconds: Mapped[int]
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sealed_secret: Mapped[str | None] = mapped_column(sa.Text)
    pending_secret: Mapped[str | None] = mapped_column(sa.Text)
    challenge: Mapped[str | None] = mapped_column(sa.String(64))
    sent_change: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="")

    __table_args__ = (sa.UniqueConstraint("topic_hash", "callback"), ledger.due_index("subscriptions"))


def ask(
    session: Session,
    *,
    topic: str,
    sealed_topic: str,
    callback: str,
    subscribe: bool,
    lease_seconds: int,
    sealed_secret: str | None,
    challenge: str,
    now: datetime,
) -> Subscription | None:
    """Note a request; nothing changes until the callback has confirmed it. None: there is nothing to unsubscribe.

    Raises ``Full`` for a new one when there are too many.
    """
    digest = sha256(topic.encode()).hexdigest()
    row = session.execute(
        sa.select(Subscription)
        .where(Subscription.topic_hash == digest, Subscription.callback == callback)
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        if not subscribe:
            return None
        _check_room(session, callback)
        row = Subscription(
            topic_hash=digest,
            sealed_topic=sealed_topic,
            callback=callback,
            callback_host=_host(callback),
            lease_seconds=lease_seconds,
            last_error="",
        )
        session.add(row)
    row.state = SubscriptionState.VERIFYING if subscribe else SubscriptionState.ENDING
    row.lease_seconds, row.pending_secret, row.challenge = lease_seconds, sealed_secret, challenge
    row.due_at, row.attempt = now, 0
    session.flush()
    return row


def _host(callback: str) -> str:
    return (urlsplit(callback).hostname or "")[:260]


def _check_room(session: Session, callback: str) -> None:
    host = _host(callback)
    here = sa.select(sa.func.count()).where(Subscription.callback_host == host)
    if session.execute(here).scalar_one() >= MOST_AT_ONE_HOST:
        raise Full(f"{host} has {MOST_AT_ONE_HOST} subscriptions, no more are taken", None)
    unconfirmed = sa.select(sa.func.count()).where(Subscription.expires_at.is_(None))
    if session.execute(unconfirmed).scalar_one() >= MOST_ASKED:
        raise Full("too many callbacks are being asked already; try again in a minute", FULL_FOR)


def confirm(session: Session, row: Subscription, *, now: datetime) -> None:
    """The callback said yes: begin or end."""
    if row.state is SubscriptionState.ENDING:
        session.delete(row)
    else:
        missed = _missed(row, now)
        row.state, row.sealed_secret, row.pending_secret = SubscriptionState.ACTIVE, row.pending_secret, None
        row.expires_at, row.challenge = now + timedelta(seconds=row.lease_seconds), None
        row.due_at, row.sent_change = (now, None) if missed else (None, now)
        row.attempt, row.lease_until, row.last_error = 0, None, ""
    session.flush()


def refuse(session: Session, row: Subscription, why: str, *, now: datetime) -> None:
    """The callback did not confirm: a new subscription is dropped; a live one goes on as it was."""
    if not _live(row, now):
        session.delete(row)
    else:
        row.due_at = now if _missed(row, now) else None
        row.state, row.pending_secret, row.challenge = SubscriptionState.ACTIVE, None, None
        row.attempt, row.lease_until, row.last_error = 0, None, why
    session.flush()


def _live(row: Subscription, now: datetime) -> bool:
    return row.expires_at is not None and row.expires_at > now


def _missed(row: Subscription, now: datetime) -> bool:
    """Whether something was announced while the callback was being asked."""
    return _live(row, now) and row.sent_change is None


def announce(session: Session, *, now: datetime) -> int:
    """Something outsiders see has changed: every live subscription is due. Returns how many; also drops expired ones.

    One whose callback is being asked at this moment, by whomever, is told once that is settled.
    """
    session.execute(sa.delete(Subscription).where(Subscription.expires_at.is_not(None), Subscription.expires_at <= now))
    session.execute(
        sa.update(Subscription)
        .where(Subscription.state != SubscriptionState.ACTIVE)
        .values(sent_change=None)
        .execution_options(synchronize_session=False)
    )
    done = session.execute(
        sa.update(Subscription)
        .where(Subscription.state == SubscriptionState.ACTIVE)
        .values(due_at=now, attempt=0)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)


def listeners(session: Session, most: int, skip: int = 0) -> tuple[list[Subscription], int]:
    """Some of the subscriptions by their callback's host, and how many there are."""
    total = session.execute(sa.select(sa.func.count()).select_from(Subscription)).scalar_one()
    query = sa.select(Subscription).order_by(Subscription.callback_host, Subscription.id).limit(most).offset(skip)
    return list(session.execute(query).scalars()), total


def end(session: Session, actor: str, ident: int, *, now: datetime) -> Subscription:
    """Tell this callback no more; it may subscribe again. Raises ``NotFound``."""
    row = session.get(Subscription, ident)
    if row is None:
        raise NotFound(f"there is no subscription {ident}", subscription=ident)
    details = {"callback": row.callback}
    journal.record(session, actor, "subscription.ended", "subscription", row.callback_host, details, now=now)
    session.delete(row)
    session.flush()
    return row
