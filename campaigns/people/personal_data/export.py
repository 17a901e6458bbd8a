"""Everything that is held under one address: accounts, rows of the person, acts, and entries of the journal."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.base import Base
from campaigns.core.contents import from_attributes
from campaigns.core.journal import JournalEntry
from campaigns.people.personal_data.columns import ACTOR_COLUMNS, OWN_ROWS, OwnRows

_REFERENCES = ("public", "code", "ident")  # columns that name a row outside the process, the first that exists
_ACCOUNT = ("email", "name", "role", "active", "created_at", "locale", "theme")
_EDITOR = ("email", "name", "active", "created_at")


@dataclass(frozen=True)
class HeldRow:
    """One row of the person alone: its table and its fields."""

    table: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class HeldAct:
    """One act: the table and column that name the person, the row's public id or code ('' where it has none), the time
    (None where it is not kept) and the person's words."""

    table: str
    column: str
    subject: str
    at: dt.datetime | None
    words: str


@dataclass(frozen=True)
class HeldEntry:
    """One entry of the journal by the person or about them."""

    seq: int
    at: dt.datetime
    actor: str
    act: str
    subject_kind: str
    subject: str


@dataclass(frozen=True)
class HeldData:
    """Everything held under ``address``."""

    address: str
    rows: tuple[HeldRow, ...] = ()
    acts: tuple[HeldAct, ...] = ()
    entries: tuple[HeldEntry, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held."""
        return not (self.rows or self.acts or self.entries)


def actor_ids(address: str) -> tuple[str, str]:
    """The ids under which a person with this address acts: as a member of staff, and as a partner's editor."""
    return address, f"editor:{address}"


def collect_data(session: Session, address: str) -> HeldData:
    """Return everything that is held under an address, as it is stored; empty for one that nobody has."""
    address = address.strip().lower()
    rows = [
        *_rows(session, OwnRows("people", "email", _ACCOUNT), address),
        *_rows(session, OwnRows("editors", "email", _EDITOR), address),
    ]
    for own in OWN_ROWS:
        rows += _rows(session, own, address)
    entries = sa.select(JournalEntry).where(
        sa.or_(JournalEntry.actor.in_(actor_ids(address)), JournalEntry.subject == address)
    )
    return HeldData(
        address,
        tuple(rows),
        tuple(act for column in ACTOR_COLUMNS for act in _acts(session, column, address)),
        tuple(from_attributes(HeldEntry, row) for row in session.execute(entries.order_by(JournalEntry.seq)).scalars()),
    )


def count_data(session: Session, address: str) -> dict[str, int]:
    """Return the number of rows that ``collect_data`` would find, by table, in one statement."""
    address = address.strip().lower()
    entries = sa.or_(JournalEntry.actor.in_(actor_ids(address)), JournalEntry.subject == address)
    own_rows = (OwnRows("people", "email", ()), OwnRows("editors", "email", ()), *OWN_ROWS)
    parts = [("journal", entries)]
    parts += [(own.table, rows_of(own, address)) for own in own_rows]
    for column in ACTOR_COLUMNS:
        parts.append((column.table, Base.metadata.tables[column.table].c[column.actor].in_(actor_ids(address))))
    queries = [
        sa.select(sa.literal(name).label("name"), sa.func.count().label("rows"))
        .select_from(Base.metadata.tables[name])
        .where(condition)
        for name, condition in parts
    ]
    found: dict[str, int] = {}
    for name, rows in session.execute(sa.union_all(*queries)):
        if rows:
            found[name] = found.get(name, 0) + rows
    return found


def rows_of(own: OwnRows, address: str) -> sa.ColumnElement[bool]:
    """The condition that picks a person's rows of a table."""
    table = Base.metadata.tables[own.table]
    owner = {"person_id": "people", "editor_id": "editors"}.get(own.by)
    if owner is None:
        return sa.func.lower(table.c[own.by]) == address
    holders = Base.metadata.tables[owner]
    return table.c[own.by].in_(sa.select(holders.c.id).where(holders.c.email == address))


def _rows(session: Session, own: OwnRows, address: str) -> list[HeldRow]:
    table = Base.metadata.tables[own.table]
    query = sa.select(*(table.c[name] for name in own.shown)).where(rows_of(own, address))
    return [HeldRow(own.table, dict(row)) for row in session.execute(query.order_by(table.c.id)).mappings()]


def _acts(session: Session, column: Any, address: str) -> list[HeldAct]:
    table = Base.metadata.tables[column.table]
    reference = next((name for name in _REFERENCES if name in table.c), None)
    query = sa.select(
        table.c[reference] if reference else sa.literal(""),
        table.c[column.at] if column.at else sa.null(),
        table.c[column.words] if column.words else sa.literal(""),
    ).where(table.c[column.actor].in_(actor_ids(address)))
    return [
        HeldAct(column.table, column.actor, str(subject or ""), at, words or "")
        for subject, at, words in session.execute(query.order_by(*table.primary_key.columns))
    ]
