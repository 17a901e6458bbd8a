"""Open data as CSV, written while it is read: memory does not grow with a table."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

from campaigns.core.errors import NotFound
from campaigns.people.keys import find_key
from campaigns.people.staff import May
from campaigns.reporting import open_tables
from campaigns.reporting.open_tables import TABLES
from coordinator.exports.csv import csv_pieces
from coordinator.jobs.workplace import Workplace


def may_read(place: Workplace, key: str | None) -> bool:
    """Whether somebody with this key, or with none, may read the tables: a live key of a role that reads; without one
    only while the office has opened them."""
    with place.database.read() as session:
        if key is None:
            return open_tables.is_open(session)
        found = find_key(session, key, now=place.now())
        return found is not None and found.actor.may(May.READ)


def stream(place: Workplace, name: str) -> Iterator[bytes]:
    """A table as CSV in pieces. Raises ``NotFound`` for a name that is none, before the first piece."""
    if name not in TABLES:
        raise NotFound(f"there is no open table {name}", table=name)
    return _pieces(place, name)


def _pieces(place: Workplace, name: str) -> Iterator[bytes]:
    heads = [column.name for column in TABLES[name].columns]
    with place.database.read() as session:
        yield from csv_pieces(heads, (_plain(row) for row in open_tables.rows(session, name, now=place.now())))


def _plain(row: Sequence[Any]) -> list[Any]:
    """States by their words, yes and no as programs write them."""
    return [
        value.value if isinstance(value, Enum) else str(value).lower() if isinstance(value, bool) else value
        for value in row
    ]
