"""``lantoa check`` on a large scale: memory with 100,000 bulletins and as many pages, and what a second process adds.

Pages stream through a pipe, as no disk need hold them. A second process should halve the time; on a machine with other
work to do the clock cannot show it, so the CPU time that is spent is told beside it: what the one that hands out takes,
and what two that judge take together against what one takes.
"""

import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from itertools import cycle, islice
from pathlib import Path

from benchmarks.corpus.bulletins import HOST, NAMES
from benchmarks.judging import BULLETINS, LENGTHS, pile
from benchmarks.measure import Line
from benchmarks.newspages import LARGE, Writer
from benchmarks.texts import bulletin, vocabulary
from coordinator.jobs.check import Judge
from coordinator.jobs.parcels import judged
from coordinator.jobs.shelf import Shelf

MANY, WORDS = 100_000, 480
MARKS = (10_000, 50_000, 100_000)  # pages after which memory is read
SMALL = 16_000  # bytes of a page in the long stream
PILE = 600  # pages in the file that one and two processes judge


def _bulletin_line(ident: str, title: str, lead: str, text: str) -> str:
    url = f"https://{HOST}/bulletins/{ident}"
    told = {"id": ident, "title": title, "lead": lead, "text": text, "url": url, "source_names": list(NAMES)}
    return json.dumps(told, ensure_ascii=False) + "\n"


def _page_line(number: int, html: str) -> str:
    told = {"id": number, "url": f"https://trang{number % 50}.example/{number}", "html": html}
    return json.dumps({**told, "fetched_at": "2026-11-25T00:00:00+07:00"}, ensure_ascii=False) + "\n"


def _memory(pid: int) -> dict[str, float]:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return {name: int(size) / 1000 for name, size in re.findall(r"(VmHWM|VmRSS):\s+(\d+) kB", status)}


def _stream(folder: Path) -> list[Line]:
    words, ours, pages = vocabulary(), folder / "B.jsonl", folder / "pages"
    with ours.open("w", encoding="utf-8") as file:
        for number in range(MANY):
            file.write(_bulletin_line(f"b{number}", *bulletin(number, words, WORDS)))
    writer = Writer()
    known = [writer.bulletin(f"b{number}", 500) for number in range(60)]
    htmls = [one.html.replace("<h1>", f"<h1>{place} ") for place, one in enumerate(pile(known, SMALL, 10, 60))]
    os.mkfifo(pages)

    def feed() -> None:
        with pages.open("w", encoding="utf-8") as file:
            for number, html in enumerate(islice(cycle(htmls), MARKS[-1])):
                file.write(_page_line(number, html))

    threading.Thread(target=feed, daemon=True).start()
    code = "from coordinator.cli import main; main()"
    command = [sys.executable, "-c", code, "check", "--bulletins", str(ours), "--pages", str(pages)]
    found: dict[int, dict[str, float]] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for told, _ in enumerate(process.stdout, 1):
            if told in MARKS:
                found[told] = _memory(process.pid)
    assert process.returncode == 0
    first, last = found[MARKS[0]]["VmRSS"], found[MARKS[-1]]["VmRSS"]
    return [
        *(Line(f"resident after {mark:,} pages", found[mark]["VmRSS"], "MB") for mark in MARKS),
        Line(f"growth, {MARKS[-1]:,} pages against {MARKS[0]:,}", last, "MB", first, "at first", "ratio <= 1.1"),
        Line(f"most, {MANY:,} bulletins", found[MARKS[-1]]["VmHWM"], "MB", 250.0, "allowed", "ratio <= 1"),
    ]


def _spent() -> float:
    """CPU seconds of the processes that have ended."""
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime + told.ru_stime


def _workers(folder: Path) -> list[Line]:
    writer, ours, pages = Writer(), folder / "B.jsonl", folder / "P.jsonl"
    known = [writer.bulletin(f"b{number}", random.Random(number).randint(*LENGTHS)) for number in range(BULLETINS)]
    ours.write_text("".join(_bulletin_line(b.id, b.title, b.lead, b.text) for b in known), encoding="utf-8")
    with pages.open("w", encoding="utf-8") as file:
        for number, one in enumerate(pile(known, LARGE, 10, PILE)):
            file.write(_page_line(number, one.html))
    walls, others, own = {}, {}, {}
    with Shelf(ours, NAMES, lambda number, what: sys.exit(f"{number}: {what}")) as shelf:
        for workers in (1, 2):
            began, spent, here = time.perf_counter(), _spent(), time.process_time()
            assert sum(wrong is None for _, _, wrong in judged(Judge(shelf), pages, workers, None)) == PILE
            own[workers] = time.process_time() - here
            others[workers], walls[workers] = _spent() - spent, time.perf_counter() - began
    return [
        Line(f"one process, {PILE} pages of 170 kB", own[1], "CPU-s"),
        Line("two processes: the one that hands out", own[2], "CPU-s"),
        Line("two processes: what each would need of a core", others[2] / 2, "CPU-s"),
        Line("two against one, a core for each", own[1], "CPU-s", others[2] / 2, "each of two", "ratio >= 1.8"),
        Line("two against one, by the clock", walls[1], "s", walls[2], "two", "ratio >= 1.8 when idle"),
    ]


def run() -> list[Line]:
    """Memory where there is /proc, and processes."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        lines += _workers(Path(folder))
    if Path("/proc/self/status").exists():
        with tempfile.TemporaryDirectory() as folder:
            lines += _stream(Path(folder))
    return lines
