"""``lantoa serve``, ``web``, ``clock``, ``work``, ``render``, ``demo``: the processes."""

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import IO

import click

from coordinator import composition, schema
from coordinator.app import create_app
from coordinator.cli import environment
from coordinator.config import Settings, secret_key
from coordinator.installed_files import check_files
from coordinator.jobs.context import AppContext, JobContext
from coordinator.jobs.heartbeat import LOOP_SILENCE, Heartbeat, LifeSign
from coordinator.jobs.incident_watch import web_watch
from coordinator.jobs.job_loop import drain, drain_until
from coordinator.jobs.republications.evidence_sealing import seal_earlier_evidence
from coordinator.jobs.view_buffer_writer import CountingThread
from coordinator.rendering.browser import DEADLINE, missing_part
from coordinator.scheduling.clock import Clock
from coordinator.scheduling.thread_pool import PollingFallback, ThreadPoolRunner
from coordinator.wsgi_server import WebServer

log = logging.getLogger(__name__)


@contextmanager
def single_instance(settings: Settings) -> Iterator[None]:
    """Lock the data folder: on SQLite one process works, and a second one is refused."""
    try:
        import fcntl  # noqa: PLC0415  # not on Windows, where the open file itself is the lock
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
        raise click.ClickException(f"another lantoa process is running on {settings.data_dir}") from None
    try:
        yield
    finally:
        file.close()


def _alone_on_sqlite(settings: Settings) -> AbstractContextManager[None]:
    """Lock the data folder for one of several processes, which need PostgreSQL."""
    return single_instance(settings) if settings.on_sqlite else nullcontext()


