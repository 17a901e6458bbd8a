"""Millions of rows for a measurement, inserted by the database itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.reporting.rollups import change_log, rollup
from coordinator.db import Database


def insert_many(session: Session, insert: str, count: int) -> None:
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
def in_bulk(database: Database, tables: Sequence[str]) -> Iterator[Session]:
    """A transaction without triggers and, on PostgreSQL, without indexes and foreign keys of these tables while it
    runs: hundreds of times as many rows come in it as in any of real use."""
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
                {"tables": list(tables)},
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
