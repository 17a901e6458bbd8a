"""Open data as CSV, streamed, so that memory does not grow with a table."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

from campaigns.core.errors import NotFound
from campaigns.people.keys import find_key
from campaigns.people.staff import Permission
from campaigns.reporting import open_data
from campaigns.reporting.open_data import TABLES
from coordinator.exports.csv import csv_pieces
from coordinator.jobs.context import JobContext


def may_read(context: JobContext, key: str | None) -> bool:
    """Whether a request with this key, or without one, may read the tables: with a valid key of a role that reads, or
    while the office has opened the tables to everybody."""
    with context.database.read() as session:
        if key is None:
            return open_data.is_open(session)
        found = find_key(session, key, now=context.now())
        return found is not None and found.actor.may(Permission.READ)


def stream(context: JobContext, name: str) -> Iterator[bytes]:
    """Yield a table as CSV in pieces. Raises ``NotFound`` for an unknown name, before the first piece."""
    if name not in TABLES:
        raise NotFound(f"there is no open table {name}", table=name)
    return _pieces(context, name)


def _pieces(context: JobContext, name: str) -> Iterator[bytes]:
    heads = [column.name for column in TABLES[name].columns]
    with context.database.read() as session:
        yield from csv_pieces(heads, (_plain(row) for row in open_data.open_rows(session, name, now=context.now())))


def _plain(row: Sequence[Any]) -> list[Any]:
    """Return states by their values, and booleans as ``true`` and ``false``."""
    return [
        value.value if isinstance(value, Enum) else str(value).lower() if isinstance(value, bool) else value
        for value in row
    ]
