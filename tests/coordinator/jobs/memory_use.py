"""``python -m tests.coordinator.jobs.memory_use URL FOLDER``: does what is due in a database, one after the other.

Prints one JSON line a piece: its kind, and how much more memory the process had at most during it than when the first
piece, which is to be an ordinary one, was done. In MB, as Linux counts resident memory.
"""

import json
import sys
from pathlib import Path

from coordinator.db import Database
from coordinator.jobs.job_loop import carry_out
from coordinator.jobs.work_kinds import WORK_KINDS
from tests.coordinator.jobs.harness import JobHarness

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _resident(name: str) -> float:
    lines = dict(line.split(":", 1) for line in STATUS.read_text(encoding="utf-8").splitlines())
    return int(lines[name].split()[0]) / 1000


def weigh(url: str, folder: Path) -> None:
    """Do it, and tell."""
    context = JobHarness(Database(url), folder).context
    before: float | None = None
    for kind in ("page_check", "source_check", "webmention"):
        while claims := WORK_KINDS[kind].claim(context, 1):
            RESET.write_text("5", encoding="ascii")  # the high water mark begins anew
            carry_out(context, kind, claims[0])
            if before is None:
                before = _resident("VmRSS")
            sys.stdout.write(json.dumps([kind, round(_resident("VmHWM") - before, 1)]) + "\n")


if __name__ == "__main__":
    weigh(sys.argv[1], Path(sys.argv[2]))
