"""One import of a register, from the uploaded file to the last row written: its stage, its progress and its result.

The whole file is checked before anything is written. What a person confirms is written in batches, each in one
transaction with the number of entries reached: a run that was interrupted goes on from there, and writing that has
begun is always finished. Before that the run can be cancelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal, ledger
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.errors import Conflict, NotFound

RUNS_KEPT = timedelta(days=14)  # a run and its rejected rows can be read for this long, then they are deleted


class ImportStage(Enum):
    """The stages of a run."""

    CHECKING = "checking"  # the file is being read; nothing is written
    CHECKED = "checked"  # waits for a person to confirm
    WRITING = "writing"  # confirmed; goes on to its end
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"  # the file cannot be read, or the program failed; ``failure`` says which


class ImportRun(ledger.WorkItem, Base):
    """One import. ``chosen``: heading -> field as a person set it; ``headings``: [name, field, samples…] of each
    column.

    ``notes``: what the user should know of how the file was read: which sheet was read, which were not, how many merged
    cells were filled. ``rows`` with text, ``good`` entries that can be taken, ``bad`` rows that cannot. ``reached``:
    entries written so far; while the file is checked, the number of its ``rows`` that are checked (0 until the file is
    open). ``companies``, ``licences``, ``sites`` and ``unchanged`` are what an import would do, and from WRITING on
    what it has done.
    """

    __tablename__ = "register_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(32), unique=True)
    by: Mapped[str] = mapped_column(sa.String(200))
    name: Mapped[str] = mapped_column(sa.String(300))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    stage: Mapped[ImportStage] = mapped_column(by_value(ImportStage, "register_stage"))
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
    companies: Mapped[int] = mapped_column(default=0)
    licences: Mapped[int] = mapped_column(default=0)
    sites: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    failure_code: Mapped[str] = mapped_column(sa.String(40), default="")
    failure: Mapped[str] = mapped_column(sa.Text, default="")

    __table_args__ = (ledger.due_index("register_runs"),)


class FileChunk(Base):
    """A chunk of the uploaded file. It is kept in the database, not in a folder, because the web and the workers may
    run on different machines; it is deleted when the run has ended."""

    __tablename__ = "register_file_chunks"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("register_runs.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    body: Mapped[bytes]


class BadRow(Base):
    """A rejected row: its number in the file, its cells as they are in the file, and [field, code, message] of each
    error."""

    __tablename__ = "register_bad_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("register_runs.id", ondelete="CASCADE"))
    row: Mapped[int]
    cells: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    problems: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)

    __table_args__ = (sa.UniqueConstraint("run_id", "row"),)


@dataclass(frozen=True)
class CheckResult:
    """The result of checking the whole file; the fields are those of ``ImportRun``."""

    headings: Sequence[Sequence[str]]
    notes: Mapping[str, Any]
    rows: int
    entries: int
    good: int
    companies: int
    licences: int
    sites: int
    unchanged: int


def begin_import(session: Session, actor: str, name: str, pieces: Iterable[bytes], *, now: datetime) -> ImportRun:
    """Store a file in ``pieces`` and queue it to be checked."""
    run = ImportRun(
        public=public_id("reg"),
        by=actor,
        name=name[:300],
        size=0,
        stage=ImportStage.CHECKING,
        made_at=now,
        changed_at=now,
        chosen={},
        headings=[],
        notes={},
        due_at=now,
    )
    session.add(run)
    session.flush()
    for number, body in enumerate(pieces):
        session.execute(sa.insert(FileChunk).values(run_id=run.id, number=number, body=body))
        run.size += len(body)
    session.flush()
    return run


def find_run(session: Session, public: str, *, for_update: bool = False) -> ImportRun:
    """The run with this public id. Raises ``NotFound``."""
    query = sa.select(ImportRun).where(ImportRun.public == public)
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
    _expect_stage(run, ImportStage.CHECKED)
    run.stage, run.chosen, run.changed_at = ImportStage.CHECKING, dict(chosen), now
    run.due_at, run.attempt = now, 0
    session.flush()


def confirm_import(session: Session, run: ImportRun, actor: str, *, now: datetime) -> None:
    """Queue the good entries to be written. Raises ``Conflict`` unless the run is CHECKED and has a good entry."""
    _expect_stage(run, ImportStage.CHECKED)
    if not run.good:
        raise Conflict("no row of this file can be taken", code="register_stage", stage=run.stage.value)
    details = {"file": run.name, "good": run.good, "bad": run.bad}
    restart_writing(run, now=now)
    session.flush()
    journal.record(session, actor, "register.agreed", "register", run.public, details, now=now)


def restart_writing(run: ImportRun, *, now: datetime) -> None:
    """Queue the run to be written from its first entry, with all counts at zero."""
    run.stage, run.changed_at, run.due_at, run.attempt = ImportStage.WRITING, now, now, 0
    run.reached = run.good = run.companies = run.licences = run.sites = run.unchanged = 0


def cancel_import(session: Session, run: ImportRun, actor: str, *, now: datetime) -> None:
    """Cancel the run and delete its file; a worker that is reading it loses its claim. Raises ``Conflict`` once writing
    has begun."""
    _expect_stage(run, ImportStage.CHECKING, ImportStage.CHECKED)
    run.stage, run.changed_at, run.due_at, run.lease_until = ImportStage.CANCELLED, now, None, None
    run.fence += 1
    session.flush()
    discard_file(session, run.id)
    delete_bad_rows(session, run.id)
    journal.record(session, actor, "register.called_off", "register", run.public, {"file": run.name}, now=now)


def discard_file(session: Session, run: int) -> None:
    """Delete the uploaded file of a run."""
    session.execute(sa.delete(FileChunk).where(FileChunk.run_id == run))


def add_bad_rows(session: Session, run: int, rows: Iterable[Mapping[str, Any]]) -> int:
    """Store rejected rows (``row``, ``cells``, ``problems``) and return how many are new. A row that is stored already
    stays as it is."""
    wanted = list(rows)
    numbers = [row["row"] for row in wanted]
    query = sa.select(BadRow.row).where(BadRow.run_id == run, BadRow.row.in_(numbers))
    stored = set(session.execute(query).scalars())
    new_rows = [{"run_id": run, **row} for row in wanted if row["row"] not in stored]
    if new_rows:
        session.execute(sa.insert(BadRow), new_rows)
    return len(new_rows)


def delete_bad_rows(session: Session, run: int) -> None:
    """Delete the rejected rows of an earlier check."""
    session.execute(sa.delete(BadRow).where(BadRow.run_id == run))


def latest_runs(session: Session, most: int = 10) -> Sequence[ImportRun]:
    """The newest runs, the newest first."""
    query = sa.select(ImportRun).order_by(ImportRun.made_at.desc(), ImportRun.id.desc()).limit(most)
    return session.execute(query).scalars().all()


def forget_old_runs(session: Session, *, now: datetime) -> int:
    """Delete the oldest run that ended or was left waiting ``RUNS_KEPT`` ago, with its file and rows; return how many
    were deleted (0 or 1). One run a transaction, so that other writers wait for one at most."""
    old = sa.select(ImportRun.id).where(ImportRun.changed_at < now - RUNS_KEPT, ImportRun.stage != ImportStage.WRITING)
    ident = session.execute(old.order_by(ImportRun.id).limit(1)).scalar_one_or_none()
    if ident is None:
        return 0
    for table in (BadRow, FileChunk):
        session.execute(sa.delete(table).where(table.run_id == ident))
    session.execute(sa.delete(ImportRun).where(ImportRun.id == ident))
    return 1


def _expect_stage(run: ImportRun, *stages: ImportStage) -> None:
    if run.stage not in stages:
        raise Conflict(f"this import is {run.stage.value}", code="register_stage", stage=run.stage.value)
