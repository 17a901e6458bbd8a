"""``lantoa serve``, ``web``, ``clock``, ``work``, ``demo``: the processes."""

import logging
import random
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

import click

from coordinator import composing, schema
from coordinator.app import create_app
from coordinator.cli import place
from coordinator.config import Settings, secret_key
from coordinator.db import Database
from coordinator.jobs.alarming import watching
from coordinator.jobs.counting import CountingThread
from coordinator.jobs.signing import Signing
from coordinator.jobs.workplace import Front
from coordinator.scheduling.clock import Clock
from coordinator.scheduling.embedded import EmbeddedRunner
from coordinator.scheduling.lookout import Lookout
from coordinator.serving import WebServer, settle

log = logging.getLogger(__name__)


@contextmanager
def the_only_one(settings: Settings) -> Iterator[None]:
    """Hold the data folder: a second embedded server on it is refused, since SQLite's must be the only one."""
    try:
        import fcntl  # noqa: PLC0415  # not on Windows, where the lock below is made by the open file alone
    except ImportError:
        fcntl = None  # type: ignore[assignment]
    path = settings.data_dir / "serve.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    file: IO[str] = path.open("w")
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise click.ClickException(f"another lantoa serve is running on {settings.data_dir}") from None
    try:
        yield
    finally:
        file.close()


def _until_told() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return told


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8800, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Web, clock and workers in one process: the database is upgraded first."""
    settings = place.settings().at_port(port)
    if settings.broker_url:
        raise click.ClickException("with a broker, run lantoa web, clock and work instead of serve")
    with the_only_one(settings):
        database = Database.of(settings)
        schema.upgrade(database)
        work_place = composing.workplace(settings, database)
        runner = EmbeddedRunner(work_place, settings.workers)
        clock = Clock(work_place, runner)
        app = create_app(Front(work_place, runner, settings))
        server = WebServer(app, host, port, settings.web_threads, proxied=settings.trusted_proxy)
        counting = CountingThread(work_place, runner)
        signing = Signing(work_place, "web", "clock", "work", watch=watching(work_place, settings.data_dir))
        told = _until_told()
        settle()
        counting.start()
        server.start()
        clock.start()
        signing.start()
        click.echo(
            f"Lan Tỏa: {settings.base_url} (listening on {host}:{server.port}, data in {settings.data_dir})", err=True
        )
        told.wait()
        signing.stop()
        clock.stop()
        server.stop()
        counting.stop()
        runner.stop()
        database.dispose()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8800, show_default=True, type=click.IntRange(0, 65535))
def web(host: str, port: int) -> None:
    """Only the web. Several may run, on PostgreSQL; behind gunicorn use coordinator.wsgi instead."""
    settings = place.settings()
    database = place.database()
    work_place = composing.workplace(settings, database)
    runner = composing.runner(settings)
    app = create_app(Front(work_place, runner, settings))
    server = WebServer(app, host, port, settings.web_threads, proxied=settings.trusted_proxy)
    counting = CountingThread(work_place, runner)
    signing = Signing(work_place, "web", watch=watching(work_place, settings.data_dir))
    told = _until_told()
    settle()
    counting.start()
    server.start()
    signing.start()
    click.echo(f"Lan Tỏa web: listening on {host}:{server.port}", err=True)
    told.wait()
    signing.stop()
    server.stop()
    counting.stop()
    database.dispose()


@click.command()
def clock() -> None:
    """Only the clock. A second one stands by until the first falls silent."""
    settings = place.settings()
    work_place = place.workplace()
    ticking = Clock(work_place, composing.runner(settings))
    signing = Signing(work_place, "clock")
    told = _until_told()
    ticking.start()
    signing.start()
    click.echo(f"Lan Tỏa clock: {ticking.holder}", err=True)
    told.wait()
    signing.stop()
    ticking.stop()


@click.command()
def work() -> None:
    """Only the work. With a broker it waits for nudges; without them it looks at the ledger every second."""
    settings = place.settings()
    if settings.broker_url:
        from coordinator.scheduling import queued  # noqa: PLC0415  # Celery is an optional and heavy import

        secret_key(settings)  # refused here and now, not in a thread of the worker's
        app = queued.celery_app(settings.broker_url)
        here = place.workplace()
        lookout = Lookout(EmbeddedRunner(here, settings.workers))
        queued.register(app, lambda: here, told=lookout.heard)  # threads, and no fork: one engine will do
        signing = Signing(here, "work")
        lookout.start()
        signing.start()
        try:
            queued.work(app, settings.workers)
        finally:  # Celery leaves by an exception of its own
            signing.stop()
            lookout.stop()
        return
    work_place = place.workplace()
    runner = EmbeddedRunner(work_place, settings.workers)
    signing = Signing(work_place, "work")
    told = _until_told()
    signing.start()
    click.echo("Lan Tỏa work: no broker, looking every second", err=True)
    # Not in step with other processes: the one a moment behind would find everything taken, every time.
    while not told.wait(random.uniform(0.8, 1.2)):  # noqa: S311  # a pause, not a secret
        runner.nudge_all()
    signing.stop()
    runner.stop()


@click.command()
@click.option("--once", is_flag=True, help="run the day without a person, print the table, exit")
@click.option("--port", default=8800, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--data", "data_dir", type=click.Path(path_type=Path), help="keep the data here instead of a throw-away folder"
)
def demo(once: bool, port: int, data_dir: Path | None) -> None:
    """A department's day on loopback: partner sites, a Zalo sandbox, a Lotus-style platform."""
    from coordinator.demo.day import run  # noqa: PLC0415  # the demo's world is of no use to the other commands

    sys.exit(run(once=once, port=port, data_dir=data_dir))
