"""A table as every writer takes it: typed columns, plain values, no formatting in the rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from coordinator.exports.format import Locale, vi_date, vi_datetime, vi_number, vi_percent
from coordinator.exports.lettering import composed

Kind = Literal["text", "number", "percent", "date", "datetime", "link"]
Value = str | int | float | Decimal | date | datetime | None
Row = Mapping[str, Value] | tuple[Value, ...]


@dataclass(frozen=True)
class Column:
    """One column. ``kind`` decides how a value is written: ``percent`` takes a share 0–1."""

    key: str
    title: str
    kind: Kind = "text"

    @property
    def numeric(self) -> bool:
        """Whether its figures stand at the right."""
        return self.kind in {"number", "percent"}


@dataclass(frozen=True)
class Table:
    """Rows under columns.

    ``rows`` and ``footer`` are mappings by column key or tuples in column order. ``note`` is a sentence below the
    table. The footer is a total for people: the CSV, which programs add up again, leaves it out.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    note: str = ""
    footer: Row | None = None

    def cells(self, row: Row) -> tuple[Value, ...]:
        """The row's values in column order. Raises ``KeyError`` or ``ValueError`` when it does not fit the columns."""
        if isinstance(row, Mapping):
            return tuple(row[column.key] for column in self.columns)
        if len(row) != len(self.columns):
            raise ValueError(f"{self.title}: a row of {len(row)} values under {len(self.columns)} columns")
        return row

    def lines(self) -> Iterator[tuple[Value, ...]]:
        """Every row's values in column order, without the footer."""
        return (self.cells(row) for row in self.rows)


def shown(value: Value, kind: Kind, locale: Locale = "vi") -> str:
    """One value as a reader sees it in a page or a document; nothing for ``None``.

    A value that is not of its column's kind (a word in a number column) is shown as it is.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return vi_datetime(value, locale) if kind == "datetime" else vi_date(value, locale)
    if isinstance(value, date):
        return vi_date(value, locale)
    if isinstance(value, str):
        return composed(value)
    if kind == "percent":
        return vi_percent(value, locale=locale)
    if kind == "text":
        return str(value)
    return vi_number(value, 0 if value % 1 == 0 else 1, locale)
