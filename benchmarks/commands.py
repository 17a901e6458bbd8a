"""What a command costs before it does anything: processor time against an empty Python, since supervisors ask
``lantoa alive`` every minute in every container, and a person waits for help and completion."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.measure import Line

ROUNDS = 10
AIM = "at most 5 times an empty Python"
COMMANDS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "lantoa alive work": (("alive", "work"), {}),
    "lantoa --help": (("--help",), {}),
    "lantoa journal --help": (("journal", "--help"), {}),
    "completion of lantoa journal ver": (
        (), {"_LANTOA_COMPLETE": "bash_complete", "COMP_WORDS": "lantoa journal ver", "COMP_CWORD": "2"},
    ),
}  # fmt: skip


def run() -> Iterator[Line]:
    """The least of ten runs each, taken by turns with an empty Python."""
    program = str(Path(sys.executable).with_name("lantoa"))
    with tempfile.TemporaryDirectory() as folder:
        for name, (words, more) in COMMANDS.items():
            ours = empty = float("inf")
            for _ in range(ROUNDS):
                empty = min(empty, _cpu([sys.executable, "-c", "pass"], {}))
                ours = min(ours, _cpu([program, *words], {"LANTOA_DATA_DIR": folder, **more}))
            yield Line(f"processor time of {name}", ours * 1000, "ms", empty * 1000, "an empty Python", AIM)


def _cpu(command: list[str], more: Mapping[str, str]) -> float:
    """Seconds of processor time that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=False, capture_output=True, env=os.environ | more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
