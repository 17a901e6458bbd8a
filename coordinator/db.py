"""The database: one engine, write sessions that lock at their beginning, and read-only sessions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from campaigns.core.journal import SEALS, JournalSeals
from campaigns.search.documents import keep_documents
from coordinator.config import Settings, SettingsError, make_secret_key, makes_secret_key
from coordinator.encryption import JournalKeys, KeyRing


class MissingDriver(SettingsError):
    """The settings name a PostgreSQL database, and its driver is not installed; the message says how to."""


class Database:
    """An engine and its two kinds of sessions. Built lazily by a composition root; never shared over a fork. As a
    context manager it is disposed of at the end of the block.

    Journal entries are sealed with ``seals``; a tool that has none leaves them unsealed, and ``lantoa journal verify``
    names them.

    On SQLite a writer begins with ``BEGIN IMMEDIATE``: a deferred transaction that reads first would fail at once when
    another commits, whatever the busy timeout. Readers are plain and are refused a write on both databases.
    """

    def __init__(self, url: str, *, pool_size: int = 40, seals: JournalSeals | None = None) -> None:
        self.url = url
        self.engine = _sqlite(url, pool_size) if url.startswith("sqlite") else _postgresql(url, pool_size)
        reading: dict[str, Any] = {"reading": True}
        if self.engine.dialect.name == "postgresql":
            # One snapshot for the whole session, as on SQLite; by default each statement has its own snapshot.
            reading |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        info = {SEALS: seals}
        self.writers = sessionmaker(self.engine, expire_on_commit=False, info=info)
        keep_documents(self.writers)
        self.readers = sessionmaker(self.engine.execution_options(**reading), expire_on_commit=False, info=info)

    @classmethod
    def from_settings(cls, settings: Settings) -> "Database":
        """Return the database that the settings name. With a new one the secret key is made, where it is to be in the
        data folder.

        Raises ``SettingsError`` when the secret key is missing and the database holds what was sealed with it.
        """
        if settings.on_sqlite:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        if makes_secret_key(settings) and not _holds_sealed_rows(settings):
            make_secret_key(settings)
        # Every web and worker thread may hold one connection, and the clock one more.
        seals = JournalKeys(KeyRing.of_settings(settings))
        return cls(settings.url, pool_size=settings.web_threads + settings.workers + 8, seals=seals)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

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

    def truncate_log(self) -> None:
        """On SQLite: write the write-ahead log into the database file and truncate it, so that deleted rows remain in
        neither.

        Waits at most two seconds for readers that still need the log; then the next call does it.
        """
        if not self.on_sqlite:
            return
        with self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA busy_timeout=2000")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            raw.execute("PRAGMA busy_timeout=30000")

    def update_statistics(self) -> Sequence[str]:
        """On SQLite: analyse the tables that are a fifth larger or smaller than at their last analysis, so that the
        planner chooses the right index for a query. Returns their names.

        PostgreSQL does this by itself. SQLite never does, and without statistics considers all indexes equal.
        """
        if not self.on_sqlite:
            return ()
        with self.read() as session:
            tables = [
                name for name in sa.inspect(session.connection()).get_table_names() if _has_planner_statistics(name)
            ]
            counted = _counted_rows(session) if sa.inspect(session.connection()).has_table(_STATISTICS) else {}
            sizes = {name: session.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in tables}  # noqa: S608  # names of tables
        grown = [name for name, size in sizes.items() if abs(size - counted.get(name, 0)) * 5 > counted.get(name, 0)]
        for name in grown:
            # One transaction for each table: a writer waits at most for the largest table.
            with self.write() as session:
                session.execute(sa.text(f'ANALYZE "{name}"'))
        if grown:
            self.engine.dispose()  # a connection uses the statistics that were there when it was opened
        return grown

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _holds_sealed_rows(settings: Settings) -> bool:
    """Whether the database has a journal: its entries are sealed from the first on."""
    if not settings.is_set_up:
        return False
    with Database(settings.url, pool_size=1) as database, database.read() as session:
        has_journal = sa.inspect(session.connection()).has_table("journal_head")
        return has_journal and bool(session.execute(sa.text("SELECT count(*) FROM journal_head")).scalar_one())


_STATISTICS = "sqlite_stat1"


def _has_planner_statistics(name: str) -> bool:
    """Whether SQLite's planner uses a table's size; it does not for the tables inside an FTS5 virtual table."""
    return not name.startswith("search_index")


def _counted_rows(session: Session) -> dict[str, int]:
    """Return the number of rows of each table at its last analysis."""
    query = sa.text("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
    return {row[0]: row[1] for row in session.execute(query)}


def _sqlite(url: str, pool_size: int) -> Engine:
    # Connections are reopened each hour, since another process may have analysed the tables.
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
        # query_only makes a write in a read session an error, as a read-only transaction does on PostgreSQL. A pooled
        # connection remembers how it was last used, so that the pragma is only sent when that changes.
        if connection.info.get("reads") is not reads:
            connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
            connection.info["reads"] = reads
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str, pool_size: int) -> Engine:
    if find_spec("psycopg") is None:
        raise MissingDriver("database_url: PostgreSQL needs the extra scale; run: pip install 'lantoa[scale]'")
    # An error that quotes its values would write people's addresses and encrypted secrets into the log.
    engine = sa.create_engine(
        url, pool_size=min(pool_size, 20), max_overflow=10, pool_pre_ping=True, hide_parameters=True,
        connect_args={"client_encoding": "utf8"},
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _(dbapi: Any, _record: Any) -> None:
        encoding = dbapi.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            dbapi.close()
            raise SettingsError(
                f"database_url: the database is in {encoding}; make one with ENCODING 'UTF8' TEMPLATE template0"
            )
        # By default PostgreSQL replaces the plan of a frequent prepared statement by a generic one that does not know
        # the values. A search for a number that stands in three texts then reads every text: 280 ms instead of 10 among
        # 200,000 texts. Searched words differ widely in frequency, so the setting stays.
        with dbapi.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_custom_plan")
            # With a million copies the planner thinks the counts in the menu worth compiling first. That takes 150 ms
            # on every page, and the counts themselves 10 ms.
            cursor.execute("SET jit = off")
        dbapi.commit()

    return engine
