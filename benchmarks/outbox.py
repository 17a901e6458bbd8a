"""Publishing to 200 channels in one commit, and draining the ledger without sending, in batches."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks import worlds
from benchmarks.measure import Line
from campaigns.core import ledger
from campaigns.people.staff import Actor, Role
from campaigns.publishing import drafting, workflow
from campaigns.publishing.channels import add_channel
from campaigns.publishing.drafting import Text
from campaigns.publishing.outbox import Delivery, DeliveryState, Natures
from coordinator.db import Database

ADMIN = Actor("admin", "admin", Role.ADMIN)
WRITER = Actor("writer", "writer", Role.WRITER)
APPROVER = Actor("approver", "approver", Role.APPROVER)
CHANNELS, BULLETINS, BATCH = 200, 25, 200


def _measure(database: Database, name: str) -> list[Line]:
    now = worlds.NOW
    with database.write() as session:
        for number in range(CHANNELS):
            add_channel(
                session, ADMIN, code=None, kind="webhook", name=f"kênh {number}", company=None, topics=None,
                settings={"url": "https://x.example/"}, sealed=None, now=now,
            )  # fmt: skip
    took = []
    for number in range(BULLETINS):
        with database.write() as session:
            text = Text(f"Bản tin {number}", "", "<p>Nội dung.</p>", "Nội dung.")
            code = drafting.create(session, WRITER, text, topic="dich-benh", now=now).code
            workflow.submit(session, WRITER, code, now=now)
            bulletin = drafting.find_bulletin(session, code)
            workflow.approve(session, APPROVER, code, bulletin.revision(1).hash, Natures(), now=now)
        began = time.perf_counter()
        with database.write() as session:
            workflow.publish(session, APPROVER, code, Natures(), now=now)
        took.append(time.perf_counter() - began)
    took.sort()
    later = now + timedelta(minutes=1)
    done, began = 0, time.perf_counter()
    while True:
        with database.write() as session:
            claims = ledger.claim(session, Delivery, BATCH, timedelta(minutes=1), now=later)
        if not claims:
            break
        with database.write() as session:
            done += ledger.settle_many(session, Delivery, claims, {"due_at": None, "state": DeliveryState.DELIVERED})
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
    return lines
