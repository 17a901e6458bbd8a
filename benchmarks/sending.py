"""Deliveries that are really sent: a bulletin to partners that answer after a while and to some that never do, by the
processes of an installation on PostgreSQL, with and without a broker, with one worker process and with two; and to
forty partners beside a slow host with forty endpoints.

At 100 ms a worker of 16 threads uses all of a core that Python can. Workers of two threads, which mostly wait, show
what a second one adds where it has a core to itself.

``LANTOA_BENCH_PARTNERS=1200`` sends to 1,200 partners in every part, which takes twenty minutes.
"""

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from benchmarks.measure import Line
from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel, add_channel
from campaigns.delivery.outbox import Delivery, DeliveryState
from coordinator.channels import registry
from coordinator.db import Database
from coordinator.encryption import Encryption
from tests.coordinator.installation import Installation, Staff, free_port, own_broker, own_postgresql, until
from tests.factories import ADMIN

THREADS = 16  # of a worker process, as by default
FEW_THREADS = 2  # of one that mostly waits at 100 ms too
HANGING = 10  # every tenth partner never answers
SECRET = "a secret key for measuring, long enough to be one"
NEVER = 3600.0  # seconds


@dataclass(frozen=True)
class Partners:
    """So many partners, each with an address of its own on loopback, that answer after ``latency`` seconds.
    ``endpoints``: of one further address, each of which takes ``ENDPOINT_LATENCY``."""

    count: int
    latency: float
    endpoints: int = 0

    def host(self, number: int) -> str:
        """The address of one."""
        return f"127.7.{number // 250}.{number % 250 + 1}"

    @property
    def answering(self) -> int:
        """How many answer at all."""
        return self.count - len(range(0, self.count, HANGING))


ENDPOINT_LATENCY = 2.0  # seconds
FAST = Partners(1200, 0.1)
# 160 answer: whole rounds of the threads of one worker and of two.
SLOW = Partners(int(os.environ.get("LANTOA_BENCH_PARTNERS", "178")), 3.0)
FEW = Partners(int(os.environ.get("LANTOA_BENCH_PARTNERS", "300")), 0.1)


