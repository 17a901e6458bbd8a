"""The database: one engine, writers that begin immediately, readers that cannot write."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from campaigns.searching.keeping import keep_in_step
from coordinator.config import Settings


class Commits:
    """How often this process has written. Whoever reads the number, then the database, and finds the same number later,
    knows that nothing of what was read has been changed by this process since."""

    def __init__(self) -> None:
        self.number = 0

    def count(self, _session: Session) -> None:
        """A writer has committed. Two at once may count as one: the number has changed after both all the same."""
        self.number += 1


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
        self.commits = Commits()
        event.listen(self.writers, "after_commit", self.commits.count)
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

    def learn(self) -> Sequence[str]:
        """On SQLite: count anew the tables that are a fifth larger or smaller than when they were counted last, so that
        each question is answered from the index that suits it. Returns their names.

        PostgreSQL does so by itself; SQLite never does, and without it takes any index for as good as another.
        """
        if not self.on_sqlite:
            return ()
        with self.read() as session:
            tables = [name for name in sa.inspect(session.connection()).get_table_names() if _counts(name)]
            counted = _counted(session) if sa.inspect(session.connection()).has_table(_STATISTICS) else {}
            sizes = {name: session.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in tables}  # noqa: S608  # names of tables
        grown = [name for name, size in sizes.items() if abs(size - counted.get(name, 0)) * 5 > counted.get(name, 0)]
        for name in grown:
            # One at a time: a writer waits for the largest at most.
            with self.write() as session:
                session.execute(sa.text(f'ANALYZE "{name}"'))
        if grown:
            self.engine.dispose()  # a connection goes by what it found when it was opened
        return grown

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


_STATISTICS = "sqlite_stat1"


def _counts(name: str) -> bool:
    """Whether a table's size says anything to SQLite: not those that its index of words is made of."""
    return not name.startswith("search_index")


def _counted(session: Session) -> dict[str, int]:
    """How many rows each table had when it was counted last."""
    query = sa.text("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
    return {row[0]: row[1] for row in session.execute(query)}


def _sqlite(url: str, pool_size: int) -> Engine:
    # Opened anew each hour: another process may have counted the tables since.
    engine = sa.create_engine(
        url, pool_size=pool_size, max_overflow=0, connect_args={"timeout": 30}, pool_recycle=3600, hide_parameters=True
    )

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
    # An error that quotes its values would bring people's addresses and sealed secrets into the log.
    engine = sa.create_engine(
        url, pool_size=min(pool_size, 20), max_overflow=10, pool_pre_ping=True, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _(dbapi: Any, _record: Any) -> None:
        # A statement that comes often would get one plan for whatever it asks, made without knowing it: a search for a
        # number that stands in three texts then reads all of them, 280 ms in place of 10 among 200,000.
        with dbapi.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_custom_plan")
        dbapi.commit()

    return engine
