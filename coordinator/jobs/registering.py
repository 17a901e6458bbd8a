"""A register of any size: checked whole by reading alone, then written in short turns that others write between."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from campaigns.core import journal, ledger
from campaigns.core.clock import utc_now
from campaigns.partners import register_runs
from campaigns.partners.columns import SPREAD, meaning
from campaigns.partners.directory import SiteKind
from campaigns.partners.enrolling import Enrolled, Prepared, enrol, prepare, write
from campaigns.partners.foreseeing import foresee
from campaigns.partners.known import KnownCompanies, Overtaken
from campaigns.partners.register import RegisterEntry, RegisterReading, RejectedRow, read_register
from campaigns.partners.register_entries import AT_ONCE as PIECE_ENTRIES
from campaigns.partners.register_entries import are_kept, keep_entries, pack, some_entries
from campaigns.partners.register_runs import Checked, RegisterRun, Stage
from coordinator.collecting import collect_young, seldom_collected
from coordinator.db import Database
from coordinator.imports.sheets import Table, read_table
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.jobs.register_checks import NOT_BEGUN, READING, Checking, renew
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

PIECE: Final = 512 * 1024  # bytes of a piece of a file
HOLD: Final = timedelta(seconds=10)  # a claim while it is written: every turn renews it, and the next one goes on after
TURN: Final = 0.3  # seconds that a turn is to take on SQLite, where every writer waits for it
PAUSE: Final = 0.1  # seconds between turns there: waiting writers look again every tenth of a second
LONG_TURN: Final = 1.0  # seconds on PostgreSQL, where only those wait who write the same rows, and they stand in a line
LEAST_TURN, FIRST_TURN, MOST_TURN = 20, 100, 5000  # entries
OVERTAKEN: Final = 3  # times that a turn is begun again because others have written the same code or host meanwhile
ROWS_A_TURN: Final = 1000  # bad rows kept at once
FIRST_ROWS: Final = 6  # rows named of each kind of remark: one more than is read, so that it shows there are others
MOST_NOTES: Final = 200  # remarks kept to be shown; all are counted
SAMPLES: Final = 3  # cells shown of each column
LONGEST_SAMPLE: Final = 80
KINDS: Final = {SiteKind.AGGREGATOR: "Trang tổng hợp", SiteKind.SOCIAL: "Mạng xã hội"}  # as a cell says it
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
        writing = RegisterRun.stage == Stage.WRITING
        return ledger.claim(session, RegisterRun, min(limit, 1), HOLD, writing, now=now) or ledger.claim(
            session, RegisterRun, min(limit, 1), READING, sa.not_(writing), now=now
        )


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Check a run's file, or write it to its end."""
    with place.database.read() as session:
        run = session.get(RegisterRun, taken.id)
        if run is None or run.fence != taken.fence:
            return
        stage, name, chosen = run.stage, run.name, dict(run.chosen)
        ready = stage is Stage.WRITING and are_kept(session, run.id)
        body = b"" if ready else register_runs.body_of(session, run.id)
    if not ready:
        checking = Checking(place, taken) if stage is Stage.CHECKING else None
        with place.database.write() as session:
            renew(session, taken, place.now() + READING, **(NOT_BEGUN if checking else {}))
        try:
            table, reading = _read(name, body, chosen, checking)
        except UnreadableDocument as error:
            _fail(place, taken, error.code, str(error))
            return
        del body
        if stage is Stage.CHECKING:
            _check(place, taken, chosen, table, reading)
            return
        _keep(place.database, taken, reading, place.now() + READING)  # checked by a version that kept no entries
        del table, reading
    if stage is Stage.WRITING:
        done = _write(place.database, place.now, taken, place.stopping)
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
    told: Callable[[int, int], None] = lambda _reached, _entries: None,
) -> RegisterImport:
    """Read a sheet and enrol its rows here and now. With bad rows nothing is written unless ``skip_bad``. ``told``: is
    called with how many entries are written, of how many.

    What is begun is a run like any other: should this process die in the middle of it, the product's workers finish it.
    """
    table, reading = _read(name, body, chosen)
    remarks, headings, rows = _told(table, reading, chosen), list(_headings(table, chosen)), len(table.rows)
    del table  # the larger part of what was read
    with database.read() as session, seldom_collected():
        foreseen = foresee(session, reading.entries, now=utc_now())
    done, entries, rejected = foreseen, len(reading.entries), reading.rejected
    if not dry_run and entries and (skip_bad or not (rejected or foreseen.rejected)):
        now, packed = utc_now(), pack(reading.entries)
        del reading  # packed now, and much smaller so
        with database.write() as session:
            run = register_runs.begin(session, actor, name, pieces_of(body), now=now)
            run.chosen, run.headings, run.entries, run.rows = dict(chosen), headings, entries, rows
            register_runs.write_from_start(run, now=now)
            run.lease_until, run.fence = now + HOLD, 1
            taken = ledger.Claim(run.id, 1, 1, False)
            keep_entries(session, run.id, packed)
        written = _write(database, utc_now, taken, threading.Event(), told)
        assert written is not None, "nobody can have stopped it"  # noqa: S101  # a bug, not input
        done = written
    bad = sorted((*rejected, *done.rejected), key=lambda row: row.row)
    good = entries - len(done.rejected)
    return RegisterImport(done.companies, done.licences, done.sites, done.unchanged, good, tuple(bad), remarks)


