"""A year of work at the size that is kept: what the database weighs, how long a backup of it takes, the slowest page,
and how long the upkeep goes through the logs once the year is over.

``LANTOA_BENCH_YEAR=1`` measures the whole year; by default it is a fiftieth of it, of everything alike.
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
from campaigns.delivery.outbox import Delivery
from campaigns.partners.directory import Company
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


def _fill(database: Database) -> None:
    _, sites, _ = sizes = [max(1, int(SHARE * size)) for size in (BULLETINS, SITES, COPIES)]
    with database.write() as session:
        city.fill(session, *sizes)
    over = (worlds.NOW - timedelta(days=380)).strftime("%Y-%m-%d %H:%M:%S.000000")
    with in_bulk(database, GROWING) as session:
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
            insert_many(session, insert, count)
    rebuild_index(database)
    city.analyse(database)


def _size(database: Database) -> float:
    """Bytes."""
    query = "SELECT pg_database_size(current_database())"
    if database.on_sqlite:
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with database.read() as session:
        return float(session.scalar(sa.text(query)) or 0)


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
    seconds, deleted = _gone_through(database)
    yield Line(f"{name}: upkeep that deletes {deleted:,} rows", seconds, "s")


def run() -> Iterator[Line]:
    """By the clock on each kind of database, or on that which ``LANTOA_BENCH_DATABASE`` names."""
    for kind, folder, database in worlds.databases("year"):
        yield from _measured(kind, folder, database)
