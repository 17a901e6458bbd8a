"""Many rows of one kind in one statement."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.base import Base

_ADDED = "bulk.added"  # under which a session remembers what was added so

Values = Mapping[str, Any]  # by column

# How PostgreSQL reads a value of each kind that rows have.
_WAYS: Mapping[type[Any], Callable[[Any], str]] = {
    **dict.fromkeys((sa.String, sa.Text, sa.Integer, sa.Date, sa.Boolean), str),
    sa.JSON: lambda value: json.dumps(value, ensure_ascii=False),
    sa.Enum: lambda value: str(value.value),
}


@dataclass(frozen=True)
class Added:
    """Rows that were added. ``numbers``: of each, in their order; ``same``: what all of them say besides."""

    kind: type[Base]
    numbers: Sequence[int]
    rows: Sequence[Values]
    same: Values


def add_rows(session: Session, kind: type[Base], rows: Sequence[Values], same: Values) -> Sequence[int]:
    """Add rows and hand out the numbers they got, which rise in their order.

    ``rows`` all have the same columns; ``same`` are those that have the same value in every row. The session's objects
    do not see the rows; whatever else is to follow from them finds them by ``take_added``.
    """
    if not rows:
        return ()
    session.flush()
    connection = session.connection()
    add = _by_arrays if connection.dialect.name == "postgresql" else _by_lists
    numbers = add(connection, _table(kind), rows, same)
    session.info.setdefault(_ADDED, []).append(Added(kind, numbers, rows, same))
    return numbers


def take_added(session: Session) -> Sequence[Added]:
    """What was added since the last time this was asked."""
    added: Sequence[Added] = session.info.pop(_ADDED, ())
    return added


def among(session: Session, column: InstrumentedAttribute[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Whether a column has one of many values. PostgreSQL is given one array instead of a parameter each."""
    if session.get_bind().dialect.name == "postgresql":
        # Of the driver's own array the server knows how long it is before it plans.
        return column == sa.any_(sa.bindparam(None, list(values), type_=ARRAY(column.type)))
    return column.in_(values)


def _table(kind: type[Base]) -> sa.Table:
    table = sa.inspect(kind).local_table
    assert isinstance(table, sa.Table)  # noqa: S101  # no kind is anything else
    return table


def _by_lists(connection: sa.Connection, table: sa.Table, rows: Sequence[Values], same: Values) -> Sequence[int]:
    """On SQLite, in the driver's own form, where what all rows say is written once. Nobody else writes meanwhile: what
    has a higher number than all before is what has come."""
    dialect, number = connection.dialect, table.c.id
    last = connection.execute(sa.select(sa.func.coalesce(sa.func.max(number), 0))).scalar_one()
    names = (*rows[0], *same)
    ways = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is for name in names]
    constants = [way(value) for way, value in zip(ways[len(rows[0]) :], same.values(), strict=True)]
    given = list(zip(rows[0], ways, strict=False))
    text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  # our own names
    connection.exec_driver_sql(text, [(*[way(row[name]) for name, way in given], *constants) for row in rows])
    return connection.execute(sa.select(number).where(number > last).order_by(number)).scalars().all()


def _as_it_is(value: Any) -> Any:
    return value


def _by_arrays(connection: sa.Connection, table: sa.Table, rows: Sequence[Values], same: Values) -> Sequence[int]:
    """On PostgreSQL, one array a column. As lists of values they would be thousands of parameters, each of which this
    process has to write and the server to read: 50,000 sites took three times as long, most of it here."""
    # The checks of the rows' keys, and what triggers ask about each, are planned once: as many plans as rows took
    # longer than all the rest. Elsewhere each question has a plan of its own (``coordinator.db``).
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = auto")
    arrays = {name: _array([row[name] for row in rows], table.c[name].type) for name in rows[0]}
    made = connection.execute(_insert(table, tuple(arrays), tuple(same)), {**arrays, **same})
    return sorted(made.scalars())  # given out in the order of the rows, while RETURNING promises none


def _array(values: Iterable[Any], kind: sa.types.TypeEngine[Any]) -> str:
    """Values as PostgreSQL writes an array: the driver would look at each of them several times."""
    way = _WAYS[type(kind)]
    return "{" + ",".join(["NULL" if one is None else _quoted(way(one)) for one in values]) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=64)
def _insert(table: sa.Table, given: tuple[str, ...], same: tuple[str, ...]) -> Any:
    arrays = [sa.cast(sa.bindparam(name, type_=sa.String), ARRAY(table.c[name].type)) for name in given]
    cut = [sa.column(name, table.c[name].type) for name in given]
    each = sa.func.unnest(*arrays).table_valued(*cut, with_ordinality="place").render_derived("given")
    constants = [sa.bindparam(name, type_=table.c[name].type) for name in same]
    picked = sa.select(*[each.c[name] for name in given], *constants).order_by(each.c.place)
    return sa.insert(table).from_select([*given, *same], picked).returning(table.c.id)
