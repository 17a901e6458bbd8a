"""How things are measured here: rates over a fixed time, medians of rounds, and one table for all of it."""

import json
import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_SIZES = "LANTOA_BENCH_"  # how the names of settings of sizes begin
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Line:
    """One figure. ``ratio`` is what counts; ``value`` and ``against`` are what it was made of, in ``unit``; ``aim``
    says what is hoped for, in words."""

    name: str
    value: float
    unit: str
    against: float | None = None
    against_name: str = ""
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        """Value over what it is compared with."""
        return self.value / self.against if self.against else None


def rate(act: Callable[[], int], seconds: float = 1.5, rounds: int = 3) -> float:
    """Median over ``rounds`` of how many per second ``act`` does; it returns how many it did."""
    act()
    found = []
    for _ in range(rounds):
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            done += act()
        found.append(done / (time.perf_counter() - began))
    return statistics.median(found)


def cpu_least(acts: Sequence[Callable[[T], object]], each: Sequence[T], rounds: Sequence[int]) -> list[float]:
    """How many of ``each`` per second of CPU time the acts do, one thing at a time.

    With every thing the acts take turns, an act as many as its ``rounds``, and the least of them counts: what else the
    machine does can only add to a time, and adds to all sides alike. A first turn that fills caches is left out.
    """
    spent = [0.0] * len(acts)
    for item in each:
        least = [float("inf")] * len(acts)
        for turn in range(max(rounds) + 1):
            for number, act in enumerate(acts):
                if turn > rounds[number]:
                    continue
                began = time.process_time()
                act(item)
                if turn:
                    least[number] = min(least[number], time.process_time() - began)
        spent = [total + now for total, now in zip(spent, least, strict=True)]
    return [len(each) / total for total in spent]


def machine() -> dict[str, str | int | None]:
    """What the figures were measured on: processor, memory, system, and how busy it was."""
    model = re.search(r"^model name\s*: (.*)$", _text("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+) kB", _text("/proc/meminfo"), re.MULTILINE)
    return {
        "processor": model[1] if model else platform.processor(),
        "processors": os.cpu_count(),
        "memory_mb": int(memory[1]) // 1000 if memory else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_at_the_end": f"{os.getloadavg()[0]:.1f}",
    }


def _text(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""


def _commit() -> str:
    """The commit that was measured, with ``+`` where files other than results were changed after it."""
    named = _git("describe", "--always")
    return named + ("+" if named and _git("status", "--porcelain", "--", ":/", f":!{RESULTS.name}") else "")


def _git(*arguments: str) -> str:
    """What git says of the folder above the results; '' where this is no checkout."""
    done = subprocess.run(["git", *arguments], cwd=RESULTS.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def write(name: str, lines: list[Line], *, seconds: float) -> None:
    """Keep one benchmark's figures as ``results/<name>.json``; ``seconds``: how long measuring took.

    With ``LANTOA_BENCH_…`` set the file is named by it too (``pages-city=1.json``), and that of the usual size stays.
    """
    RESULTS.mkdir(exist_ok=True)
    settings = {key: value for key, value in sorted(os.environ.items()) if key.startswith(_SIZES)}
    file = "-".join([name, *(f"{key.removeprefix(_SIZES).lower()}={value}" for key, value in settings.items())])
    values = {
        "name": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "settings": settings,
        "seconds": round(seconds),
        "machine": machine(),
        "lines": [{**asdict(line), "ratio": line.ratio} for line in lines],
    }
    text = json.dumps(values, ensure_ascii=False, indent=2)
    (RESULTS / f"{file}.json").write_text(f"{text}\n", encoding="utf-8")


def show(line: Line) -> None:
    """Print one figure of the table."""
    compared = f" | {line.against_name} {line.against:,.1f} | ratio {line.ratio:.2f}" if line.against else ""
    aim = f" | aim {line.aim}" if line.aim else ""
    print(f"  {line.name:<46} {line.value:>12,.2f} {line.unit}{compared}{aim}", flush=True)