def _serve(control: Connection, partners: Partners, port: int) -> None:
    """Every partner's server, until something is received."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.lower().split(b"\r\n")
                length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
                await reader.readexactly(length)
                latency = ENDPOINT_LATENCY if b"slow" in lines[0] else partners.latency
                await asyncio.sleep(NEVER if b"never" in lines[0] else latency)
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        hosts = [partners.host(number) for number in range(partners.count + 1)]
        await asyncio.start_server(answer, hosts, port)
        control.send(None)
        await asyncio.get_running_loop().run_in_executor(None, control.recv)

    asyncio.run(run())


@contextmanager
def _installation(partners: Partners) -> Iterator["_Trial"]:
    """An installation with every partner as a webhook, and their servers."""
    spawning = multiprocessing.get_context("spawn")
    control, servers_end = spawning.Pipe()
    port = free_port()
    servers = spawning.Process(target=_serve, args=(servers_end, partners, port), daemon=True)
    servers.start()
    control.recv()
    hosts = ",".join(partners.host(number) for number in range(partners.count + 1))
    with tempfile.TemporaryDirectory() as folder, own_postgresql() as url:
        with Installation(
            Path(folder) / "data", database_url=url, secret_key=SECRET, allow_hosts=hosts, pace="normal"
        ) as here:  # fmt: skip
            staff = Staff(here.base, here.prepared("writer", "approver", "admin"))
            database = here.open_database()
            _add_channels(database, partners, port)
            here.serve("web")
            until("the web answers", here.alive)
            _deliver_earlier(staff, database)
            yield _Trial(here, staff, database, partners.answering)
            database.dispose()
        servers.terminate()
    servers.join(timeout=10)


def _add_channels(database: Database, partners: Partners, port: int) -> None:
    sealing = Encryption(SECRET)
    urls = [f"http://{partners.host(partners.count)}:{port}/slow/{number}" for number in range(partners.endpoints)]
    for number in range(partners.count):
        urls.append(f"http://{partners.host(number)}:{port}/{'never' if number % HANGING == 0 else 'hook'}")
    with database.write() as session:
        for number, url in enumerate(urls):
            plain, secret = registry.check_settings("webhook", {"url": url})
            add_channel(
                session, ADMIN, code=None, kind="webhook", name=f"kênh {number}", company=None, topics=None,
                settings=plain, encrypted_secrets=sealing.encrypt(secret), now=datetime.now(UTC),
            )  # fmt: skip


def _deliver_earlier(staff: Staff, database: Database) -> None:
    """An earlier bulletin that everybody got, and the statistics that PostgreSQL makes of it by itself within a
    minute: an installation is not new when it publishes."""
    staff.publish("Lịch cấp nước, hôm qua")
    with database.write() as session:
        arrived = {"state": DeliveryState.DELIVERED, "due_at": None, "settled_at": datetime.now(UTC)}
        session.execute(sa.update(Delivery).values(**arrived))
    with database.write() as session:
        session.execute(sa.text("ANALYZE"))


@dataclass(frozen=True)
class _Trial:
    """One installation and how many of its partners answer."""

    here: Installation
    staff: Staff
    database: Database
    wanted: int

    def seconds(self, workers: int, broker: str = "", threads: int = THREADS) -> float:
        """How long it takes from the release until every partner that answers has the bulletin."""
        settings = {"LANTOA_WORKERS": str(threads)} | ({"LANTOA_BROKER_URL": broker} if broker else {})
        url = Channel.settings["url"].as_string()
        with self.database.write() as session:
            # As before the first bulletin: a partner that hangs has not answered the one before either.
            values = {"silent": sa.case((url.endswith("never"), 1), else_=0)}
            session.execute(sa.update(Channel).values(**values, failures=0, opened=0, open_until=None, free_at=None))
            # The endpoints of a slow host have smaller ids.
            first = session.scalar(sa.select(sa.func.min(Channel.id)).where(url.endswith("hook")))
        processes = [self.here.start("clock", **settings)]
        processes += [self.here.start("work", **settings) for _ in range(workers)]
        until("they run", lambda: _running(self.database) == 1 + workers)
        code = self.staff.publish(f"Lịch cấp nước, đo {time.monotonic()}")
        began = time.perf_counter()
        with self.database.read() as session:
            bulletin = session.scalar(sa.select(Bulletin.id).where(Bulletin.code == code))
        arrived = (Delivery.bulletin_id == bulletin, Delivery.state == DeliveryState.DELIVERED)
        delivered = sa.select(sa.func.count()).where(*arrived, Delivery.channel_id >= first)
        until("every partner that answers has it", lambda: self._count(delivered) == self.wanted, 300)
        seconds = time.perf_counter() - began
        unknown = self._count(sa.select(sa.func.count()).where(Delivery.state == DeliveryState.UNKNOWN))
        assert not unknown, f"{unknown} deliveries are unknown although nobody died"
        with self.database.write() as session:
            session.execute(sa.update(Delivery).values(due_at=None, lease_until=None, fence=Delivery.fence + 1))
        for process in processes:
            process.kill()  # what still hangs is not waited for
            process.wait()
        with self.database.write() as session:
            session.execute(sa.text("DELETE FROM leader_leases"))
        return seconds

    def _count(self, query: sa.Select[tuple[int]]) -> int:
        with self.database.read() as session:
            return session.execute(query).scalar_one()


def _running(database: Database) -> int:
    with database.read() as session:
        return session.execute(
            sa.text("SELECT count(*) FROM leader_leases WHERE name ~ '^at:(work|clock)'")
        ).scalar_one()


AIM_OF_SECOND = "ratio >= 1.8"


def run() -> Iterator[Line]:
    """Seconds by the clock, so that only a machine with little else to do is a fair one."""
    with own_broker() as broker:
        for partners, name in ((FAST, "1,200 partners at 100 ms"), (SLOW, f"{SLOW.count:,} partners at 3 s")):
            with _installation(partners) as trial:
                alone = trial.seconds(1)
                with_broker = trial.seconds(1, broker)
                waiting = partners.answering * partners.latency / THREADS
                yield Line(f"{name}, 10 % hang: one worker", alone, "s", waiting, "waiting alone")
                yield Line(f"{name}: one worker, broker", with_broker, "s", alone, "no broker", "ratio <= 1.2")
                for kind, one, two in (
                    ("one worker", alone, trial.seconds(2)),
                    ("one worker, broker", with_broker, trial.seconds(2, broker)),
                ):
                    yield Line(f"{name}: {kind}", one, "s", two, "two workers", AIM_OF_SECOND)
        yield from _few_threads(broker)
    yield _beside_slow_host()


def _few_threads(broker: str) -> Iterator[Line]:
    name = f"{FEW.count:,} partners at 100 ms, {FEW_THREADS} threads a worker"
    with _installation(FEW) as trial:
        for kind, given in (("one worker", ""), ("one worker, broker", broker)):
            one, two = (trial.seconds(workers, given, FEW_THREADS) for workers in (1, 2))
            yield Line(f"{name}: {kind}", one, "s", two, "two workers", AIM_OF_SECOND)


def _beside_slow_host() -> Line:
    seconds = []
    for endpoints in (0, 40):
        with _installation(Partners(40, 0.1, endpoints)) as trial:
            seconds.append(trial.seconds(1))
    alone, beside = seconds
    name = "40 partners beside a host with 40 slow endpoints: one worker"
    return Line(name, beside, "s", alone, "without it", "ratio <= 1.5")
