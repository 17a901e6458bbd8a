"""An import of a register while the server is killed again and again: in the end the rows of one whole import."""

import json
import random
import time
from pathlib import Path

import sqlalchemy as sa

from campaigns.core import journal
from campaigns.core.clock import utc_now
from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence
from campaigns.partners.register import import_runs
from campaigns.partners.register.import_runs import FileChunk, ImportRun, ImportStage
from campaigns.partners.register.register_writer import import_digest
from campaigns.search import index_maintenance
from coordinator.db import Database
from tests.coordinator.installation import Installation, until

ROWS, KILLS = 5_000, 3
HEAD = "Tên doanh nghiệp,Số giấy phép,Ngày cấp,Tên miền"
SHEET = "\n".join(
    [HEAD, *(f"Công ty số {row},{row}/GP-TTĐT,04/03/2023,so{row}.example.vn" for row in range(ROWS))]
).encode()


def _handed_in(database: Database) -> int:
    with database.write() as session:
        return import_runs.begin_import(session, "quan.tri@so.example", "so.csv", [SHEET], now=utc_now()).id


def _standing(database: Database, ident: int) -> tuple[ImportStage, int]:
    with database.read() as session:
        run = session.get_one(ImportRun, ident)
        return run.stage, run.reached


def test_killed_while_it_writes_a_register_it_goes_on_where_it_was_and_writes_nothing_twice(tmp_path: Path) -> None:
    dice = random.Random(50)
    with Installation(tmp_path / "data") as here:
        here.prepared()
        database = Database(f"sqlite:///{tmp_path / 'data' / 'lantoa.db'}")
        ident = _handed_in(database)
        process = here.serve()
        until("the file is checked", lambda: _standing(database, ident)[0] is ImportStage.CHECKED, patience=600)
        with database.write() as session:
            run = session.get_one(ImportRun, ident)
            assert (run.good, run.companies, run.bad) == (ROWS, ROWS, 0)
            import_runs.confirm_import(session, run, "quan.tri@so.example", now=utc_now())
        reached: list[int] = []
        for _ in range(KILLS):
            far = reached[-1] if reached else 0  # each process writes some before it is killed
            until("it writes", lambda far=far: _standing(database, ident)[1] > far, patience=600)  # type: ignore[misc]
            time.sleep(dice.uniform(0.0, 0.4))
            process.kill()
            process.wait()
            stage, place = _standing(database, ident)
            assert stage is ImportStage.WRITING, "killed in the middle, not after the end"
            reached.append(place)
            process = here.serve()
        until("all of it is written", lambda: _standing(database, ident)[0] is ImportStage.DONE, patience=900)
        assert here.end(process) == 0
        assert 0 < reached[0] < reached[1] < reached[2] < ROWS
        with database.read() as session:
            run = session.get_one(ImportRun, ident)
            assert (run.companies, run.licences, run.sites, run.unchanged) == (ROWS, ROWS, ROWS, 0)
            assert (run.good, run.bad, run.reached) == (ROWS, 0, ROWS)
            whole = sa.select(Company.name, Licence.number, Site.host, Site.code).select_from(Company)
            whole = whole.join(Licence, Licence.company_id == Company.id).join(Site, Site.company_id == Company.id)
            assert [tuple(row) for row in session.execute(whole.order_by(Company.id))] == [
                (f"Công ty số {row}", f"{row}/GP-TTĐT", f"so{row}.example.vn", f"so{row}-example-vn")
                for row in range(ROWS)
            ]
            tables = (Company, Licence, Site, FileChunk)
            counts = [session.execute(sa.select(sa.func.count()).select_from(cls)).scalar_one() for cls in tables]
            assert counts == [ROWS, ROWS, ROWS, 0]
            entries = list(journal.history(session, "register", run.public))
            turns = [json.loads(entry.details) for entry in entries if entry.act == "register.written"]
            assert [sum(turn[name] for turn in turns) for name in ("companies", "licences", "sites")] == [ROWS] * 3
            first = 0
            for turn in turns:
                rows = range(first, first := first + turn["licences"])
                codes = ([f"cong-ty-so-{row}" for row in rows], [f"{row}/GP-TTĐT" for row in rows])
                assert turn["digest"] == import_digest(*codes, [f"so{row}-example-vn" for row in rows])
            assert [entry.act for entry in entries][-1] == "register.imported"
            assert len(entries) == len(turns) + 2, "agreed to, written in turns, imported: nothing else"
            assert journal.verify(session) is None
            assert [
                difference for difference in index_maintenance.index_differences(session) if difference.kind is not None
            ] == []
        database.dispose()
