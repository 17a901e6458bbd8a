"""``python -m benchmarks [NAME …]``: run all, or those named, and print each figure when it is measured."""

import logging
import sys
import time
import traceback

from benchmarks import (
    accuracy,
    commands,
    feeds,
    hostile,
    judging,
    ledger,
    monitor,
    overload,
    pages,
    pictures,
    proof,
    sending,
    upgrades,
    year,
)
from benchmarks.kills import matrix
from benchmarks.measure import show, write

ALL = {
    "accuracy": accuracy.run,
    "commands": commands.run,
    "judging": judging.run,
    "feeds": feeds.run,
    "ledger": ledger.run,
    "sending": sending.run,
    "overload": overload.run,
    "hostile": hostile.run,
    "kills": matrix.run,
    "pages": pages.run,
    "pictures": pictures.run,
    "proof": proof.run,
    "monitor": monitor.run,
    "upgrades": upgrades.run,
    "year": year.run,
}

BY_NAME_ALONE = {"hostile", "kills", "proof", "year"}  # take minutes; a kill at each point is in the tests too


def main() -> int:
    """Run and show; 1 when one failed, of which nothing is kept, 2 for a name that is none."""
    logging.disable(logging.WARNING)
    wanted = sys.argv[1:] or [name for name in ALL if name not in BY_NAME_ALONE]
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    failed = []
    for name in wanted:
        print(f"{time.strftime('%H:%M:%S')} {name} …", flush=True)
        began, lines = time.monotonic(), []
        try:
            for line in ALL[name]():
                show(line)
                lines.append(line)
        except Exception:  # noqa: BLE001  # whatever failed, the others are still measured
            traceback.print_exc()
            failed.append(name)
        else:
            write(name, lines, seconds=time.monotonic() - began)
    print(time.strftime("%H:%M:%S"), f"failed: {', '.join(failed)}" if failed else "done", flush=True)
    return 1 if failed else 0


sys.exit(main())
