"""The kinds of imported files: their tables, what reads their rows, and what compares, writes and takes
back their entries."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final, Protocol

from sqlalchemy.orm import Session

from campaigns.compliance.cases.columns import CASES
from campaigns.compliance.cases.spreadsheet import enter_cases, preview_cases, read_cases
from campaigns.compliance.cases.undo import case_rows, undo_cases
from campaigns.core.import_runs import ImportKind, ImportOutcome, ImportRun, RejectedRow, RowNote
from campaigns.core.imports.columns import Headings, SheetRow, TableColumns, joined_headings, own_headings, table_with
from campaigns.core.imports.row_reader import HEADINGS_NAMED, Reading, ReadRow, read_rows
from campaigns.core.imports.row_uses import ImportedRows
from campaigns.partners.register.columns import REGISTER
from campaigns.partners.register.register_reader import read_register
from campaigns.partners.register.register_writer import import_entries, preview_import
from campaigns.partners.register.undo import register_rows, undo_register
from campaigns.people.staff import Permission
from campaigns.reporting.briefings.briefing_text import Briefing
from campaigns.reporting.briefings.versions import briefings_frozen_since
from campaigns.reporting.history import columns as history_columns
from campaigns.reporting.history.history_reader import read_history
from campaigns.reporting.history.history_writer import import_history, preview_history
from campaigns.reporting.history.undo import briefings_on_history, undo_history
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.tables.table_reader import ImportedTable, json_tables, read_tables
from coordinator.imports.tables.workbooks import GUIDE_SHEET

NOTES_KEPT: Final = 200  # notes kept to be shown; all are counted
ROWS_NAMED: Final = 6  # of each kind of note: one more than the page shows, which reveals that there are more
SAMPLES: Final = 3  # cells shown of each column
LONGEST_SAMPLE: Final = 80  # characters


@dataclass(frozen=True)
class Importer:
    """One kind of file. ``read``: its rows -> its entries; ``preview``: the outcome of ``write`` if it were called now,
    which writes nothing; ``write``: writes the valid entries, which the caller commits as a whole; ``permission``: to
    import and to undo; ``rows``: those that nothing may rest on when an import is undone; ``frozen``: the briefings
    that have its figures; ``undo``: takes back what a run wrote and returns how much. A file of several ``tables`` has
    each of them on a sheet, or in a list of JSON, of its own."""

    tables: tuple[TableColumns, ...]
    read: Callable[[Iterable[ReadRow]], Reading[Any]]
    preview: Callable[..., ImportOutcome]  # (session, entries, *, now)
    write: Callable[..., ImportOutcome]  # (session, actor, run, entries, *, now); ``run``: public id of the import
    permission: Permission
    rows: Callable[[str], Sequence[ImportedRows]]  # (public id of the import)
    frozen: Callable[[Session, ImportRun], Sequence[Briefing]]
    undo: Callable[[Session, ImportRun], Mapping[str, int]]


IMPORTERS: Final[Mapping[ImportKind, Importer]] = MappingProxyType(
    {
        ImportKind.REGISTER: Importer(
            (REGISTER,), read_register, preview_import, import_entries,
            Permission.CONFIGURE, register_rows, briefings_frozen_since, undo_register,
        ),
        ImportKind.CASES: Importer(
            (CASES,), read_cases, preview_cases, enter_cases,
            Permission.REVIEW, case_rows, briefings_frozen_since, undo_cases,
        ),
        ImportKind.HISTORY: Importer(
            history_columns.TABLES, read_history, preview_history, import_history,
            Permission.CONFIGURE, lambda _run: (), briefings_on_history, undo_history,
        ),
    }
)  # fmt: skip


@dataclass(frozen=True)
class ImportedFile:
    """A file after reading. ``rows`` with text; ``headings``, ``notes`` as in ``ImportRun``; ``rejected``: rows that
    cannot be read; ``places``: each row by its sheet and number."""

    kind: ImportKind
    rows: int
    headings: Sequence[Sequence[str]]
    notes: Mapping[str, Any]
    entries: Sequence[Any]
    rejected: tuple[RejectedRow, ...]
    places: Mapping[tuple[str, int], SheetRow]

    def bad_rows(self, rejected: Iterable[RejectedRow]) -> Iterator[dict[str, Any]]:
        """The rows of ``BadRow`` for these errors, in the order of the file, each made when it is asked for."""
        for (sheet, row), problems in groupby(sorted(rejected, key=place_of), place_of):
            reasons = [[problem.field, problem.code, problem.message] for problem in problems]
            found = self.places.get((sheet, row))
            cells = dict(found.cells) if found is not None else {}
            yield {"sheet": sheet, "row": row, "cells": cells, "problems": reasons}


def place_of(problem: RejectedRow) -> tuple[str, int]:
    """The sheet and row of an error."""
    return problem.sheet, problem.row


class ReadingProgress(Protocol):
    """Receives the progress of reading a file."""

    def opened(self, rows: int) -> None:
        """The file is open, with this number of rows."""

    def reached(self, checked: int) -> None:
        """This number of rows is checked."""

    def read(self) -> None:
        """All rows are checked and will be compared with the database."""


class NoProgress:
    """Nobody waits."""

    def opened(self, rows: int) -> None:
        """Do nothing."""

    def reached(self, checked: int) -> None:
        """Do nothing."""

    def read(self) -> None:
        """Do nothing."""


def read_file(
    kind: ImportKind, name: str, body: bytes, chosen: Mapping[str, str], progress: ReadingProgress
) -> ImportedFile:
    """Read a file. ``chosen``: heading -> field as a person chose it, for a file of one table. Raises
    ``UnreadableDocument``."""
    tables = IMPORTERS[kind].tables
    known = replace(joined_headings(tables), chosen=dict(chosen))
    lists = [table.name for table in tables] if len(tables) > 1 else []
    found = read_tables(
        name, body, lists, knows=known.field_of, spreads=known.is_spread, left_out=(GUIDE_SHEET,)
    )  # fmt: skip
    return _read(kind, IMPORTERS[kind].read, found, known, progress)


def read_history_body(value: Any) -> ImportedFile:
    """Read history from the JSON value of a request's body, as a file of it is read. Raises ``UnreadableDocument``."""
    tables = history_columns.TABLES
    found = json_tables(value, [table.name for table in tables])
    read = partial(read_history, in_body=True)
    return _read(ImportKind.HISTORY, read, found, joined_headings(tables), NoProgress())


