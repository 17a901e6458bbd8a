"""Reads the rows of history into entries: bulletins, copies and totals.

Pure: rows in, frozen values out. What is known and what contradicts it is decided by ``import_plan``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from campaigns.core.clock import Period
from campaigns.core.import_runs import RejectedRow, kept_problems
from campaigns.core.imports.row_reader import Reading, ReadRow
from campaigns.planning.campaigns import Metric
from campaigns.reporting.history.columns import BULLETINS, COPIES, TOTALS


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: the sheet's name, "" for a file of one table, and the row, counted as a person does.
    ``in_body``: it came in a request's body, whose lists are counted from 0 in the fields of errors."""

    sheet: str
    row: int
    in_body: bool = False

    def refused(self, name: str, code: str, message: str) -> RejectedRow:
        """An error of this row."""
        return RejectedRow(self.row, name, code, message, self.sheet)

    def __str__(self) -> str:
        return f"{self.sheet}.{self.row - 1}" if self.in_body else f"row {self.row}"


@dataclass(frozen=True, slots=True)
class BulletinEntry:
    """A bulletin that was published before the product was in use. ``topic``: as it was written."""

    place: Place
    day: date
    topic: str
    title: str
    url: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class CopyEntry:
    """A copy that was reported. ``bulletin``: a code, a number or an address."""

    place: Place
    bulletin: str
    url: str
    day: date
    network: str


@dataclass(frozen=True, slots=True)
class TotalEntry:
    """A total of a period. ``topic``: as it was written, "" for all topics."""

    place: Place
    period: Period
    metric: Metric
    topic: str
    figure: int


HistoryEntry: TypeAlias = BulletinEntry | CopyEntry | TotalEntry
_ENTRIES: Final[dict[str, type[Any]]] = {BULLETINS.name: BulletinEntry, COPIES.name: CopyEntry, TOTALS.name: TotalEntry}


def read_history(rows: Iterable[ReadRow], *, in_body: bool = False) -> Reading[HistoryEntry]:
    """The entries of all tables of a file, in its order. ``in_body``: as in ``Place``."""
    entries: list[HistoryEntry] = []
    rejected: list[RejectedRow] = []
    for row in rows:
        if row.problems:
            rejected += kept_problems(row.problems, len(rejected))
        else:
            entries.append(_ENTRIES[row.table.name](Place(row.sheet, row.number, in_body), **row.values))
    return Reading(tuple(entries), tuple(rejected))
