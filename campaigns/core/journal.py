"""The journal: every action, append-only, chained by hash and sealed with a key that is not in the database.

Each entry's hash covers the entry before it, so an edited, removed or swapped row breaks the chain at that place. Each
entry's seal covers its hash, so that nobody without the key can write another chain. A single head row keeps the last
number and hash under a seal of its own, so that a removed end shows as well: the first entry after a head that was
changed by hand is preceded by one that records the change. A whole database set back to an earlier copy of itself has
fitting seals: only a later checkpoint shows it: the one that
is noted beside the secret key (``coordinator/jobs/core/noted_head.py``), or one kept elsewhere
(``coordinator/jobs/checkpoints.py``).

Every writer locks the head row, as the last lock of its transaction: ``record`` keeps entries in the session, and they
are written in their order just before the commit, when everything else of the transaction is in the database. The
holder of the head waits for no other lock, so that no deadlock involves it; the lock makes numbers gapless.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from campaigns.core.base import Base, BigKey, UTCDateTime, in_batches, insert_into

GENESIS = "0" * 64
SYSTEM = "system"  # the actor of automatic actions
HEAD_CHANGED = (
    "journal.head_changed"  # recorded first when the journal continues after a head that does not fit its seal
)


class JournalEntry(Base):
    """One action. ``actor`` is a person's e-mail, ``key:<name>`` or ``system``; ``details`` is canonical JSON."""

    __tablename__ = "journal"

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    act: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(200))
    details: Mapped[str] = mapped_column(sa.Text)
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    seal: Mapped[str] = mapped_column(sa.String(100))

    __table_args__ = (sa.Index("ix_journal_subject", "subject_kind", "subject"),)


class JournalHead(Base):
    """The one row with the last entry's number and hash."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[str] = mapped_column(sa.String(64))
    seal: Mapped[str] = mapped_column(sa.String(100))

    @property
    def sealed_text(self) -> str:
        """The text under ``seal``."""
        return f"journal head {self.seq} {self.hash}"


class SealState(Enum):
    """The result of the check of a seal."""

    FITS = "fits"
    OTHER_KEY = "other_key"  # made with a key that is not at hand: replaced, or of another installation
    BROKEN = "broken"  # not made for this text


class JournalSeals(Protocol):
    """Seals under the installation's secret key; ``Database`` gives one to each of its sessions."""

    def seal(self, text: str) -> str:
        """Return a seal of at most 100 characters under the current key."""
        ...

    def check(self, text: str, seal: str) -> SealState:
        """Check a seal; any text may stand in its place."""
        ...


class WrongKey(Exception):
    """The journal was sealed with a secret key that is not at hand. Nothing may be written until it is put back."""


SEALS = "seals of the journal"  # the key of ``Session.info``


@dataclass(frozen=True)
class ChainBreak:
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


def canonical_json(value: Any) -> str:
    """The one text of a value of JSON, times, days and enums, from which a hash is computed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _digest(seq: int, at: datetime, actor: str, act: str, kind: str, subject: str, details: str, previous: str) -> str:
    body = canonical_json([seq, at, actor, act, kind, subject, details, previous])
    return hashlib.sha256(body.encode()).hexdigest()


def canonical_line(entry: JournalEntry) -> str:
    """The text of an entry that was hashed: its SHA-256 in UTF-8 is the entry's ``hash``."""
    return canonical_json(
        [entry.seq, entry.at, entry.actor, entry.act, entry.subject_kind, entry.subject, entry.details, entry.previous]
    )


def details_of(text: str) -> dict[str, Any]:
    """The details of an entry; empty for a text that the product did not write, which the chain's check names."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def last_entry_of(session: Session) -> tuple[int, str]:
    """The number and hash of the last entry; 0 and ``GENESIS`` of an empty journal."""
    head = session.get(JournalHead, 1)
    return (head.seq, head.hash) if head is not None else (0, GENESIS)


def key_state(session: Session) -> SealState:
    """Whether the session's secret key is the one that the journal was last sealed with; an empty journal fits."""
    seals: JournalSeals | None = session.info.get(SEALS)
    head = session.get(JournalHead, 1)
    if seals is None or head is None or not head.seq:
        return SealState.FITS
    return seals.check(head.sealed_text, head.seal)


def _locked_head(session: Session) -> JournalHead:
    query = (
        sa.select(JournalHead).where(JournalHead.id == 1).with_for_update().execution_options(populate_existing=True)
    )
    head = session.execute(query).scalar_one_or_none()
    if head is None:
        # Before the first entry two writers would find nothing to lock: the row is inserted without a conflict first.
        first = insert_into(session, JournalHead).values(id=1, seq=0, hash=GENESIS, seal="")
        session.execute(first.on_conflict_do_nothing())
        head = session.execute(query).scalar_one()
    return head


@dataclass(frozen=True, slots=True)
class _PendingEntry:
    """An entry that is not written yet; ``within``: the transaction or savepoint of the action."""

    at: datetime
    actor: str
    act: str
    subject_kind: str
    subject: str
    details: str
    within: SessionTransaction | None


