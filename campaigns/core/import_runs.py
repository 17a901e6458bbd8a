"""One import of a table, from the uploaded file to its rows in the database: its stage, its progress and its result.

The whole file is checked before anything is written. What a person confirms is written in one transaction, together
with the result of the run: a process that is killed leaves nothing behind, and a later one writes the file whole.
Before that the run can be cancelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal, ledger
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.errors import Conflict, NotFound

BAD_ROWS_AT_ONCE: Final = 500  # rejected rows written in one statement
RUNS_KEPT = timedelta(days=14)  # a run and its rejected rows can be read for this long, then they are deleted


class ImportKind(Enum):
    """What the file holds. The value begins the public id of a run and the acts of its journal entries."""

    REGISTER = "register"  # licences with their companies and sites
    CASES = "cases"  # cases with their decisions
    HISTORY = "history"  # bulletins, copies and totals reported before the product was in use


MOST_PROBLEMS: Final = 100_000  # of one file, of which every one is kept; behind them the first one of each row


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One error of one row: the field, a stable code, and a message with what was expected. ``sheet``: the part of a
    file of several tables."""

    row: int
    field: str
    code: str
    message: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class RowNote:
    """Something that was changed, or left out, in a row that was taken."""

    row: int
    code: str
    message: str


@dataclass(frozen=True)
class ImportOutcome:
    """What writing a file does, or would do. ``counts``: what is added, by name, with ``unchanged`` for what was there
    already; ``good``: valid entries; ``rejected``: entries that contradict what is in the database."""

    counts: Mapping[str, int]
    good: int
    rejected: tuple[RejectedRow, ...] = ()


def adds_anything(counts: Mapping[str, int]) -> bool:
    """Whether an import with these counts adds or changes anything."""
    return any(number for name, number in counts.items() if name != "unchanged")


def kept_problems(problems: Sequence[RejectedRow], before: int) -> Sequence[RejectedRow]:
    """The errors of a row to keep; ``before``: errors of the file that are kept already. Of a file with far too many,
    in which a column is not what it is taken for, the first one says enough."""
    return problems if before < MOST_PROBLEMS else problems[:1]


class ImportStage(Enum):
    """The stages of a run."""

    CHECKING = "checking"  # the file is being read; nothing is written
    CHECKED = "checked"  # waits for a person to confirm
    WRITING = "writing"  # confirmed; goes on to its end
    DONE = "done"
    UNDONE = "undone"  # what it had written was taken back
    CANCELLED = "cancelled"
    FAILED = "failed"  # the file cannot be read, or the program failed; ``failure`` says which


class ImportRun(ledger.WorkItem, Base):
    """One import. ``chosen``: heading -> field as a person set it; ``headings``: [name, field, samples…] of each
    column.

    ``notes``: what the user should know of how the file was read: which sheet was read, which were not, how many merged
    cells were filled. ``rows`` with text, ``good`` entries that can be taken, ``bad`` rows that cannot. ``reached``:
    the number of ``rows`` checked so far (0 until the file is open). ``counts``: what an import would add, by name, and
    once it is DONE what it has added; ``unchanged`` among them. ``before``: what it changed as it was before, by number
    the domains of licences; None for an import of before it was kept, which cannot be undone.
    """

    __tablename__ = "import_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(32), unique=True)
    kind: Mapped[ImportKind] = mapped_column(by_value(ImportKind, "import_kind"))
    by: Mapped[str] = mapped_column(sa.String(200))
    name: Mapped[str] = mapped_column(sa.String(300))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    stage: Mapped[ImportStage] = mapped_column(by_value(ImportStage, "import_stage"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    chosen: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    headings: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    notes: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    rows: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(default=0)
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)
    failure_code: Mapped[str] = mapped_column(sa.String(40), default="")
    failure: Mapped[str] = mapped_column(sa.Text, default="")
    before: Mapped[dict[str, list[str]] | None] = mapped_column(sa.JSON(none_as_null=True), deferred=True)

    __table_args__ = (ledger.due_index("import_runs"),)

    @classmethod
    def record_given_up(cls, session: Session, rows: Sequence[int], *, now: datetime) -> None:
        """The import has failed; a person uploads the file again."""
        values = {"stage": ImportStage.FAILED, "failure_code": ledger.ENDED_PROCESS, "failure": ledger.ENDED_TWICE}
        session.execute(sa.update(ImportRun).where(ImportRun.id.in_(rows)).values(**values, changed_at=now))
        for run in rows:
            discard_file(session, run)


class FileChunk(Base):
    """A chunk of the uploaded file. It is kept in the database, not in a folder, because the web and the workers may
    run on different machines; it is deleted when the run has ended."""

    __tablename__ = "import_file_chunks"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_runs.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    body: Mapped[bytes]


class BadRow(Base):
    """A rejected row: its sheet and number in the file, its cells as they are in the file, and [field, code, message]
    of each error."""

    __tablename__ = "import_bad_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_runs.id", ondelete="CASCADE"))
    sheet: Mapped[str] = mapped_column(sa.String(100), default="")
    row: Mapped[int]
    cells: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    problems: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)

    __table_args__ = (sa.UniqueConstraint("run_id", "sheet", "row"),)


