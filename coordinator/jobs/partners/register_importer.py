"""The licence register as an imported file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.orm import Session

from campaigns.partners.register.columns import chosen_field, is_spread
from campaigns.partners.register.register_reader import RegisterEntry, RegisterReading, read_register
from campaigns.partners.register.register_writer import ImportResult, import_entries, preview_import
from coordinator.imports.tables.table_reader import read_table
from coordinator.jobs.core.imported_file import (
    NOTES_KEPT,
    ImportedFile,
    ImportOutcome,
    ReadingProgress,
    sampled_headings,
    table_notes,
)

# Rows named of each kind of note: one more than the page shows, which reveals that there are more.
ROWS_NAMED: Final = 6


@dataclass(frozen=True)
class RegisterFile(ImportedFile):
    """A register file. ``licences``: its entries."""

    licences: tuple[RegisterEntry, ...]

    @property
    def entries(self) -> int:
        """The number of licences that could be read."""
        return len(self.licences)

    def preview(self, session: Session, *, now: datetime) -> ImportOutcome:
        """What writing would do now."""
        return self._outcome(preview_import(session, self.licences, now=now))

    def write(self, session: Session, actor: str, run: str, *, now: datetime) -> ImportOutcome:
        """Write the licences that are not there yet, with their companies and sites."""
        return self._outcome(import_entries(session, actor, run, self.licences, now=now))

    def _outcome(self, done: ImportResult) -> ImportOutcome:
        counts = {
            "companies": done.companies, "licences": done.licences, "sites": done.sites, "unchanged": done.unchanged,
        }  # fmt: skip
        return ImportOutcome(counts, self.entries - len(done.rejected), done.rejected)


def read_register_file(name: str, body: bytes, chosen: Mapping[str, str], progress: ReadingProgress) -> RegisterFile:
    """Read a register. Raises ``UnreadableDocument``."""
    field_of = partial(chosen_field, chosen=dict(chosen))
    table = read_table(name, body, knows=field_of, spreads=partial(is_spread, chosen=dict(chosen)))
    progress.opened(len(table.rows))
    reading = read_register(table.rows, headings=table.headings, chosen=chosen, progress=progress.reached)
    progress.read()
    return RegisterFile(
        rows=len(table.rows),
        headings=sampled_headings(table, field_of),
        notes=table_notes(table, field_of) | _entry_notes(reading),
        rejected=reading.rejected,
        places={("", row.number): row for row in table.rows},
        licences=reading.entries,
    )


def _entry_notes(reading: RegisterReading) -> dict[str, Any]:
    counts: dict[str, int] = {}
    first_rows: dict[str, list[int]] = {}
    for note in reading.notes:
        counts[note.code] = counts.get(note.code, 0) + 1
        if len(rows := first_rows.setdefault(note.code, [])) < ROWS_NAMED:
            rows.append(note.row)
    return {
        "noted": counts,
        "firsts": first_rows,
        "notes": [[note.row, note.code, note.message] for note in reading.notes[:NOTES_KEPT]],
    }
