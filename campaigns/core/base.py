"""The declarative base: naming convention, enums by value, columns of moments, opaque public ids, inserts for both
databases, deletes, and batches of rows."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

# A later migration can only drop constraints that have names, on SQLite in batch mode too.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


ROWS_AT_ONCE: Final = 500  # rows, or keys, of one statement: each takes memory of its own until it has ended

Item = TypeVar("Item")


class Base(DeclarativeBase):
    """Root of every mapped class; ``Base.metadata`` is what the migrations are compared with."""

    metadata = sa.MetaData(naming_convention=NAMING_CONVENTION)


# The type of keys of tables to which every event adds a row: 1,000 readers of a feed fill 32 bits in four years. SQLite
# generates keys only for a column of the type INTEGER, which has 64 bits there.
BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def by_value(kind: type[Enum], name: str) -> sa.Enum:
    """A column type that stores an enum's value (not its Python name) and checks it; ``name`` names the check."""
    longest = max(len(str(member.value)) for member in kind)
    return sa.Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        name=name,
        length=max(longest, 16),
    )


class UTCDateTime(TypeDecorator[datetime]):
    """A column of aware moments. Refuses naive values; returns UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        # SQLite stores no zone; the value was bound as UTC.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def public_id(prefix: str) -> str:
    """A new opaque id such as ``dlv_k3v9…`` (80 random bits, no dot): primary keys never leave the process."""
    return f"{prefix}_{secrets.token_hex(10)}"


def insert_into(session: Session, kind: type[Base]) -> Any:
    """An INSERT with ``on_conflict_do_…`` for the session's database."""
    return (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(kind)


def rows_changed(result: sa.Result[Any]) -> int:
    """The number of rows an UPDATE or DELETE changed; these statements always return a ``CursorResult``."""
    return cast("sa.CursorResult[Any]", result).rowcount


def delete_rows(session: Session, table: type[Base], *which: sa.ColumnElement[bool]) -> int:
    """Delete rows in one statement and return how many; objects of them that are loaded stay as they are."""
    return rows_changed(session.execute(sa.delete(table).where(*which).execution_options(synchronize_session=False)))


def in_batches(rows: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Rows or keys in batches of ``ROWS_AT_ONCE``, in their order."""
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))
