"""``lantoa db upgrade`` beside a running program on PostgreSQL: how long the longest read and the longest write wait
while the tables of many deliveries are changed, and what ``--plan`` says of it. The migrations are invented.

``LANTOA_BENCH_DELIVERIES=10000000`` measures with ten millions; a hundred thousand are the default.
"""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from benchmarks import worlds
from benchmarks.measure import Line
from campaigns.channels.channels import Channel
from coordinator import schema
from coordinator.cli.database import plan_lines
from coordinator.db import Database
from tests import factories
from tests.coordinator.installation import own_postgresql
from tests.coordinator.test_upgrades import INDEX, invented_history

DELIVERIES = int(os.environ.get("LANTOA_BENCH_DELIVERIES", "100000"))
CHANNELS = 500
PAUSE = 0.02  # seconds between two acts of a reader or the writer
STEPS: tuple[tuple[str, bool, dict[str, str]], ...] = (
    ("    op.execute('CREATE VIEW bench_titles AS SELECT code FROM bulletins')\n", False, {}),
    ("    op.add_column('deliveries', sa.Column('remark', sa.String(20), server_default='none'))\n", False,
     {"deliveries": "moment"}),
    (INDEX, False, {"deliveries": "beside"}),
    ("    op.execute(\"UPDATE republications SET status = status WHERE id < 0\")\n", True, {}),
)  # fmt: skip


def _ask(url: str, writes: bool, bulletins: int, control: Connection) -> None:
    """Read or write in a process of its own until something is received; send the longest time and the number."""
    database, longest, count = Database(url), 0.0, 0
    while not control.poll(PAUSE):
        began = time.perf_counter()
        if writes:
            with database.write() as session:
                change = "UPDATE deliveries SET state = :state WHERE id = :id"
                state = "delivered" if count % 2 else "dead"
                session.execute(sa.text(change), {"state": state, "id": count // 2 + 1})
        else:
            with database.read() as session:
                query = "SELECT count(*) FROM deliveries WHERE bulletin_id = :id AND state = 'delivered'"
                session.execute(sa.text(query), {"id": count % bulletins + 1})
                query = "SELECT title FROM revisions WHERE bulletin_id = :id"
                session.execute(sa.text(query), {"id": count % bulletins + 1})
        if count:  # the first opens the connection
            longest = max(longest, time.perf_counter() - began)
        count += 1
    database.dispose()
    control.send((longest, count))


@contextmanager
def _asking(url: str, bulletins: int, found: dict[str, list[tuple[float, int]]]) -> Iterator[None]:
    """Two readers and a writer until the end of the block; what they waited is then in ``found``."""
    spawning, running = multiprocessing.get_context("spawn"), []
    for name, writes in (("read", False), ("read", False), ("write", True)):
        ours, theirs = spawning.Pipe()
        process = spawning.Process(target=_ask, args=(url, writes, bulletins, theirs), daemon=True)
        process.start()
        running.append((name, ours, process))
    time.sleep(5)  # they have begun
    try:
        yield
    finally:
        for name, ours, process in running:
            ours.send(None)
            found.setdefault(name, []).append(ours.recv())
            process.join(timeout=10)


def _fill(database: Database) -> int:
    """That many delivered deliveries, each bulletin to every channel; returns the number of bulletins."""
    bulletins = max(1, DELIVERIES // CHANNELS)
    with database.write() as session:
        worlds.fill(session, 1, bulletins)
        for _ in range(CHANNELS):
            factories.channel(session)
    with database.write() as session:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))  # no triggers: sums are put in too
        given = {"first": session.scalar(sa.select(sa.func.min(Channel.id))), "channels": CHANNELS}
        for table, columns, values in (
            ("deliveries",
             "public, bulletin_id, channel_id, revision, act, state, note, reason, created_at, settled_at",
             "'dlv_' || lpad(CAST(b.id AS text), 7, '0') || '_' || lpad(CAST(c AS text), 5, '0'), b.id, c, 1, "
             "'publish', 'delivered', '', '', b.created_at, b.created_at"),
            ("arrivals", "bulletin_id, channel_id, deliveries", "b.id, c, 1"),
        ):  # fmt: skip
            session.execute(
                sa.text(
                    f"INSERT INTO {table} ({columns}) SELECT {values} FROM bulletins b, "
                    "generate_series(CAST(:first AS int), CAST(:first AS int) + :channels - 1) c"
                ),
                given,
            )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    return bulletins


def run() -> list[Line]:
    """By the clock; readers and a writer ask all the time."""
    with tempfile.TemporaryDirectory() as folder, own_postgresql() as url:
        database = Database(url)
        schema.upgrade(database)
        bulletins = _fill(database)
        config = invented_history(Path(folder) / "newer", *STEPS)
        plan = list(plan_lines(database, schema.pending(database, config)))
        print("\n".join(f"  {line}" for line in plan), flush=True)
        found: dict[str, list[tuple[float, int]]] = {}
        with _asking(url, bulletins, found):
            began = time.perf_counter()
            schema.upgrade(database, config=config)
            seconds = time.perf_counter() - began
        size = database.engine.connect()
        held = size.scalar(sa.text("SELECT pg_database_size(current_database())"))
        size.close()
        database.dispose()
    name = f"{DELIVERIES:,} deliveries, four migrations and the sums anew"
    return [
        Line(name, seconds, "s"),
        Line("longest read meanwhile", max(longest for longest, _ in found["read"]), "s", aim="< 1 s"),
        Line("longest write meanwhile", max(longest for longest, _ in found["write"]), "s", aim="< 5 s"),
        Line("reads and writes meanwhile", sum(count for part in found.values() for _, count in part), ""),
        Line("size of the database", (held or 0) / 1e9, "GB"),
    ]
