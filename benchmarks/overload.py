"""One web process that is asked for more than it can answer: how long answers take, how many are 503 with
``Retry-After``, and how long a monitor waits for ``/healthz`` meanwhile, also beside bodies that never end."""

import asyncio
import multiprocessing
import socket
import statistics
import tempfile
import time
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.measure import Line
from tests import factories
from tests.coordinator.installation import Installation, until

CLIENTS = 300  # each with one request open at a time
SECONDS = 15.0
UNFINISHED = 150  # requests whose body never ends
PATH = "/feeds/atom.xml?limit=200"
BULLETINS = 300


async def _asked(port: int, path: str, after: float = 0.0) -> tuple[int, bool, float]:
    """Status, whether there is a ``Retry-After``, and the seconds until the answer was whole."""
    await asyncio.sleep(after)
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
    finally:
        writer.close()
    return int(answer[9:12]), b"\r\nRetry-After: " in answer, time.perf_counter() - began


def _load(control: Connection, port: int) -> None:
    """Ask with every client, and as a monitor, for a time; send what was answered."""

    async def client(ends: float) -> list[tuple[int, bool, float]]:
        got = []
        while time.perf_counter() < ends:
            got.append(await _asked(port, PATH))
            if got[-1][0] == 503:
                await asyncio.sleep(0.5)  # a browser's reader who presses again; a program waits for Retry-After
        return got

    async def monitor(ends: float) -> list[tuple[int, bool, float]]:
        got = []
        while time.perf_counter() < ends:
            got.append(await _asked(port, "/healthz", 0.25))
        return got

    async def run() -> tuple[list[tuple[int, bool, float]], list[tuple[int, bool, float]]]:
        ends = time.perf_counter() + SECONDS
        health, *rest = await asyncio.gather(monitor(ends), *(client(ends) for _ in range(CLIENTS)))
        return [one for part in rest for one in part], health

    control.send(asyncio.run(run()))


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else 0.0


def run() -> list[Line]:
    """By the clock, clients and server on one machine."""
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder) / "data") as here, ExitStack() as held:
        here.prepared("writer")
        database = here.open_database()
        with database.write() as session:
            for _ in range(BULLETINS):
                factories.published(session)
        database.dispose()
        here.serve()
        until("the web answers", here.alive)
        alone = statistics.median(asyncio.run(_asked(here.port, PATH))[2] for _ in range(10))
        for _ in range(UNFINISHED):
            half = held.enter_context(socket.create_connection(("127.0.0.1", here.port)))
            half.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\na")
        unfinished = max(asyncio.run(_asked(here.port, "/healthz"))[2] for _ in range(10))
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        load = multiprocessing.get_context("spawn").Process(target=_load, args=(theirs, here.port), daemon=True)
        load.start()
        answers, health = ours.recv()
        load.join(timeout=10)
    good = [seconds for status, _, seconds in answers if status == 200]
    refused = [told for status, told, _ in answers if status == 503]
    statuses = sorted({one[0] for one in answers})
    assert set(statuses) <= {200, 503}, statuses
    assert all(refused), "each 503 says when to come again"
    return [
        Line(f"{CLIENTS} clients, one web process: p95 of all", _p95([one[2] for one in answers]), "s", aim="< 5 s"),
        Line("p95 of those that were answered 200", _p95(good), "s", alone, "one client alone"),
        Line("answered 200 a second", len(good) / SECONDS, "/s"),
        Line("answered 503 with Retry-After", 100 * len(refused) / len(answers), "%"),
        Line("longest answer of /healthz meanwhile", max(one[2] for one in health), "s", aim="< 5 s"),
        Line(f"longest answer of /healthz beside {UNFINISHED} unfinished bodies", unfinished, "s", aim="< 1 s"),
    ]
