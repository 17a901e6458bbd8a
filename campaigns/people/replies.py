"""Answers once given to a key's ``Idempotency-Key``, so that a repeated request gets the same answer and acts once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict

KEPT = timedelta(hours=24)


class Reply(Base):
    """One answer, written in the same transaction as what it tells of."""

    __tablename__ = "replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(sa.ForeignKey("keys.id"))
    idempotency_key: Mapped[str] = mapped_column(sa.String(200))
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.UniqueConstraint("key_id", "idempotency_key"), sa.Index("ix_replies_at", "at"))


@dataclass(frozen=True)
class Kept:
    """The stored answer: HTTP status and JSON text."""

    status: int
    body: str


def recall_reply(
    session: Session, key_id: int, idempotency_key: str, request_hash: str, *, now: datetime
) -> Kept | None:
    """The answer given before to this key, or None. Raises ``Conflict`` when it was used with another request."""
    row = session.execute(
        sa.select(Reply).where(Reply.key_id == key_id, Reply.idempotency_key == idempotency_key)
    ).scalar_one_or_none()
    if row is None or row.at <= now - KEPT:
        return None
    if row.request_hash != request_hash:
        raise Conflict("this Idempotency-Key was used with another request", code="idempotency_key_reused")
    return Kept(row.status, row.body)


def keep_reply(
    session: Session, key_id: int, idempotency_key: str, request_hash: str, status: int, body: str, *, now: datetime
) -> None:
    """Store an answer in the caller's transaction, in place of one that is past its time.

    A concurrent twin fails on the unique key, and its whole transaction with it: it acts not at all.
    """
    session.execute(
        sa.delete(Reply).where(Reply.key_id == key_id, Reply.idempotency_key == idempotency_key, Reply.at <= now - KEPT)
    )
    session.add(
        Reply(
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
    """Drop what is past its time; returns how many."""
    done = session.execute(sa.delete(Reply).where(Reply.at <= now - KEPT))
    return rows_changed(done)
