"""Reads the rows of a table by its columns: every cell is tried, so that all errors of a row are reported at once.

Pure: rows in, frozen values out. What is new, or contradicts the database, is decided by the feature.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from campaigns.core.errors import Invalid
from campaigns.core.import_runs import RejectedRow, RowNote
from campaigns.core.imports import cells
from campaigns.core.imports.cells import INVISIBLE_CHARACTERS, BadCell
from campaigns.core.imports.columns import Column, Headings, SheetRow, TableColumns
from campaigns.core.vietnamese import nfc

PROGRESS_EVERY: Final = 200  # rows between two calls of ``checked``
HEADINGS_NAMED: Final = 20  # in a message


@dataclass(frozen=True)
class ReadRow:
    """A row that was read. ``texts``: the cells that hold something, ``values``: what each cell is, both by field; a
    field whose cell could not be read has no value, and is named by one of ``problems``."""

    table: TableColumns
    number: int
    sheet: str
    texts: Mapping[str, str]
    values: Mapping[str, Any]
    problems: list[RejectedRow]

    def refuse(self, name: str, code: str, message: str) -> None:
        """Add an error of this row."""
        self.problems.append(RejectedRow(self.number, name, code, message, self.sheet))


Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Reading(Generic[Entry]):
    """What the rows of a file say: its entries, the errors of rows that cannot be taken (``rejected`` may name a row
    more than once), and notes on rows that were taken."""

    entries: tuple[Entry, ...]
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[RowNote, ...] = ()


def read_rows(
    table: TableColumns,
    headings: Sequence[str],
    rows: Sequence[SheetRow],
    known: Headings | None = None,
    *,
    sheet: str = "",
    checked: Callable[[int], None] = lambda _checked: None,
) -> Iterator[ReadRow]:
    """The rows that hold anything. ``known``: the headings of the table, where a person chose other fields for them;
    ``sheet``: the part of a file of several tables. ``checked`` is called every ``PROGRESS_EVERY`` rows with how many
    are read; what it raises ends the reading.

    Of a table without a needed column only the first row is returned, with an error for each that is missing. Columns
    of one field are read as one cell of several lines.
    """
    known = known or table.headings
    fields = {heading: name for heading in headings if (name := known.field_of(heading))}
    if missing := table.missing(fields.values()):
        named = ", ".join(headings[:HEADINGS_NAMED])
        for first in rows[:1]:
            row = ReadRow(table, first.number, sheet, {}, {}, [])
            for column in missing:
                row.refuse(column.field, "column", f"there is no column {column.heading!r}, only: {named}")
            yield row
        return
    for count, line in enumerate(rows, start=1):
        texts: dict[str, list[str]] = {}
        line_cells = line.cells
        for heading, name in fields.items():
            text = nfc(INVISIBLE_CHARACTERS.sub("", line_cells.get(heading, "")))
            if text and not text.isspace():
                texts.setdefault(name, []).append(text)
        if texts:
            yield _read_row(table, line.number, sheet, {name: "\n".join(parts) for name, parts in texts.items()})
        if not count % PROGRESS_EVERY:
            checked(count)


def _read_row(table: TableColumns, number: int, sheet: str, texts: Mapping[str, str]) -> ReadRow:
    values: dict[str, Any] = {}
    row = ReadRow(table, number, sheet, texts, values, [])
    for column in table.columns:
        text = texts.get(column.field, "")
        try:
            values[column.field] = _read_cell(column, text)
        except BadCell as bad:
            row.refuse(column.field, bad.code, bad.message)
        except Invalid as invalid:
            for error in invalid.errors:
                row.refuse(column.field, error.code, error.message)
    return row


def _read_cell(column: Column, text: str) -> Any:
    if not cells.cell_text(text):
        if column.needed:
            name = column.field.replace("_", " ")
            verb = "are" if name.endswith("s") else "is"
            raise BadCell("required", f"the {name} {verb} missing; expected one such as {column.sample}")
        return column.read("")
    cells.refuse_formula_error(text)
    return column.read(text)
