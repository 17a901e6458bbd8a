"""A file that was read for an import: what each kind of import says of its file, and how it writes it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Protocol

from sqlalchemy.orm import Session

from campaigns.core.import_runs import RejectedRow
from campaigns.partners.register.columns import SheetRow
from coordinator.imports.tables.table_reader import ImportedTable

NOTES_KEPT: Final = 200  # notes kept to be shown; all are counted
SAMPLES: Final = 3  # cells shown of each column
LONGEST_SAMPLE: Final = 80  # characters


@dataclass(frozen=True)
class ImportOutcome:
    """What writing a file does, or would do. ``counts``: what is added, by name, with ``unchanged`` for what was there
    already; ``good``: valid entries; ``rejected``: entries that contradict what is in the database."""

    counts: Mapping[str, int]
    good: int
    rejected: tuple[RejectedRow, ...] = ()


def place_of(problem: RejectedRow) -> tuple[str, int]:
    """The sheet and row of an error."""
    return problem.sheet, problem.row


@dataclass(frozen=True)
class ImportedFile(ABC):
    """A file after reading. ``rows`` with text; ``headings``, ``notes`` as in ``ImportRun``; ``rejected``: rows that
    cannot be read; ``places``: each row by its sheet and number."""

    rows: int
    headings: Sequence[Sequence[str]]
    notes: Mapping[str, Any]
    rejected: tuple[RejectedRow, ...]
    places: Mapping[tuple[str, int], SheetRow]

    @property
    @abstractmethod
    def entries(self) -> int:
        """The number of entries that could be read."""

    @abstractmethod
    def preview(self, session: Session, *, now: datetime) -> ImportOutcome:
        """What ``write`` would do now. Writes nothing."""

    @abstractmethod
    def write(self, session: Session, actor: str, run: str, *, now: datetime) -> ImportOutcome:
        """Write the valid entries; the caller commits them as a whole. ``run``: the public id of the import."""

    def bad_rows(self, rejected: Iterable[RejectedRow]) -> Iterator[dict[str, Any]]:
        """The rows of ``BadRow`` for these errors, in the order of the file, each made when it is asked for."""
        for (sheet, row), problems in groupby(sorted(rejected, key=place_of), place_of):
            reasons = [[problem.field, problem.code, problem.message] for problem in problems]
            found = self.places.get((sheet, row))
            cells = dict(found.cells) if found is not None else {}
            yield {"sheet": sheet, "row": row, "cells": cells, "problems": reasons}


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


def sampled_headings(table: ImportedTable, field_of: Callable[[str], str | None]) -> list[list[str]]:
    """``ImportRun.headings`` of a table: [name, field, samples…] of each column."""
    samples: dict[str, list[str]] = {heading: [] for heading in table.headings}
    for row in table.rows[:100]:
        for heading, text in row.cells.items():
            if len(shown := samples[heading]) < SAMPLES and text not in shown:
                shown.append(text[:LONGEST_SAMPLE])
    return [[heading, field_of(heading) or "", *shown] for heading, shown in samples.items()]


def table_notes(table: ImportedTable, field_of: Callable[[str], str | None]) -> dict[str, Any]:
    """The notes on how a table was read: the letters of its columns by field, and what was filled or left out."""
    letters: dict[str, list[str]] = {}
    for heading in table.headings:
        if (field := field_of(heading)) and heading in table.letters:
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
    }