def _stop_event() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    event = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        event.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return event


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8800, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Web, clock and workers in one process: the database is upgraded first."""
    check_files()
    settings = environment.settings().at_port(port)
    if settings.broker_url:
        raise click.ClickException("with a broker, run lantoa web, clock and work instead of serve")
    with single_instance(settings):
        database = environment.open_database(settings)
        schema.upgrade(database)
        work_place = composition.job_context(settings, database)
        seal_earlier_evidence(database)
        runner = ThreadPoolRunner(work_place, settings.workers)
        clock = Clock(work_place, runner)
        app = create_app(AppContext(work_place, runner, settings))
        server = WebServer(app, host, port, settings.web_threads, proxied=settings.trusted_proxy)
        counting = CountingThread(work_place, runner)
        heartbeat = Heartbeat(
            work_place,
            {"web": server.sign, "clock": clock.sign, "work": runner.sign},
            settings.data_dir,
            watch=web_watch(work_place, settings.data_dir),
        )
        event = _stop_event()
        counting.start()
        server.start()
        clock.start()
        heartbeat.start()
        click.echo(
            f"Lan Tỏa: {settings.base_url} (listening on {host}:{server.port}, data in {settings.data_dir})", err=True
        )
        event.wait()
        heartbeat.stop()
        runner.stop()  # first: ticks and requests then need not wait for its writes
        clock.stop()
        server.stop()
        counting.stop()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8800, show_default=True, type=click.IntRange(0, 65535))
def web(host: str, port: int) -> None:
    """Only the web. Several may run, on PostgreSQL; behind gunicorn use coordinator.wsgi instead."""
    check_files()
    settings, database = environment.settings(), environment.database()
    with _alone_on_sqlite(settings):
        work_place = composition.job_context(settings, database)
        runner = composition.runner(settings)
        app = create_app(AppContext(work_place, runner, settings))
        server = WebServer(app, host, port, settings.web_threads, proxied=settings.trusted_proxy)
        counting = CountingThread(work_place, runner)
        heartbeat = Heartbeat(
            work_place, {"web": server.sign}, settings.data_dir, watch=web_watch(work_place, settings.data_dir)
        )
        event = _stop_event()
        counting.start()
        server.start()
        heartbeat.start()
        click.echo(f"Lan Tỏa web: listening on {host}:{server.port}", err=True)
        event.wait()
        heartbeat.stop()
        server.stop()
        counting.stop()


@click.command()
def clock() -> None:
    """Only the clock. A second one stands by until the first falls silent."""
    settings, work_place = environment.settings(), environment.job_context()
    with _alone_on_sqlite(settings):
        ticking = Clock(work_place, composition.runner(settings))
        heartbeat = Heartbeat(work_place, {"clock": ticking.sign}, settings.data_dir)
        event = _stop_event()
        ticking.start()
        heartbeat.start()
        click.echo(f"Lan Tỏa clock: {ticking.holder}", err=True)
        event.wait()
        heartbeat.stop()
        ticking.stop()


@click.command()
def work() -> None:
    """Only the work. It waits for nudges, and looks at the ledger every second while none arrive."""
    settings = environment.settings()
    context = environment.job_context()
    if settings.broker_url:
        _work_with_broker(settings, context)
        return
    with _alone_on_sqlite(settings):
        runner = ThreadPoolRunner(context, settings.workers)
        fallback = PollingFallback(runner)
        listener = None
        if not settings.on_sqlite:
            from coordinator.scheduling.postgresql_notify import Listener  # noqa: PLC0415  # the driver is optional

            listener = Listener(settings.database_url, fallback.hear)
        heartbeat = Heartbeat(context, {"work": runner.sign}, settings.data_dir)
        event = _stop_event()
        fallback.start()
        if listener is not None:
            listener.start()
        heartbeat.start()
        click.echo("Lan Tỏa work: no broker", err=True)
        event.wait()
        heartbeat.stop()
        if listener is not None:
            listener.stop()
        fallback.stop()


def _work_with_broker(settings: Settings, context: JobContext) -> None:
    from coordinator.scheduling import celery_queue  # noqa: PLC0415  # Celery is an optional and heavy import

    secret_key(settings)  # raises here, not in a worker's thread
    app = celery_queue.celery_app(settings.broker_url)
    others = celery_queue.CeleryRunner(celery_queue.celery_app(settings.broker_url))
    runner = ThreadPoolRunner(context, settings.workers, pass_on=others.nudge)
    fallback = PollingFallback(runner)
    celery_queue.register_task(app, fallback.hear)
    heartbeat = Heartbeat(context, {"work": runner.sign, "consumer": fallback.sign}, settings.data_dir)
    fallback.start()
    heartbeat.start()
    try:
        celery_queue.run_worker(app)
    finally:  # Celery exits by raising an exception
        heartbeat.stop()
        fallback.stop()


@click.command()
@click.option("--once", is_flag=True, help="look at what is due, and end")
def render(once: bool) -> None:
    """Look at pages that need a browser in Debian's Chromium, one at a time. Several may run."""
    settings = environment.settings()
    if not settings.render:
        raise click.ClickException("render: is off; set LANTOA_RENDER=true for every process")
    if (missing := missing_part()) is not None:
        raise click.ClickException(missing)
    context = composition.render_context(settings, environment.database())
    if once:
        click.echo(f"Lan Tỏa render: {drain(context, 'rendered_look', 1)} pages", err=True)
        return
    sign = LifeSign(silence=DEADLINE + LOOP_SILENCE)
    heartbeat = Heartbeat(context, {"render": sign}, settings.data_dir)
    event = _stop_event()
    heartbeat.start()
    click.echo("Lan Tỏa render: looking every second", err=True)
    drain_until(context, "rendered_look", event, sign)
    heartbeat.stop()


@click.command()
@click.option("--once", is_flag=True, help="run the day without a person, print the table, exit")
@click.option("--port", default=8800, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--data", "data_dir", type=click.Path(path_type=Path), help="keep the data here instead of a throw-away folder"
)
def demo(once: bool, port: int, data_dir: Path | None) -> None:
    """A department's day on loopback: partner sites, a Zalo sandbox, a Lotus-style platform."""
    from coordinator.demo.day import run  # noqa: PLC0415  # the demo's modules are not needed by the other commands

    check_files()
    sys.exit(run(once=once, port=port, data_dir=data_dir))
