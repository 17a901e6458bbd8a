"""A register of any size: checked whole by reading alone, then written in short turns that others write between."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal, ledger
from campaigns.core.base import rows_changed
from campaigns.core.clock import utc_now
from campaigns.partners import register_runs
from campaigns.partners.columns import SPREAD, meaning
from campaigns.partners.directory import Site
from campaigns.partners.enrolling import Enrolled, KnownCompanies, enrol
from campaigns.partners.foreseeing import foresee
from campaigns.partners.register import RegisterReading, RejectedRow, read_register
from campaigns.partners.register_runs import Checked, RegisterRun, Stage
from campaigns.tracking.watching import watch
from coordinator.db import Database
from coordinator.imports.sheets import Table, read_table
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

PIECE: Final = 512 * 1024  # bytes of a piece of a file
READING: Final = timedelta(minutes=5)  # a claim: longer than the largest file takes to be read on a slow machine
TURN: Final = 0.4  # seconds that others wait at most, about, while a turn is written
PAUSE: Final = 0.1  # seconds between turns: SQLite's waiting writers look again every tenth of a second
LEAST_TURN, FIRST_TURN, MOST_TURN = 5, 50, 500  # entries
ROWS_A_TURN: Final = 1000  # bad rows kept at once
FIRST_ROWS: Final = 6  # rows named of each kind of remark: one more than is read, so that it shows there are others
MOST_NOTES: Final = 200  # remarks kept to be shown; all are counted
SAMPLES: Final = 3  # cells shown of each column
LONGEST_SAMPLE: Final = 80
TRIES: Final = 3  # of a run that failed for no known reason
AGAIN: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class RegisterImport:
    """What an import of the register did, or would do. ``good``: entries that can be taken."""

    companies: int
    licences: int
    sites: int
    unchanged: int
    good: int
    rejected: tuple[RejectedRow, ...]
    told: Mapping[str, Any]


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease a run, unless one is under way: two large files at once would need twice the memory."""
    now = place.now()
    with place.database.write() as session:
        busy = sa.select(RegisterRun.id).where(RegisterRun.lease_until > now).limit(1)
        if session.execute(busy).first() is not None:
            return []
        return ledger.claim(session, RegisterRun, min(limit, 1), READING, now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Check a run's file, or write it to its end."""
    with place.database.read() as session:
        run = session.get(RegisterRun, taken.id)
        if run is None or run.fence != taken.fence:
            return
        stage, name, by, chosen, reached = run.stage, run.name, run.by, dict(run.chosen), run.reached
        body = register_runs.body_of(session, run.id)
    try:
        table, reading = _read(name, body, chosen)
    except UnreadableDocument as error:
        _fail(place, taken, error.code, str(error))
        return
    del body
    if stage is Stage.CHECKING:
        _check(place, taken, chosen, table, reading)
    elif stage is Stage.WRITING:
        cells = {row.number: row.cells for row in table.rows}
        done = _write(place.database, place.now, taken, by, reading, reached, cells, place.pace.lease, place.stopping)
        log.info("register %s: %s", name, "left to go on later" if done is None else "written")


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug, or a database that was busy for too long: tried again a few times, then said."""
    if taken.attempt < TRIES:
        with place.database.write() as session:
            ledger.settle(session, RegisterRun, taken, {"due_at": place.now() + AGAIN})
    else:
        _fail(place, taken, "program", str(error))


def import_register(
    database: Database,
    actor: str,
    name: str,
    body: bytes,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> RegisterImport:
    """Read a sheet and enrol its rows here and now. With bad rows nothing is written unless ``skip_bad``.

    What is begun is a run like any other: should this process die in the middle of it, the product's workers finish it.
    """
    table, reading = _read(name, body, chosen)
    with database.read() as session:
        foreseen = foresee(session, reading.entries, now=utc_now())
    done = foreseen
    if not dry_run and reading.entries and (skip_bad or not (reading.rejected or foreseen.rejected)):
        now = utc_now()
        with database.write() as session:
            run = register_runs.begin(session, actor, name, pieces_of(body), now=now)
            run.chosen, run.entries, run.rows = dict(chosen), len(reading.entries), len(table.rows)
            register_runs.write_from_start(run, now=now)
            run.lease_until, run.fence = now + READING, 1
            taken = ledger.Claim(run.id, 1, 1, False)
        cells = {row.number: row.cells for row in table.rows}
        written = _write(database, utc_now, taken, actor, reading, 0, cells, READING, threading.Event())
        assert written is not None, "nobody can have stopped it"  # noqa: S101  # a bug, not input
        done = written
    rejected = sorted((*reading.rejected, *done.rejected), key=lambda row: row.row)
    good = len(reading.entries) - len(done.rejected)
    told = _told(table, reading)
    return RegisterImport(done.companies, done.licences, done.sites, done.unchanged, good, tuple(rejected), told)


def pieces_of(body: bytes) -> Iterable[bytes]:
    """A file in pieces."""
    return (body[start : start + PIECE] for start in range(0, len(body), PIECE))


def _read(name: str, body: bytes, chosen: Mapping[str, str]) -> tuple[Table, RegisterReading]:
    table = read_table(
        name,
        body,
        knows=lambda cell: meaning(" ".join(cell.split()), chosen),
        spreads=lambda heading: meaning(heading, chosen) in SPREAD,
    )
    return table, read_register(table.rows, chosen=chosen)


def _check(
    place: Workplace, taken: ledger.Claim, chosen: Mapping[str, str], table: Table, reading: RegisterReading
) -> None:
    with place.database.read() as session:
        foreseen = foresee(session, reading.entries, now=place.now())
    rejected = (*reading.rejected, *foreseen.rejected)
    cells = {row.number: row.cells for row in table.rows}
    forgotten = ROWS_A_TURN
    while forgotten == ROWS_A_TURN:  # those of a check with other columns, or of one that was cut off
        with place.database.write() as session:
            _renew(session, taken, place.now() + READING)
            forgotten = register_runs.forget_bad(session, taken.id, ROWS_A_TURN)
    bad = _bad(rejected, cells)
    for start in range(0, len(bad), ROWS_A_TURN):
        with place.database.write() as session:
            _renew(session, taken, place.now() + READING)
            register_runs.keep_bad(session, taken.id, bad[start : start + ROWS_A_TURN])
    found = Checked(
        headings=_headings(table, chosen), told=_told(table, reading), rows=len(table.rows),
        entries=len(reading.entries), good=len(reading.entries) - len(foreseen.rejected),
        companies=foreseen.companies, licences=foreseen.licences, sites=foreseen.sites, unchanged=foreseen.unchanged,
    )  # fmt: skip
    now = place.now()
    values = asdict(found) | {"bad": len(bad), "stage": Stage.CHECKED, "changed_at": now, "due_at": None, "attempt": 0}
    with place.database.write() as session:
        ledger.settle(session, RegisterRun, taken, values)
    log.info("register: %d rows read, %d entries good, %d rows bad", found.rows, found.good, len(bad))


def _write(
    database: Database,
    clock: Callable[[], datetime],
    taken: ledger.Claim,
    actor: str,
    reading: RegisterReading,
    reached: int,
    cells: Mapping[int, Mapping[str, str]],
    lease: timedelta,
    stopping: threading.Event,
) -> Enrolled | None:
    """Write every entry from ``reached`` on, a turn at a time, each with the place it has reached; then throw the file
    away. Returns what these turns did; None when this process is to end, and the next one goes on from there."""
    known = KnownCompanies()
    total = Enrolled(0, 0, 0, 0, (), ())
    size = FIRST_TURN
    while reached < len(reading.entries):
        batch = reading.entries[reached : reached + size]
        began = time.monotonic()
        now = clock()
        with database.write() as session:
            _renew(session, taken, now + lease)
            done = enrol(session, actor, batch, known=known, now=now)
            for code in done.new_sites:
                watch(session, session.execute(sa.select(Site).where(Site.code == code)).scalar_one(), now=now)
            fresh = register_runs.keep_bad(session, taken.id, _bad(done.rejected, cells))
            reached += len(batch)
            session.execute(
                sa.update(RegisterRun)
                .where(RegisterRun.id == taken.id)
                .values(
                    reached=reached, good=RegisterRun.good + len(batch) - len(done.rejected),
                    bad=RegisterRun.bad + fresh, attempt=0, changed_at=now,
                    companies=RegisterRun.companies + done.companies, licences=RegisterRun.licences + done.licences,
                    sites=RegisterRun.sites + done.sites, unchanged=RegisterRun.unchanged + done.unchanged,
                )
            )  # fmt: skip
        total = Enrolled(
            total.companies + done.companies, total.licences + done.licences, total.sites + done.sites,
            total.unchanged + done.unchanged, (*total.rejected, *done.rejected), (),
        )  # fmt: skip
        spent = time.monotonic() - began
        size = min(max(int(size * TURN / max(spent, 0.001)), LEAST_TURN), MOST_TURN, size * 2)
        if reached < len(reading.entries) and stopping.wait(PAUSE):
            with database.write() as session:
                ledger.settle(session, RegisterRun, taken, {"due_at": clock(), "attempt": 0})
            return None
    _finish(database, taken, actor, clock())
    return total


def _finish(database: Database, taken: ledger.Claim, actor: str, now: datetime) -> None:
    with database.write() as session:
        values = {"stage": Stage.DONE, "changed_at": now, "due_at": None, "attempt": 0}
        ledger.settle(session, RegisterRun, taken, values)
        register_runs.throw_away(session, taken.id)
        run = session.get_one(RegisterRun, taken.id, populate_existing=True)
        names = ("companies", "licences", "sites", "unchanged", "bad")
        details = {"file": run.name} | {name: getattr(run, name) for name in names}
        journal.record(session, actor, "register.imported", "register", run.public, details, now=now)


def _renew(session: Session, taken: ledger.Claim, until: datetime) -> None:
    mine = sa.update(RegisterRun).where(RegisterRun.id == taken.id, RegisterRun.fence == taken.fence)
    if rows_changed(session.execute(mine.values(lease_until=until))) != 1:
        raise ledger.StaleFence(f"import {taken.id} was called off or taken up by another worker", row=taken.id)


def _fail(place: Workplace, taken: ledger.Claim, code: str, why: str) -> None:
    values = {"stage": Stage.FAILED, "failure_code": code, "failure": why[:2000], "changed_at": place.now()}
    values["due_at"] = None
    with place.database.write() as session:
        ledger.settle(session, RegisterRun, taken, values)
        register_runs.throw_away(session, taken.id)


def _bad(rejected: Iterable[RejectedRow], cells: Mapping[int, Mapping[str, str]]) -> list[dict[str, Any]]:
    rows: dict[int, list[list[str]]] = {}
    for one in rejected:
        rows.setdefault(one.row, []).append([one.field, one.code, one.message])
    return [
        {"row": row, "cells": dict(cells.get(row, {})), "problems": problems} for row, problems in sorted(rows.items())
    ]


def _headings(table: Table, chosen: Mapping[str, str]) -> Sequence[Sequence[str]]:
    samples: dict[str, list[str]] = {heading: [] for heading in table.headings}
    for row in table.rows[:100]:
        for heading, text in row.cells.items():
            if len(seen := samples[heading]) < SAMPLES and text not in seen:
                seen.append(text[:LONGEST_SAMPLE])
    return [[heading, meaning(heading, chosen) or "", *seen] for heading, seen in samples.items()]


def _told(table: Table, reading: RegisterReading) -> Mapping[str, Any]:
    counts: dict[str, int] = {}
    firsts: dict[str, list[int]] = {}
    for note in reading.notes:
        counts[note.code] = counts.get(note.code, 0) + 1
        if len(rows := firsts.setdefault(note.code, [])) < FIRST_ROWS:
            rows.append(note.row)
    return {
        "sheet": table.sheet,
        "others": list(table.others),
        "hidden": list(table.hidden),
        "spread": table.spread,
        "groups": list(table.groups[:MOST_NOTES]),
        "unvalued": table.unvalued,
        "noted": counts,
        "firsts": firsts,
        "notes": [[note.row, note.code, note.message] for note in reading.notes[:MOST_NOTES]],
    }
