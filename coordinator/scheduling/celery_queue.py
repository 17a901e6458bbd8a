"""The queued engine: nudges go through a broker to worker processes. A message carries no data and no time."""

import logging
import threading
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from celery import Celery
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError

from coordinator.jobs.context import JobContext
from coordinator.jobs.job_loop import drain
from coordinator.jobs.work_kinds import WORK_KINDS
from coordinator.jobs.work_shares import SharedThreads

log = logging.getLogger(__name__)

QUEUE = "lantoa"
TASK = "lantoa.drain"
KEPT = 60  # seconds after which a nudge expires
CONFIRMED_WITHIN = 5.0  # seconds: a broker that takes longer is treated as down


def celery_app(broker_url: str) -> Celery:
    """Return the Celery application of this installation.

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
        # The queue of remote control is exclusive and named by the machine: a second worker there, or one started right
        # after another was killed, would be refused by the broker. Remote control is not used.
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # by default a worker ends after the hundredth retry
        # Without max_retries the sender would wait six seconds for an unreachable broker.
        broker_transport_options={"confirm_publish": True, "max_retries": 0},
    )
    return app


class CeleryRunner:
    """Sends nudges from its own thread.

    An unreachable or unresponsive broker delays work but blocks no caller: the row is in the ledger, and the next tick
    nudges again.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._wanted: dict[str, None] = {}  # in order, each kind once, so that several nudges become one
        self._asked = threading.Condition()
        self._sender: threading.Thread | None = None
        self._connection: Connection | None = None
        self._sending = False

    def nudge(self, kind: str, key: str = "") -> None:
        """Ask a worker to process this kind. The message expires after a minute, since the next tick nudges again."""
        with self._asked:
            self._wanted[kind] = None
            if self._sender is None:  # started at the first use, since a thread does not survive a fork
                self._sender = threading.Thread(target=self._send_loop, name="nudges", daemon=True)
                self._sender.start()
            self._asked.notify()

    def idle(self) -> bool:
        """Whether every nudge was sent or discarded."""
        with self._asked:
            return not self._wanted and not self._sending

    def _send_loop(self) -> None:
        while True:
            with self._asked:
                self._sending = False
                self._asked.wait_for(lambda: self._wanted)
                kinds, self._wanted, self._sending = list(self._wanted), {}, True
            for kind in kinds:
                try:
                    self._send(kind)
                except (OperationalError, OSError) as error:  # a missing confirmation is a plain timeout
                    log.warning("no broker for %s: %s", kind, str(error) or type(error).__name__)
                    self._close_connection()

    def _send(self, kind: str) -> None:
        if self._connection is None:
            self._connection = self._app.connection_for_write()
        # ``expires`` is for the worker, ``expiration`` for the broker: without workers nudges must not pile up.
        self._app.send_task(
            TASK, args=[kind], expires=KEPT, expiration=KEPT, ignore_result=True, connection=self._connection,
            confirm_timeout=CONFIRMED_WITHIN,
        )  # fmt: skip

    def _close_connection(self) -> None:
        """Close a connection that may be broken without an error."""
        if self._connection is not None:
            self._connection.collect()
            self._connection = None


def register_task(
    app: Celery,
    context: Callable[[], JobContext],
    workers: int,
    on_nudge: Callable[[], None] = lambda: None,
) -> None:
    """Register the application's one task. ``context`` is called in the worker's process, after a fork; ``workers``:
    the threads of the process, which the kinds of work share by ``work_shares``; ``on_nudge`` is called for every
    received nudge. A nudge for a kind that has its share is dropped: those threads go on while rows are due, and the
    next tick nudges again."""
    threads = SharedThreads({name: kind.share for name, kind in WORK_KINDS.items()}, workers)

    @app.task(name=TASK, ignore_result=True)
    def _(kind: str) -> None:
        on_nudge()
        with threads.thread_for(kind) as granted:
            if granted:
                drain(context(), kind)


def run_worker(app: Celery, concurrency: int) -> None:
    """Run a worker in this process until it is stopped."""
    # Celery would log two lines for each nudge, several in a second; the jobs log their results.
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
