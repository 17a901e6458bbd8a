"""Evidence under the journal: the entry of each look carries the hash of its row of evidence and of the copy's id.

A row that was changed, removed, put in, or exchanged with another copy's past the product does not fit its entry. Rows
of a release that recorded no hashes are sealed once, in ranges of primary keys, by entries of their own: from then on
a change of them is noticed too. Whatever is in no entry and in no range is named, until an operator seals it.
"""

import hashlib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.journal import ChainBreak, JournalEntry, canonical_json
from campaigns.republications.republications import Evidence, Republication

SEALED = "evidence.sealed"
ROWS = "evidence_rows"  # the kind of subject of these entries
ROWS_PER_RANGE = 100
COPIES_PER_READ = 100
TEXTS_AT_ONCE = 10  # each up to a page's millions of characters

_COLUMNS = tuple(column for column in Evidence.__table__.c if column.name != "republication_id")
_KINDS = ("republication", ROWS)  # of the entries that carry a hash
_HASHED = '"evidence":"'  # in the details of an entry that carries a hash
_UNREADABLE = (ValueError, LookupError, TypeError)  # raised for a value that the product cannot have written


def evidence_hash(copy: str, row: Any) -> str:
    """The SHA-256 of a flushed row of evidence and of ``copy``, the public id of its copy, in hex.

    Empty values are left out, so that a column that a later release adds changes no earlier hash.
    """
    values = {column.name: _comparable(column, getattr(row, column.name)) for column in _COLUMNS}
    filled = {name: value for name, value in values.items() if value not in (None, "", [])}
    return hashlib.sha256(canonical_json([copy, filled]).encode()).hexdigest()


def _comparable(column: sa.ColumnElement[Any], value: Any) -> Any:
    # A share of 1 that was just computed and one that was read again are the same.
    return float(value) if isinstance(column.type, sa.Float) and value is not None else value


def record_look(session: Session, actor: str, row: Republication, made: Evidence, *, now: datetime) -> None:
    """Record a look that left the copy's status as it was; other entries carry the hash beside what they tell."""
    details = {"url": row.canonical_url, "page": made.body_hash, "evidence": evidence_hash(row.public, made)}
    journal.record(session, actor, "evidence.kept", "evidence_rows", row.public, details, now=now)


# Rows of earlier releases ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SealedRange:
    """The rows with these primary keys, both included, as they were when entry ``seq`` was written. ``through``: the
    last one that is to be sealed so."""

    seq: int
    first: int
    last: int
    through: int
    rows: int
    hash: str


def sealed_ranges(session: Session) -> list[SealedRange]:
    """Every range of the journal, by its first row."""
    query = sa.select(JournalEntry.seq, JournalEntry.details).where(
        JournalEntry.subject_kind == ROWS,
        JournalEntry.subject < "a",  # the index tells ranges, which begin with a digit, from the looks at copies
        JournalEntry.act == SEALED,
    )
    found = []
    for seq, text in session.execute(query):
        details = journal.details_of(text)
        first, last, through, rows = (
            int(details.get(name, 0)) for name in ("from_row", "to_row", "through_row", "rows")
        )
        found.append(SealedRange(seq, first, last, through, rows, str(details.get("hash"))))
    return sorted(found, key=lambda item: (item.first, item.seq))


@dataclass(frozen=True)
class SealProgress:
    """How far rows of an earlier release are sealed: those to ``after``, of those to ``through``. ``rows``: how many
    the last step sealed."""

    after: int
    through: int
    rows: int = 0


def seal_next_range(session: Session, progress: SealProgress | None = None, *, now: datetime) -> SealProgress | None:
    """Seal the next rows of an earlier release, at most ``ROWS_PER_RANGE``. ``progress``: what the step before
    returned; without it the ranges in the journal are read. None when all are sealed, and where the journal has carried
    hashes from the first row on: what was put in later is then never sealed by itself."""
    acquire_until_commit(session, AdvisoryLock.EVIDENCE_SEALS)
    progress = progress or _progress(session)
    if progress is None:
        return None
    ids = sa.select(Evidence.id).where(Evidence.id > progress.after, Evidence.id <= progress.through)
    rows = session.scalars(ids.order_by(Evidence.id).limit(ROWS_PER_RANGE)).all()
    if not rows:
        return None
    first, last = rows[0], rows[-1]
    if _is_sealed(session, first, last):  # by another process meanwhile
        return SealProgress(last, progress.through)
    _seal(session, journal.SYSTEM, first, last, progress.through, now=now)
    return SealProgress(last, progress.through, len(rows))


