"""The journal: every act, append-only and chained by hash.

Each entry's hash covers the entry before it, so an edited, removed or swapped row breaks the chain at that place; a
single head row keeps the last number and hash, so that cutting off the end shows as well.

Every writer needs the head, so it is the last thing that any of them locks: acts are put down as they happen and
written, in their order, when everything else of the transaction is in the database, just before it commits. Whoever
waits for the head holds up nobody who has it, so no two wait for each other over it; its lock makes numbers gapless.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from campaigns.core.base import Base, insert_into
from campaigns.core.clock import UTCDateTime

GENESIS = "0" * 64
SYSTEM = "system"  # the actor of what the product does by itself


class Entry(Base):
    """One act. ``actor`` is a person's e-mail, ``key:<name>`` or ``system``; ``details`` is canonical JSON."""

    __tablename__ = "journal"

    seq: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    act: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(200))
    details: Mapped[str] = mapped_column(sa.Text)
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (sa.Index("ix_journal_subject", "subject_kind", "subject"),)


class Head(Base):
    """The one row that says where the journal ends."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[str] = mapped_column(sa.String(64))


@dataclass(frozen=True)
class Break:
    """The first place where the chain does not hold. ``seq`` is the entry, ``why`` the reason in English."""

    seq: int
    why: str


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{value!r} has no place in the journal")


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _digest(seq: int, at: datetime, actor: str, act: str, kind: str, subject: str, details: str, previous: str) -> str:
    body = _canonical([seq, at, actor, act, kind, subject, details, previous])
    return hashlib.sha256(body.encode()).hexdigest()


def line_of(entry: Entry) -> str:
    """An entry to the letter as it was hashed: the SHA-256 of this text in UTF-8 is its ``hash``."""
    return _canonical(
        [entry.seq, entry.at, entry.actor, entry.act, entry.subject_kind, entry.subject, entry.details, entry.previous]
    )


def end_of(session: Session) -> tuple[int, str]:
    """The number and hash of the last entry; 0 and ``GENESIS`` of an empty journal."""
    head = session.get(Head, 1)
    return (head.seq, head.hash) if head is not None else (0, GENESIS)


def _locked_head(session: Session) -> Head:
    query = sa.select(Head).where(Head.id == 1).with_for_update().execution_options(populate_existing=True)
    head = session.execute(query).scalar_one_or_none()
    if head is None:
        # The very first act: two at once would both find nothing to lock, so the row is made without a quarrel first.
        session.execute(insert_into(session, Head).values(id=1, seq=0, hash=GENESIS).on_conflict_do_nothing())
        head = session.execute(query).scalar_one()
    return head


@dataclass(frozen=True)
class _Act:
    """An act that is put down and not written yet; ``within``: the transaction or savepoint it was done in."""

    at: datetime
    actor: str
    act: str
    subject_kind: str
    subject: str
    details: str
    within: SessionTransaction | None


_ACTS = "acts for the journal"  # where a session keeps them until it commits


def record(
    session: Session,
    actor: str,
    act: str,
    subject_kind: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
    *,
    now: datetime,
) -> None:
    """Put one act down; it is appended when the caller's transaction commits, and only then, as the last thing in it.

    ``act`` is a verb in the past with its noun (``bulletin.approved``). ``details`` are taken as they are now.
    """
    within = session.get_nested_transaction() or session.get_transaction() or session.begin()
    text = _canonical(dict(details or {}))
    session.info.setdefault(_ACTS, []).append(_Act(now, actor, act, subject_kind, subject, text, within))


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction() or not (acts := session.info.get(_ACTS)):
        return
    session.flush()  # whatever else is to be locked is locked before the head
    head = _locked_head(session)
    for one in acts:
        seq = head.seq + 1
        told = (one.at, one.actor, one.act, one.subject_kind, one.subject, one.details)
        digest = _digest(seq, *told, head.hash)
        session.add(
            Entry(
                seq=seq, at=one.at, actor=one.actor, act=one.act, subject_kind=one.subject_kind, subject=one.subject,
                details=one.details, previous=head.hash, hash=digest,
            )
        )  # fmt: skip
        head.seq, head.hash = seq, digest
    acts.clear()
    session.flush()


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    """What is undone was not done: a savepoint takes along what was put down since it was made."""
    while undone.parent is not None and not undone.nested:
        undone = undone.parent  # of a flush that failed
    acts: list[_Act] = session.info.get(_ACTS, [])
    acts[:] = [one for one in acts if not _is_in(one.within, undone)]


def _is_in(within: SessionTransaction | None, undone: SessionTransaction) -> bool:
    while within is not None and within is not undone:
        within = within.parent
    return within is undone


@event.listens_for(Session, "after_transaction_end")
def _end(session: Session, ended: SessionTransaction) -> None:
    """Nothing outlives its transaction, not even in a session that is closed without a word."""
    if ended.parent is None:
        session.info.pop(_ACTS, None)


def _check(entry: Entry, expected: int, previous: str) -> Break | None:
    if entry.seq != expected:
        return Break(expected, f"entry {expected} is missing; the next one is {entry.seq}")
    if entry.previous != previous:
        return Break(entry.seq, "it does not follow the entry before it")
    again = _digest(
        entry.seq, entry.at, entry.actor, entry.act, entry.subject_kind, entry.subject, entry.details, previous
    )
    return None if again == entry.hash else Break(entry.seq, "its content does not fit its hash")


def verify(session: Session) -> Break | None:
    """Walk the whole chain. None when it holds, else the first break."""
    expected, previous = 1, GENESIS
    with session.execute(sa.select(Entry).order_by(Entry.seq).execution_options(yield_per=1000)) as result:
        for entry in result.scalars():
            if broken := _check(entry, expected, previous):
                return broken
            expected, previous = entry.seq + 1, entry.hash
            session.expunge(entry)
    head = session.get(Head, 1)
    ends_at = head.seq if head else 0
    if ends_at != expected - 1:
        return Break(min(expected, ends_at + 1), f"the journal ends at {expected - 1}, its head says {ends_at}")
    if head is not None and head.hash != previous:
        return Break(head.seq, "the head's hash does not fit the last entry")
    return None


def history(session: Session, subject_kind: str, subject: str) -> Iterator[Entry]:
    """What was done to one thing, oldest first."""
    query = sa.select(Entry).where(Entry.subject_kind == subject_kind, Entry.subject == subject).order_by(Entry.seq)
    yield from session.execute(query).scalars()
