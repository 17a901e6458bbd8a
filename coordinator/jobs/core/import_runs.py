"""Imports of tables as background work, and in one step from the command line or the API.

The whole file is checked by reading alone. What is confirmed is written in one transaction with the result of the run:
a process that is killed leaves nothing, and the next one writes the whole file. Readers are not blocked; on SQLite
other writers wait until the file is written.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from campaigns.core import import_runs, journal, ledger
from campaigns.core.base import rows_changed
from campaigns.core.clock import utc_now
from campaigns.core.import_runs import ImportKind, ImportOutcome, ImportRun, ImportStage, RejectedRow
from campaigns.core.imports.row_reader import HEADINGS_NAMED
from coordinator.db import Database
from coordinator.imports.decoding import UnreadableDocument
from coordinator.jobs.context import JobContext
from coordinator.jobs.core.imported_file import (
    IMPORTERS,
    ImportedFile,
    NoProgress,
    ReadingProgress,
    place_of,
    read_file,
)
from coordinator.sandbox import BUSY

log = logging.getLogger(__name__)

# The lease of a run is short, and renewed while its process lives, so that the run of a killed process goes on soon. It
# is not renewed while the file is written: the row is locked then, and nobody can claim it before the transaction ends.
LEASE: Final = timedelta(seconds=30)
RENEWAL_INTERVAL: Final = 5.0  # seconds
PROGRESS_INTERVAL: Final = 0.4  # seconds between two updates of the progress of a check; the page reads it every two
WRITE_ATTEMPTS: Final = 3  # of a file during which another writer has added the same code or host
RUN_ATTEMPTS: Final = 3  # of a run that failed for an unknown reason
RETRY_AFTER: Final = timedelta(seconds=30)
FILE_PIECE: Final = 512 * 1024  # bytes


Outcome = TypeVar("Outcome")


class CheckProgress:
    """The progress of a check, written to its run for the page. Every update renews the claim too, so that the check of
    a cancelled import stops (``StaleFence``)."""

    def __init__(self, context: JobContext, claimed: ledger.Claim) -> None:
        self._context = context
        self._claimed = claimed
        self._rows = 0
        self._next = 0.0

    def opened(self, rows: int) -> None:
        """Record that the file is open, and its number of rows."""
        self._rows = rows
        self._update(rows=rows)

    def reached(self, checked: int) -> None:
        """Record the number of checked rows, unless there was an update within ``PROGRESS_INTERVAL``."""
        if monotonic() >= self._next:
            self._update(reached=checked)

    def read(self) -> None:
        """Record that all rows are checked and will be compared with the database."""
        self._update(reached=self._rows)

    def _update(self, **values: int) -> None:
        with self._context.database.write() as session:
            renew_claim(session, self._claimed, self._context.now() + LEASE, **values)
        self._next = monotonic() + PROGRESS_INTERVAL


class RenewedLease:
    """Renews the lease of a run in a thread of its own, from entry to exit."""

    def __init__(self, context: JobContext, claimed: ledger.Claim) -> None:
        self._context, self._claimed = context, claimed
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="import-lease", daemon=True)

    def __enter__(self) -> "RenewedLease":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._ended.wait(RENEWAL_INTERVAL):
            try:
                with self._context.database.write() as session:
                    renew_claim(session, self._claimed, self._context.now() + LEASE)
            except ledger.StaleFence:  # whoever does the work finds the same before it writes
                return
            except SQLAlchemyError as error:
                log.warning("could not renew the lease of import %d: %s", self._claimed.id, error)


def renew_claim(session: Session, claimed: ledger.Claim, until: datetime, **values: int) -> None:
    """Extend the lease of a run and write ``values`` to it; the row is locked until commit. Raises ``StaleFence`` when
    the run was cancelled or another worker has claimed it."""
    own = sa.update(ImportRun).where(ImportRun.id == claimed.id, ImportRun.fence == claimed.fence)
    if rows_changed(session.execute(own.values(lease_until=until, **values))) != 1:
        raise ledger.StaleFence(f"import {claimed.id} was cancelled or claimed by another worker", row=claimed.id)


def claim(context: JobContext, limit: int) -> list[ledger.Claim]:
    """Claim a run, unless one is running: two large files at once would need twice the memory."""
    now = context.now()
    with context.database.write() as session:
        busy = sa.select(ImportRun.id).where(ImportRun.lease_until > now).limit(1)
        if session.execute(busy).first() is not None:
            return []
        return ledger.claim(session, ImportRun, min(limit, 1), LEASE, sa.true(), now=now)


def run_import(context: JobContext, claimed: ledger.Claim) -> None:
    """Check the file of a run, or write it."""
    database = context.database
    with database.read() as session:
        run = session.get(ImportRun, claimed.id)
        if run is None or run.fence != claimed.fence:
            return
    progress: ReadingProgress = NoProgress()
    if run.stage is ImportStage.CHECKING:
        progress = CheckProgress(context, claimed)
        with database.write() as session:
            renew_claim(session, claimed, context.now() + LEASE, rows=0, reached=0)
    try:
        with RenewedLease(context, claimed):
            # The file is no longer held once its rows are read.
            file = read_file(run.kind, run.name, _file_of(database, run.id), dict(run.chosen), progress)
    except UnreadableDocument as error:
        if error.code == BUSY:
            with database.write() as session:
                ledger.settle(session, ImportRun, claimed, {"due_at": context.now() + RETRY_AFTER})
        else:
            _record_failure(context, claimed, error.code, str(error))
        return
    if run.stage is ImportStage.CHECKING:
        _check(context, claimed, file)
    elif run.stage is ImportStage.WRITING:
        write_claimed(database, claimed, file, context.now)
        log.info("%s %s: written", run.kind.value, run.name)


def _file_of(database: Database, run: int) -> bytes:
    with database.read() as session:
        return import_runs.file_of(session, run)


def record_crash(context: JobContext, claimed: ledger.Claim, error: BaseException) -> None:
    """Retry a run that failed for an unknown reason, and fail it after ``RUN_ATTEMPTS``."""
    if claimed.attempt < RUN_ATTEMPTS:
        with context.database.write() as session:
            ledger.settle(session, ImportRun, claimed, {"due_at": context.now() + RETRY_AFTER})
    else:
        _record_failure(context, claimed, "program", str(error))


@dataclass(frozen=True)
class ImportReport:
    """The result of an import in one step, or of its preview. ``rejected``: all bad rows, in the order of the file;
    ``run``: the public id of what was written, "" when nothing was."""

    file: ImportedFile
    outcome: ImportOutcome
    rejected: tuple[RejectedRow, ...]
    run: str = ""

    @property
    def bad(self) -> int:
        """The number of bad rows."""
        return count_rows(self.rejected)


def import_file(
    database: Database,
    kind: ImportKind,
    actor: str,
    name: str,
    body: bytes,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: ReadingProgress | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> ImportReport:
    """Read a file and write it in this process, in one transaction. With bad rows nothing is written unless
    ``skip_bad``. Raises ``UnreadableDocument``, also for a file without rows: that nothing was imported would be taken
    for success."""
    file = read_file(kind, name, body, {}, progress or NoProgress())
    if not file.rows:
        names = [heading for heading, *_rest in file.headings]
        known = any(field for _heading, field, *_samples in file.headings)
        unknown = f"none of its columns is known ({', '.join(names[:HEADINGS_NAMED])}), and "
        raise UnreadableDocument(f"{'' if known or not names else unknown}it has no row to import", code="no_rows")
    with database.read() as session:
        report = _report(file, preview(session, file, now=clock()))
    if dry_run or not report.outcome.good or (report.rejected and not skip_bad):
        return report

    def write() -> ImportReport:
        with database.write() as session:
            written = write_whole(session, actor, name, len(body), file, now=clock())
            if written.rejected and not skip_bad:  # somebody else has changed the database since the preview
                session.rollback()
                return replace(written, run="")
            return written

    return _retried(write)


def _retried(write: Callable[[], Outcome]) -> Outcome:
    """Write a file, again where another writer has added the same host or code meanwhile, as on PostgreSQL."""
    for _attempt in range(WRITE_ATTEMPTS - 1):
        with contextlib.suppress(IntegrityError):
            return write()
    return write()


def write_whole(
    session: Session,
    actor: str,
    name: str,
    size: int,
    file: ImportedFile,
    *,
    now: datetime,
) -> ImportReport:
    """Write the valid entries of a file as a run of its own; the caller commits, or rolls back when rows are bad."""
    run = import_runs.begin_import(session, file.kind, actor, name, (), now=now)
    run.headings, run.notes = list(file.headings), dict(file.notes)
    run.rows, run.entries, run.size, run.due_at, run.fence = file.rows, len(file.entries), size, None, 1
    session.flush()
    import_runs.add_bad_rows(session, run.id, file.bad_rows(file.rejected))
    outcome = _write(session, ledger.Claim(run.id, 1, 1, False), file, now)
    return _report(file, outcome, run.public)


def _report(file: ImportedFile, outcome: ImportOutcome, run: str = "") -> ImportReport:
    rejected = sorted((*file.rejected, *outcome.rejected), key=lambda row: (row.sheet, row.row))
    return ImportReport(file, outcome, tuple(rejected), run)


def preview(session: Session, file: ImportedFile, *, now: datetime) -> ImportOutcome:
    """What writing the file would do now. Writes nothing."""
    return IMPORTERS[file.kind].preview(session, file.entries, now=now)


def count_rows(rejected: Iterable[RejectedRow]) -> int:
    """The number of rows that the errors are of."""
    return len(set(map(place_of, rejected)))


def _check(context: JobContext, claimed: ledger.Claim, file: ImportedFile) -> None:
    """Store the preview of the import, and the rejected rows of the file."""
    with RenewedLease(context, claimed), context.database.read() as session:
        outcome = preview(session, file, now=context.now())
    rejected = (*file.rejected, *outcome.rejected)
    now = context.now()
    values = {"headings": list(file.headings), "notes": dict(file.notes), "rows": file.rows}
    values |= {"entries": len(file.entries), "good": outcome.good, "counts": dict(outcome.counts)}
    values |= {"bad": count_rows(rejected), "reached": 0, "stage": ImportStage.CHECKED}
    values |= {"changed_at": now, "due_at": None, "attempt": 0}
    with context.database.write() as session:
        ledger.settle(session, ImportRun, claimed, values)
        import_runs.delete_bad_rows(session, claimed.id)
        import_runs.add_bad_rows(session, claimed.id, file.bad_rows(rejected))
    log.info("import: %d rows read, %d entries good, %d rows bad", file.rows, outcome.good, values["bad"])


def write_claimed(
    database: Database, claimed: ledger.Claim, file: ImportedFile, clock: Callable[[], datetime]
) -> ImportOutcome:
    """Write the file of a claimed run and end the run, in one transaction. Raises ``StaleFence``."""

    def write() -> ImportOutcome:
        with database.write() as session:
            now = clock()
            renew_claim(session, claimed, now + LEASE)
            return _write(session, claimed, file, now)

    return _retried(write)


def _write(session: Session, claimed: ledger.Claim, file: ImportedFile, now: datetime) -> ImportOutcome:
    run = session.get_one(ImportRun, claimed.id)
    outcome = IMPORTERS[file.kind].write(session, run.by, run.public, file.entries, now=now)
    bad = run.bad if run.stage is ImportStage.WRITING else count_rows(file.rejected)
    bad += import_runs.add_bad_rows(session, run.id, file.bad_rows(outcome.rejected))
    values = {"stage": ImportStage.DONE, "changed_at": now, "due_at": None, "attempt": 0}
    values |= {"good": outcome.good, "bad": bad, "counts": dict(outcome.counts)}
    ledger.settle(session, ImportRun, claimed, values)
    import_runs.discard_file(session, run.id)
    details = {"file": run.name} | dict(outcome.counts) | {"bad": bad}
    journal.record(session, run.by, f"{run.kind.value}.imported", run.kind.value, run.public, details, now=now)
    return outcome


def _record_failure(context: JobContext, claimed: ledger.Claim, code: str, reason: str) -> None:
    values = {"stage": ImportStage.FAILED, "failure_code": code, "failure": reason[:2000]}
    with context.database.write() as session:
        ledger.settle(session, ImportRun, claimed, {**values, "changed_at": context.now(), "due_at": None})
        import_runs.discard_file(session, claimed.id)
