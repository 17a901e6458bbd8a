"""Browsers in which a member of staff has switched messages on, and the key pair that this installation signs with.

An address at a browser vendor's service lets whoever knows it post to that browser: it is sealed with the browser's
keys. Only its hash and its host can be read.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.base import Base, UTCDateTime, public_id, rows_changed
from campaigns.core.errors import NotFound

MOST = 10  # browsers of one person; the one that was switched on first makes room


class PushKey(Base):
    """The key pair of this installation (RFC 8292), made once: browsers accept messages signed with the key that they
    subscribed with. ``public``: the point in base64url; ``encrypted_private``: sealed under the secret key."""

    __tablename__ = "push_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(100), unique=True)
    encrypted_private: Mapped[str] = mapped_column(sa.Text)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PushSubscription(Base):
    """One browser of one person. ``encrypted_target``: its address and keys; ``device``: browser and system
    ("Chrome · Windows"); ``last_error``: why the last message did not arrive, '' after one that did."""

    __tablename__ = "push_subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(32), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    endpoint_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    host: Mapped[str] = mapped_column(sa.String(255))
    encrypted_target: Mapped[str] = mapped_column(sa.Text)
    device: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")


def push_key(session: Session) -> PushKey | None:
    """The key pair, None until it was made."""
    return session.execute(sa.select(PushKey).order_by(PushKey.id).limit(1)).scalar_one_or_none()


def keep_push_key(session: Session, public: str, encrypted_private: str, *, now: datetime) -> PushKey:
    """Keep a new key pair, or return the one that was made meanwhile."""
    acquire_until_commit(session, AdvisoryLock.PUSH_KEY)
    if (made := push_key(session)) is not None:
        return made
    row = PushKey(public=public, encrypted_private=encrypted_private, made_at=now)
    session.add(row)
    session.flush()
    return row


def endpoint_hash(endpoint: str) -> str:
    """The SHA-256 of an address, in hex."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def subscribe(
    session: Session, person_id: int, email: str, endpoint: str, encrypted_target: str, *, device: str, now: datetime
) -> PushSubscription:
    """Switch messages on in a browser. One that another person used before is this person's from now on."""
    digest = endpoint_hash(endpoint)
    session.execute(sa.delete(PushSubscription).where(PushSubscription.endpoint_hash == digest))
    mine = subscriptions_of(session, person_id)
    for oldest in mine[: max(len(mine) - MOST + 1, 0)]:
        session.delete(oldest)
    row = PushSubscription(
        public=public_id("psh"), person_id=person_id, endpoint_hash=digest,
        host=(urlsplit(endpoint).hostname or "")[:255], encrypted_target=encrypted_target, device=device[:80],
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"device": row.device, "host": row.host}
    journal.record(session, email, "person.push_on", "person", email, details, now=now)
    return row


def subscriptions_of(session: Session, person_id: int) -> Sequence[PushSubscription]:
    """The browsers of a person, the oldest first."""
    query = sa.select(PushSubscription).where(PushSubscription.person_id == person_id)
    return session.execute(query.order_by(PushSubscription.id)).scalars().all()


def unsubscribe(session: Session, person_id: int, email: str, public: str, *, now: datetime) -> None:
    """Switch messages off in one browser of a person. Raises ``NotFound`` for one of another person."""
    query = sa.select(PushSubscription).where(PushSubscription.public == public)
    row = session.execute(query.where(PushSubscription.person_id == person_id)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no subscription {public}", row=public)
    details = {"device": row.device, "host": row.host}
    session.delete(row)
    session.flush()
    journal.record(session, email, "person.push_off", "person", email, details, now=now)


def forget_subscriptions(session: Session, person_id: int) -> int:
    """Switch messages off in every browser of a person, for a reason that the caller journals; returns how many."""
    return rows_changed(session.execute(sa.delete(PushSubscription).where(PushSubscription.person_id == person_id)))
