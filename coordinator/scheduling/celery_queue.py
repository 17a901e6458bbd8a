"""Nudges through a broker: each reaches one worker process. A message carries no data and no time."""

import logging
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from amqp.exceptions import AMQPError, PreconditionFailed
from celery import Celery
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError

from coordinator.config import SettingsError
from coordinator.jobs.work_kinds import WORK_KINDS
from coordinator.scheduling.nudges import QueuedRunner

log = logging.getLogger(__name__)

QUEUE = "lantoa"
DELETE_QUEUE = f"run: rabbitmqctl delete_queue {QUEUE}; no work is lost, nudges carry none"
TASK = "lantoa.drain"
KEPT = 60  # seconds after which a nudge expires
CONFIRMED_WITHIN = 5.0  # seconds: a broker that takes longer is treated as down


def work_queue() -> Queue:
    """The one queue that all workers listen to."""
    return Queue(QUEUE, Exchange(QUEUE, type="direct"), routing_key=QUEUE, queue_arguments={"x-queue-type": "quorum"})


def declare_queue(connection: Connection) -> None:
    """Make the queue. Raises ``PreconditionFailed`` where one of this name is of another kind."""
    work_queue()(connection.default_channel).declare()


def celery_app(broker_url: str) -> Celery:
    """Return the Celery application of this installation.

    A quorum queue, late acknowledgement, no results, no beat, no ETA.
    """
    app = Celery("lantoa", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_queues=[work_queue()],
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


class CeleryRunner(QueuedRunner):
    """Sends nudges to the broker."""

    def __init__(self, app: Celery) -> None:
        # A missing confirmation is a plain timeout; a queue of another kind, or a lost permission, an error of AMQP.
        super().__init__((OperationalError, OSError, AMQPError))
        self._app = app
        self._connection: Connection | None = None

    def send(self, kind: str) -> None:
        """Send one nudge. It expires after a minute, since the clock nudges again."""
        if self._connection is None:
            self._connection = self._app.connection_for_write()
        # ``expires`` is for the worker, ``expiration`` for the broker: without workers nudges must not pile up.
        self._app.send_task(
            TASK, args=[kind], expires=KEPT, expiration=KEPT, ignore_result=True, connection=self._connection,
            confirm_timeout=CONFIRMED_WITHIN,
        )  # fmt: skip

    def close(self) -> None:
        """Close a connection that may be broken without an error."""
        if self._connection is not None:
            self._connection.collect()
            self._connection = None


def register_task(app: Celery, on_nudge: Callable[[str], None]) -> None:
    """Register the application's one task: it hands the nudge to the process's thread pool and ends, so that a message
    is acknowledged at once and never waits for a slow receiver. The work itself is kept by the ledger."""

    @app.task(name=TASK, ignore_result=True)
    def _(kind: str) -> None:
        if kind in WORK_KINDS:  # a newer release may know more
            on_nudge(kind)


def run_worker(app: Celery) -> None:
    """Run a worker in this process until it is stopped. One thread is enough for nudges."""
    # Celery would log two lines for each nudge, several in a second; the jobs log their results.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns at each start that tasks with a time to run at would block the worker: there are none.
    logging.getLogger("kombu.transport.native_delayed_delivery").setLevel(logging.ERROR)
    arguments: list[Any] = [
        "--quiet",  # no page of its own about itself at the start
        "worker",
        "--concurrency=1",
        "--pool=threads",
        "--loglevel=INFO",
        "--without-mingle",
        "--without-gossip",
        f"--hostname=lantoa-{token_hex(4)}@%h",
        f"--queues={QUEUE}",
    ]
    _refuse_another_queue(app)
    app.worker_main(argv=arguments)


def _refuse_another_queue(app: Celery) -> None:
    """Raise ``SettingsError`` where the broker has a queue of this name and of another kind. A broker that does not
    answer is waited for later."""
    try:
        with app.connection_for_write(connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
            declare_queue(connection)
    except PreconditionFailed as error:
        raise SettingsError(f"broker_url: {error.reply_text}; {DELETE_QUEUE}") from None
    except (OperationalError, OSError, AMQPError):
        log.info("the broker does not answer yet")
