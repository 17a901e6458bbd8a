"""The continuous copy of SQLite's database: whole at any moment, the newest ones kept, and a data folder again."""

import sqlite3
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core import journal
from coordinator.db import Database
from coordinator.storage.database_copy import KEPT_COPIES, BadCopy, DatabaseCopy, newest_copy, restore_copy
from tests import factories
from tests.coordinator.jobs.harness import JobHarness

KEYS = ("the-key-of-this-house-which-is-long-enough",)


def _copies(database: Database, folder: Path) -> DatabaseCopy:
    return DatabaseCopy(Path(database.url.removeprefix("sqlite:///")), folder, folder / "copies", KEYS)


def test_a_copy_beside_writers_is_whole_and_becomes_a_data_folder(sqlite: Database, tmp_path: Path) -> None:
    house, stop = JobHarness(sqlite, tmp_path), threading.Event()
    copies = _copies(sqlite, tmp_path)
    house.publish()
    house.context.store.keep(b"<p>kept</p>")

    def write_on() -> None:
        while not stop.is_set():
            with sqlite.write() as session:
                factories.published(session, now=house.context.now())

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        for number in range(KEPT_COPIES + 2):
            copies.make(house.context.now() + timedelta(minutes=4 * number))
    finally:
        stop.set()
        writer.join()
    assert len(list(copies.folder.glob("*.db"))) == KEPT_COPIES
    with sqlite.write() as session:
        code = factories.published(session, now=house.context.now()).code
    last = copies.make(house.context.now() + timedelta(hours=1))
    assert stat.S_IMODE(last.stat().st_mode) == 0o600
    other = tmp_path / "other"
    assert restore_copy(copies.folder, other / "lantoa.db", other) == last
    assert (other / "secret.key").read_text().split() == list(KEYS)
    assert len(list((other / "pages").glob("??/*.gz"))) == 1
    restored = Database(f"sqlite:///{other / 'lantoa.db'}")
    with restored.read() as session:
        assert journal.verify(session) is None
        assert find_bulletin(session, code).code == code
    restored.dispose()
    with pytest.raises(BadCopy, match="database already"):
        restore_copy(copies.folder, other / "lantoa.db", other)


def test_a_damaged_copy_fills_nothing_and_a_failed_one_leaves_the_former(sqlite: Database, tmp_path: Path) -> None:
    house, copies = JobHarness(sqlite, tmp_path), _copies(sqlite, tmp_path)
    other = tmp_path / "other"
    with pytest.raises(BadCopy, match="holds no copy"):
        restore_copy(tmp_path / "nothing", other / "lantoa.db", other)
    made = copies.make(house.context.now())
    missing = DatabaseCopy(tmp_path / "no" / "lantoa.db", tmp_path, copies.folder, KEYS)
    with pytest.raises(sqlite3.OperationalError):
        missing.make(house.context.now() + timedelta(minutes=4))
    assert newest_copy(copies.folder) == made
    assert not list(copies.folder.glob("*.part"))
    made.write_bytes(made.read_bytes()[: made.stat().st_size // 2])
    with pytest.raises(BadCopy, match="is damaged"):
        restore_copy(copies.folder, other / "lantoa.db", other)
    assert not other.exists()
