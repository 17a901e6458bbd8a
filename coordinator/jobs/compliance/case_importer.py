"""A spreadsheet of cases as an imported file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from campaigns.compliance.cases.columns import field_of as usual_field_of
from campaigns.compliance.cases.spreadsheet import (
    CaseEntry,
    EnteredRows,
    check_entries,
    enter_cases,
    read_cases,
)
from campaigns.people.staff import Actor, Role
from coordinator.imports.tables.table_reader import read_table
from coordinator.jobs.core.imported_file import (
    ImportedFile,
    ImportOutcome,
    ReadingProgress,
    sampled_headings,
    table_notes,
)


@dataclass(frozen=True)
class CasesFile(ImportedFile):
    """A file of cases. ``cases``: its entries; ``partly_read``: rows with cells that could not be read."""

    cases: tuple[CaseEntry, ...]
    partly_read: tuple[CaseEntry, ...]

    @property
    def entries(self) -> int:
        """The number of cases that could be read."""
        return len(self.cases)

    def preview(self, session: Session, *, now: datetime) -> ImportOutcome:
        """What writing would do now."""
        return self._outcome(check_entries(session, (*self.cases, *self.partly_read), now=now))

    def write(self, session: Session, actor: str, run: str, *, now: datetime) -> ImportOutcome:
        """Enter the cases with their decisions. ``actor``: who confirmed the import, which only those who may enter
        cases can."""
        del run
        who = Actor(actor, actor, Role.ANALYST)
        return self._outcome(enter_cases(session, who, self.cases, now=now))

    def _outcome(self, done: EnteredRows) -> ImportOutcome:
        counts = {"cases": done.cases, "decisions": done.decisions, "amount": done.amount, "unchanged": 0}
        return ImportOutcome(counts, done.cases, done.rejected)


def read_cases_file(name: str, body: bytes, chosen: Mapping[str, str], progress: ReadingProgress) -> CasesFile:
    """Read a file of cases. Raises ``UnreadableDocument``."""

    field_of = partial(_field_of, dict(chosen))
    table = read_table(name, body, knows=partial(_known, dict(chosen)))
    progress.opened(len(table.rows))
    reading = read_cases(table.rows, table.headings, field_of, progress.reached)
    progress.read()
    return CasesFile(
        rows=len(table.rows),
        headings=sampled_headings(table, field_of),
        notes=table_notes(table, field_of),
        rejected=reading.rejected,
        places={("", row.number): row for row in table.rows},
        cases=reading.entries,
        partly_read=reading.partly_read,
    )


def _field_of(chosen: Mapping[str, str], heading: str) -> str | None:
    return (chosen[heading] or None) if heading in chosen else usual_field_of(heading)


def _known(chosen: Mapping[str, str], cell: str) -> str | None:
    return _field_of(chosen, " ".join(cell.split()))
