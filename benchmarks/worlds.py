"""Databases to measure on: SQLite in a folder, PostgreSQL where there is one, with as many bulletins as wanted."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.corpus.bulletins import make
from campaigns.bulletins.bulletins import Bulletin, BulletinState, Filing, Revision, new_counter_token, text_hash
from campaigns.core.clock import city_day
from campaigns.core.vietnamese import fold
from campaigns.planning.campaigns import find_topic
from coordinator import schema
from coordinator.db import Database
from coordinator.encryption import JournalKeys, KeyRing

POSTGRESQL = os.environ.get("LANTOA_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
_STEP = 5_000  # rows an insert

KEY = "a key of benchmarks, long enough to be one"
SEALS = JournalKeys(KeyRing(lambda: (KEY,)))


def chosen_databases() -> list[str]:
    """The kinds of databases to measure on: both, or that which ``LANTOA_BENCH_DATABASE`` names."""
    return os.environ.get("LANTOA_BENCH_DATABASE", "sqlite postgresql").split()


def sqlite(folder: Path, name: str = "bench.db") -> Database:
    """A fresh, upgraded SQLite database."""
    path = folder / name
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    database = Database(f"sqlite:///{path}", seals=SEALS)
    schema.upgrade(database)
    return database


@contextmanager
def postgresql(name: str = "") -> Iterator[Database | None]:
    """A fresh, upgraded PostgreSQL database, dropped afterwards; None where there is no server."""
    server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"lantoa_bench_{os.getpid()}{name}"
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except sa.exc.OperationalError:
        yield None
        return
    database = Database(sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False), seals=SEALS)
    try:
        schema.upgrade(database)
        yield database
    finally:
        database.dispose()
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def databases(name: str) -> Iterator[tuple[str, Path, Database]]:
    """Each chosen kind of database that there is, one after the other: its name, a folder of its own, a fresh one."""
    chosen = chosen_databases()
    if "sqlite" in chosen:
        with tempfile.TemporaryDirectory() as folder:
            database = sqlite(Path(folder), f"{name}.db")
            yield "SQLite", Path(folder), database
            database.dispose()
    if "postgresql" in chosen:
        with tempfile.TemporaryDirectory() as folder, postgresql(f"_{name}") as found:
            if found is not None:
                yield "PostgreSQL", Path(folder), found


def fill(session: Session, first: int, count: int, length: int = 400, apart: timedelta = timedelta(minutes=1)) -> None:
    """Add ``count`` released bulletins, so far ``apart``, the newest that long before ``NOW``."""
    topic = find_topic(session, "dich-benh")
    assert topic is not None
    end = first + count
    for start in range(first, end, _STEP):
        rows, revisions = [], []
        for number in range(start, min(start + _STEP, end)):
            at = NOW - apart * (end - number)
            code = f"BT-{city_day(at)}-{number:06d}"
            text = make(f"world{number}", length)
            rows.append(
                {
                    "id": number, "code": code, "state": BulletinState.PUBLISHED, "topic_id": topic.id,
                    "writer": "bench", "writer_name": "bench", "counter_token": new_counter_token(),
                    "search": fold(f"{code} {text.title} {text.lead}"),
                    "latest": 1, "approved": 1, "released": 1, "created_at": at, "edited_at": at, "release_at": at,
                    "released_on": city_day(at), "changed_at": at, "recall_reason": "", "return_note": "",
                }
            )  # fmt: skip
            html = "".join(f"<p>{line}</p>" for line in text.lines)
            revisions.append(
                {
                    "bulletin_id": number, "number": 1, "title": text.title, "lead": text.lead, "body_html": html,
                    "body_text": text.text, "topic_code": topic.code,
                    "hash": text_hash(text.title, text.lead, html, filing=Filing(topic.code)),
                    "lost_pictures": [], "author": "bench", "author_name": "bench", "note": "", "created_at": at,
                    "released_at": at,
                }
            )  # fmt: skip
        session.execute(sa.insert(Bulletin), rows)
        session.execute(sa.insert(Revision), revisions)
