"""The database: writers that exclude each other, readers that cannot write and see one moment, and nothing lost."""

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.planning.campaigns import Topic
from coordinator.config import Settings
from coordinator.db import Database


def _names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.execute(sa.select(Topic.name).order_by(Topic.id)).scalars())


def test_a_writer_commits_at_the_end_and_undoes_everything_after_an_error(database: Database) -> None:
    with database.write() as session:
        session.add(Topic(code="nuoc", name="Cấp nước"))
    before = _names(database)

    def fails() -> None:
        with database.write() as session:
            session.add(Topic(code="dien", name="Cấp điện"))
            session.flush()
            raise KeyError("in the middle")

    with pytest.raises(KeyError):
        fails()
    assert _names(database) == before
    assert "Cấp nước" in before


def test_a_reader_cannot_write_by_any_statement(database: Database) -> None:
    for statement in ("UPDATE topics SET name = 'x'", "DELETE FROM topics", "CREATE TABLE x (id INTEGER)"):
        with pytest.raises(sa.exc.DBAPIError), database.read() as session:
            session.execute(sa.text(statement))
    assert "x" not in _names(database)


def test_a_connection_that_read_can_write_the_next_time(database: Database) -> None:
    for number in range(60):  # more than there are connections
        _names(database)
        with database.write() as session:
            session.execute(sa.update(Topic).values(name=f"{number}"))
    assert set(_names(database)) == {"59"}


def test_a_reader_sees_one_moment_however_long_it_reads(database: Database) -> None:
    with database.read() as session:
        first = session.execute(sa.select(sa.func.count()).select_from(Topic)).scalar_one()
        with database.write() as other:
            other.add(Topic(code="nuoc", name="Cấp nước"))
        assert session.execute(sa.select(sa.func.count()).select_from(Topic)).scalar_one() == first
    assert len(_names(database)) == first + 1


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as session:
        session.execute(sa.update(Topic).values(name="x"))
        read: list[str] = []
        reader = threading.Thread(target=lambda: read.extend(_names(database)))
        reader.start()
        reader.join(60)
        assert read
        assert "x" not in read


def test_a_writer_waits_for_another_and_loses_nothing(sqlite: Database) -> None:
    done: list[str] = []

    def write(name: str) -> None:
        with sqlite.write() as session:
            kept = session.execute(sa.select(Topic).limit(1)).scalar_one()
            time.sleep(0.2)
            kept.name = f"{kept.name}{name}"
            done.append(name)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _names(sqlite)[0].endswith("".join(done))
    assert sorted(done) == ["a", "b", "c"]


def test_sqlite_keeps_what_it_committed(tmp_path: Path) -> None:
    opened = Database(f"sqlite:///{tmp_path / 'lantoa.db'}")  # as the product opens it; tests do not wait for the disk
    with opened.write() as session:
        settings = {
            name: session.execute(sa.text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
    opened.dispose()


def test_the_postgresql_driver_is_ours_whichever_name_is_given() -> None:
    settings = Settings(database_url="postgresql://u@h/d")
    assert settings.url == "postgresql+psycopg://u@h/d"
    assert not settings.on_sqlite


def test_the_data_folder_is_made_when_it_is_missing(tmp_path: Path) -> None:
    made = Database.from_settings(Settings(data_dir=tmp_path / "a" / "b"))
    with made.write() as session:
        session.execute(sa.text("CREATE TABLE x (id INTEGER)"))
    made.dispose()
    assert (tmp_path / "a" / "b" / "lantoa.db").exists()


def test_sqlite_learns_how_much_each_table_holds_when_that_has_changed(sqlite: Database) -> None:
    def fill(count: int) -> None:
        with sqlite.write() as session:
            session.add_all(Topic(code=f"t{count}-{number}", name="x") for number in range(count))

    def known() -> int:
        with sqlite.read() as session:
            query = "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'topics'"
            return int(session.execute(sa.text(query)).scalar_one())

    held = len(_names(sqlite))
    assert "topics" in sqlite.update_statistics()
    assert known() == held
    assert sqlite.update_statistics() == []
    fill(100)
    assert sqlite.update_statistics() == ["topics"]
    fill(10)
    assert sqlite.update_statistics() == []
    assert known() == held + 100


def test_postgresql_learns_by_itself(database: Database) -> None:
    if not database.on_sqlite:
        assert database.update_statistics() == ()


def test_connections_that_were_open_go_by_what_was_learned(sqlite: Database) -> None:
    def plan() -> str:
        question = "EXPLAIN QUERY PLAN SELECT * FROM topics WHERE code > 'a' AND name = 'the only one'"
        with sqlite.read() as session:
            return str(session.execute(sa.text(question)).all()[0][3])

    with sqlite.write() as session:
        session.execute(sa.text("CREATE INDEX only_here ON topics (name)"))
        session.add_all(Topic(code=f"t{number}", name="the same") for number in range(200))
    sqlite.update_statistics()
    with sqlite.write() as session:
        session.execute(sa.text("DELETE FROM topics"))
        session.add_all(Topic(code=f"t{number}", name=f"{number}") for number in range(1000))
    before = plan()
    assert sqlite.update_statistics() == ["topics"]
    assert "only_here" in plan()
    assert "only_here" not in before
