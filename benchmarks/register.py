"""A register of 50,000 licences: read, checked and written, against merely reading the same bytes.

The plain reading is what any program would do with the file: calamine's cells as lists, headings over them. What the
import does beyond it is judging every cell, comparing with the directory, and writing 150,000 rows with their words.
"""

import io
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from benchmarks import worlds
from benchmarks.measure import Line
from campaigns.planning.campaigns import add_topic
from coordinator.db import Database
from coordinator.jobs.registering import import_register

ROWS, COLUMNS = 50_000, 20
HEADINGS = (
    "Tên doanh nghiệp", "Mã số thuế", "Số giấy phép", "Loại", "Cơ quan cấp", "Ngày cấp", "Ngày hết hạn", "Tên miền",
    "Lĩnh vực", "Trạng thái",
)  # fmt: skip
WORDS = ("Nhịp Sông", "Biển Đông", "Núi Rừng", "Hoa Sen", "Việt", "Truyền Thông", "Đại Dương", "Ánh Sáng", "Phú Quý")


def sheet(rows: int = ROWS) -> bytes:
    """A register as departments keep them: days as text, and as many columns again that say nothing to us."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        page = book.add_worksheet("Sổ giấy phép")
        page.write_row(0, 0, [*HEADINGS, *(f"Ghi chú {number}" for number in range(COLUMNS - len(HEADINGS)))])
        for row in range(rows):
            name = " ".join(WORDS[(row * step) % len(WORDS)] for step in (1, 3, 7))
            cells = [
                f"Công ty cổ phần {name} {row}", "", f"{row}/GP-TTĐT", "Trang tổng hợp",
                "Sở Thông tin và Truyền thông", f"{1 + row % 28}/{1 + row % 12}/202{row % 6}", "",
                f"trang{row}.example.vn", "Kinh tế; Xã hội", "Còn hiệu lực",
            ]  # fmt: skip
            page.write_row(row + 1, 0, [*cells, *(f"ghi chú {row} {one}" for one in range(COLUMNS - len(cells)))])
    return out.getvalue()


def _plainly(body: bytes) -> int:
    """How many rows a plain reading comes to."""
    with CalamineWorkbook.from_filelike(io.BytesIO(body)) as book:
        rows = iter(book.get_sheet_by_name(book.sheet_names[0]).iter_rows())
        headings = next(rows)
        return len([dict(zip(headings, map(str, row), strict=False)) for row in rows])


class _Writer(threading.Thread):
    """Somebody else who writes all the time, and how long each time took."""

    def __init__(self, database: Database) -> None:
        super().__init__(daemon=True)
        self._database = database
        self.stop, self.waits = threading.Event(), [0.0]

    def run(self) -> None:
        number = 0
        while not self.stop.wait(0.05):
            number += 1
            began = time.perf_counter()
            with self._database.write() as session:
                add_topic(session, "x", code=f"t{number}", name=f"Chuyên đề {number}", now=worlds.NOW)
            self.waits.append(time.perf_counter() - began)


@dataclass(frozen=True)
class _Took:
    """Seconds on the clock and of this process's CPU time; on a machine with other work only the second say much."""

    clock: float
    cpu: float


def _timed(act: Callable[[], object]) -> _Took:
    clock, cpu = time.perf_counter(), time.process_time()
    act()
    return _Took(time.perf_counter() - clock, time.process_time() - cpu)


def _import(name: str, database: Database, body: bytes, plain: _Took) -> list[Line]:
    other = _Writer(database)
    other.start()
    first = _timed(lambda: _done(database, body, unchanged=0))
    other.stop.set()
    other.join()
    again = _timed(lambda: _done(database, body, unchanged=ROWS))
    read = "merely read"
    return [
        Line(f"{name}: {ROWS:,} new licences, CPU time", first.cpu, "s", plain.cpu, read),
        Line(f"{name}: the same, on the clock", first.clock, "s", plain.clock, read, "<= 20 s"),
        Line(f"{name}: rows a second of CPU time", ROWS / first.cpu, "per s", ROWS / plain.cpu, read),
        Line(f"{name}: all of it again, CPU time", again.cpu, "s", plain.cpu, read),
        Line(f"{name}: the longest another writer waited", max(other.waits), "s", 0.5, "allowed", "ratio <= 1"),
        Line(f"{name}: how long it waited mostly", statistics.median(other.waits), "s"),
    ]


def _done(database: Database, body: bytes, *, unchanged: int) -> None:
    done = import_register(database, "x", "so.xlsx", body)
    assert (done.licences, done.unchanged, done.rejected) == (ROWS - unchanged, unchanged, ())


# The kernel's own mark of this program: what a child is said to have weighed at most includes its parent at the fork.
_WEIGHED = """
import atexit, pathlib, sys
from coordinator.cli import main
mark = pathlib.Path(sys.argv.pop(1))
atexit.register(lambda: mark.write_text(pathlib.Path("/proc/self/status").read_text()))
main()
"""


def _weight(body: bytes) -> Line:
    """The most that ``lantoa import partners`` weighs."""
    with tempfile.TemporaryDirectory() as folder:
        path, mark = Path(folder) / "so.xlsx", Path(folder) / "status"
        path.write_bytes(body)
        environment = {**os.environ, "LANTOA_DATA_DIR": str(Path(folder) / "data")}
        for command in (("db", "upgrade"), ("import", "partners", str(path))):
            line = [sys.executable, "-c", _WEIGHED, str(mark), *command]
            subprocess.run(line, env=environment, check=True, stdout=subprocess.DEVNULL)
        (most,) = (line.split()[1] for line in mark.read_text().splitlines() if line.startswith("VmHWM:"))
    name = "lantoa import partners: the most it weighs"
    return Line(name, int(most) * 1024 / 1_000_000, "MB", 250.0, "allowed", "ratio <= 1")


def run() -> list[Line]:
    """A workbook of 50,000 rows and 20 columns on both databases."""
    body = sheet()
    assert _plainly(body) == ROWS
    plain = _timed(lambda: _plainly(body))
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        database = worlds.sqlite(Path(folder))
        lines += _import("SQLite", database, body, plain)
        database.dispose()
    with worlds.postgresql() as server:
        if server is not None:
            lines += _import("PostgreSQL", server, body, plain)
    return [*lines, _weight(body)]
