"""The database: one engine, writers that begin immediately, readers that cannot write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from campaigns.searching.keeping import keep_in_step
from coordinator.config import Settings


class Database:
    """An engine and its two kinds of sessions. Built lazily by a composition root; never shared over a fork.

    On SQLite a writer begins with ``BEGIN IMMEDIATE``: a deferred transaction that reads first would fail at once when
    another commits, whatever the busy timeout. Readers are plain and are refused a write on both databases.
    """

    def __init__(self, url: str, *, pool_size: int = 40) -> None:
        self.url = url
        self.engine = _sqlite(url, pool_size) if url.startswith("sqlite") else _postgresql(url, pool_size)
        reading: dict[str, Any] = {"reading": True}
        if self.engine.dialect.name == "postgresql":
            # One view for the whole session, as SQLite's readers have it; by default each statement would see more.
            reading |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        self.writers = sessionmaker(self.engine, expire_on_commit=False)
        keep_in_step(self.writers)
        self.readers = sessionmaker(self.engine.execution_options(**reading), expire_on_commit=False)

    @classmethod
    def of(cls, settings: Settings) -> "Database":
        """The database that the settings name."""
        if settings.on_sqlite:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        # Every web and worker thread may hold a connection at once, and the clock one more.
        return cls(settings.url, pool_size=settings.web_threads + settings.workers + 8)

    @property
    def on_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A writing session; commits at the end, rolls back on an error."""
        with self.writers() as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A reading session with one consistent view."""
        with self.readers() as session:
            yield session

    def forget_log(self) -> None:
        """On SQLite: write the log into the database file and empty it, so that what was deleted is in neither.

        Waits two seconds at most for readers that still need the log; then it is left to the next time.
        """
        if not self.on_sqlite:
            return
        with self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA busy_timeout=2000")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            raw.execute("PRAGMA busy_timeout=30000")

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _sqlite(url: str, pool_size: int) -> Engine:
    engine = sa.create_engine(url, pool_size=pool_size, max_overflow=0, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver would otherwise begin transactions by itself, too late
        cursor = dbapi.cursor()
        for pragma in (
            "journal_mode=WAL",
            "busy_timeout=30000",
            "foreign_keys=ON",
            "synchronous=FULL",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        reads = bool(connection.get_execution_options().get("reading", False))
        # query_only makes a reader's slip an error here too, as a read-only transaction does on PostgreSQL. A pooled
        # connection remembers how it was last used, so that the pragma is only sent when that changes.
        if connection.info.get("reads") is not reads:
            connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
            connection.info["reads"] = reads
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str, pool_size: int) -> Engine:
    return sa.create_engine(url, pool_size=min(pool_size, 20), max_overflow=10, pool_pre_ping=True)
