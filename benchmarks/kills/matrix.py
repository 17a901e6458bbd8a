"""All points on all engines: workers are killed until there were enough, then the rest is delivered and counted."""

import os
import random
import signal
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from kombu import Connection
from kombu.exceptions import OperationalError

from benchmarks import worlds
from benchmarks.kills import sink as sinks
from benchmarks.kills import workers
from benchmarks.kills.points import Point
from benchmarks.kills.sink import Sink
from benchmarks.kills.workers import Engine
from benchmarks.measure import Line
from benchmarks.worlds import SEALS
from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.channels.channels import Channel, add_channel
from campaigns.core.clock import utc_now
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Actor, Role
from campaigns.release import workflow
from coordinator.channels import registry
from coordinator.db import Database

KILLS = int(os.environ.get("LANTOA_BENCH_KILLS", "2"))
ENGINE = os.environ.get("LANTOA_BENCH_ENGINE", "")  # sqlite, postgresql or rabbitmq; all by default
WEBHOOKS, BOTS = 12, 12  # channels: of a kind that takes repeats, and of one that neither does nor can be asked
PATIENCE = 300.0  # seconds that a cell may take beyond its kills
RABBIT = os.environ.get("LANTOA_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")
ADMIN = Actor("admin", "admin", Role.ADMIN)
WRITER = Actor("writer", "writer", Role.WRITER)
APPROVER = Actor("approver", "approver", Role.APPROVER)


@dataclass(frozen=True)
class Cell:
    """What came of one point on one engine. ``lost``: deliveries said to have arrived that did not, or that nobody
    would ever deliver. ``repeats``: of the kind that takes them; ``doubled``: of the kind that does not. ``unknown``:
    left to a person."""

    engine: str
    point: Point
    deliveries: int
    kills: int
    lost: int
    repeats: int
    changed: int
    doubled: int
    unknown: int

    @property
    def holds(self) -> bool:
        """What must hold whatever dies: nothing lost, at most one repeat a kill, the same message each time, never a
        second post where a repeat would be one, and left to a person no more than was in hand."""
        lasting = not (self.lost or self.changed or self.doubled)
        return lasting and max(self.repeats, self.unknown) <= self.kills


def channels(database: Database, sink: Sink) -> None:
    """Both kinds, all going to the sink."""
    with database.write() as session:
        for number in range(WEBHOOKS + BOTS):
            kind = "webhook" if number < WEBHOOKS else "telegram"
            plain, secrets = registry.check_settings(
                kind,
                {"url": f"{sink.url}/hook"}
                if kind == "webhook"
                else {"chat": f"@kenh_{number:04d}", "bot_token": f"12345678:{'x' * 35}", "api_base": sink.url},
            )
            add_channel(
                session, ADMIN, code=f"k{number}", kind=kind, name=f"kênh {number}", company=None, topics=None,
                settings=plain, encrypted_secrets=workers.SEAL.encrypt(secrets), now=utc_now(),
            )  # fmt: skip


def publish(database: Database, number: int) -> None:
    """One more bulletin to all of them."""
    now, delivery_modes = utc_now(), registry.delivery_modes()
    with database.write() as session:
        text = BulletinText(f"Bản tin {number}", "", f"<p>Nội dung {number}.</p>", f"Nội dung {number}.")
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        revision_hash = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, revision_hash, delivery_modes, now=now)
        workflow.publish(session, APPROVER, code, delivery_modes, now=now)


def waiting(database: Database) -> int:
    """Deliveries that are still to be worked on."""
    with database.read() as session:
        return session.execute(sa.select(sa.func.count()).where(Delivery.due_at.is_not(None))).scalar_one()


def cell(engine: Engine, point: Point, kills: int, sink: Sink) -> Cell:
    """Kill so many workers at one point, then let the rest be delivered; what came of it."""
    database = Database(engine.url, seals=SEALS)
    dice = random.Random(f"{engine.name} {point.value}")
    nudge = workers.nudger(engine)
    killed, published, alive = 0, 0, set[int]()
    try:
        channels(database, sink)
        while killed < kills:
            if waiting(database) < WEBHOOKS + BOTS:
                publish(database, published)
                published += 1
            while len(alive) < engine.workers:
                alive.add(workers.start(engine, point, dice.randint(1, 5)))
            nudge()
            killed += _dead(alive)
            time.sleep(0.02)
        killed += len(alive)  # those too die in the midst of it
        _end(alive)
        alive = {workers.start(engine, None, 0) for _ in range(engine.workers)}
        ends = time.monotonic() + PATIENCE
        while waiting(database) and time.monotonic() < ends:
            nudge()
            time.sleep(0.1)
    finally:
        _end(alive)
    try:
        return _counted(database, sink, engine, point, killed)
    finally:
        database.dispose()


