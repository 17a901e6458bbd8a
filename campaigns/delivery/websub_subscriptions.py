"""WebSub subscriptions: callbacks that receive a feed when it changes, their leases, and what is due to them."""

from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal, ledger
from campaigns.core.base import Base, UTCDateTime, by_value, rows_changed
from campaigns.core.errors import NotFound
from campaigns.core.listing import ListPage, ListQuery

# A request names a callback that may belong to a third party, and is stored before the callback is verified. These
# limits keep a stranger from filling the table and from making this product send many requests to another host.
MOST_REQUESTED = 500  # subscriptions that have never been confirmed
MOST_AT_ONE_HOST = 100  # subscriptions of one host, confirmed or not: a reader of every feed and topic has some thirty
RETRY_SECONDS = 60  # after which a request may succeed again: a callback that answers is verified within seconds


class TooManySubscriptions(Exception):
    """The limit of subscriptions is reached. ``retry_after``: seconds, None if waiting does not help."""

    def __init__(self, message: str, retry_after: int | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SubscriptionState(Enum):
    """The states of a subscription."""

    VERIFYING = "verifying"  # the callback must confirm the request
    ACTIVE = "active"
    ENDING = "ending"  # the callback must confirm the unsubscription


class WebsubSubscription(ledger.WorkItem, Base):
    """One callback for one feed. The ``encrypted_`` columns are encrypted by the coordinator: the secret, and the
    feed's address, since that of a partner's own feed contains the partner's key. ``topic_hash``: the address's
    SHA-256, by which it is found.

    Due when something is to be sent. ``sent_change``: when the feed was last sent; NULL while a change waits for the
    callback to answer a verification.
    """

    __tablename__ = "websub_subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_hash: Mapped[str] = mapped_column(sa.String(64))
    encrypted_topic: Mapped[str] = mapped_column(sa.Text)
    callback: Mapped[str] = mapped_column(sa.String(1000))
    callback_host: Mapped[str] = mapped_column(sa.String(260), index=True, server_default="")
    state: Mapped[SubscriptionState] = mapped_column(by_value(SubscriptionState, "subscription_state"))
    lease_seconds: Mapped[int]
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    encrypted_secret: Mapped[str | None] = mapped_column(sa.Text)
    pending_secret: Mapped[str | None] = mapped_column(sa.Text)
    challenge: Mapped[str | None] = mapped_column(sa.String(64))
    sent_change: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="")

    __table_args__ = (sa.UniqueConstraint("topic_hash", "callback"), ledger.due_index("websub_subscriptions"))


def claim_one_per_host(session: Session, limit: int, lease: timedelta, *, now: datetime) -> list[ledger.Claim]:
    """Lease up to ``limit`` due subscriptions, at most one per host of a callback, and none of a host that is being
    called: a slow host occupies one worker, however many subscriptions it has."""
    called = sa.select(WebsubSubscription.callback_host).where(WebsubSubscription.lease_until > now)
    free = WebsubSubscription.callback_host.not_in(called)
    return ledger.claim(
        session, WebsubSubscription, limit, lease, free, spread=WebsubSubscription.callback_host, now=now
    )


