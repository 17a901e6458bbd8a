"""The ledger drained by two Celery workers on PostgreSQL: nudged through the broker, claimed and settled, not sent.

A queue of its own, so that no other worker at the same broker takes the nudges.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from celery import Celery
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError

from benchmarks import draining, worlds
from benchmarks.measure import Line
from campaigns.publishing.outbox import Delivery
from coordinator.db import Database
from coordinator.scheduling import queued

RABBIT = os.environ.get("LANTOA_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")
WORKERS, PATIENCE = 2, 120.0


def answers(broker: str) -> bool:
    """Whether there is a broker."""
    try:
        with Connection(broker, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except OperationalError:
        return False
    return True


def _app(name: str) -> Celery:
    """The product's own application, but for the queue's name."""
    app = queued.celery_app(RABBIT)
    kept = Queue(name, Exchange(name, type="direct"), routing_key=name, queue_arguments={"x-queue-type": "quorum"})
    app.conf.update(task_queues=[kept], task_default_queue=name, task_default_exchange=name)
    app.conf.task_default_routing_key = name
    return app


def _worker(name: str, url: str) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        app, made = _app(name), list[Database]()

        @app.task(name=queued.TASK, ignore_result=True)
        def drain(_kind: str) -> None:
            if not made:
                made.append(Database(url))
            draining.drain(made[0], draining.BATCH, worlds.NOW + timedelta(minutes=1))

        app.worker_main(
            ["worker", "--concurrency=1", "--pool=solo", "--loglevel=ERROR", "--without-mingle", "--without-gossip",
             f"--hostname={name}-{os.getpid()}@%h", f"--queues={name}"]
        )  # fmt: skip
    finally:
        os._exit(1)


def _left(database: Database) -> int:
    with database.read() as session:
        return session.execute(sa.select(sa.func.count()).where(Delivery.due_at.is_not(None))).scalar_one()


def _wait(until: Callable[[], bool], nudge: Callable[[], None]) -> float:
    """Seconds until so; nudges again now and then, as the clock does."""
    began = time.perf_counter()
    while not until():
        if time.perf_counter() - began > PATIENCE:
            raise RuntimeError("the workers did not drain the ledger")
        nudge()
        time.sleep(0.02)
    return time.perf_counter() - began


def run(database: Database) -> list[Line]:
    """Nothing where there is no broker."""
    if not answers(RABBIT):
        return []
    name = f"lantoa_bench_{os.getpid()}"
    runner = queued.QueuedRunner(_app(name))
    alive = [_worker(name, database.url) for _ in range(WORKERS)]
    try:
        draining.publish(database, 1)
        _wait(lambda: not _left(database), lambda: runner.nudge("deliver"))  # they are up, and connected
        time.sleep(2.0)
        draining.publish(database, draining.BULLETINS)
        count = _left(database)
        seconds = _wait(lambda: not _left(database), lambda: runner.nudge("deliver"))
    finally:
        for child in alive:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        with Connection(RABBIT) as connection, connection.channel() as channel:
            channel.queue_delete(name)
            channel.exchange_delete(name)
    title = f"Celery and PostgreSQL: ledger drained by {WORKERS} workers in batches of {draining.BATCH}"
    return [Line(title, count / seconds, "per s", 2000.0, "wanted", "ratio >= 1")]
