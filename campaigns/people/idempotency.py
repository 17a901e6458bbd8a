"""Stored responses by ``Idempotency-Key``, so that a repeated request gets the same response and acts once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, BigKey, UTCDateTime, rows_changed
from campaigns.core.errors import Conflict

KEPT = timedelta(hours=24)


class IdempotencyKey(Base):
    """One response, written in the transaction of its act."""

    __tablename__ = "idempotency_keys"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key_id: Mapped[int] = mapped_column(sa.ForeignKey("keys.id"))
    idempotency_key: Mapped[str] = mapped_column(sa.String(200))
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.UniqueConstraint("key_id", "idempotency_key"), sa.Index("ix_idempotency_keys_at", "at"))


@dataclass(frozen=True)
class StoredReply:
    """The stored response: HTTP status and JSON text."""

    status: int
    body: str


def recall_reply(
    session: Session, key_id: int, idempotency_key: str, request_hash: str, *, now: datetime
) -> StoredReply | None:
    """Return the stored response of this key, or None. Raises ``Conflict`` when it was used with another request."""
    row = session.execute(
        sa.select(IdempotencyKey).where(
            IdempotencyKey.key_id == key_id, IdempotencyKey.idempotency_key == idempotency_key
        )
    ).scalar_one_or_none()
    if row is None or row.at <= now - KEPT:
        return None
    if row.request_hash != request_hash:
        raise Conflict("this Idempotency-Key was used with another request", code="idempotency_key_reused")
    return StoredReply(row.status, row.body)


def keep_reply(
    session: Session, key_id: int, idempotency_key: str, request_hash: str, status: int, body: str, *, now: datetime
) -> None:
    """Store a response in the caller's transaction; an expired one is replaced.

    A concurrent request with the same key violates the unique constraint, and its whole transaction is rolled back.
    """
    session.execute(
        sa.delete(IdempotencyKey).where(
            IdempotencyKey.key_id == key_id,
            IdempotencyKey.idempotency_key == idempotency_key,
            IdempotencyKey.at <= now - KEPT,
        )
    )
    session.add(
        IdempotencyKey(
            key_id=key_id,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            status=status,
            body=body,
            at=now,
        )
    )
    session.flush()


def forget_replies(session: Session, *, now: datetime) -> int:
    """Delete expired responses; returns their number."""
    done = session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.at <= now - KEPT))
    return rows_changed(done)
