"""How things are measured here: rates over a fixed time, medians of rounds, and one table for all of it."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

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


def cpu_rate(act: Callable[[], int], rounds: int = 3) -> float:
    """Median of how many per second of this process's CPU time ``act`` does."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        done = act()
        found.append(done / max(time.process_time() - began, 1e-9))
    return statistics.median(found)


def cpu_rates(acts: Sequence[Callable[[], int]], rounds: int = 3) -> list[float]:
    """``cpu_rate`` of several acts done in turns, so that a machine that is slow for a while is so for all."""
    found: list[list[float]] = [[] for _ in acts]
    for number in range(rounds + 1):
        for act, rates in zip(acts, found, strict=True):
            rate = cpu_rate(act, rounds=1)
            if number:  # the first round fills caches
                rates.append(rate)
    return [statistics.median(rates) for rates in found]


def write(name: str, lines: list[Line]) -> None:
    """Keep one benchmark's figures as ``results/<name>.json``."""
    RESULTS.mkdir(exist_ok=True)
    told = {
        "name": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "lines": [{**asdict(line), "ratio": line.ratio} for line in lines],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")


def show(name: str, lines: list[Line]) -> None:
    """Print one benchmark's part of the table."""
    print(f"\n{name}")
    for line in lines:
        compared = f" | {line.against_name} {line.against:,.1f} | ratio {line.ratio:.2f}" if line.against else ""
        aim = f" | aim {line.aim}" if line.aim else ""
        print(f"  {line.name:<46} {line.value:>12,.1f} {line.unit}{compared}{aim}")
