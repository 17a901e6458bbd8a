"""What rests on the rows of an import: rows of other tables that refer to them, and acts on them since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.base import Base
from campaigns.core.import_runs import ImportRun
from campaigns.core.journal import JournalEntry

MOST_USES: Final = 6  # named of an import


@dataclass(frozen=True, slots=True)
class RowUse:
    """What rests on one row of an import. ``kind``: of the row, as in the journal; ``name``: what people know it by;
    ``by``: the table whose ``count`` rows refer to it, or the journal's, for acts since the import."""

    kind: str
    name: str
    by: str
    count: int

    def __str__(self) -> str:
        by = {"journal": "acts since it was imported", "briefing_versions": "frozen versions"}.get(self.by, self.by)
        return f"{self.kind} {self.name} has {self.count} {by.replace('_', ' ')}"


@dataclass(frozen=True)
class ImportedRows:
    """The rows of one table that an import added or changed.

    ``kind``, ``subject``: how the journal names them, None where other rows have every act on them; ``name``: the
    column that people know them by. ``rests``: by table that refers to them, the condition on those of its rows that
    rest on them, where others do not: those of the import itself, and those that the program makes with every row.
    """

    table: type[Any]
    rows: sa.ColumnElement[bool]
    kind: str
    name: InstrumentedAttribute[str]
    subject: InstrumentedAttribute[str] | None
    rests: Mapping[str, sa.ColumnElement[bool]]


def uses_of(session: Session, run: ImportRun, written: Sequence[ImportedRows]) -> list[RowUse]:
    """The first ``MOST_USES`` of what rests on the rows of an import."""
    uses: list[RowUse] = []
    for rows in written:
        if rows.subject is not None:
            uses += _acts_since(session, run, rows, rows.subject)
        for column in referring_columns(rows.table):
            uses += _referring_rows(session, rows, column)
    return uses[:MOST_USES]


def lock_rows(session: Session, written: Sequence[ImportedRows]) -> None:
    """Lock the rows of an import until the caller commits, so that nothing new can refer to them."""
    for rows in written:
        key = rows.table.id
        session.execute(sa.select(key).where(rows.rows).order_by(key).with_for_update())


def referring_columns(table: type[Base]) -> Iterator[sa.Column[Any]]:
    """The columns of all tables that refer to rows of this one."""
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            if any(key.column.table is table.__table__ for key in column.foreign_keys):
                yield column


def _acts_since(
    session: Session, run: ImportRun, rows: ImportedRows, subject: InstrumentedAttribute[str]
) -> Iterator[RowUse]:
    """The entries about these rows after that of the finished import: what it had journalled itself is before it."""
    kind = run.kind.value
    ended = (
        sa.select(sa.func.coalesce(sa.func.max(JournalEntry.seq), 0))
        .where(JournalEntry.subject_kind == kind, JournalEntry.subject == run.public)
        .where(JournalEntry.act == f"{kind}.imported")
        .scalar_subquery()
    )
    about = sa.and_(JournalEntry.subject_kind == rows.kind, JournalEntry.subject == subject)
    query = sa.select(rows.name, sa.func.count()).select_from(rows.table).join(JournalEntry, about)
    return _grouped(session, rows, query.where(JournalEntry.seq > ended), JournalEntry.__tablename__)


def _referring_rows(session: Session, rows: ImportedRows, column: sa.Column[Any]) -> Iterator[RowUse]:
    own = column.table is rows.table.__table__
    other = column.table.alias() if own else column.table
    query = sa.select(rows.name, sa.func.count()).select_from(rows.table)
    query = query.join(other, other.c[column.name] == rows.table.id)
    return _grouped(session, rows, query.where(rows.rests.get(column.table.name, sa.true())), column.table.name)


def _grouped(session: Session, rows: ImportedRows, query: sa.Select[str, int], by: str) -> Iterator[RowUse]:
    key = rows.table.id
    first = query.where(rows.rows).group_by(key, rows.name).order_by(key).limit(MOST_USES)
    return (RowUse(rows.kind, name, by, count) for name, count in session.execute(first))
