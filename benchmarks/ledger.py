"""The delivery ledger: publishing, claiming and settling without sending, and a bulletin pushed to 1,200 partners.

The second is by the embedded engine on SQLite, to partners that take 100 ms each: how near it comes to what waiting
alone would take, how much the others wait when every tenth partner does not answer at all, and how much forty hosts
wait beside one slow host with forty endpoints.
"""

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks import worlds
from benchmarks.corpus.bulletins import make
from benchmarks.measure import Line
from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.channels.channels import Channel, add_channel
from campaigns.channels.rate_limits import RateLimit
from campaigns.core import ledger
from campaigns.core.clock import utc_now
from campaigns.delivery import outbox_claims
from campaigns.delivery.outbox import Delivery, DeliveryModes, DeliveryState
from campaigns.people.staff import Actor, Role
from campaigns.release import workflow
from coordinator import composition
from coordinator.channels import registry
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.http.client import HttpClient
from coordinator.jobs.context import JobContext
from coordinator.scheduling.thread_pool import ThreadPoolRunner

ADMIN = Actor("admin", "admin", Role.ADMIN)
WRITER = Actor("writer", "writer", Role.WRITER)
APPROVER = Actor("approver", "approver", Role.APPROVER)
CHANNELS, BULLETINS, BATCH = 200, 25, 200
# Tokens enough for all of it: the ledger is measured, not the patience with receivers.
UNLIMITED = DeliveryModes(limits={"webhook": RateLimit(rate=6000, burst=1000)})
PARTNERS, LATENCY, WORKERS = 1200, 0.1, 8  # seconds; threads, as many as there are by default
HANGING = 10  # of the partners every tenth
NEVER = 3600.0  # seconds
ENDPOINTS, SLOW = 40, 2.0  # endpoints of one host, each as many seconds


def _add_channels(database: Database) -> None:
    with database.write() as session:
        for number in range(CHANNELS):
            add_channel(
                session, ADMIN, code=None, kind="webhook", name=f"kênh {number}", company=None, topics=None,
                settings={"url": f"https://x{number}.example/"}, encrypted_secrets=None, now=worlds.NOW,
            )  # fmt: skip


def _publish(database: Database, count: int) -> list[float]:
    """Publish so many bulletins to every channel; the seconds that each release took."""
    now, seconds = worlds.NOW, []
    for number in range(count):
        bulletin = make(f"ledger{number}", 300)
        html = "".join(f"<p>{line}</p>" for line in bulletin.lines)
        with database.write() as session:
            text = BulletinText(bulletin.title, bulletin.lead, html, bulletin.text)
            code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
            workflow.submit(session, WRITER, code, now=now)
            revision = find_bulletin(session, code).revision(1)
            workflow.approve(session, APPROVER, code, revision.hash, DeliveryModes(), now=now)
        began = time.perf_counter()
        with database.write() as session:
            workflow.publish(session, APPROVER, code, DeliveryModes(), now=now)
        seconds.append(time.perf_counter() - began)
    return seconds


def _drain(database: Database, now: datetime) -> int:
    """Claim as the workers do, by channel, rate and breaker, and settle without sending; the number of deliveries."""
    settled = 0
    while True:
        with database.write() as session:
            claims = outbox_claims.claim_deliveries(session, BATCH, timedelta(minutes=1), UNLIMITED, now=now)
        if not claims:
            return settled
        with database.write() as session:
            values = {"due_at": None, "state": DeliveryState.DELIVERED}
            for claim in claims:
                ledger.settle(session, Delivery, claim, values)
            settled += len(claims)


