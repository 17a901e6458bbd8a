"""The queued engine: nudges go through a broker to worker processes. A message carries no data and no time."""

import logging
import threading
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from celery import Celery
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError

from coordinator.jobs.running import drain
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

QUEUE = "lantoa"
TASK = "lantoa.drain"
KEPT = 60  # seconds a nudge is good for
CONFIRMED_WITHIN = 5.0  # seconds: a broker that takes longer is as good as none


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
        broker_connection_max_retries=None,  # by default a worker ends itself at the hundredth
        # Without max_retries the sender would wait six seconds for a broker that is down.
        broker_transport_options={"confirm_publish": True, "max_retries": 0},
    )
    return app


class QueuedRunner:
    """Sends nudges, from a thread of its own.

    A broker that is down costs nothing but time: the row is in the ledger, the next tick asks again. Nor does one that
    takes connections and then says nothing, as when its memory is full: the caller is a person's request, or the clock.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._wanted: dict[str, None] = {}  # in the order asked for, each kind once: many nudges are one
        self._asked = threading.Condition()
        self._sender: threading.Thread | None = None
        self._connection: Connection | None = None
        self._sending = False

    def nudge(self, kind: str, key: str = "") -> None:
        """Ask some worker to drain this kind. Expires after a minute, since the next tick asks again anyway."""
        with self._asked:
            self._wanted[kind] = None
            if self._sender is None:  # begun here and not before, since a thread does not live through a fork
                self._sender = threading.Thread(target=self._send_on_and_on, name="nudges", daemon=True)
                self._sender.start()
            self._asked.notify()

    def idle(self) -> bool:
        """Whether every nudge was sent, or given up."""
        with self._asked:
            return not self._wanted and not self._sending

    def _send_on_and_on(self) -> None:
        while True:
            with self._asked:
                self._sending = False
                self._asked.wait_for(lambda: self._wanted)
                kinds, self._wanted, self._sending = list(self._wanted), {}, True
            for kind in kinds:
                try:
                    self._send(kind)
                except (OperationalError, OSError) as error:  # a confirmation that does not come is a bare time-out
                    log.warning("no broker for %s: %s", kind, str(error) or type(error).__name__)
                    self._hang_up()

    def _send(self, kind: str) -> None:
        if self._connection is None:
            self._connection = self._app.connection_for_write()
        # ``expires`` is for the worker, ``expiration`` for the broker: without workers nudges must not pile up.
        self._app.send_task(
            TASK, args=[kind], expires=KEPT, expiration=KEPT, ignore_result=True, connection=self._connection,
            confirm_timeout=CONFIRMED_WITHIN,
        )  # fmt: skip

    def _hang_up(self) -> None:
        """Let go of a connection that may be dead without anybody having said so."""
        if self._connection is not None:
            self._connection.collect()
            self._connection = None


def register(
    app: Celery, place: Callable[[], Workplace], batch: int = 8, told: Callable[[], None] = lambda: None
) -> None:
    """Give the application its one task. ``place`` is called in the worker's own process, never before a fork;
    ``told`` whenever a nudge comes through."""

    @app.task(name=TASK, ignore_result=True)
    def _(kind: str) -> None:
        told()
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
