"""``python -m benchmarks [NAME …]``: run all, or those named, and print the table."""

import logging
import sys

from benchmarks import accuracy, feeds, judging, ledger, pages, sending
from benchmarks.kills import matrix
from benchmarks.measure import show, write

ALL = {
    "accuracy": accuracy.run,
    "judging": judging.run,
    "feeds": feeds.run,
    "ledger": ledger.run,
    "sending": sending.run,
    "kills": matrix.run,
    "pages": pages.run,
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
