"""Reads a spreadsheet of cases into entries, and enters them; every row that cannot be taken is named with its errors.

Reading is pure: rows in, frozen values out. What stands in the database, or contradicts it or another row of the file,
is found by checking the entries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases import content, workflow
from campaigns.compliance.cases.cases import IN_FORCE, Case, CaseDecision, CaseOrigin, SubjectKind
from campaigns.compliance.cases.columns import DECISION_FIELDS
from campaigns.compliance.cases.content import (
    CaseContent,
    CheckedCase,
    DecisionContent,
    RegisterLookup,
    decision_content_of,
)
from campaigns.core.errors import Invalid
from campaigns.core.import_runs import ImportOutcome, RejectedRow, RowNote, kept_problems
from campaigns.core.imports.row_reader import Reading, ReadRow
from campaigns.people.staff import Actor, Role


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One row. ``unread``: fields whose cells could not be read; a row with any is checked and not taken."""

    row: int
    case: CaseContent
    decision: DecisionContent | None
    unread: frozenset[str] = frozenset()


def read_cases(rows: Iterable[ReadRow]) -> Reading[CaseEntry]:
    """The cases of a file, those too that could be read in part; a row that says again what a row above says is one
    entry with it."""
    entries: dict[CaseEntry, int] = {}
    rejected: list[RejectedRow] = []
    notes: list[RowNote] = []
    for row in rows:
        rejected += kept_problems(row.problems, len(rejected))
        if row.texts:
            entry = _entry(row)
            first = entries.setdefault(entry if entry.unread else replace(entry, row=0), row.number)
            if first != row.number:
                notes.append(RowNote(row.number, "repeated", f"it says nothing that is not in row {first}"))
    listed = tuple(replace(entry, row=number) for entry, number in entries.items())
    return Reading(listed, tuple(rejected), tuple(notes))


def _entry(row: ReadRow) -> CaseEntry:
    """The entry of a row, without what could not be read."""
    unread = frozenset(error.field for error in row.problems)
    read = {name: value for name, value in row.values.items() if value not in {None, ""}}
    decision = {name: value for name, value in read.items() if name in DECISION_FIELDS}
    case = CaseContent(**{name: value for name, value in read.items() if name not in DECISION_FIELDS})
    case = replace(case, origin=case.origin or CaseOrigin.INSPECTION, what=case.what or case.fault)
    if case.subject_kind is SubjectKind.PERSON:
        case = replace(case, tax_code="")
    decided = DecisionContent(**decision) if decision or unread & DECISION_FIELDS else None
    return CaseEntry(row.number, case, decided, unread)


def preview_cases(session: Session, entries: Sequence[CaseEntry], *, now: datetime) -> ImportOutcome:
    """What ``enter_cases`` would do now. Writes nothing."""
    return _check(session, entries, now).outcome()


def enter_cases(
    session: Session, actor: str, run: str, entries: Sequence[CaseEntry], *, now: datetime
) -> ImportOutcome:
    """Enter the good rows; the caller commits them as a whole. ``actor``: who confirmed the import, which only those
    who may enter cases can. Raises as ``enter_checked_cases``."""
    checked = _check(session, entries, now)
    workflow.enter_checked_cases(session, Actor(actor, actor, Role.ANALYST), checked.good, came_by=run, now=now)
    return checked.outcome()


@dataclass
class _CheckedEntries:
    """The entries to be made, the number of those that stand in the database, and the errors of the others."""

    good: list[tuple[CheckedCase, DecisionContent | None]] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)

    def outcome(self) -> ImportOutcome:
        decisions = [decision for _case, decision in self.good if decision is not None]
        amount = sum(decision.amount or 0 for decision in decisions)
        counts = {
            "cases": len(self.good), "decisions": len(decisions), "amount": amount, "unchanged": self.unchanged,
        }  # fmt: skip
        return ImportOutcome(counts, len(self.good) + self.unchanged, tuple(self.rejected))


def _check(session: Session, entries: Sequence[CaseEntry], now: datetime) -> _CheckedEntries:
    """Compare the entries with the database and with the rows above them. Of two rows with one key the good one is
    taken. Uses a constant number of queries beside those for sites."""
    register, known, checked = RegisterLookup(session), _KnownCases(session), _CheckedEntries()
    for entry in entries:
        errors: list[tuple[str, str, str]] = []
        case: CheckedCase | None = None
        decision = content.tidied_decision(entry.decision) if entry.decision is not None else None
        try:
            case = content.check_case(session, entry.case, register, now=now)
            if not entry.unread and known.has(case, decision):
                checked.unchanged += 1
                continue
            errors += known.case_errors(case.fingerprint)
        except Invalid as invalid:
            errors += [(error.field, error.code, error.message) for error in invalid.errors]
        if decision is not None:
            found = content.decision_errors(decision, entry.case.fault_on, now=now)
            errors += [(error.field, error.code, error.message) for error in found]
            errors += known.document_errors(decision)
        checked.rejected += [RejectedRow(entry.row, *error) for error in errors if error[0] not in entry.unread]
        if case is not None and not errors and not entry.unread:
            checked.good.append((case, decision))
            known.note(entry.row, case, decision)
    return checked


class _KnownCases:
    """The entries and documents in the database, and those of the good rows so far."""

    def __init__(self, session: Session) -> None:
        stored = sa.select(Case.id, Case.public, Case.fingerprint, Case.origin, Case.basis)
        cases = session.execute(stored.where(Case.withdrawn_at.is_(None))).all()
        self._cases = {case.fingerprint: case for case in cases}
        publics = {case.id: case.public for case in cases}
        self._decisions: dict[int, list[DecisionContent]] = {}
        self._documents: dict[str, str] = {}
        for row in session.execute(sa.select(CaseDecision).where(IN_FORCE)).scalars():
            self._decisions.setdefault(row.case_id, []).append(replace(decision_content_of(row), note=""))
            if row.document_key is not None:
                self._documents[row.document_key] = f"case {publics.get(row.case_id, row.case_id)}"
        self._rows: dict[str, int] = {}

    def has(self, case: CheckedCase, decision: DecisionContent | None) -> bool:
        """Whether the entry stands in the database with the same content, and so does the decision."""
        stored = self._cases.get(case.fingerprint)
        return (
            stored is not None
            and (stored.origin, stored.basis) == (case.content.origin, case.content.basis)
            and (decision is None or decision in self._decisions.get(stored.id, ()))
        )

    def case_errors(self, fingerprint: str) -> list[tuple[str, str, str]]:
        """The error of an entry that was made before, with something else in it."""
        if (row := self._rows.get(fingerprint)) is not None:
            return [("what", "repeated", f"this case is already in row {row}")]
        if (case := self._cases.get(fingerprint)) is not None:
            return [("what", "case_known", f"it stands as case {case.public} with another origin, basis or decision")]
        return []

    def document_errors(self, decision: DecisionContent) -> list[tuple[str, str, str]]:
        """The error of a document that was entered before."""
        key = content.document_key(decision)
        if key is None or not decision.number or (place := self._documents.get(key)) is None:
            return []
        return [("number", "decision_known", f"{decision.number!r} of this authority stands in {place}")]

    def note(self, row: int, case: CheckedCase, decision: DecisionContent | None) -> None:
        """Note a good row."""
        self._rows[case.fingerprint] = row
        if decision is not None and decision.number and (key := content.document_key(decision)) is not None:
            self._documents[key] = f"row {row}"
