"""A bulletin pushed to 1,200 partners that take 100 ms each, by the embedded engine on SQLite: how near it comes to
what waiting alone would take, and how much the others wait when every tenth partner does not answer at all."""

import asyncio
import multiprocessing
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from benchmarks import draining, worlds
from benchmarks.measure import Line
from campaigns.core.clock import utc_now
from campaigns.publishing.channels import Channel, add_channel
from campaigns.publishing.outbox import Delivery, DeliveryState
from coordinator import composing
from coordinator.channels import registry
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.http import Door
from coordinator.jobs.workplace import Workplace
from coordinator.scheduling.embedded import EmbeddedRunner

PARTNERS, LATENCY, WORKERS = 1200, 0.1, 8  # seconds; threads, as many as there are by default
HANGING = 10  # of the partners every tenth
NEVER = 3600.0  # seconds


def _listen(told: Connection) -> None:
    """Every partner's server: answers 204 after a while; a path with ``never`` in it gets no answer."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.lower().split(b"\r\n")
                length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
                await reader.readexactly(length)
                await asyncio.sleep(NEVER if b"never" in lines[0] else LATENCY)
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(one, "127.0.0.1", 0, backlog=512)
        told.send(server.sockets[0].getsockname()[1])
        await asyncio.get_running_loop().run_in_executor(None, told.recv)

    asyncio.run(run())


def _place(folder: Path, database: Database, port: int) -> Workplace:
    settings = Settings.read(data_dir=folder, workers=WORKERS)
    hosts = frozenset(f"p{number}.example:{port}" for number in range(PARTNERS))
    # Every partner is a host of its own, all of them on loopback.
    door = Door(user_agent="bench", allow_hosts=hosts, resolver=lambda _host, _port: ["127.0.0.1"])
    place = composing.workplace(settings, database)
    return replace(place, door=door)


def _partners(place: Workplace, port: int, hanging: bool) -> None:
    with place.database.write() as session:
        for number in range(PARTNERS):
            quiet = hanging and number % HANGING == 0
            url = f"http://p{number}.example:{port}/{'never' if quiet else 'hook'}"
            plain, secret = registry.check_settings("webhook", {"url": url})
            channel = add_channel(
                session, draining.ADMIN, code=None, kind="webhook", name=f"kênh {number}", company=None, topics=None,
                settings=plain, sealed=place.seal.close(secret), now=worlds.NOW,
            )  # fmt: skip
            # They did not answer the bulletin before either, as nobody begins to hang for the first time every day.
            channel.silent = channel.failures = 1 if quiet else 0


def _seconds(hanging: bool) -> float:
    """How long it takes until all that answer have it."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_listen, args=(theirs,), daemon=True)
    process.start()
    port = ours.recv()
    with tempfile.TemporaryDirectory() as made:
        database = worlds.sqlite(Path(made), "lantoa.db")
        place = _place(Path(made), database, port)
        _partners(place, port, hanging)
        draining.publish(database, 1)
        with database.write() as session:
            session.execute(sa.update(Delivery).values(due_at=utc_now() - timedelta(seconds=1)))
        wanted = PARTNERS - (PARTNERS // HANGING if hanging else 0)
        runner = EmbeddedRunner(place, WORKERS)
        began = time.perf_counter()
        runner.nudge("deliver")
        while _delivered(database) < wanted:
            runner.nudge("deliver")
            time.sleep(0.05)
        took = time.perf_counter() - began
        ours.send(None)
        process.terminate()  # whoever waits for an answer that never comes is let go
        runner.stop()
        database.dispose()
    process.join(timeout=10)
    return took


def _delivered(database: Database) -> int:
    with database.read() as session:
        query = sa.select(sa.func.count()).select_from(Delivery).join(Channel)
        return session.execute(query.where(Delivery.state == DeliveryState.DELIVERED)).scalar_one()


def run() -> list[Line]:
    """Seconds by the clock, so only a machine with little else to do tells the truth."""
    whole = _seconds(hanging=False)
    rest = _seconds(hanging=True)
    ideal = PARTNERS * LATENCY / WORKERS
    share = (PARTNERS - PARTNERS // HANGING) / PARTNERS
    return [
        Line("1,200 partners at 100 ms, 8 threads", whole, "s", ideal, "waiting alone", "ratio <= 1.3"),
        Line("the 90 % that answer, 10 % hanging", rest, "s", whole * share, "none hanging", "ratio <= 1.1"),
    ]