def _dead(alive: set[int]) -> int:
    """How many died since the last time; taken out of ``alive``."""
    died = 0
    for child in list(alive):
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            alive.remove(child)
            if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
                raise RuntimeError(f"a worker ended by itself: {status}")
            died += 1
    return died


def _end(alive: set[int]) -> None:
    for child in alive:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    alive.clear()


def _counted(database: Database, sink: Sink, engine: Engine, point: Point, killed: int) -> Cell:
    with database.read() as session:
        rows: Sequence[tuple[str, DeliveryState, str]] = session.execute(
            sa.select(Delivery.public, Delivery.state, Channel.kind).join(Channel)
        ).all()  # type: ignore[assignment]
    arrived = sink.got
    lost = unknown = 0
    bots = Counter[str]()
    for key, state, kind in rows:
        # One that two workers died with in hand is left to a person, of either kind.
        unknown += state is DeliveryState.UNKNOWN
        lost += state not in {DeliveryState.DELIVERED, DeliveryState.UNKNOWN}
        if kind == "webhook":
            lost += state is DeliveryState.DELIVERED and not arrived[key]
        else:
            bots[state.value] += 1
    messages = {ident: count for ident, count in arrived.items() if ident.startswith("@")}
    # Every message that a bot's delivery is said to have brought is there; one in doubt may be.
    lost += max(0, bots[DeliveryState.DELIVERED.value] - len(messages))
    doubled = sum(count - 1 for count in messages.values())
    return Cell(
        engine.name, point, len(rows), killed, lost, sink.repeats - doubled, len(sink.changed), doubled, unknown
    )


@contextmanager
def engines(folder: Path) -> Iterator[list[Callable[[], Engine]]]:
    """Each engine on a database of its own for each cell; those whose servers are not there are left out. Raises
    ``KeyError`` when that of ``ENGINE`` is not there."""
    made: list[Database] = []

    def on_sqlite() -> Engine:
        path = folder / uuid.uuid4().hex
        path.mkdir()
        database = worlds.sqlite(path)
        made.append(database)
        return Engine("SQLite, one process", database.url, path, 1)

    with worlds.postgresql("_kills") as shared:
        found: dict[str, Callable[[], Engine]] = {"sqlite": on_sqlite}
        if shared is not None:

            def on_postgresql(broker: str | None = None) -> Engine:
                with shared.write() as session:
                    session.execute(sa.text("DELETE FROM attempts"))
                    session.execute(sa.text("TRUNCATE deliveries, channels CASCADE"))
                name = "PostgreSQL, Celery on RabbitMQ" if broker else "PostgreSQL, two workers"
                return Engine(name, shared.url, folder, 2, broker)

            found["postgresql"] = on_postgresql
            if _answers(RABBIT):
                found["rabbitmq"] = lambda: on_postgresql(RABBIT)
        yield [found[ENGINE]] if ENGINE else list(found.values())
    for database in made:
        database.dispose()


def _answers(broker: str) -> bool:
    try:
        with Connection(broker, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except OperationalError:
        return False
    return True


def run() -> Iterator[Line]:
    """The whole matrix. A cell that does not hold ends the run."""
    with tempfile.TemporaryDirectory() as folder, engines(Path(folder)) as found:
        for make in found:
            for point in Point:
                with sinks.listening() as sink:
                    one = cell(make(), point, KILLS, sink)
                if not one.holds:
                    raise RuntimeError(f"lost or doubled: {one}")
                yield _line(one)


def _line(one: Cell) -> Line:
    name = (
        f"{one.engine}: {one.point.value}, {one.deliveries} deliveries, lost {one.lost}, doubled {one.doubled}, "
        f"left to a person {one.unknown}; repeats"
    )
    return Line(name, one.repeats, f"of {one.kills} kills", aim="at most one a kill")