def pieces_of(body: bytes) -> Iterable[bytes]:
    """A file in pieces."""
    return (body[start : start + PIECE] for start in range(0, len(body), PIECE))


def _read(
    name: str, body: bytes, chosen: Mapping[str, str], checking: Checking | None = None
) -> tuple[Table, RegisterReading]:
    with seldom_collected():
        table = read_table(
            name,
            body,
            knows=lambda cell: meaning(" ".join(cell.split()), chosen),
            spreads=lambda heading: meaning(heading, chosen) in SPREAD,
        )
        if checking is None:
            return table, read_register(table.rows, headings=table.headings, chosen=chosen)
        checking.opened(len(table.rows))
        reading = read_register(table.rows, headings=table.headings, chosen=chosen, told=checking.reached)
        checking.read()
        return table, reading


def _check(
    place: Workplace, taken: ledger.Claim, chosen: Mapping[str, str], table: Table, reading: RegisterReading
) -> None:
    with place.database.read() as session, seldom_collected():
        foreseen = foresee(session, reading.entries, now=place.now())
    rejected = (*reading.rejected, *foreseen.rejected)
    cells = {row.number: row.cells for row in table.rows}
    forgotten = ROWS_A_TURN
    while forgotten == ROWS_A_TURN:  # those of a check with other columns, or of one that was cut off
        with place.database.write() as session:
            renew(session, taken, place.now() + READING)
            forgotten = register_runs.forget_bad(session, taken.id, ROWS_A_TURN)
    bad = _bad(rejected, cells)
    for start in range(0, len(bad), ROWS_A_TURN):
        with place.database.write() as session:
            renew(session, taken, place.now() + READING)
            register_runs.keep_bad(session, taken.id, bad[start : start + ROWS_A_TURN])
    _keep(place.database, taken, reading, place.now() + READING)
    found = Checked(
        headings=_headings(table, chosen), told=_told(table, reading, chosen), rows=len(table.rows),
        entries=len(reading.entries), good=len(reading.entries) - len(foreseen.rejected),
        companies=foreseen.companies, licences=foreseen.licences, sites=foreseen.sites, unchanged=foreseen.unchanged,
    )  # fmt: skip
    now = place.now()
    values = asdict(found) | {"bad": len(bad), "reached": 0, "stage": Stage.CHECKED}
    values |= {"changed_at": now, "due_at": None, "attempt": 0}
    with place.database.write() as session:
        ledger.settle(session, RegisterRun, taken, values)
    log.info("register: %d rows read, %d entries good, %d rows bad", found.rows, found.good, len(bad))


def _keep(database: Database, taken: ledger.Claim, reading: RegisterReading, until: datetime) -> None:
    packed = pack(reading.entries)
    with database.write() as session:
        renew(session, taken, until)
        keep_entries(session, taken.id, packed)


def _write(
    database: Database,
    clock: Callable[[], datetime],
    taken: ledger.Claim,
    stopping: threading.Event,
    told: Callable[[int, int], None] = lambda _reached, _entries: None,
) -> Enrolled | None:
    """Write every entry from where the run stands on, a turn at a time, each with the place it has reached; then throw
    the file away. Returns what these turns did; None when this process is to end, and the next one goes on from there.
    """
    with database.read() as session:
        run = session.get_one(RegisterRun, taken.id)
    known = KnownCompanies(run.public)
    total = Enrolled(0, 0, 0, 0, ())
    turn, pause = (TURN, PAUSE) if database.on_sqlite else (LONG_TURN, 0.0)
    reached, size = run.reached, FIRST_TURN
    read = _some(database, run, [], reached, size)
    with seldom_collected():
        prepared = _prepared(database, read[:size], known, clock())
        while reached < run.entries:
            batch, read = read[:size], read[size:]
            began = time.monotonic()
            done = _turn(database, taken, run, batch, prepared, known, clock())
            ended = time.monotonic()
            reached += len(batch)
            told(reached, run.entries)
            total = Enrolled(
                total.companies + done.companies, total.licences + done.licences, total.sites + done.sites,
                total.unchanged + done.unchanged, (*total.rejected, *done.rejected),
            )  # fmt: skip
            size = min(max(int(size * turn / max(ended - began, 0.001)), LEAST_TURN), MOST_TURN, size * 2)
            # While others have their turn: what nobody has to wait for.
            collect_young()
            read = _some(database, run, read, reached, size)
            prepared = _prepared(database, read[:size], known, clock())
            if reached < run.entries and stopping.wait(max(ended + pause - time.monotonic(), 0)):
                with database.write() as session:
                    ledger.settle(session, RegisterRun, taken, {"due_at": clock(), "attempt": 0})
                return None
    _finish(database, taken, run.by, clock())
    return total


