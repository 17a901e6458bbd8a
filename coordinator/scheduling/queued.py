"""The queued engine: nudges go through a broker to worker processes. A message carries no data and no time."""

import logging
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from celery import Celery
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError

from coordinator.jobs.running import drain
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

QUEUE = "lantoa"
TASK = "lantoa.drain"
KEPT = 60  # seconds a nudge is good for


def celery_app(broker_url: str) -> Celery:
    """The Celery application of this installation.

    A quorum queue, late acknowledgement, no results, no beat, no ETA.
    """
    app = Celery("lantoa", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_queues=[
            Queue(QUEUE, Exchange(QUEUE, type="direct"), routing_key=QUEUE, queue_arguments={"x-queue-type": "quorum"})
        ],
        task_default_queue=QUEUE,
        task_default_exchange=QUEUE,
        task_default_routing_key=QUEUE,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        # Its queue is one worker's own by the machine's name: a second worker there, or one started right after another
        # was killed, would be refused by the broker. Nobody here commands workers from afar.
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        # Without max_retries the sender would wait six seconds for a broker that is down.
        broker_transport_options={"confirm_publish": True, "max_retries": 0},
    )
    return app


class QueuedRunner:
    """Sends nudges.

    A broker that is down costs nothing but time: the row is in the ledger, the next tick asks again.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app

    def nudge(self, kind: str, key: str = "") -> None:
        """Ask some worker to drain this kind. Expires after a minute, since the next tick asks again anyway."""
        try:
            # ``expires`` is for the worker, ``expiration`` for the broker: without workers nudges must not pile up.
            self._app.send_task(TASK, args=[kind], expires=KEPT, expiration=KEPT, ignore_result=True)
        except OperationalError as error:
            log.warning("no broker for %s: %s", kind, error)


def register(app: Celery, place: Callable[[], Workplace], batch: int = 8) -> None:
    """Give the application its one task. ``place`` is called in the worker's own process, never before a fork."""

    @app.task(name=TASK, ignore_result=True)
    def _(kind: str) -> None:
        drain(place(), kind, batch)


def work(app: Celery, concurrency: int) -> None:
    """Run a worker in this process until it is told to stop."""
    # A nudge every quarter of a second would be two lines each; what comes of them is logged by the jobs.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    arguments: list[Any] = [
        "worker",
        f"--concurrency={concurrency}",
        "--pool=threads",
        "--loglevel=INFO",
        "--without-mingle",
        "--without-gossip",
        f"--hostname=lantoa-{token_hex(4)}@%h",
        f"--queues={QUEUE}",
    ]
    app.worker_main(argv=arguments)
