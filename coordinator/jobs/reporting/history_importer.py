"""History as an imported file: bulletins, copies and totals in one workbook, one JSON object, or a CSV file of one of
them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from campaigns.partners.register.columns import SheetRow
from campaigns.reporting.history.columns import (
    TABLES,
    HistoryTable,
    is_spread,
    knows_heading,
    table_of_headings,
)
from campaigns.reporting.history.history_reader import HistoryReading, read_history_table
from campaigns.reporting.history.history_writer import HistoryResult, import_history, preview_history
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.tables.table_reader import ImportedTable, json_tables, read_tables
from coordinator.imports.tables.workbooks import GUIDE_SHEET, write_template
from coordinator.jobs.core.imported_file import (
    ImportedFile,
    ImportOutcome,
    NoProgress,
    ReadingProgress,
    sampled_headings,
    table_notes,
)

LISTS = tuple(table.value for table in HistoryTable)


@dataclass(frozen=True)
class HistoryFile(ImportedFile):
    """A file of history."""

    reading: HistoryReading

    @property
    def entries(self) -> int:
        """The number of entries that could be read."""
        return self.reading.entries

    def preview(self, session: Session, *, now: datetime) -> ImportOutcome:
        """What writing would do now."""
        return self._outcome(preview_history(session, self.reading, now=now))

    def write(self, session: Session, actor: str, run: str, *, now: datetime) -> ImportOutcome:
        """Write the entries that are not there yet."""
        return self._outcome(import_history(session, actor, run, self.reading, now=now))

    def _outcome(self, done: HistoryResult) -> ImportOutcome:
        counts = {
            "bulletins": done.bulletins, "copies": done.copies, "on_sites": done.on_sites, "totals": done.totals,
            "unchanged": done.unchanged,
        }  # fmt: skip
        return ImportOutcome(counts, done.good, done.rejected)


def read_history_file(name: str, body: bytes, _chosen: Mapping[str, str], progress: ReadingProgress) -> HistoryFile:
    """Read a file of history. Raises ``UnreadableDocument``, also when no column of it is known."""
    return _read(
        read_tables(name, body, LISTS, knows=knows_heading, spreads=is_spread, left_out=(GUIDE_SHEET,)), progress
    )


def read_history_json(value: Any) -> HistoryFile:
    """Read history from the JSON value of a request's body, as a file of it is read."""
    return _read(json_tables(value, LISTS), NoProgress(), in_body=True)


def write_history_template() -> bytes:
    """An .xlsx to fill in, with a sheet for each table."""
    metrics = ["Bản tin", "Lượt lan tỏa", "Đối tác", "Lượt xem"]
    return write_template({table.title: table.columns for table in TABLES}, {"metric": metrics})


def _read(tables: Sequence[ImportedTable], progress: ReadingProgress, *, in_body: bool = False) -> HistoryFile:
    progress.opened(sum(len(table.rows) for table in tables))
    reading = HistoryReading(in_body=in_body)
    notes: dict[str, Any] = {}
    headings: list[list[str]] = []
    places: dict[tuple[str, int], SheetRow] = {}
    before = 0
    for table in tables:
        columns = table_of_headings(table.headings)
        if not table.rows and (len(tables) > 1 or not table.headings):
            continue  # a sheet of the template, or a list, that was left empty
        if columns is None:
            named = ", ".join(table.headings[:20])
            where = f"of {table.sheet!r} " if table.sheet else ""
            raise UnreadableDocument(f"none of the columns {where}is known: {named}", code="no_columns")
        sheet = table.sheet
        read_history_table(reading, columns, sheet, table.headings, table.rows, partial(_reached, progress, before))
        before += len(table.rows)
        places |= {(sheet, row.number): row for row in table.rows}
        headings += sampled_headings(table, columns.field_of)
        found = table_notes(table, columns.field_of)
        letters = {f"{sheet}.{field}" if sheet else field: letter for field, letter in found.pop("letters").items()}
        notes = _joined(notes, found)
        notes.setdefault("letters", {}).update(letters)
        notes.setdefault("sheets", {})[sheet] = columns.title
        notes.setdefault("sheet_headings", {})[sheet] = list(table.headings)
    progress.read()
    return HistoryFile(
        rows=before, headings=headings, notes=notes, rejected=tuple(reading.rejected), places=places, reading=reading
    )


def _reached(progress: ReadingProgress, before: int, checked: int) -> None:
    progress.reached(before + checked)


def _joined(notes: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The notes of two tables: numbers are added and lists joined; the sheet is that of the first."""
    joined = dict(notes)
    for name, value in more.items():
        if name not in joined:
            joined[name] = value
        elif isinstance(value, int):
            joined[name] += value
        elif isinstance(value, list):
            joined[name] = [*joined[name], *value]
    return joined
