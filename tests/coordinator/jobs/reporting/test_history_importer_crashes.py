"""An import of history by processes that are killed while they write: none of it is there, or all of it."""

import csv
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core import journal
from campaigns.core.import_runs import ImportRun, ImportStage
from campaigns.reporting.history.reported import ReportedCopy
from coordinator.db import Database
from tests.coordinator.installation import Installation, own_postgresql

BULLETINS, KILLS = 1_500, 5
TABLES = (Bulletin, Revision, ReportedCopy, ImportRun)
SECRET = "a secret key for the tests of imports, long enough"


@contextmanager
def _installation(folder: Path, kind: str) -> Iterator[Installation]:
    if kind == "sqlite":
        with Installation(folder) as here:
            yield here
    else:
        with own_postgresql() as url, Installation(folder, database_url=url, secret_key=SECRET) as here:
            yield here


def _write_files(folder: Path) -> tuple[Path, Path]:
    """Bulletins of a quarter, and two copies of each."""
    bulletins, copies = folder / "ban-tin.csv", folder / "bai.csv"
    with bulletins.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Ngày phát hành", "Chuyên đề", "Tiêu đề", "Địa chỉ bản tin", "Số hiệu"])
        for number in range(BULLETINS):
            day = f"{number % 28 + 1:02}/{7 + number % 3:02}/2025"
            rows.writerow([day, "Dịch bệnh", f"Bản tin {number}", f"https://cu.example.vn/{number}", f"{number}/2025"])
    with copies.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Bản tin", "Địa chỉ bài đăng", "Ngày đăng"])
        rows.writerows(
            [f"{number}/2025", f"https://tin{copy}.example.vn/{number}", "28/09/2025"]
            for number in range(BULLETINS)
            for copy in (1, 2)
        )
    return bulletins, copies


def _counts(database: Database) -> tuple[int, ...]:
    with database.read() as session:
        return tuple(session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in TABLES)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_an_import_that_is_killed_is_whole_or_undone(tmp_path: Path, kind: str) -> None:
    dice = random.Random(16)
    with _installation(tmp_path / "data", kind) as here:
        here.prepared()
        database = here.open_database()
        before = _counts(database)
        whole_before = before
        for path, added in zip(
            _write_files(tmp_path), ((BULLETINS, BULLETINS, 0, 1), (0, 0, 2 * BULLETINS, 1)), strict=True
        ):
            command = ("import", "history", str(path))
            began = time.monotonic()
            assert "would import" in here.did(*command, "--dry-run")
            length = time.monotonic() - began
            whole = tuple(now + more for now, more in zip(whole_before, added, strict=True))
            seen = set()
            for _ in range(KILLS):
                process = here.start(*command)
                try:
                    process.wait(timeout=length * dice.uniform(0.6, 1.6))
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                seen.add(_counts(database))
                if whole in seen:
                    break
            assert seen <= {whole_before, whole}, "never a part"
            here.did(*command)
            found = _counts(database)
            assert found[:3] == whole[:3], "the next one writes what is missing, and nothing twice"
            whole_before = found
        with database.read() as session:
            stages = set(session.execute(sa.select(ImportRun.stage)).scalars())
            assert stages == {ImportStage.DONE}
            assert journal.verify(session) is None
        database.dispose()