def _progress(session: Session) -> SealProgress | None:
    if ranges := sealed_ranges(session):
        through = ranges[0].through
        return SealProgress(max(item.last for item in ranges if item.last <= through), through)
    first = session.scalar(sa.select(sa.func.min(Evidence.id)))
    if first is None or _carries_hashes(session):
        return None
    return SealProgress(first - 1, session.scalar(sa.select(sa.func.max(Evidence.id))) or 0)


def _is_sealed(session: Session, first: int, last: int) -> bool:
    query = sa.select(JournalEntry.seq).where(
        JournalEntry.subject_kind == ROWS, JournalEntry.subject == _range_name(first, last)
    )
    return session.scalar(query.limit(1)) is not None


def _range_name(first: int, last: int) -> str:
    return f"{first}-{last}"


def seal_row(session: Session, actor: str, ident: int, *, now: datetime) -> None:
    """Seal one row by its primary key as it is, because an operator says so."""
    _seal(session, actor, ident, ident, ident, now=now)


def _seal(session: Session, actor: str, first: int, last: int, through: int, *, now: datetime) -> None:
    rows, digest = _range_hash(session, first, last)
    details = {"from_row": first, "to_row": last, "through_row": through, "rows": rows, "hash": digest}
    journal.record(session, actor, SEALED, "evidence_rows", _range_name(first, last), details, now=now)


def _carries_hashes(session: Session) -> bool:
    query = sa.select(JournalEntry.seq).where(
        JournalEntry.subject_kind.in_(_KINDS), JournalEntry.details.contains(_HASHED)
    )
    return session.scalar(query.order_by(JournalEntry.seq).limit(1)) is not None


def _range_hash(session: Session, first: int, last: int) -> tuple[int, str]:
    """How many rows a range has, and the hash of their hashes."""
    query = _rows_query().where(Evidence.id >= first, Evidence.id <= last).order_by(Evidence.id)
    hashes = [evidence_hash(row.public, row) for row in session.execute(query)]
    return len(hashes), hashlib.sha256("".join(hashes).encode()).hexdigest()


def _rows_query() -> sa.Select[Any]:
    copy = Republication.public.label("public")
    query = sa.select(*_COLUMNS, Evidence.republication_id, copy).join(
        Republication, Republication.id == Evidence.republication_id
    )
    return query.execution_options(yield_per=TEXTS_AT_ONCE)


def check_range(session: Session, sealed: SealedRange) -> ChainBreak | None:
    """Whether the rows of a range are those that its entry was written of."""
    try:
        found = _range_hash(session, sealed.first, sealed.last)
    except _UNREADABLE:
        found = (0, "")
    if found == (sealed.rows, sealed.hash):
        return None
    why = (
        f"the evidence that it sealed was changed: of rows {sealed.first} to {sealed.last}, {sealed.rows} at that time"
    )
    return ChainBreak(sealed.seq, why)


# The check of the rows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EvidenceFault:
    """What does not fit of the evidence of one copy. ``changed``, ``unnamed``: rows, by time, of which no entry carries
    the hash, in place of one that is missing and beside those that are there; ``removed``: how many entries more than
    rows there are. ``idents``: the primary keys of those rows."""

    copy: str
    url: str
    changed: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    removed: int = 0
    idents: tuple[int, ...] = ()


@dataclass(frozen=True)
class CheckedEvidence:
    """One batch. ``last``: the key of a copy after which the next begins, None after the last one; ``rows``: how many
    rows of evidence it had."""

    last: int | None
    rows: int
    faults: tuple[EvidenceFault, ...]


