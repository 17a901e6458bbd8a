"""Imports of the licence register: the whole file is checked by reading alone, then its entries are written in batches.

Each batch of ``BATCH_SIZE`` entries is one transaction together with the number of entries reached, so that a run that
is interrupted continues after its last batch, and other writers can write between two batches.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core import journal, ledger
from campaigns.core.base import rows_changed
from campaigns.core.clock import utc_now
from campaigns.partners.register import import_runs
from campaigns.partners.register.columns import SPREAD_FIELDS, chosen_field
from campaigns.partners.register.import_runs import CheckResult, ImportRun, ImportStage
from campaigns.partners.register.register_reader import RegisterEntry, RegisterReading, RejectedRow, read_register
from campaigns.partners.register.register_writer import ImportResult, import_entries, preview_import
from coordinator.db import Database
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.register.table_reader import ImportedTable, read_table
from coordinator.jobs.context import JobContext

log = logging.getLogger(__name__)

BATCH_SIZE: Final = 500  # entries, and rejected rows, written in one transaction
PAUSE: Final = 0.1  # seconds between two batches: a writer that waits on SQLite tries again every tenth of a second
READING_LEASE: Final = timedelta(minutes=5)  # longer than reading the largest file takes on a slow machine
BATCH_LEASE: Final = timedelta(seconds=10)  # renewed by every batch
PROGRESS_INTERVAL: Final = 0.4  # seconds between two updates of the progress of a check; the page reads it every two
WRITE_ATTEMPTS: Final = 3  # of a batch in which another writer has added the same code or host meanwhile
RUN_ATTEMPTS: Final = 3  # of a run that failed for an unknown reason
RETRY_AFTER: Final = timedelta(seconds=30)
FILE_PIECE: Final = 512 * 1024  # bytes
ROWS_NAMED: Final = (
    6  # rows named of each kind of note: one more than the page shows, which reveals that there are more
)
NOTES_KEPT: Final = 200  # notes kept to be shown; all are counted
SAMPLES: Final = 3  # cells shown of each column
LONGEST_SAMPLE: Final = 80  # characters


@dataclass(frozen=True)
class RegisterImport:
    """The result of an import of the register, or of its preview. ``good``: valid entries; ``notes`` as in
    ``ImportRun``."""

    companies: int
    licences: int
    sites: int
    unchanged: int
    good: int
    rejected: tuple[RejectedRow, ...]
    notes: Mapping[str, Any]


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
        """Record that all rows are checked and will be compared with the directory."""
        self._update(reached=self._rows)

    def _update(self, **values: int) -> None:
        with self._context.database.write() as session:
            renew_claim(session, self._claimed, self._context.now() + READING_LEASE, **values)
        self._next = monotonic() + PROGRESS_INTERVAL


def renew_claim(session: Session, claimed: ledger.Claim, until: datetime, **values: int) -> None:
    """Extend the lease of a run and write ``values`` to it. Raises ``StaleFence`` when the run was cancelled or another
    worker has claimed it."""
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
        return ledger.claim(session, ImportRun, min(limit, 1), READING_LEASE, sa.true(), now=now)


def run_import(context: JobContext, claimed: ledger.Claim) -> None:
    """Check the file of a run, or write its entries to the end."""
    database = context.database
    with database.read() as session:
        run = session.get(ImportRun, claimed.id)
        if run is None or run.fence != claimed.fence:
            return
        stage, name, chosen = run.stage, run.name, dict(run.chosen)
        body = import_runs.file_of(session, run.id)
    progress = None
    if stage is ImportStage.CHECKING:
        progress = CheckProgress(context, claimed)
        with database.write() as session:
            renew_claim(session, claimed, context.now() + READING_LEASE, rows=0, reached=0)
    try:
        table, reading = _read(name, body, chosen, progress)
    except UnreadableDocument as error:
        _record_failure(context, claimed, error.code, str(error))
        return
    if stage is ImportStage.CHECKING:
        _check(context, claimed, chosen, table, reading)
    elif stage is ImportStage.WRITING:
        done = _write_entries(database, context.now, claimed, context.stopping, reading.entries, _cells(table))
        log.info("register %s: %s", name, "interrupted, to be continued" if done is None else "written")


def record_crash(context: JobContext, claimed: ledger.Claim, error: BaseException) -> None:
    """Retry a run that failed for an unknown reason, and fail it after ``RUN_ATTEMPTS``."""
    if claimed.attempt < RUN_ATTEMPTS:
        with context.database.write() as session:
            ledger.settle(session, ImportRun, claimed, {"due_at": context.now() + RETRY_AFTER})
    else:
        _record_failure(context, claimed, "program", str(error))


def import_register(
    database: Database,
    actor: str,
    name: str,
    body: bytes,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    chosen: Mapping[str, str] = MappingProxyType({}),
    progress: Callable[[int, int], None] = lambda _written, _entries: None,
) -> RegisterImport:
    """Read a file and write its entries in this process. With rejected rows nothing is written unless ``skip_bad``.

    ``progress`` is called after every batch with the number of written entries. The import is an ordinary run: if this
    process ends before it is complete, the workers finish it.
    """
    table, reading = _read(name, body, chosen)
    entries, notes = reading.entries, _reading_notes(table, reading, chosen)
    with database.read() as session:
        done = preview_import(session, entries, now=utc_now())
    if not dry_run and entries and (skip_bad or not (reading.rejected or done.rejected)):
        now = utc_now()
        with database.write() as session:
            run = import_runs.begin_import(session, actor, name, file_pieces(body), now=now)
            run.chosen, run.headings = dict(chosen), list(_headings(table, chosen))
            run.entries, run.rows = len(entries), len(table.rows)
            import_runs.restart_writing(run, now=now)
            run.lease_until, run.fence = now + BATCH_LEASE, 1
            claimed = ledger.Claim(run.id, 1, 1, False)
        written = _write_entries(database, utc_now, claimed, threading.Event(), entries, _cells(table), progress)
        assert written is not None, "only a stopping process leaves entries"  # noqa: S101  # a bug, not input
        done = written
    rejected = tuple(sorted((*reading.rejected, *done.rejected), key=lambda row: row.row))
    good = len(entries) - len(done.rejected)
    return RegisterImport(done.companies, done.licences, done.sites, done.unchanged, good, rejected, notes)


def file_pieces(body: bytes) -> Iterable[bytes]:
    """A file in pieces of ``FILE_PIECE``."""
    return (body[start : start + FILE_PIECE] for start in range(0, len(body), FILE_PIECE))


def _read(
    name: str, body: bytes, chosen: Mapping[str, str], progress: CheckProgress | None = None
) -> tuple[ImportedTable, RegisterReading]:
    table = read_table(
        name,
        body,
        knows=lambda cell: chosen_field(" ".join(cell.split()), chosen),
        spreads=lambda heading: chosen_field(heading, chosen) in SPREAD_FIELDS,
    )
    if progress is None:
        return table, read_register(table.rows, headings=table.headings, chosen=chosen)
    progress.opened(len(table.rows))
    reading = read_register(table.rows, headings=table.headings, chosen=chosen, progress=progress.reached)
    progress.read()
    return table, reading


def _check(
    context: JobContext,
    claimed: ledger.Claim,
    chosen: Mapping[str, str],
    table: ImportedTable,
    reading: RegisterReading,
) -> None:
    """Store the preview of the import, and the rejected rows of the file."""
    with context.database.read() as session:
        preview = preview_import(session, reading.entries, now=context.now())
    bad_rows = _bad_rows((*reading.rejected, *preview.rejected), _cells(table))
    result = CheckResult(
        headings=_headings(table, chosen), notes=_reading_notes(table, reading, chosen), rows=len(table.rows),
        entries=len(reading.entries), good=len(reading.entries) - len(preview.rejected),
        companies=preview.companies, licences=preview.licences, sites=preview.sites, unchanged=preview.unchanged,
    )  # fmt: skip
    now = context.now()
    values = asdict(result) | {"bad": len(bad_rows), "reached": 0, "stage": ImportStage.CHECKED}
    values |= {"changed_at": now, "due_at": None, "attempt": 0}
    with context.database.write() as session:
        ledger.settle(session, ImportRun, claimed, values)
        import_runs.delete_bad_rows(session, claimed.id)
        for start in range(0, len(bad_rows), BATCH_SIZE):
            import_runs.add_bad_rows(session, claimed.id, bad_rows[start : start + BATCH_SIZE])
    log.info("register: %d rows read, %d entries good, %d rows bad", result.rows, result.good, len(bad_rows))


def _write_entries(
    database: Database,
    clock: Callable[[], datetime],
    claimed: ledger.Claim,
    stopping: threading.Event,
    entries: Sequence[RegisterEntry],
    cells: Mapping[int, Mapping[str, str]],
    progress: Callable[[int, int], None] = lambda _written, _entries: None,
) -> ImportResult | None:
    """Write the entries that the run has not reached yet, batch by batch, then delete its file.

    Returns the result of these batches; None when the process is stopping, and a later one writes the rest.
    """
    with database.read() as session:
        run = session.get_one(ImportRun, claimed.id)
    total = ImportResult()
    for start in range(run.reached, len(entries), BATCH_SIZE):
        batch = entries[start : start + BATCH_SIZE]
        total += _write_batch(database, claimed, run, batch, cells, clock())
        progress(start + len(batch), len(entries))
        if start + len(batch) < len(entries) and stopping.wait(PAUSE):
            with database.write() as session:
                ledger.settle(session, ImportRun, claimed, {"due_at": clock(), "attempt": 0})
            return None
    _finish(database, claimed, run.by, clock())
    return total


def _write_batch(
    database: Database,
    claimed: ledger.Claim,
    run: ImportRun,
    batch: Sequence[RegisterEntry],
    cells: Mapping[int, Mapping[str, str]],
    now: datetime,
) -> ImportResult:
    """Write some entries and the number reached with them in one transaction."""
    for attempt in range(1, WRITE_ATTEMPTS + 1):
        try:
            with database.write() as session:
                renew_claim(session, claimed, now + BATCH_LEASE)
                done = import_entries(session, run.by, run.public, batch, now=now)
                new_bad_rows = import_runs.add_bad_rows(session, claimed.id, _bad_rows(done.rejected, cells))
                session.execute(
                    sa.update(ImportRun)
                    .where(ImportRun.id == claimed.id)
                    .values(
                        reached=ImportRun.reached + len(batch),
                        good=ImportRun.good + len(batch) - len(done.rejected),
                        bad=ImportRun.bad + new_bad_rows, attempt=0, changed_at=now,
                        companies=ImportRun.companies + done.companies,
                        licences=ImportRun.licences + done.licences,
                        sites=ImportRun.sites + done.sites, unchanged=ImportRun.unchanged + done.unchanged,
                    )
                )  # fmt: skip
            return done
        except IntegrityError:  # on PostgreSQL another writer may have added the same host or code meanwhile
            if attempt == WRITE_ATTEMPTS:
                raise
    raise AssertionError("a batch is written or raises")


def _finish(database: Database, claimed: ledger.Claim, actor: str, now: datetime) -> None:
    with database.write() as session:
        values = {"stage": ImportStage.DONE, "changed_at": now, "due_at": None, "attempt": 0}
        ledger.settle(session, ImportRun, claimed, values)
        import_runs.discard_file(session, claimed.id)
        run = session.get_one(ImportRun, claimed.id, populate_existing=True)
        counts = ("companies", "licences", "sites", "unchanged", "bad")
        details = {"file": run.name} | {name: getattr(run, name) for name in counts}
        journal.record(session, actor, "register.imported", "register", run.public, details, now=now)


def _record_failure(context: JobContext, claimed: ledger.Claim, code: str, reason: str) -> None:
    values = {"stage": ImportStage.FAILED, "failure_code": code, "failure": reason[:2000]}
    with context.database.write() as session:
        ledger.settle(session, ImportRun, claimed, {**values, "changed_at": context.now(), "due_at": None})
        import_runs.discard_file(session, claimed.id)


def _cells(table: ImportedTable) -> Mapping[int, Mapping[str, str]]:
    """The cells of each row by its number."""
    return {row.number: row.cells for row in table.rows}


def _bad_rows(rejected: Iterable[RejectedRow], cells: Mapping[int, Mapping[str, str]]) -> list[dict[str, Any]]:
    problems: dict[int, list[list[str]]] = {}
    for problem in rejected:
        problems.setdefault(problem.row, []).append([problem.field, problem.code, problem.message])
    return [{"row": row, "cells": dict(cells[row]), "problems": problems[row]} for row in sorted(problems)]


def _headings(table: ImportedTable, chosen: Mapping[str, str]) -> Sequence[Sequence[str]]:
    samples: dict[str, list[str]] = {heading: [] for heading in table.headings}
    for row in table.rows[:100]:
        for heading, text in row.cells.items():
            if len(shown := samples[heading]) < SAMPLES and text not in shown:
                shown.append(text[:LONGEST_SAMPLE])
    return [[heading, chosen_field(heading, chosen) or "", *shown] for heading, shown in samples.items()]


def _reading_notes(table: ImportedTable, reading: RegisterReading, chosen: Mapping[str, str]) -> Mapping[str, Any]:
    counts: dict[str, int] = {}
    first_rows: dict[str, list[int]] = {}
    for note in reading.notes:
        counts[note.code] = counts.get(note.code, 0) + 1
        if len(rows := first_rows.setdefault(note.code, [])) < ROWS_NAMED:
            rows.append(note.row)
    letters: dict[str, list[str]] = {}
    for heading in table.headings:
        if (field := chosen_field(heading, chosen)) and heading in table.letters:
            letters.setdefault(field, []).append(table.letters[heading])
    return {
        "letters": {field: ", ".join(columns) for field, columns in letters.items()},
        "heads": list(table.heads[:NOTES_KEPT]),
        "concealed": table.concealed,
        "sheet": table.sheet,
        "others": list(table.others),
        "hidden": list(table.hidden),
        "spread": table.spread,
        "groups": list(table.groups[:NOTES_KEPT]),
        "unvalued": table.unvalued,
        "noted": counts,
        "firsts": first_rows,
        "notes": [[note.row, note.code, note.message] for note in reading.notes[:NOTES_KEPT]],
    }


def delete_old_runs(context: JobContext) -> None:
    """Delete expired imports, each batch in its own transaction."""
    deleted = 1
    while deleted:
        with context.database.write() as session:
            deleted = import_runs.forget_old_runs(session, now=context.now())