_PENDING = "acts for the journal"  # the session's key of entries to write at the commit


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
    """Record one action; its entry is appended when the caller's transaction commits, as the last write in it.

    ``act`` is a noun with a verb in the past (``bulletin.approved``). ``details`` are serialised now.
    """
    within = session.get_nested_transaction() or session.get_transaction() or session.begin()
    text = canonical_json(dict(details or {}))
    session.info.setdefault(_PENDING, []).append(_PendingEntry(now, actor, act, subject_kind, subject, text, within))


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction() or not (pending := session.info.get(_PENDING)):
        return
    session.flush()  # takes all other locks before the head's
    head = _locked_head(session)
    seals: JournalSeals | None = session.info.get(SEALS)
    if head.seq and seals is not None:
        state = seals.check(head.sealed_text, head.seal)
        if state is SealState.OTHER_KEY:
            raise WrongKey("the journal was sealed with another secret key; put back the key of this installation")
        if state is SealState.BROKEN:
            found = canonical_json({"seq": head.seq, "hash": head.hash})
            pending.insert(0, _PendingEntry(pending[0].at, SYSTEM, HEAD_CHANGED, "journal", str(head.seq), found, None))
    for some in in_batches(pending):
        for entry in some:
            seq = head.seq + 1
            hashed_fields = (entry.at, entry.actor, entry.act, entry.subject_kind, entry.subject, entry.details)
            digest = _digest(seq, *hashed_fields, head.hash)
            session.add(
                JournalEntry(
                    seq=seq, at=entry.at, actor=entry.actor, act=entry.act, subject_kind=entry.subject_kind,
                    subject=entry.subject, details=entry.details, previous=head.hash, hash=digest,
                    seal=seals.seal(digest) if seals is not None else "",
                )
            )  # fmt: skip
            head.seq, head.hash = seq, digest
        session.flush()
    head.seal = seals.seal(head.sealed_text) if seals is not None else ""
    pending.clear()
    session.flush()


@event.listens_for(Session, "after_soft_rollback")
def _drop_undone(session: Session, undone: SessionTransaction) -> None:
    """Drop the entries of an undone transaction or savepoint."""
    while undone.parent is not None and not undone.nested:
        undone = undone.parent  # of a flush that failed
    pending: list[_PendingEntry] = session.info.get(_PENDING, [])
    pending[:] = [entry for entry in pending if not _is_within(entry.within, undone)]


def _is_within(within: SessionTransaction | None, undone: SessionTransaction) -> bool:
    while within is not None and within is not undone:
        within = within.parent
    return within is undone


@event.listens_for(Session, "after_transaction_end")
def _drop_pending(session: Session, ended: SessionTransaction) -> None:
    """Drop the entries of an ended transaction, also when the session is closed without a rollback."""
    if ended.parent is None:
        session.info.pop(_PENDING, None)


_STORED = (
    JournalEntry.seq,
    sa.cast(JournalEntry.at, sa.Text).label("at"),  # as text, since what was written by hand may be no time
    JournalEntry.actor,
    JournalEntry.act,
    JournalEntry.subject_kind,
    JournalEntry.subject,
    JournalEntry.details,
    JournalEntry.previous,
    JournalEntry.hash,
    JournalEntry.seal,
)


def _check(entry: Any, expected: int, previous: str) -> ChainBreak | None:
    if entry.seq != expected:
        return ChainBreak(expected, f"entry {expected} is missing; the next one is {entry.seq}")
    if entry.previous != previous:
        return ChainBreak(entry.seq, "it does not follow the entry before it")
    try:
        at = datetime.fromisoformat(entry.at)
    except ValueError:
        return ChainBreak(entry.seq, f"its time is no time: {entry.at!r}")
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    again = _digest(entry.seq, at, entry.actor, entry.act, entry.subject_kind, entry.subject, entry.details, previous)
    if again != entry.hash:
        return ChainBreak(entry.seq, "its content does not fit its hash")
    if entry.act == HEAD_CHANGED:
        return ChainBreak(entry.seq, "the end of the journal had been changed by hand when this entry was written")
    return None


def verify(session: Session) -> ChainBreak | None:
    """Check the whole chain and, in a session with seals, all of them. None when it holds, else the first break.

    A seal under a key that is no longer at hand is proven by a later one that fits, since hashes are chained.
    """
    seals: JournalSeals | None = session.info.get(SEALS)
    expected, previous = 1, GENESIS
    foreign: int | None = None  # the first entry under a key that is not at hand and not followed by a seal that fits
    query = sa.select(*_STORED).order_by(JournalEntry.seq).execution_options(yield_per=1000)
    with session.execute(query) as entries:
        for entry in entries:
            if chain_break := _check(entry, expected, previous):
                return chain_break
            if seals is not None:
                state = seals.check(entry.hash, entry.seal)
                if state is SealState.BROKEN:
                    return ChainBreak(entry.seq, "its seal does not fit" if entry.seal else "it is not sealed")
                foreign = (foreign or entry.seq) if state is SealState.OTHER_KEY else None
            expected, previous = entry.seq + 1, entry.hash
    if foreign is not None:
        return ChainBreak(foreign, "it is sealed with a secret key that is not at hand")
    return _check_head(session, seals, expected - 1, previous)


def _check_head(session: Session, seals: JournalSeals | None, last: int, last_hash: str) -> ChainBreak | None:
    head = session.get(JournalHead, 1)
    ends_at = head.seq if head else 0
    if ends_at != last:
        return ChainBreak(min(last, ends_at) + 1, f"the journal ends at {last}, its head says {ends_at}")
    if head is None or not head.seq:
        return None
    if head.hash != last_hash:
        return ChainBreak(head.seq, "the head's hash does not fit the last entry")
    if seals is not None and seals.check(head.sealed_text, head.seal) is not SealState.FITS:
        return ChainBreak(head.seq, "the head's seal does not fit: entries after this one may have been removed")
    return None


def history(session: Session, subject_kind: str, subject: str) -> Iterator[JournalEntry]:
    """The entries about one subject, oldest first."""
    query = (
        sa.select(JournalEntry)
        .where(JournalEntry.subject_kind == subject_kind, JournalEntry.subject == subject)
        .order_by(JournalEntry.seq)
    )
    yield from session.execute(query).scalars()
