"""A year of work at the size that is kept: what the database weighs, how long a backup of it takes, the slowest page,
the monitor's page, and how long the upkeep goes through the logs once the year is over.

``LANTOA_BENCH_YEAR=1`` measures the whole year; by default it is a fiftieth of it, of everything alike.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks import city, pages, worlds
from benchmarks.measure import Line
from campaigns.delivery.outbox import Delivery
from campaigns.partners.directory import Company
from campaigns.reporting import monitoring
from campaigns.reporting.rollups import change_log, rollup
from campaigns.republications import log_retention
from coordinator.db import Database
from coordinator.jobs.search import rebuild_index
from coordinator.storage import backup

SHARE = float(os.environ.get("LANTOA_BENCH_YEAR", "0.02"))
BULLETINS, SITES, COPIES = 18_250, 2_000, 200_000
# Rows of a year: a delivery to 300 channels of fifty bulletins a day, one try in ten again; 20,000 pages a day that are
# looked at; a thousand partners' programs that read their feed every ten minutes.
TRIES, PLAIN_PAGES, FETCHES = 6_000_000, 7_300_000, 52_000_000
GROWING = ("deliveries", "attempts", "pages", "feed_fetches")
ROUNDS = 5


def _many(session: Session, insert: str, count: int) -> None:
    """Insert so many rows in one statement; ``n`` is their number from 1 on."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    numbers = (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) "
        if on_sqlite
        else "WITH numbers AS (SELECT n FROM generate_series(1, CAST(:count AS int)) n) "
    )
    table, _, select = insert.partition(" SELECT ")
    if not on_sqlite:  # the city's rows were given their ids
        name = table.split()[2]
        sequence = f"pg_get_serial_sequence('{name}', 'id')"
        session.execute(sa.text(f"SELECT setval({sequence}, (SELECT coalesce(max(id), 1) FROM {name}))"))
    session.execute(sa.text(f"{numbers}{table} SELECT {select} FROM numbers"), {"count": max(1, count)})


@contextmanager
def _in_bulk(database: Database) -> Iterator[Session]:
    """A transaction without triggers and, on PostgreSQL, without indexes and foreign keys of the tables of ``GROWING``
    while it runs: hundreds of times as many rows come in it as in any of real use."""
    with database.write() as session:
        connection = session.connection()
        change_log.remove_triggers(connection)
        made: list[str] = []
        if not database.on_sqlite:
            session.execute(sa.text("SET LOCAL session_replication_role = replica"))
            session.execute(sa.text("SET LOCAL maintenance_work_mem = '512MB'"))
            rows = session.execute(
                sa.text(
                    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:tables) AND indexname NOT IN "
                    "(SELECT conname FROM pg_constraint)"
                ),
                {"tables": list(GROWING)},
            ).all()
            for name, definition in rows:
                session.execute(sa.text(f"DROP INDEX {name}"))
                made.append(definition)
        yield session
        for definition in made:
            session.execute(sa.text(definition))
        change_log.install_triggers(connection)
        session.execute(sa.text("ANALYZE"))
        rollup.rebuild_sums(session)


def _fill(database: Database) -> None:
    _, sites, _ = sizes = [max(1, int(SHARE * size)) for size in (BULLETINS, SITES, COPIES)]
    with database.write() as session:
        city.fill(session, *sizes)
    over = (worlds.NOW - timedelta(days=380)).strftime("%Y-%m-%d %H:%M:%S.000000")
    with _in_bulk(database) as session:
        begun = session.scalar(sa.select(sa.func.max(Delivery.channel_id))) or 0
        session.execute(  # the city has those of its first channels
            sa.text(
                "INSERT INTO deliveries (public, bulletin_id, channel_id, revision, act, state, note, reason, "
                "created_at, settled_at) SELECT 'dlv_' || b.id || '_' || c.id, b.id, c.id, 1, 'publish', 'delivered', "
                "'', '', b.created_at, b.created_at FROM bulletins b, channels c WHERE c.id > :begun"
            ),
            {"begun": begun},
        )
        deliveries = session.scalar(sa.select(sa.func.max(Delivery.id))) or 1
        companies = session.scalar(sa.select(sa.func.max(Company.id))) or 1
        for insert, count in (
            ("INSERT INTO attempts (delivery_id, at, ended_at, outcome, status, error) SELECT "
             f"1 + n % {deliveries}, '{over}', '{over}', CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'delivered' END, "
             "200, ''", int(SHARE * TRIES)),
            ("INSERT INTO pages (site_id, url, canonical_url, first_seen_at, error, look, behind_sign_in, checks, "
             "failures, fence, attempt, lost) SELECT "
             f"1 + n % {sites}, 'https://khac.example/' || n, 'https://khac.example/' || n, '{over}', '', 'fetch', "
             "false, 1, 0, 1, 1, 0", int(SHARE * PLAIN_PAGES)),
            ("INSERT INTO feed_fetches (key_id, company_id, feed, at, status, items) SELECT "
             f"(SELECT min(id) FROM keys), 1 + n % {companies}, 'atom', '{over}', "
             "CASE WHEN n % 3 = 0 THEN 200 ELSE 304 END, 0",
             int(SHARE * FETCHES)),
        ):  # fmt: skip
            _many(session, insert, count)
    rebuild_index(database)
    city.analyse(database)


