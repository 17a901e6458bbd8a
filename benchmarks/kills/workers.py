"""A worker that will die: forked from a process that has everything imported, on a database it opens by itself."""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from benchmarks.kills.points import Point, arm
from campaigns.core.pace import FAST
from campaigns.publishing.addresses import Addresses
from coordinator.channels import registry
from coordinator.db import Database
from coordinator.http import Door
from coordinator.jobs.running import drain
from coordinator.jobs.workplace import Workplace
from coordinator.keeping import PageStore
from coordinator.sealing import Seal

SEAL = Seal("a key for the kill matrix, long enough to be one")
# Long against any request of a run, short enough that what a dead worker held is soon taken up again. With five times
# more to do than a machine has cores, three seconds ran out under workers that lived, and their repeats counted as the
# kills' own.
PACE = replace(FAST, lease=timedelta(seconds=6), host_gap=0.0)


@dataclass(frozen=True)
class Engine:
    """How deliveries are worked on. ``broker``: None where workers look into the ledger by themselves."""

    name: str
    url: str
    folder: Path
    workers: int
    broker: str | None = None

    def place(self) -> Workplace:
        """What a worker of this engine is handed."""
        door = Door(user_agent="LanToa-kills", allow_hosts=frozenset({"127.0.0.1"}), pace=0.0)
        return Workplace(
            database=Database(self.url), door=door, seal=SEAL, store=PageStore(self.folder / "pages"),
            natures=registry.natures(), addresses=Addresses("https://tin.example"), pace=PACE,
        )  # fmt: skip


def start(engine: Engine, point: Point | None, passes: int) -> int:
    """Fork one; its process id. ``point``: None for one that does not die by itself."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if point is not None:
            arm(point, passes)
        (_queued if engine.broker else _ledger)(engine)
    finally:
        os._exit(1)


def _ledger(engine: Engine) -> None:
    place = engine.place()
    while True:
        if not drain(place, "deliver", 4):
            time.sleep(0.02)


def _queued(engine: Engine) -> None:
    from coordinator import composing  # noqa: PLC0415  # Celery is optional, and heavy
    from coordinator.scheduling import queued  # noqa: PLC0415

    assert engine.broker is not None
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    app = queued.celery_app(engine.broker)
    queued.register(app, composing.lazily(engine.place))
    queued.work(app, 1)  # a thread more would be a delivery more in hand at each kill


def nudger(engine: Engine) -> Callable[[], None]:
    """What tells the workers that there may be work."""
    if engine.broker is None:
        return lambda: None
    from coordinator.scheduling import queued  # noqa: PLC0415  # as above

    runner = queued.QueuedRunner(queued.celery_app(engine.broker))
    return lambda: runner.nudge("deliver")