def _some(
    database: Database, run: RegisterRun, read: list[RegisterEntry], reached: int, size: int
) -> list[RegisterEntry]:
    """The next ``size`` entries, or all that are left: those that are ``read`` and no turn has taken, and more."""
    while len(read) < min(size, run.entries - reached):
        with database.read() as session:
            read += some_entries(session, run.id, reached + len(read), PIECE_ENTRIES)
    return read


def _prepared(database: Database, batch: Sequence[RegisterEntry], known: KnownCompanies, now: datetime) -> Prepared:
    with database.read() as session:
        return prepare(session, batch, known=known, now=now)


def _turn(
    database: Database,
    taken: ledger.Claim,
    run: RegisterRun,
    batch: Sequence[RegisterEntry],
    prepared: Prepared,
    known: KnownCompanies,
    now: datetime,
) -> Enrolled:
    """Write some entries and the place that is reached with them, all or nothing: as they were prepared, or as they
    come to by now where somebody else has written into the directory since."""
    for attempt in range(1, OVERTAKEN + 1):
        try:
            with database.write() as session:
                renew(session, taken, now + HOLD)
                if attempt > 1 or known.moved(session):
                    done = enrol(session, run.by, run.public, batch, known=known, now=now)
                else:
                    done = write(session, run.by, run.public, prepared, now=now)
                rejected = _bad(done.rejected, _cells(batch, run.headings) if done.rejected else {})
                fresh = register_runs.keep_bad(session, taken.id, rejected) if rejected else 0
                session.execute(
                    sa.update(RegisterRun)
                    .where(RegisterRun.id == taken.id)
                    .values(
                        reached=RegisterRun.reached + len(batch),
                        good=RegisterRun.good + len(batch) - len(done.rejected),
                        bad=RegisterRun.bad + fresh, attempt=0, changed_at=now,
                        companies=RegisterRun.companies + done.companies,
                        licences=RegisterRun.licences + done.licences,
                        sites=RegisterRun.sites + done.sites, unchanged=RegisterRun.unchanged + done.unchanged,
                    )
                )  # fmt: skip
            return done
        except (IntegrityError, Overtaken):  # PostgreSQL: somebody has added the same host or code meanwhile
            if attempt == OVERTAKEN:
                raise
    raise AssertionError("a turn is done or raises")


def _cells(batch: Sequence[RegisterEntry], headings: Sequence[Sequence[str]]) -> Mapping[int, Mapping[str, str]]:
    """What entries say, below the headings of their file: the file itself is not read a second time. Columns that say
    nothing to us are not among them."""
    named: dict[str, str] = {}
    for heading, field, *_samples in headings:
        named.setdefault(field, heading)
    return {
        entry.row: {heading: text for field, heading in named.items() if field and (text := _text(entry, field))}
        for entry in batch
    }


def _text(entry: RegisterEntry, field: str) -> str:
    value = getattr(entry, field)
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, SiteKind):
        return KINDS[value]
    return "; ".join(value) if isinstance(value, tuple) else value or ""


def _finish(database: Database, taken: ledger.Claim, actor: str, now: datetime) -> None:
    with database.write() as session:
        values = {"stage": Stage.DONE, "changed_at": now, "due_at": None, "attempt": 0}
        ledger.settle(session, RegisterRun, taken, values)
        register_runs.throw_away(session, taken.id)
        run = session.get_one(RegisterRun, taken.id, populate_existing=True)
        names = ("companies", "licences", "sites", "unchanged", "bad")
        details = {"file": run.name} | {name: getattr(run, name) for name in names}
        journal.record(session, actor, "register.imported", "register", run.public, details, now=now)


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


def _told(table: Table, reading: RegisterReading, chosen: Mapping[str, str]) -> Mapping[str, Any]:
    counts: dict[str, int] = {}
    firsts: dict[str, list[int]] = {}
    for note in reading.notes:
        counts[note.code] = counts.get(note.code, 0) + 1
        if len(rows := firsts.setdefault(note.code, [])) < FIRST_ROWS:
            rows.append(note.row)
    letters: dict[str, list[str]] = {}
    for heading in table.headings:
        if (field := meaning(heading, chosen)) and heading in table.letters:
            letters.setdefault(field, []).append(table.letters[heading])
    return {
        "letters": {field: ", ".join(some) for field, some in letters.items()},
        "heads": list(table.heads[:MOST_NOTES]),
        "concealed": table.concealed,
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