def check_evidence(
    session: Session, ranges: Sequence[SealedRange], after: int = 0, limit: int = COPIES_PER_READ
) -> CheckedEvidence:
    """Compare the evidence of the next ``limit`` copies by key with the hashes in the journal, a row at a time; rows in
    ``ranges`` are left to ``check_range``. Writes nothing."""
    copies = session.execute(
        sa.select(Republication.id, Republication.public, Republication.canonical_url)
        .where(Republication.id > after)
        .order_by(Republication.id)
        .limit(limit)
    ).all()
    if not copies:
        return CheckedEvidence(None, 0, ())
    named = _hashes_by_copy(session, [copy.public for copy in copies])
    within = _Ranges(ranges)
    strange: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = 0
    for row in _rows_of(session, copies[0].id, copies[-1].id):
        rows += 1
        if row.hash is not None and named[row.copy][row.hash]:
            named[row.copy][row.hash] -= 1
        elif not within.holds(row.ident):
            strange[row.copy_id].append((row.ident, row.at))
    faults = []
    for copy in copies:
        found, missing = strange[copy.id], named[copy.public].total()
        if found or missing:
            times, idents = tuple(at for _, at in found), tuple(ident for ident, _ in found)
            changed, unnamed = times[:missing], times[missing:]
            removed = missing - len(changed)
            faults.append(EvidenceFault(copy.public, copy.canonical_url, changed, unnamed, removed, idents))
    return CheckedEvidence(copies[-1].id, rows, tuple(faults))


class _Ranges:
    def __init__(self, ranges: Sequence[SealedRange]) -> None:
        self._firsts = [item.first for item in ranges]
        self._lasts = [item.last for item in ranges]

    def holds(self, ident: int) -> bool:
        """Whether a row lies in a range; ranges do not overlap."""
        place = bisect_right(self._firsts, ident) - 1
        return place >= 0 and ident <= self._lasts[place]


def _hashes_by_copy(session: Session, copies: Sequence[str]) -> Mapping[str, Counter[str]]:
    query = sa.select(JournalEntry.subject, JournalEntry.details).where(
        JournalEntry.subject_kind.in_(_KINDS),
        JournalEntry.subject.in_(copies),
        JournalEntry.details.contains(_HASHED),
    )
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for copy, text in session.execute(query):
        digest = journal.details_of(text).get("evidence")
        if isinstance(digest, str):
            found[copy][digest] += 1
    return found


@dataclass(frozen=True, slots=True)
class _HashedRow:
    """``hash``: None for a row with a value that cannot be read."""

    ident: int
    copy_id: int
    copy: str
    at: str
    hash: str | None


def _rows_of(session: Session, first: int, last: int) -> Iterator[_HashedRow]:
    """The rows of the copies with these keys, one at a time: each has the text of a page."""
    heads = (
        sa.select(
            Evidence.id, Evidence.republication_id, Republication.public, sa.cast(Evidence.at, sa.Text).label("at")
        )
        .join(Republication, Republication.id == Evidence.republication_id)
        .where(Evidence.republication_id >= first, Evidence.republication_id <= last)
        .order_by(Evidence.republication_id, Evidence.id)
    )
    known = session.execute(heads).all()
    for begin in range(0, len(known), ROWS_PER_RANGE):
        part = known[begin : begin + ROWS_PER_RANGE]
        hashes = _hashes_of(session, [row.id for row in part])
        for row in part:
            yield _HashedRow(row.id, row.republication_id, row.public, str(row.at)[:19], hashes.get(row.id))


def _hashes_of(session: Session, idents: Sequence[int]) -> dict[int, str]:
    """The hashes of these rows; those that cannot be read are missing."""
    try:
        query = _rows_query().where(Evidence.id.in_(idents))
        return {row.id: evidence_hash(row.public, row) for row in session.execute(query)}
    except _UNREADABLE:
        if len(idents) == 1:
            return {}
    return {ident: digest for one in idents for ident, digest in _hashes_of(session, [one]).items()}