def begin_import(
    session: Session, kind: ImportKind, actor: str, name: str, pieces: Iterable[bytes], *, now: datetime
) -> ImportRun:
    """Store a file in ``pieces`` and queue it to be checked."""
    run = ImportRun(
        public=public_id(kind.value[:3]),
        kind=kind,
        by=actor,
        name=name[:300],
        size=0,
        stage=ImportStage.CHECKING,
        made_at=now,
        changed_at=now,
        chosen={},
        headings=[],
        notes={},
        counts={},
        before={},
        due_at=now,
    )
    session.add(run)
    session.flush()
    for number, body in enumerate(pieces):
        session.execute(sa.insert(FileChunk).values(run_id=run.id, number=number, body=body))
        run.size += len(body)
    session.flush()
    return run


def find_run(session: Session, kind: ImportKind, public: str, *, for_update: bool = False) -> ImportRun:
    """The run of this kind with this public id. Raises ``NotFound``."""
    query = sa.select(ImportRun).where(ImportRun.public == public, ImportRun.kind == kind)
    run = session.execute(query.with_for_update() if for_update else query).scalar_one_or_none()
    if run is None:
        raise NotFound("there is no such import", run=public)
    return run


def file_of(session: Session, run: int) -> bytes:
    """The uploaded file; empty when the run has ended and the file was deleted."""
    query = sa.select(FileChunk.body).where(FileChunk.run_id == run).order_by(FileChunk.number)
    return b"".join(session.execute(query).scalars())


def check_again(session: Session, run: ImportRun, chosen: Mapping[str, str], *, now: datetime) -> None:
    """Queue the file to be checked again with other columns. Raises ``Conflict`` unless the run is CHECKED."""
    expect_stage(run, ImportStage.CHECKED)
    run.stage, run.chosen, run.changed_at = ImportStage.CHECKING, dict(chosen), now
    run.due_at, run.attempt = now, 0
    session.flush()


def confirm_import(session: Session, run: ImportRun, actor: str, *, now: datetime) -> None:
    """Queue the good entries to be written. Raises ``Conflict`` unless the run is CHECKED and has a good entry."""
    expect_stage(run, ImportStage.CHECKED)
    if not run.good:
        raise Conflict("no row of this file can be taken", code="import_stage", stage=run.stage.value)
    details = {"file": run.name, "good": run.good, "bad": run.bad}
    run.stage, run.changed_at, run.due_at, run.attempt = ImportStage.WRITING, now, now, 0
    session.flush()
    journal.record(session, actor, f"{run.kind.value}.agreed", run.kind.value, run.public, details, now=now)


