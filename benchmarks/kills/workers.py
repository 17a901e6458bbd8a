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
from benchmarks.worlds import SEALS
from campaigns.bulletins.addresses import PublicAddresses
from campaigns.core.intervals import FAST
from coordinator.channels import registry
from coordinator.db import Database
from coordinator.encryption import Encryption
from coordinator.http.client import HttpClient
from coordinator.jobs.context import JobContext
from coordinator.jobs.job_loop import drain
from coordinator.storage.pages import PageStore

SEAL = Encryption("a key for the kill matrix, long enough to be one")
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

    def place(self) -> JobContext:
        """What a worker of this engine is handed."""
        http_client = HttpClient(user_agent="LanToa-kills", allow_hosts=frozenset({"127.0.0.1"}), pace=0.0)
        return JobContext(
            database=Database(self.url, seals=SEALS), http_client=http_client, encryption=SEAL,
            store=PageStore(self.folder / "pages"),
            delivery_modes=registry.delivery_modes(), addresses=PublicAddresses("https://tin.example"), intervals=PACE,
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
    context = engine.place()
    while True:
        if not drain(context, "delivery", 4):
            time.sleep(0.02)


def _queued(engine: Engine) -> None:
    from coordinator.scheduling import celery_queue  # noqa: PLC0415  # Celery is optional, and heavy
    from coordinator.scheduling.thread_pool import ThreadPoolRunner  # noqa: PLC0415

    assert engine.broker is not None
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    app = celery_queue.celery_app(engine.broker)
    runner = ThreadPoolRunner(engine.place(), 1)  # a thread more would be a delivery more in hand at each kill
    celery_queue.register_task(app, runner.nudge)
    celery_queue.run_worker(app)


def nudger(engine: Engine) -> Callable[[], None]:
    """What tells the workers that there may be work."""
    if engine.broker is None:
        return lambda: None
    from coordinator.scheduling import celery_queue  # noqa: PLC0415  # as above

    runner = celery_queue.CeleryRunner(celery_queue.celery_app(engine.broker))
    return lambda: runner.nudge("delivery")
