"""An import of a register by processes that are killed again and again: nothing of it is there, or all of it."""

import json
import random
import subprocess
import time
from pathlib import Path

import sqlalchemy as sa

from campaigns.core import import_runs, journal
from campaigns.core.clock import utc_now
from campaigns.core.import_runs import FileChunk, ImportKind, ImportRun, ImportStage
from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence
from campaigns.partners.register.register_writer import import_digest
from campaigns.search import index_maintenance
from coordinator.db import Database
from tests.coordinator.installation import Installation, until

ROWS, KILLS = 5_000, 4
HEAD = "Tên doanh nghiệp,Số giấy phép,Ngày cấp,Tên miền"
SHEET = "\n".join(
    [HEAD, *(f"Công ty số {row},{row}/GP-TTĐT,04/03/2023,so{row}.example.vn" for row in range(ROWS))]
).encode()
TABLES = (Company, Licence, Site)
ENDED = {ImportStage.DONE, ImportStage.FAILED}


def _counts(database: Database, *tables: type) -> list[int]:
    with database.read() as session:
        return [session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]


def _stage(database: Database, ident: int) -> ImportStage:
    with database.read() as session:
        return session.get_one(ImportRun, ident).stage


def _assert_whole(database: Database) -> None:
    with database.read() as session:
        whole = sa.select(Company.name, Licence.number, Site.host, Site.code).select_from(Company)
        whole = whole.join(Licence, Licence.company_id == Company.id).join(Site, Site.company_id == Company.id)
        assert [tuple(row) for row in session.execute(whole.order_by(Company.id))] == [
            (f"Công ty số {row}", f"{row}/GP-TTĐT", f"so{row}.example.vn", f"so{row}-example-vn") for row in range(ROWS)
        ]
        run = session.execute(sa.select(ImportRun).where(ImportRun.stage == ImportStage.DONE)).scalar_one()
        assert run.counts == {"companies": ROWS, "licences": ROWS, "sites": ROWS, "unchanged": 0}
        assert (run.stage, run.good, run.bad) == (ImportStage.DONE, ROWS, 0)
        (written,) = [entry for entry in journal.history(session, "register", run.public) if "written" in entry.act]
        details = json.loads(written.details)
        codes = ([f"cong-ty-so-{row}" for row in range(ROWS)], [f"{row}/GP-TTĐT" for row in range(ROWS)])
        assert details["digest"] == import_digest(*codes, [f"so{row}-example-vn" for row in range(ROWS)])
        assert journal.verify(session) is None
        assert [
            difference for difference in index_maintenance.index_differences(session) if difference.kind is not None
        ] == []
    assert _counts(database, FileChunk) == [0]


def test_a_command_that_is_killed_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    dice = random.Random(16)
    (tmp_path / "so.csv").write_bytes(SHEET)
    command = ("import", "partners", str(tmp_path / "so.csv"))
    with Installation(tmp_path / "data") as here:
        here.prepared()
        database = here.open_database()
        began = time.monotonic()
        assert here.did(*command, "--dry-run").startswith(f"would import {ROWS} companies")
        length = time.monotonic() - began
        ends: list[int] = []
        for _ in range(KILLS):
            process = here.start(*command)
            try:
                process.wait(timeout=length * dice.uniform(0.2, 1.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            counts = _counts(database, *TABLES)
            assert counts in ([0, 0, 0], [ROWS, ROWS, ROWS])
            ends.append(counts[0])
        assert 0 in ends
        done = here.did(*command)
        assert done.startswith("imported")
        assert done.splitlines()[0].endswith("0 bad rows")
        assert _counts(database, *TABLES) == [ROWS, ROWS, ROWS]
        _undone_by_killed_commands(here, database, done.split()[-1], dice)
        database.dispose()


def _undone_by_killed_commands(here: Installation, database: Database, run: str, dice: random.Random) -> None:
    """Undo an import by commands that are killed: all of it is there, or nothing."""
    undo = ("import", "partners", "--undo", run)
    ends = []
    for after in (0.5, *(dice.uniform(1.0, 6.0) for _ in range(KILLS))):  # seconds; the first before it has begun
        process = here.start(*undo)
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        counts = _counts(database, *TABLES)
        with database.read() as session:
            stage = session.execute(sa.select(ImportRun.stage).where(ImportRun.public == run)).scalar_one()
        assert (stage, counts) in [(ImportStage.DONE, [ROWS] * 3), (ImportStage.UNDONE, [0] * 3)]
        ends.append(stage)
    assert ends[0] is ImportStage.DONE
    if ends[-1] is ImportStage.DONE:
        assert here.did(*undo) == f"took back {ROWS} companies, {ROWS} licences, {ROWS} sites"
    with database.read() as session:
        assert journal.verify(session) is None
        assert [entry for entry in index_maintenance.index_differences(session) if entry.kind is not None] == []


def test_a_server_that_is_killed_while_it_writes_leaves_nothing_and_the_next_one_writes_all(tmp_path: Path) -> None:
    with Installation(tmp_path / "data") as here:
        here.prepared()
        database = here.open_database()
        process = here.serve()
        for kills in (2, 1):  # after the second the import is given up, and a person brings the file again
            ident = _confirmed(database)
            before = _fence(database, ident)
            for number in range(kills):
                most = before + number
                until("it is claimed", lambda ident=ident, most=most: _is_claimed(database, ident, most), patience=600)  # type: ignore[misc]
                time.sleep(0.3)  # into reading or writing
                process.kill()
                process.wait()
                counts = _counts(database, *TABLES)
                assert counts == ([ROWS] * 3 if _stage(database, ident) is ImportStage.DONE else [0] * 3)
                process = here.serve()  # the lease of the killed process ends by itself, within half a minute
            until("it has ended", lambda ident=ident: _stage(database, ident) in ENDED, patience=900)  # type: ignore[misc]
            if _stage(database, ident) is ImportStage.DONE:  # the machine was quick
                break
            assert kills == 2
            assert _counts(database, *TABLES) == [0, 0, 0]
        assert here.end(process) == 0
        _assert_whole(database)
        database.dispose()


def _confirmed(database: Database) -> int:
    """A register brought, checked and confirmed; its run."""
    with database.write() as session:
        actor, kind = "quan.tri@so.example", ImportKind.REGISTER
        ident = import_runs.begin_import(session, kind, actor, "so.csv", [SHEET], now=utc_now()).id
    until("the file is checked", lambda: _stage(database, ident) is ImportStage.CHECKED, patience=600)
    with database.write() as session:
        run = session.get_one(ImportRun, ident)
        assert (run.good, run.counts["companies"], run.bad) == (ROWS, ROWS, 0)
        import_runs.confirm_import(session, run, actor, now=utc_now())
    return ident


def _fence(database: Database, ident: int) -> int:
    with database.read() as session:
        return session.get_one(ImportRun, ident).fence


def _is_claimed(database: Database, ident: int, before: int) -> bool:
    """Whether a process has claimed the run since its fence was ``before``."""
    with database.read() as session:
        run = session.get_one(ImportRun, ident)
        return run.fence > before or run.stage is ImportStage.DONE
