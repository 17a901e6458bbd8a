"""``python -m benchmarks [NAME …]``: run all, or those named, and print the table."""

import logging
import sys

from benchmarks import (
    accuracy,
    checking,
    fanout,
    feeds,
    growth,
    judging,
    looks,
    memory,
    million,
    outbox,
    pages,
    register,
    reports,
    searching,
)
from benchmarks.kills import matrix
from benchmarks.measure import show, write

ALL = {
    "accuracy": accuracy.run,
    "feeds": feeds.run,
    "outbox": outbox.run,
    "fanout": fanout.run,
    "judging": judging.run,
    "checking": checking.run,
    "growth": growth.run,
    "looks": looks.run,
    "kills": matrix.run,
    "memory": memory.run,
    "searching": searching.run,
    "register": register.run,
    "reports": reports.run,
    "pages": pages.run,
    "million": million.run,
}


def main() -> int:
    """Run and show; 2 for a name that is none."""
    logging.disable(logging.WARNING)
    wanted = sys.argv[1:] or list(ALL)
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in wanted:
        lines = ALL[name]()
        write(name, lines)
        show(name, lines)
    return 0


sys.exit(main())
