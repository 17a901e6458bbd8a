"""The delivery ledger: publishing, claiming and settling without sending."""

import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks import worlds
from benchmarks.corpus.bulletins import make
from benchmarks.measure import Line
from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.channels.channels import add_channel
from campaigns.channels.rate_limits import RateLimit
from campaigns.core import ledger
from campaigns.delivery import outbox_claims
from campaigns.delivery.outbox import Delivery, DeliveryModes, DeliveryState
from campaigns.people.staff import Actor, Role
from campaigns.release import workflow
from coordinator.db import Database

ADMIN = Actor("admin", "admin", Role.ADMIN)
WRITER = Actor("writer", "writer", Role.WRITER)
APPROVER = Actor("approver", "approver", Role.APPROVER)
CHANNELS, BULLETINS, BATCH = 200, 25, 200
SENT = 64.0  # deliveries a second that one worker sends to receivers that answer in 100 ms (``benchmarks.sending``)
# Tokens enough for all of it: the ledger is measured, not the patience with receivers.
UNLIMITED = DeliveryModes(limits={"webhook": RateLimit(rate=6000, burst=1000)})


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
        Line(
            f"{name}: ledger drained in batches of {BATCH}",
            rate,
            "per s",
            SENT,
            "what one machine sends",
            "ratio >= 10",
        ),
    ]


def run() -> Iterator[Line]:
    """The drain on SQLite always and on PostgreSQL where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        database = worlds.sqlite(Path(folder))
        yield from _measure_drain(database, "SQLite")
        database.dispose()
    with worlds.postgresql() as other:
        if other is not None:
            yield from _measure_drain(other, "PostgreSQL")
