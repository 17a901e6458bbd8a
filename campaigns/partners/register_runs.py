"""One import of a register, from the file handed in to the last row written: what it is at, and what came of it.

The file is checked whole before anything is written, and what a person then agrees to is written in short turns, each
with the place it has reached: a run that was cut off goes on from there, and one that has begun is always finished.
Before that it can be called off.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal, ledger
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, NotFound
from campaigns.partners.register_entries import EntryPiece, forget_entries

KEPT = timedelta(days=14)  # a run's bad rows can be fetched so long, then all of it is forgotten


class Stage(Enum):
    """Where a run stands."""

    CHECKING = "checking"  # the machine reads the file; nothing is written
    CHECKED = "checked"  # waits for a person to agree
    WRITING = "writing"  # agreed to; goes on to its end
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"  # the file cannot be read, or the program failed; ``failure`` says which


OPEN = (Stage.CHECKING, Stage.CHECKED, Stage.WRITING)


class RegisterRun(ledger.Due, Base):
    """One import. ``chosen``: heading -> field as a person said; ``headings``: [name, field, samples…] of each column.

    ``told``: what the reader should know of the file beside its rows: which sheet was read, which were not, how many
    merged cells were filled. ``rows`` with text, ``good`` entries that can be taken, ``bad`` rows that cannot;
    ``reached``: entries written so far; while the file is checked, its rows checked so far, of ``rows`` (0 until the
    file is open). ``companies``, ``licences``, ``sites`` and ``unchanged`` say what would come of
    it, and from WRITING on what has.
    """

    __tablename__ = "register_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(32), unique=True)
    by: Mapped[str] = mapped_column(sa.String(200))
    name: Mapped[str] = mapped_column(sa.String(300))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    stage: Mapped[Stage] = mapped_column(by_value(Stage, "register_stage"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    chosen: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    headings: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    told: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
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


class RegisterPiece(Base):
    """A piece of the file as it was handed in. It lies here, and not in a folder, because the web and the workers may
    run on different machines; it goes when the run has ended."""

    __tablename__ = "register_pieces"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("register_runs.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    body: Mapped[bytes]


class BadRow(Base):
    """A row that cannot be taken: its number in the file, its cells as they stand there, and [field, code, message] of
    each thing wrong with it."""

    __tablename__ = "register_bad_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("register_runs.id", ondelete="CASCADE"))
    row: Mapped[int]
    cells: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    problems: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)

    __table_args__ = (sa.UniqueConstraint("run_id", "row"),)


@dataclass(frozen=True)
class Checked:
    """What a check of the whole file found."""

    headings: Sequence[Sequence[str]]
    told: Mapping[str, Any]
    rows: int
    entries: int
    good: int
    companies: int
    licences: int
    sites: int
    unchanged: int


def begin(session: Session, actor: str, name: str, pieces: Iterable[bytes], *, now: datetime) -> RegisterRun:
    """Keep a file and have it checked. ``pieces`` of it are written as they come."""
    run = RegisterRun(
        public=public_id("reg"), by=actor, name=name[:300], size=0, stage=Stage.CHECKING, made_at=now, changed_at=now,
        chosen={}, headings=[], told={}, due_at=now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    for number, body in enumerate(pieces):
        session.execute(sa.insert(RegisterPiece).values(run_id=run.id, number=number, body=body))
        run.size += len(body)
    session.flush()
    return run


def find_run(session: Session, public: str, *, for_update: bool = False) -> RegisterRun:
    """The run with this name. Raises ``NotFound``."""
    query = sa.select(RegisterRun).where(RegisterRun.public == public)
    run = session.execute(query.with_for_update() if for_update else query).scalar_one_or_none()
    if run is None:
        raise NotFound("there is no such import", run=public)
    return run


def body_of(session: Session, run: int) -> bytes:
    """The file again. Empty when the run has ended and it was thrown away."""
    query = sa.select(RegisterPiece.body).where(RegisterPiece.run_id == run).order_by(RegisterPiece.number)
    return b"".join(session.execute(query).scalars())


def check_again(session: Session, run: RegisterRun, chosen: Mapping[str, str], *, now: datetime) -> None:
    """Read the file anew with other columns. Raises ``Conflict`` unless the run waits for a person."""
    _expect(run, Stage.CHECKED)
    run.stage, run.chosen, run.changed_at = Stage.CHECKING, dict(chosen), now
    run.due_at, run.attempt = now, 0
    session.flush()


def agree(session: Session, run: RegisterRun, actor: str, *, now: datetime) -> None:
    """Write what can be written. Raises ``Conflict`` when that was begun before, called off, or nothing is good."""
    _expect(run, Stage.CHECKED)
    if not run.good:
        raise Conflict("no row of this file can be taken", code="register_stage", stage=run.stage.value)
    details = {"file": run.name, "good": run.good, "bad": run.bad}
    write_from_start(run, now=now)
    session.flush()
    journal.record(session, actor, "register.agreed", "register", run.public, details, now=now)


def write_from_start(run: RegisterRun, *, now: datetime) -> None:
    """What was foreseen is counted anew as it is written."""
    run.stage, run.changed_at, run.due_at, run.attempt = Stage.WRITING, now, now, 0
    run.reached = run.good = run.companies = run.licences = run.sites = run.unchanged = 0


def call_off(session: Session, run: RegisterRun, actor: str, *, now: datetime) -> None:
    """Forget the file. Whoever reads it at this moment finds that it is no longer theirs. Raises ``Conflict`` once
    writing has begun: what has begun is finished."""
    _expect(run, Stage.CHECKING, Stage.CHECKED)
    run.stage, run.changed_at, run.due_at, run.lease_until = Stage.CANCELLED, now, None, None
    run.fence += 1
    session.flush()
    throw_away(session, run.id)
    session.execute(sa.delete(BadRow).where(BadRow.run_id == run.id))
    journal.record(session, actor, "register.called_off", "register", run.public, {"file": run.name}, now=now)


def throw_away(session: Session, run: int) -> None:
    """The file has served, and so have its entries."""
    session.execute(sa.delete(RegisterPiece).where(RegisterPiece.run_id == run))
    forget_entries(session, run)


def keep_bad(session: Session, run: int, rows: Iterable[Mapping[str, Any]]) -> int:
    """Keep rows that cannot be taken: ``row``, ``cells``, ``problems``. One that is kept already stays as it is.
    Returns how many are new."""
    wanted = list(rows)
    numbers = [one["row"] for one in wanted]
    query = sa.select(BadRow.row).where(BadRow.run_id == run, BadRow.row.in_(numbers))
    there = set(session.execute(query).scalars())
    fresh = [{"run_id": run, **one} for one in wanted if one["row"] not in there]
    if fresh:
        session.execute(sa.insert(BadRow), fresh)
    return len(fresh)


def forget_bad(session: Session, run: int, most: int) -> int:
    """Take up to so many bad rows of an earlier check away; returns how many there were."""
    some = sa.select(BadRow.id).where(BadRow.run_id == run).limit(most)
    idents = session.execute(some).scalars().all()
    session.execute(sa.delete(BadRow).where(BadRow.id.in_(idents)))
    return len(idents)


def latest(session: Session, most: int = 10) -> Sequence[RegisterRun]:
    """The newest runs, for whoever comes back to one."""
    query = sa.select(RegisterRun).order_by(RegisterRun.made_at.desc(), RegisterRun.id.desc()).limit(most)
    return session.execute(query).scalars().all()


def forget_old(session: Session, *, now: datetime) -> int:
    """Take away runs that ended or were left waiting long ago, with their files and rows; returns how many.

    A single one at a time: it may have fifty thousand rows, and others wait for the database.
    """
    old = sa.select(RegisterRun.id).where(RegisterRun.changed_at < now - KEPT, RegisterRun.stage != Stage.WRITING)
    ident = session.execute(old.order_by(RegisterRun.id).limit(1)).scalar_one_or_none()
    if ident is None:
        return 0
    for table in (BadRow, RegisterPiece, EntryPiece):
        session.execute(sa.delete(table).where(table.run_id == ident))
    session.execute(sa.delete(RegisterRun).where(RegisterRun.id == ident))
    return 1


def _expect(run: RegisterRun, *stages: Stage) -> None:
    if run.stage not in stages:
        raise Conflict(f"this import is {run.stage.value}", code="register_stage", stage=run.stage.value)
