"""The briefing's files: a quarter with everything in it as Word, PDF and Excel, and a sheet of 200,000 rows.

Times are of the processor, the least of the rounds: what else the machine does can only add to them. The ratio is to
the same file of an empty quarter, so that it says what the rows cost.
"""

import random
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import overload

from benchmarks.measure import Line
from campaigns.core.clock import parse_period
from campaigns.reporting.briefing import FIGURES, Before, Figures, FindingsTotals, months_of, period_before
from campaigns.reporting.recalled import Recalled
from campaigns.reporting.removals import Removals
from campaigns.reporting.signing import Letter
from campaigns.reporting.tallies import Row, Share
from campaigns.tracking.attribution import Attribution
from coordinator.exports.tables import Column, Table
from coordinator.exports.tables import Row as Cells
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.reporting import written

PERIOD = parse_period("2026-Q4")
AT = datetime(2027, 1, 8, 2, 30, tzinfo=UTC)
LETTER = Letter(office="Sở Văn hóa và Truyền thông", place="Đà Sông", difficulties="Ba trang còn chậm.\n" * 20)
PARTNERS, SITES = 190, 230  # lines of the annexes that make some 25 pages with the days
SHEET = 200_000


def quarter(partners: int, sites: int, seed: int = 174) -> Figures:
    """A quarter's figures; with nobody in it, an empty one."""
    dice = random.Random(seed)

    def row(key: str, name: str, most: int) -> Row:
        confirmed = dice.randrange(most + 1)
        return Row(key, name, confirmed, confirmed + 5, confirmed, 3, 2, 1, confirmed // 2)

    days = tuple(row(day.isoformat(), day.isoformat(), 180) for day in PERIOD.days()) if partners else ()
    total = Row("", "", *(sum(getattr(day, name) for day in days) for name in FIGURES))
    shares = tuple(Share(one, total.confirmed // 7) for one in Attribution)
    lines = tuple(row(f"p-{one}", f"Công ty Cổ phần Truyền thông Nhịp Sống {one}", 300) for one in range(partners))
    removed = tuple(Removals(one.key, one.name, "", 9, 5400.0, 86_400.0, 1) for one in lines[:12])
    before = Before(period_before(PERIOD), 298, partners, total)
    return Figures(
        AT, 1, "bench", None, PERIOD, before, (), total, 341, partners, months_of(days),
        tuple(row(f"t-{one}", f"Chuyên đề {one}", 900) for one in range(min(partners, 6))), lines,
        tuple(row(f"s-{one}", f"Trang tin tổng hợp {one}", 200) for one in range(sites)), (), days, shares,
        Recalled(4, 2, removed), FindingsTotals(),
    )  # fmt: skip


class Lazy(Sequence[Cells]):
    """Rows that are made when they are written, so that the writer's own memory is what is measured."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    @overload
    def __getitem__(self, place: int) -> Cells: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Cells]: ...
    def __getitem__(self, place: int | slice) -> Cells | Sequence[Cells]:
        if isinstance(place, slice):
            return [self._row(number) for number in range(*place.indices(self.count))]
        return self._row(place)

    def __iter__(self) -> Iterator[Cells]:
        return map(self._row, range(self.count))

    def _row(self, number: int) -> Cells:
        return (f"https://trang-{number % 300}.example/bai-{number}", f"Trang {number % 300}", AT, number % 97, 0.5)


def sheet(count: int) -> bytes:
    """A sheet of copies."""
    columns = (
        Column("url", "Địa chỉ"), Column("site", "Trang"), Column("at", "Lúc", "datetime"),
        Column("count", "Số lượt", "number"), Column("share", "Khớp", "percent"),
    )  # fmt: skip
    return write_xlsx("Lượt lan tỏa", [Table("Bài", columns, Lazy(count))], [], AT)


def least(act: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of processor time, the least of the rounds, the first left out."""
    act()
    times = []
    for _ in range(rounds):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return min(times)


def peak(count: int) -> float:
    """Megabytes that a sheet takes beside the finished file."""
    tracemalloc.start()
    size = len(sheet(count))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (most - size) / 1_000_000


def run() -> list[Line]:
    """Each kind of file against that of an empty quarter; the long sheet in time and memory against a short one."""
    full, empty = quarter(PARTNERS, SITES), quarter(0, 0)
    lines = []
    for form, aim in (("pdf", "at most 3 s"), ("docx", "at most 0.5 s"), ("xlsx", ""), ("json", "")):
        took, bare = (least(partial(written, one, LETTER, form, "", None), 2) for one in (full, empty))
        lines.append(Line(f"{form} of a full quarter", took * 1000, "ms", bare * 1000, "an empty quarter", aim))
    short = SHEET // 20
    lines.append(
        Line("xlsx of 200,000 rows", least(lambda: sheet(SHEET), 1) * 1000, "ms", least(lambda: sheet(short)) * 1000,
             "10,000 rows", "at most 15 s, ratio 20")
    )  # fmt: skip
    lines.append(Line("its memory", peak(SHEET), "MB", peak(short), "10,000 rows", "flat: ratio near 1"))
    return lines
