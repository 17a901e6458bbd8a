"""Rows put into any table past the program, for tests that look for what happens to them."""

import itertools
from collections.abc import Sequence
from datetime import date, time
from typing import Any

import sqlalchemy as sa

from campaigns.core.base import UTCDateTime
from campaigns.rows import METADATA
from coordinator.db import Database
from tests.factories import NOW

_numbers = itertools.count(7_000_000)


def _value(column: sa.Column[Any], number: int) -> Any:
    kind: Any = column.type
    if isinstance(kind, UTCDateTime):
        return NOW
    if isinstance(kind, sa.Enum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if isinstance(kind, sa.JSON):
        return {}
    try:
        wanted = kind.python_type
    except NotImplementedError:
        wanted = str
    plain: dict[type, Any] = {
        int: number,
        bool: False,
        float: 0.0,
        date: NOW.date(),
        bytes: str(number).encode(),
        time: NOW.time(),
    }
    return plain[wanted] if wanted in plain else f"x{number}"[: getattr(kind, "length", None) or 9]


def plant_rows(database: Database, rows: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Insert rows by table and some of their values into an SQLite database; every other column gets a value of its
    kind. Rows may point to nothing and break the rules of their table."""
    # Foreign keys are off in a connection that does not ask for them.
    with database.read() as session:
        file = session.execute(sa.text("PRAGMA database_list")).one().file
    plain = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    with plain.connect() as raw:
        raw.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for name, given in rows:
            table, number = METADATA.tables[name], next(_numbers)
            values = {column.name: _value(column, number) for column in table.columns}
            raw.execute(sa.insert(table).values(values | given))
        raw.commit()
    plain.dispose()
