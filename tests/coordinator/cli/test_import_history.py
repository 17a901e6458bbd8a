"""``lantoa import history``: the whole file or nothing of it, every bad row with its number, and nothing twice."""

import json

import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.journal import JournalEntry
from campaigns.reporting.history.reported import ReportedCopy, ReportedTotal
from tests.coordinator.cli.conftest import Machine

BULLETIN = {"day": "2025-08-14", "topic": "dich-benh", "title": "Lịch tiêm", "url": "https://cu.vn/1"}
COPY = {"bulletin": "https://cu.vn/1", "url": "https://tinven.vn/a", "day": "2025-08-15"}
TOTAL = {"period": "2025-Q3", "metric": "republications", "figure": 12_500}
BAD = {"period": "2025-Q2", "metric": "republications", "figure": "12,5 nghìn"}


def written(lantoa: Machine, name: str = "cu.json", **lists: object) -> str:
    (lantoa.folder / name).write_text(json.dumps(lists, ensure_ascii=False), encoding="utf-8")
    return name


def counts(lantoa: Machine) -> tuple[int, ...]:
    database = lantoa.database
    with database.read() as session:
        found = tuple(
            session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (Bulletin, ReportedCopy, ReportedTotal)
        )
    database.dispose()
    return found


def test_history_is_taken_whole_and_a_second_time_adds_nothing_and_says_so(lantoa: Machine) -> None:
    name = written(lantoa, bulletins=[BULLETIN], copies=[COPY], totals=[TOTAL])
    assert lantoa.well("import", "history", name, "--dry-run").startswith("would import 1 bulletins, 1 copies")
    assert counts(lantoa) == (0, 0, 0)
    first = lantoa.well("import", "history", name)
    assert first.startswith("imported 1 bulletins, 1 copies (0 on sites that are fetched), 1 totals;")
    again = lantoa.well("import", "history", name)
    assert again.startswith(
        "imported 0 bulletins, 0 copies (0 on sites that are fetched), 0 totals; 3 rows were there already"
    )
    assert "--undo" in first
    assert "--undo" not in again, "nothing was added that could be taken back"
    assert counts(lantoa) == (1, 1, 1)
    database = lantoa.database
    with database.read() as session:
        acts = session.execute(sa.select(JournalEntry.act, JournalEntry.actor).where(JournalEntry.act.like("history%")))
        assert [tuple(row) for row in acts] == [
            ("history.written", "cli"), ("history.imported", "cli"), ("history.imported", "cli"),
        ]  # fmt: skip
    database.dispose()


def test_bad_rows_are_named_and_nothing_is_half_imported(lantoa: Machine) -> None:
    name = written(lantoa, bulletins=[BULLETIN], totals=[TOTAL, BAD, TOTAL])
    done = lantoa("import", "history", name)
    assert (done.status, done.out) == (2, "")
    assert done.complaints == [
        "cu.json:2: totals: figure: '12,5 nghìn' is not a whole number; expected one such as 12500 or 12.500",
        "cu.json:3: totals: figure: this total is already in row 1",
        "cu.json: nothing imported; 2 bad rows, 2 good (--skip-bad takes those)",
    ]
    assert counts(lantoa) == (0, 0, 0)
    skipped = lantoa("import", "history", name, "--skip-bad")
    assert skipped.status == 2
    assert skipped.out.splitlines()[0].endswith("2 bad rows")
    assert counts(lantoa) == (1, 0, 1)


def test_a_file_none_of_whose_columns_is_known_is_refused_by_every_import(lantoa: Machine) -> None:
    for name, body in (("a.csv", "A,B,C\nx,y,z\n"), ("b.csv", "A,B,C\n"), ("c.csv", "Tên doanh nghiệp,Số giấy phép\n")):
        (lantoa.folder / name).write_text(body, encoding="utf-8")
        for kind in ("partners", "history"):
            done = lantoa("import", kind, name)
            assert (done.status, done.out) == (2, ""), (name, kind)
            assert done.complaints[0].startswith(f"{name}:"), (name, kind)


def test_an_import_is_taken_back_by_its_id(lantoa: Machine) -> None:
    name = written(lantoa, bulletins=[BULLETIN], copies=[COPY], totals=[TOTAL])
    done = lantoa("import", "history", name)
    (told,) = [line for line in done.out.splitlines() if "--undo" in line]
    run = told.rpartition(" ")[2]
    for wrong in ((name, "--undo", run), ("--undo", run, "--dry-run"), ()):
        refused = lantoa("import", "history", *wrong)
        assert (refused.status, refused.out) == (2, ""), wrong
        assert "give a FILE to import, or --undo RUN alone" in refused.err
    assert "there is no such import" in lantoa("import", "history", "--undo", "his_0").err
    assert counts(lantoa) == (1, 1, 1)
    assert lantoa.well("import", "history", "--undo", run) == "took back 1 bulletins, 1 copies, 1 totals\n"
    assert counts(lantoa) == (0, 0, 0)
    assert "this import is undone" in lantoa("import", "history", "--undo", run).err
