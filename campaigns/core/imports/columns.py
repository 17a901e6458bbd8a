"""Columns of imported tables: what belongs in each, by which headings it is known, and how its cells are read."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol

from campaigns.core.vietnamese import fold

LONGEST_HEADING: Final = 200  # characters; a longer text is not a heading
# What the file of rejected rows has beside the columns of the file that was brought.
RETURNED_HEADINGS: Final = ("Dòng trong tệp", "Lỗi")


class SheetRow(Protocol):
    """A row of a sheet: its number as the sheet shows it, and its cells by heading."""

    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Column:
    """One column: its field, its heading, what belongs in it, and a sample.

    ``read``: the value of a cell, of an empty one too; raises ``BadCell`` or ``Invalid``. ``others``: further headings
    it is known by, separated by commas; ``parts``: words that make any heading with one of them name this column.
    ``needed``: a row without it is rejected. ``spread``: a cell merged over several rows counts for each of them.
    ``choices``: the words to choose from.
    """

    field: str
    heading: str
    hint: str
    sample: str
    read: Callable[[str], Any]
    needed: bool = False
    spread: bool = False
    choices: tuple[str, ...] = ()
    others: str = ""
    parts: tuple[str, ...] = ()


def compact_heading(heading: str) -> str:
    """A heading without what varies: remarks in brackets, case, marks, spaces, British or American spelling."""
    bare = re.sub(r"\([^)]*\)", "", fold(heading))
    return re.sub(r"[^a-z0-9]", "", bare).replace("license", "licence")


@dataclass(frozen=True)
class Headings:
    """The fields that headings name. Plain values, which a child process gets without the columns and what reads them.

    ``fields``: compact heading -> field; ``parts``: part of a compact heading -> field; ``spread``: fields whose merged
    cells count for every row. ``chosen``: heading -> field as a person chose it, "" for a column that is not used.
    """

    fields: Mapping[str, str]
    parts: Mapping[str, str]
    spread: frozenset[str]
    chosen: Mapping[str, str] = field(default_factory=dict)

    def field_of(self, heading: str) -> str | None:
        """The field of a heading: the one a person chose, else the one it names."""
        heading = " ".join(heading.split())
        if heading in self.chosen:
            return self.chosen[heading] or None
        if len(heading) > LONGEST_HEADING:
            return None
        compact = compact_heading(heading)
        return self.fields.get(compact) or next((name for part, name in self.parts.items() if part in compact), None)

    def is_spread(self, heading: str) -> bool:
        """Whether a merged cell under this heading counts for every row it covers."""
        return self.field_of(heading) in self.spread

    def unknown(self, headings: Iterable[str]) -> list[str]:
        """The headings that name no field, but for those of columns without a heading and those that a person left
        out."""
        return [
            name
            for name in headings
            if self.field_of(name) is None and " ".join(name.split()) not in self.chosen and not name.startswith("[")
        ]


def own_headings(headings: tuple[str, ...]) -> tuple[str, ...]:
    """The headings of a table, of a file of rejected rows that is brought again those of the file before it."""
    return headings[:-2] if headings[-2:-1] == (RETURNED_HEADINGS[0],) else headings


@dataclass(frozen=True)
class TableColumns:
    """The columns of one table. ``title``: of its sheet in the template; ``name``: of its list in JSON, where a file
    holds several tables."""

    title: str
    columns: tuple[Column, ...]
    name: str = ""

    @cached_property
    def headings(self) -> Headings:
        """The headings of the columns, before anybody chose other fields."""
        named = {
            compact_heading(name): column.field
            for column in self.columns
            for name in (column.heading, column.field, *column.others.split(", "))
            if name
        }
        parts = {part: column.field for column in self.columns for part in column.parts}
        return Headings(named, parts, frozenset(column.field for column in self.columns if column.spread))

    def missing(self, fields: Iterable[str]) -> list[Column]:
        """The needed columns that are not among these fields."""
        found = set(fields)
        return [column for column in self.columns if column.needed and column.field not in found]


def joined_headings(tables: Sequence[TableColumns]) -> Headings:
    """The headings of several tables, by which their sheets are found."""
    found = [table.headings for table in tables]
    return Headings(
        {name: of for headings in found for name, of in headings.fields.items()},
        {part: of for headings in found for part, of in headings.parts.items()},
        frozenset().union(*(headings.spread for headings in found)),
    )


def table_with(tables: Sequence[TableColumns], headings: Sequence[str]) -> TableColumns | None:
    """The table that has these headings: the one with the fewest needed columns missing, and the most known; None when
    no heading is known in any."""

    def score(table: TableColumns) -> tuple[int, int]:
        found = {name for heading in headings if (name := table.headings.field_of(heading))}
        return -len(table.missing(found)), len(found)

    best = max(tables, key=score)
    return best if score(best)[1] else None