def request_subscription(
    session: Session,
    *,
    topic: str,
    encrypted_topic: str,
    callback: str,
    subscribe: bool,
    lease_seconds: int,
    encrypted_secret: str | None,
    challenge: str,
    now: datetime,
) -> WebsubSubscription | None:
    """Store a request; nothing changes until the callback has confirmed it. None: there is nothing to unsubscribe.

    Raises ``TooManySubscriptions`` for a new one beyond the limits.
    """
    topic_hash = sha256(topic.encode()).hexdigest()
    row = session.execute(
        sa.select(WebsubSubscription)
        .where(WebsubSubscription.topic_hash == topic_hash, WebsubSubscription.callback == callback)
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        if not subscribe:
            return None
        _check_limits(session, callback)
        row = WebsubSubscription(
            topic_hash=topic_hash,
            encrypted_topic=encrypted_topic,
            callback=callback,
            callback_host=_host(callback),
            lease_seconds=lease_seconds,
            last_error="",
        )
        session.add(row)
    row.state = SubscriptionState.VERIFYING if subscribe else SubscriptionState.ENDING
    row.lease_seconds, row.pending_secret, row.challenge = lease_seconds, encrypted_secret, challenge
    row.due_at, row.attempt = now, 0
    session.flush()
    return row


def _host(callback: str) -> str:
    return (urlsplit(callback).hostname or "")[:260]


def _check_limits(session: Session, callback: str) -> None:
    host = _host(callback)
    of_host = sa.select(sa.func.count()).where(WebsubSubscription.callback_host == host)
    if session.execute(of_host).scalar_one() >= MOST_AT_ONE_HOST:
        raise TooManySubscriptions(f"{host} has {MOST_AT_ONE_HOST} subscriptions, no more are taken", None)
    unconfirmed = sa.select(sa.func.count()).where(WebsubSubscription.expires_at.is_(None))
    if session.execute(unconfirmed).scalar_one() >= MOST_REQUESTED:
        raise TooManySubscriptions("too many callbacks are being asked already; try again in a minute", RETRY_SECONDS)


def confirm_subscription(session: Session, row: WebsubSubscription, *, now: datetime) -> None:
    """The callback confirmed: the subscription begins or ends."""
    if row.state is SubscriptionState.ENDING:
        session.delete(row)
    else:
        missed = _missed_announcement(row, now)
        row.state, row.encrypted_secret, row.pending_secret = SubscriptionState.ACTIVE, row.pending_secret, None
        row.expires_at, row.challenge = now + timedelta(seconds=row.lease_seconds), None
        row.due_at, row.sent_change = (now, None) if missed else (None, now)
        row.attempt, row.lease_until, row.last_error = 0, None, ""
    session.flush()


def refuse_subscription(session: Session, row: WebsubSubscription, reason: str, *, now: datetime) -> None:
    """The callback did not confirm: a new subscription is deleted; a live one continues unchanged."""
    if not _is_live(row, now):
        session.delete(row)
    else:
        row.due_at = now if _missed_announcement(row, now) else None
        row.state, row.pending_secret, row.challenge = SubscriptionState.ACTIVE, None, None
        row.attempt, row.lease_until, row.last_error = 0, None, reason
    session.flush()


def _is_live(row: WebsubSubscription, now: datetime) -> bool:
    return row.expires_at is not None and row.expires_at > now


def _missed_announcement(row: WebsubSubscription, now: datetime) -> bool:
    """Whether a change was announced while the callback was being verified."""
    return _is_live(row, now) and row.sent_change is None


def announce_change(session: Session, *, now: datetime) -> int:
    """Make every live subscription due, since what outsiders see has changed; returns their number.

    Expired subscriptions are deleted. One whose callback is being verified is sent the change afterwards.
    """
    session.execute(
        sa.delete(WebsubSubscription).where(
            WebsubSubscription.expires_at.is_not(None), WebsubSubscription.expires_at <= now
        )
    )
    session.execute(
        sa.update(WebsubSubscription)
        .where(WebsubSubscription.state != SubscriptionState.ACTIVE)
        .values(sent_change=None)
        .execution_options(synchronize_session=False)
    )
    announced = session.execute(
        sa.update(WebsubSubscription)
        .where(WebsubSubscription.state == SubscriptionState.ACTIVE)
        .values(due_at=now, attempt=0)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(announced)


def list_subscriptions(session: Session, number: int) -> ListPage[WebsubSubscription]:
    """A page of the subscriptions, ordered by their callback's host."""
    order = (WebsubSubscription.callback_host, WebsubSubscription.id)
    page = ListQuery(WebsubSubscription, sa.select(WebsubSubscription), (), order).page(session, number)
    return page.with_rows([row for (row,) in page.rows])


def end_subscription(session: Session, actor: str, subscription_id: int, *, now: datetime) -> WebsubSubscription:
    """Delete a subscription; its callback may subscribe again. Raises ``NotFound``."""
    row = session.get(WebsubSubscription, subscription_id)
    if row is None:
        raise NotFound(f"there is no subscription {subscription_id}", subscription=subscription_id)
    details = {"callback": row.callback}
    journal.record(session, actor, "subscription.ended", "subscription", row.callback_host, details, now=now)
    session.delete(row)
    session.flush()
    return row