def cancel_import(session: Session, run: ImportRun, actor: str, *, now: datetime) -> None:
    """Cancel the run and delete its file; a worker that is reading it loses its claim. Raises ``Conflict`` once writing
    has begun."""
    expect_stage(run, ImportStage.CHECKING, ImportStage.CHECKED)
    run.stage, run.changed_at, run.due_at, run.lease_until = ImportStage.CANCELLED, now, None, None
    run.fence += 1
    session.flush()
    discard_file(session, run.id)
    delete_bad_rows(session, run.id)
    details = {"file": run.name}
    journal.record(session, actor, f"{run.kind.value}.called_off", run.kind.value, run.public, details, now=now)


def discard_file(session: Session, run: int) -> None:
    """Delete the uploaded file of a run."""
    session.execute(sa.delete(FileChunk).where(FileChunk.run_id == run))


def add_bad_rows(session: Session, run: int, rows: Iterable[Mapping[str, Any]]) -> int:
    """Store rejected rows (``sheet``, ``row``, ``cells``, ``problems``) and return how many are new. A row that is
    stored already stays as it is."""
    query = sa.select(BadRow.sheet, BadRow.row).where(BadRow.run_id == run)
    stored = {(sheet, row) for sheet, row in session.execute(query)}
    new_rows = ({"run_id": run, **row} for row in rows if (row["sheet"], row["row"]) not in stored)
    added = 0
    while batch := list(islice(new_rows, BAD_ROWS_AT_ONCE)):
        session.execute(sa.insert(BadRow), batch)
        added += len(batch)
    return added


def delete_bad_rows(session: Session, run: int) -> None:
    """Delete the rejected rows of an earlier check."""
    session.execute(sa.delete(BadRow).where(BadRow.run_id == run))


def latest_runs(session: Session, kind: ImportKind, most: int = 10) -> Sequence[ImportRun]:
    """The newest runs of a kind, the newest first."""
    query = (
        sa.select(ImportRun)
        .where(ImportRun.kind == kind)
        .order_by(ImportRun.made_at.desc(), ImportRun.id.desc())
        .limit(most)
    )
    return session.execute(query).scalars().all()


def forget_old_runs(session: Session, *, now: datetime) -> int:
    """Delete the oldest run that ended or was left waiting ``RUNS_KEPT`` ago, with its file and rows; return how many
    were deleted (0 or 1). One run a transaction, so that other writers wait for one at most.

    An import of history that was written stays: its rows name it, and it can be undone.
    """
    kept = sa.and_(ImportRun.kind == ImportKind.HISTORY, ImportRun.stage.in_((ImportStage.DONE, ImportStage.UNDONE)))
    old = sa.select(ImportRun.id).where(
        ImportRun.changed_at < now - RUNS_KEPT, ImportRun.stage != ImportStage.WRITING, sa.not_(kept)
    )
    ident = session.execute(old.order_by(ImportRun.id).limit(1)).scalar_one_or_none()
    if ident is None:
        return 0
    for table in (BadRow, FileChunk):
        session.execute(sa.delete(table).where(table.run_id == ident))
    session.execute(sa.delete(ImportRun).where(ImportRun.id == ident))
    return 1


def end_undone(session: Session, run: ImportRun, actor: str, taken: Mapping[str, int], *, now: datetime) -> None:
    """Record that what a run had written was taken back; ``taken``: what, by name."""
    run.stage, run.changed_at = ImportStage.UNDONE, now
    session.flush()
    details = {"file": run.name, **taken}
    journal.record(session, actor, f"{run.kind.value}.undone", run.kind.value, run.public, details, now=now)


def expect_stage(run: ImportRun, *stages: ImportStage) -> None:
    """Raise ``Conflict`` (``import_stage``) unless the run is at one of these stages."""
    if run.stage not in stages:
        raise Conflict(f"this import is {run.stage.value}", code="import_stage", stage=run.stage.value)