def _measure_drain(database: Database, name: str) -> list[Line]:
    _add_channels(database)
    seconds = sorted(_publish(database, BULLETINS))
    later = worlds.NOW + timedelta(minutes=1)
    began = time.perf_counter()
    settled = _drain(database, later)
    rate = settled / (time.perf_counter() - began)
    with database.read() as session:
        left = session.execute(sa.select(sa.func.count()).where(Delivery.due_at.is_not(None))).scalar_one()
    assert (settled, left) == (CHANNELS * BULLETINS, 0), (settled, left)
    return [
        Line(f"{name}: publish to {CHANNELS} channels, commits", 1 / seconds[len(seconds) // 2], "per s"),
        Line(f"{name}: ledger drained in batches of {BATCH}", rate, "per s", 5000.0, "wanted", "ratio >= 1"),
    ]


# Fan-out that sends.


def _serve_partners(control: Connection) -> None:
    """Every partner's server: answers 204 after a while, later on a path with ``slow`` in it, and on one with ``never``
    not at all."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.lower().split(b"\r\n")
                length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
                await reader.readexactly(length)
                await asyncio.sleep(NEVER if b"never" in lines[0] else SLOW if b"slow" in lines[0] else LATENCY)
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
        control.send(server.sockets[0].getsockname()[1])
        await asyncio.get_running_loop().run_in_executor(None, control.recv)

    asyncio.run(run())


def _job_context(folder: Path, database: Database, port: int) -> JobContext:
    settings = Settings.read(data_dir=folder, workers=WORKERS, secret_key="k" * 40)
    hosts = frozenset(f"p{number}.example:{port}" for number in range(PARTNERS))
    # Every partner is a host of its own, all of them on loopback.
    client = HttpClient(user_agent="bench", allow_hosts=hosts, resolver=lambda _host, _port: ["127.0.0.1"])
    return replace(composition.job_context(settings, database), http_client=client)


def _add_webhook(context: JobContext, session: Session, url: str) -> Channel:
    plain, secret = registry.check_settings("webhook", {"url": url})
    return add_channel(
        session, ADMIN, code=None, kind="webhook", name=url, company=None, topics=None,
        settings=plain, encrypted_secrets=context.encryption.encrypt(secret), now=worlds.NOW,
    )  # fmt: skip


def _fan_out_seconds(hanging: bool) -> float:
    """How long it takes until all partners that answer have the bulletin."""

    def add(context: JobContext, session: Session, port: int) -> int:
        for number in range(PARTNERS):
            silent = hanging and number % HANGING == 0
            channel = _add_webhook(context, session, f"http://p{number}.example:{port}/{'never' if silent else 'hook'}")
            # A partner that hangs did not answer the bulletin before either.
            channel.silent = channel.failures = 1 if silent else 0
        return PARTNERS - (PARTNERS // HANGING if hanging else 0)

    return _seconds_until_delivered(add)


def _beside_slow_host_seconds(slow: bool) -> float:
    """How long it takes until forty hosts have the bulletin, with or without a slow host that was added before them."""

    def add(context: JobContext, session: Session, port: int) -> int:
        for number in range(ENDPOINTS if slow else 0):
            _add_webhook(context, session, f"http://p0.example:{port}/slow/{number}")
        for number in range(1, 41):
            _add_webhook(context, session, f"http://p{number}.example:{port}/hook")
        return 40

    return _seconds_until_delivered(add)


def _seconds_until_delivered(add: Callable[[JobContext, Session, int], int]) -> float:
    """How long it takes until so many hooks, as ``add`` returns, have the bulletin."""
    spawning = multiprocessing.get_context("spawn")
    control, servers_end = spawning.Pipe()
    process = spawning.Process(target=_serve_partners, args=(servers_end,), daemon=True)
    process.start()
    port = control.recv()
    with tempfile.TemporaryDirectory() as folder:
        database = worlds.sqlite(Path(folder), "lantoa.db")
        context = _job_context(Path(folder), database, port)
        with database.write() as session:
            wanted = add(context, session, port)
        _publish(database, 1)
        with database.write() as session:
            session.execute(sa.update(Delivery).values(due_at=utc_now() - timedelta(seconds=1)))
        runner = ThreadPoolRunner(context, WORKERS)
        began = time.perf_counter()
        runner.nudge("delivery")
        while _delivered(database) < wanted:
            runner.nudge("delivery")
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        control.send(None)
        process.terminate()  # connections that never get an answer are closed with it
        runner.stop()
        database.dispose()
    process.join(timeout=10)
    return seconds


def _delivered(database: Database) -> int:
    with database.read() as session:
        query = sa.select(sa.func.count()).select_from(Delivery).join(Channel)
        hooks = Channel.settings["url"].as_string().like("%/hook")
        return session.execute(query.where(Delivery.state == DeliveryState.DELIVERED, hooks)).scalar_one()


def _measure_fan_out() -> list[Line]:
    """Seconds by the clock, so that only a machine with little else to do is a fair one."""
    all_answer = _fan_out_seconds(hanging=False)
    some_hang = _fan_out_seconds(hanging=True)
    waiting = PARTNERS * LATENCY / WORKERS
    share = (PARTNERS - PARTNERS // HANGING) / PARTNERS
    return [
        Line("1,200 partners at 100 ms, 8 threads", all_answer, "s", waiting, "waiting alone", "ratio <= 1.3"),
        Line("the 90 % that answer, 10 % hanging", some_hang, "s", all_answer * share, "none hanging", "ratio <= 1.1"),
        Line(
            "40 hosts beside a host with 40 slow endpoints", _beside_slow_host_seconds(slow=True), "s",
            _beside_slow_host_seconds(slow=False), "without it", "ratio <= 1.5",
        ),
    ]  # fmt: skip


def run() -> list[Line]:
    """The drain on SQLite always and on PostgreSQL where there is one; the fan-out on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        database = worlds.sqlite(Path(folder))
        lines = _measure_drain(database, "SQLite")
        database.dispose()
    with worlds.postgresql() as other:
        if other is not None:
            lines += _measure_drain(other, "PostgreSQL")
    return lines + _measure_fan_out()
