"""The monitor's page beside a log of many tries: with a fiftieth of them, and with all.

``LANTOA_BENCH_TRIES=150000000`` takes as many; 1,000,000 by default. ``LANTOA_BENCH_DATABASE=postgresql`` measures on
one kind of database.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks import city, pages, worlds
from benchmarks.bulk import in_bulk, insert_many
from benchmarks.measure import Line
from campaigns.delivery.outbox import Attempt, Delivery
from campaigns.reporting import monitoring
from coordinator.db import Database
from coordinator.jobs.search import rebuild_index

TRIES = int(os.environ.get("LANTOA_BENCH_TRIES", "1000000"))
FEW = TRIES // 50
SIZES = (365, 40, 4_000)  # bulletins, sites and copies: a fiftieth of a city
ROUNDS = 5


def _add_tries(database: Database, count: int) -> None:
    begun = (worlds.NOW - timedelta(days=200)).strftime("%Y-%m-%d %H:%M:%S.000000")
    ended = (worlds.NOW - timedelta(days=200) + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S.000000")
    with in_bulk(database, ["attempts"]) as session:
        first, last = session.execute(sa.select(sa.func.min(Delivery.id), sa.func.max(Delivery.id))).one()
        insert_many(
            session,
            f"INSERT INTO attempts (delivery_id, at, ended_at, outcome, status, error) SELECT "
            f"{first} + n % {last - first + 1}, '{begun}', '{ended}', "
            "CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'delivered' END, 200, ''",
            count,
        )


def _keep_counts(database: Database) -> None:
    """As the clock does every minute: what was there two minutes ago is counted."""
    for minute in range(3):
        with database.write() as session:
            monitoring.keep_counts(session, now=worlds.NOW + minute * 2 * monitoring.UNSETTLED_FOR)


def _measured(kind: str, folder: Path, database: Database) -> Iterator[Line]:
    with database.write() as session:
        city.fill(session, *SIZES)
    rebuild_index(database)
    client = pages.client_of(pages.app_on(database, folder), database)
    spent = []
    for count in (FEW, TRIES - FEW):
        _add_tries(database, count)
        began = time.perf_counter()
        _keep_counts(database)
        counting = time.perf_counter() - began
        spent.append(min(pages.spent(client, "/metrics", time.perf_counter) for _ in range(ROUNDS)))
    with database.read() as session:
        held = session.scalar(sa.select(sa.func.count()).select_from(Attempt))
    few, many = spent
    name = f"{kind}: /metrics, {held:,} tries"
    yield Line(name, many, "ms", few, f"{FEW:,} tries", "< 1000 ms")
    yield Line(f"{kind}: counting {TRIES - FEW:,} of them once", counting, "s")


def run() -> Iterator[Line]:
    """By the clock, in one process."""
    for kind, folder, database in worlds.databases("monitor"):
        yield from _measured(kind, folder, database)
