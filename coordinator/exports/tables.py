"""The table that every writer takes: typed columns and unformatted values."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from coordinator.exports.format import Locale, vi_date, vi_datetime, vi_number, vi_percent
from coordinator.exports.printable_text import to_nfc

ColumnKind = Literal["text", "number", "percent", "date", "datetime", "link"]
CellValue = str | int | float | Decimal | date | datetime | None
TableRow = Mapping[str, CellValue] | tuple[CellValue, ...]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Column:
    """One column. ``kind`` decides the format of a value: ``percent`` takes a share 0–1."""

    key: str
    title: str
    kind: ColumnKind = "text"

    @property
    def numeric(self) -> bool:
        """Whether the column is right-aligned."""
        return self.kind in {"number", "percent"}


@dataclass(frozen=True)
class Table:
    """Rows under columns.

    ``rows`` and ``footer`` are mappings by column key or tuples in column order. ``note`` is a sentence below the
    table. The footer is a total for people: the CSV, which programs add up again, leaves it out. ``hrefs``: for each
    row the addresses behind its cells, by column key.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[TableRow]
    note: str = ""
    footer: TableRow | None = None
    hrefs: Sequence[Mapping[str, str]] = ()

    def href(self, row: int, key: str) -> str:
        """Return the address behind a cell; "" for none."""
        return self.hrefs[row].get(key, "") if row < len(self.hrefs) else ""

    def cells(self, row: TableRow) -> tuple[CellValue, ...]:
        """Return the row's values in column order. Raises ``KeyError`` or ``ValueError`` when it does not fit them."""
        if isinstance(row, Mapping):
            return tuple(row[column.key] for column in self.columns)
        if len(row) != len(self.columns):
            raise ValueError(f"{self.title}: a row of {len(row)} values under {len(self.columns)} columns")
        return row

    def lines(self) -> Iterator[tuple[CellValue, ...]]:
        """Return every row's values in column order, without the footer."""
        return (self.cells(row) for row in self.rows)


@dataclass(frozen=True)
class RowColumn(Generic[Row]):
    """One column with what it shows of the object of a row: its value, and the address behind it."""

    key: str
    title: str
    kind: ColumnKind
    value: Callable[[Row], CellValue]
    href: Callable[[Row], str] | None = None


def table_of(title: str, columns: Sequence[RowColumn[Row]], rows: Iterable[Row], note: str = "") -> Table:
    """Return the table of these columns with one row for each object."""
    objects = list(rows)
    return Table(
        title,
        tuple(Column(column.key, column.title, column.kind) for column in columns),
        [tuple(column.value(row) for column in columns) for row in objects],
        note,
        hrefs=[{column.key: column.href(row) for column in columns if column.href is not None} for row in objects],
    )


def display_value(value: CellValue, kind: ColumnKind, locale: Locale = "vi") -> str:
    """Return one value as text for a page or a document; '' for ``None``.

    A value that is not of its column's kind (text in a number column) is returned unchanged.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return vi_datetime(value, locale) if kind == "datetime" else vi_date(value, locale)
    if isinstance(value, date):
        return vi_date(value, locale)
    if isinstance(value, str):
        return to_nfc(value)
    if kind == "percent":
        return vi_percent(value, locale=locale)
    if kind == "text":
        return str(value)
    return vi_number(value, 0 if value % 1 == 0 else 1, locale)