def _read(
    kind: ImportKind,
    read: Callable[[Iterable[ReadRow]], Reading[Any]],
    found: Sequence[ImportedTable],
    known: Headings,
    progress: ReadingProgress,
) -> ImportedFile:
    progress.opened(sum(len(table.rows) for table in found))
    parts = list(_parts(IMPORTERS[kind].tables, found, known))
    reading = read(_rows_of(parts, progress))
    progress.read()
    notes: dict[str, Any] = {}
    for part in parts:
        notes = _joined(notes, part.notes())
    return ImportedFile(
        kind=kind,
        rows=sum(len(part.table.rows) for part in parts),
        headings=[heading for part in parts for heading in _sampled_headings(part.table, part.known)],
        notes=notes | _entry_notes(reading.notes),
        entries=reading.entries,
        rejected=reading.rejected,
        places={(part.sheet, row.number): row for part in parts for row in part.table.rows},
    )


@dataclass(frozen=True)
class _Part:
    """One table of a file. ``sheet``: its name in a file of several, else ""."""

    columns: TableColumns
    table: ImportedTable
    known: Headings
    sheet: str

    def notes(self) -> dict[str, Any]:
        notes, sheet = _table_notes(self.table, self.known), self.sheet
        notes["letters"] = {f"{sheet}.{name}" if sheet else name: it for name, it in notes["letters"].items()}
        return notes | {"sheets": {sheet: self.columns.title}, "sheet_headings": {sheet: list(self.table.headings)}}