def _size(database: Database) -> float:
    """Bytes."""
    query = "SELECT pg_database_size(current_database())"
    if database.on_sqlite:
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with database.read() as session:
        return float(session.scalar(sa.text(query)) or 0)


def _count_logs(database: Database) -> None:
    """Count the logs as the clock does every minute: what was there a minute ago."""
    for minute in range(3):
        with database.write() as session:
            monitoring.keep_counts(session, now=worlds.NOW + minute * 2 * monitoring.UNSETTLED_FOR)


def _gone_through(database: Database) -> tuple[float, int]:
    """Seconds in which the upkeep went through every log, and how many rows it deleted."""
    began, now = time.perf_counter(), worlds.NOW + timedelta(days=30)
    for forget in (log_retention.forget_tries, log_retention.forget_fetches, log_retention.forget_plain_pages):
        again = 1
        while again:
            with database.write() as session:
                again = forget(session, now=now)
    seconds = time.perf_counter() - began
    with database.read() as session:
        deleted = session.scalar(sa.select(sa.func.sum(log_retention.RetentionProgress.deleted)))
    return seconds, int(deleted or 0)


def _measured(kind: str, folder: Path, database: Database) -> Iterator[Line]:
    began = time.perf_counter()
    _fill(database)
    name = f"{kind}, {SHARE:.0%} of a year"
    yield Line(f"{name}: filling it", time.perf_counter() - began, "s")
    yield Line(f"{name}: size of the database", _size(database) / 1e6, "MB")
    began = time.perf_counter()
    file = folder / "year.zip"
    rows = backup.backup(database, folder, file, keys=("x" * 40,)).rows
    yield Line(f"{name}: backup of {rows:,} rows", time.perf_counter() - began, "s")
    yield Line(f"{name}: the backup's file", file.stat().st_size / 1e6, "MB")
    client = pages.client_of(pages.app_on(database, folder), database)
    # Not those of one row or of a page far behind, which a part of a year may not have.
    paths = [path for path in pages.PAGES if not any(part in path for part in ("page=", "rep_", "cong-ty-"))]
    times = {path: min(pages.spent(client, path, time.perf_counter) for _ in range(ROUNDS)) for path in paths}
    slowest = max(times, key=times.__getitem__)
    yield Line(f"{name}: the slowest page, {slowest}", times[slowest], "ms", aim="<= 300 ms")
    _count_logs(database)
    asked = min(pages.spent(client, "/metrics", time.perf_counter) for _ in range(ROUNDS))
    yield Line(f"{name}: /metrics, its counts kept", asked, "ms", aim="< 1000 ms")
    seconds, deleted = _gone_through(database)
    yield Line(f"{name}: upkeep that deletes {deleted:,} rows", seconds, "s")


def run() -> Iterator[Line]:
    """By the clock on each kind of database, or on that which ``LANTOA_BENCH_DATABASE`` names."""
    chosen = worlds.chosen_databases()
    with tempfile.TemporaryDirectory() as given, ExitStack() as done:
        folder = Path(given)
        if "sqlite" in chosen:
            on_sqlite = worlds.sqlite(folder, "year.db")
            done.callback(on_sqlite.dispose)
            yield from _measured("SQLite", folder, on_sqlite)
        if "postgresql" in chosen:
            on_postgresql = done.enter_context(worlds.postgresql("_year"))
            if on_postgresql is not None:
                yield from _measured("PostgreSQL", folder, on_postgresql)
