"""A ledger to be drained: many channels, many bulletins for each, and a worker's loop that claims and does not send."""

import time
from datetime import datetime, timedelta

from benchmarks import worlds
from campaigns.core import ledger
from campaigns.people.staff import Actor, Role
from campaigns.publishing import claiming, drafting, workflow
from campaigns.publishing.channels import add_channel
from campaigns.publishing.drafting import Text
from campaigns.publishing.outbox import Delivery, DeliveryState, Natures
from campaigns.publishing.rates import Limits
from coordinator.db import Database

ADMIN = Actor("admin", "admin", Role.ADMIN)
WRITER = Actor("writer", "writer", Role.WRITER)
APPROVER = Actor("approver", "approver", Role.APPROVER)
CHANNELS, BULLETINS, BATCH = 200, 25, 200
# With tokens enough for the whole of it, so that the ledger is measured and not the patience with receivers.
NATURES = Natures(limits={"webhook": Limits(rate=6000, burst=1000)})


def channels(database: Database) -> None:
    """Webhooks that take everything."""
    with database.write() as session:
        for number in range(CHANNELS):
            add_channel(
                session, ADMIN, code=None, kind="webhook", name=f"kênh {number}", company=None, topics=None,
                settings={"url": "https://x.example/"}, sealed=None, now=worlds.NOW,
            )  # fmt: skip


def publish(database: Database, count: int) -> list[float]:
    """So many bulletins to every channel; the seconds that each took to be released."""
    now, took = worlds.NOW, []
    for number in range(count):
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
    return took


def drain(database: Database, batch: int, now: datetime, natures: Natures = NATURES) -> int:
    """Claim as the product's workers do, by channel, rate and breaker, and settle without sending; how many."""
    done = 0
    while True:
        with database.write() as session:
            claims = claiming.claim(session, batch, timedelta(minutes=1), natures, now=now)
        if not claims:
            return done
        with database.write() as session:
            done += ledger.settle_many(session, Delivery, claims, {"due_at": None, "state": DeliveryState.DELIVERED})