def _parts(tables: Sequence[TableColumns], found: Sequence[ImportedTable], known: Headings) -> Iterator[_Part]:
    """The tables of a file with their columns. Raises ``UnreadableDocument`` for one of several that has no known
    column."""
    found = [replace(table, headings=own_headings(table.headings)) for table in found]
    if len(tables) == 1:
        yield from (_Part(tables[0], table, known, "") for table in found)
        return
    for table in found:
        if not table.rows and (len(found) > 1 or not table.headings):
            continue  # a sheet of the template, or a list, that was left empty
        columns = table_with(tables, table.headings)
        if columns is None:
            where = f"of {table.sheet!r} " if table.sheet else ""
            named = ", ".join(table.headings[:HEADINGS_NAMED])
            raise UnreadableDocument(f"none of the columns {where}is known: {named}", code="no_columns")
        yield _Part(columns, table, columns.headings, table.sheet)


def _rows_of(parts: Iterable[_Part], progress: ReadingProgress) -> Iterator[ReadRow]:
    before = 0
    for part in parts:
        yield from read_rows(
            part.columns, part.table.headings, part.table.rows, part.known, sheet=part.sheet,
            checked=partial(_reached, progress, before),
        )  # fmt: skip
        before += len(part.table.rows)


def _reached(progress: ReadingProgress, before: int, checked: int) -> None:
    progress.reached(before + checked)


def _joined(notes: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The notes of two tables: numbers are added, lists and mappings joined; the sheet is that of the first."""
    joined = dict(notes)
    for name, value in more.items():
        if name not in joined:
            joined[name] = value
        elif isinstance(value, int | list):
            joined[name] += value
        elif isinstance(value, dict):
            joined[name] = joined[name] | value
    return joined


def _entry_notes(notes: Sequence[RowNote]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    first_rows: dict[str, list[int]] = {}
    for note in notes:
        counts[note.code] = counts.get(note.code, 0) + 1
        if len(rows := first_rows.setdefault(note.code, [])) < ROWS_NAMED:
            rows.append(note.row)
    kept = [[note.row, note.code, note.message] for note in notes[:NOTES_KEPT]]
    return {"noted": counts, "firsts": first_rows, "notes": kept}


def _sampled_headings(table: ImportedTable, known: Headings) -> list[list[str]]:
    """``ImportRun.headings`` of a table: [name, field, samples…] of each column."""
    samples: dict[str, list[str]] = {heading: [] for heading in table.headings}
    for row in table.rows[:100]:
        for heading, text in row.cells.items():
            if len(shown := samples.get(heading, [])) < SAMPLES and text not in shown:
                shown.append(text[:LONGEST_SAMPLE])
    return [[heading, known.field_of(heading) or "", *shown] for heading, shown in samples.items()]


def _table_notes(table: ImportedTable, known: Headings) -> dict[str, Any]:
    """The notes on how a table was read: the letters of its columns by field, what was filled or left out,
    and the columns that are not known."""
    letters: dict[str, list[str]] = {}
    for heading in table.headings:
        if (field := known.field_of(heading)) and heading in table.letters:
            letters.setdefault(field, []).append(table.letters[heading])
    return {
        "letters": {field: ", ".join(columns) for field, columns in letters.items()},
        "heads": list(table.heads[:NOTES_KEPT]),
        "sums": list(table.sums[:NOTES_KEPT]),
        "concealed": table.concealed,
        "sheet": table.sheet,
        "others": list(table.others),
        "hidden": list(table.hidden),
        "spread": table.spread,
        "groups": list(table.groups[:NOTES_KEPT]),
        "unvalued": table.unvalued,
        "unknown": known.unknown(table.headings),
    }
