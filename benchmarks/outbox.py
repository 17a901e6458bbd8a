"""Publishing to 200 channels in one commit, and draining the ledger without sending, in batches."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks import draining, queueing, worlds
from benchmarks.draining import BATCH, BULLETINS, CHANNELS
from benchmarks.measure import Line
from campaigns.publishing.outbox import Delivery
from coordinator.db import Database


def _measure(database: Database, name: str) -> list[Line]:
    draining.channels(database)
    took = sorted(draining.publish(database, BULLETINS))
    later = worlds.NOW + timedelta(minutes=1)
    began = time.perf_counter()
    done = draining.drain(database, BATCH, later)
    drained = done / (time.perf_counter() - began)
    with database.read() as session:
        left = session.execute(sa.select(sa.func.count()).where(Delivery.due_at.is_not(None))).scalar_one()
    assert (done, left) == (CHANNELS * BULLETINS, 0), (done, left)
    single = 1 / took[len(took) // 2]
    return [
        Line(f"{name}: publish to {CHANNELS} channels, commits", single, "per s"),
        Line(f"{name}: deliveries written by them", single * CHANNELS, "per s"),
        Line(f"{name}: ledger drained in batches of {BATCH}", drained, "per s", 5000.0, "wanted", "ratio >= 1"),
    ]


def run() -> list[Line]:
    """SQLite always, PostgreSQL where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        database = worlds.sqlite(Path(folder))
        lines = _measure(database, "SQLite")
        database.dispose()
    with worlds.postgresql() as other:
        if other is not None:
            lines += _measure(other, "PostgreSQL")
            lines += queueing.run(other)
    return lines
