"""Reads a spreadsheet of cases into entries, and enters them; every row that cannot be taken is named with its errors.

Reading is pure: rows in, frozen values out. What contradicts the database, or another row of the file, is found by
entering the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases import columns, content, workflow
from campaigns.compliance.cases.amounts import parse_amount
from campaigns.compliance.cases.cases import IN_FORCE, Case, CaseDecision, CaseOrigin, DecisionForm, SubjectKind
from campaigns.compliance.cases.content import CaseContent, CheckedCase, DecisionContent, RegisterLookup
from campaigns.core.errors import Invalid
from campaigns.core.import_runs import RejectedRow, kept_problems
from campaigns.partners.register import cells
from campaigns.partners.register.cells import BadCell
from campaigns.partners.register.columns import SheetRow
from campaigns.people.staff import Actor

NEEDED: Final = {column.field: column.heading for column in columns.COLUMNS if column.needed}
HEADINGS_NAMED: Final = 20  # in a message


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One row. ``unread``: fields whose cells could not be read; a row with any is not taken."""

    row: int
    case: CaseContent
    decision: DecisionContent | None
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CaseReading:
    """The entries of a file, the errors of cells that could not be read, and the rows with such cells, whose other
    cells are checked all the same."""

    entries: tuple[CaseEntry, ...]
    rejected: tuple[RejectedRow, ...]
    partly_read: tuple[CaseEntry, ...] = ()


def read_cases(
    rows: Sequence[SheetRow],
    headings: Sequence[str],
    field_of: Callable[[str], str | None],
    checked: Callable[[int], None],
) -> CaseReading:
    """Read the rows. ``checked`` is called with the number of rows read so far. Of a table without a needed column its
    first row is rejected, naming each that is missing."""
    fields = {heading: name for heading in headings if (name := field_of(heading))}
    if missing := {name: heading for name, heading in NEEDED.items() if name not in fields.values()}:
        named = ", ".join(headings[:HEADINGS_NAMED])
        first = rows[0].number if rows else 1
        return CaseReading(
            (),
            tuple(
                RejectedRow(first, name, "column", f"there is no column {heading!r}, only: {named}")
                for name, heading in missing.items()
            ),
        )
    entries: list[CaseEntry] = []
    partly_read: list[CaseEntry] = []
    rejected: list[RejectedRow] = []
    for count, row in enumerate(rows, start=1):
        values: dict[str, str] = {}
        for heading, text in row.cells.items():
            if name := fields.get(heading):
                values.setdefault(name, text)
        reading = _RowReading(row.number, values)
        entry = reading.entry()
        rejected += kept_problems(reading.rejected, len(rejected))
        if reading.rejected:
            unread = frozenset(error.field for error in reading.rejected)
            partly_read.append(replace(entry, unread=unread))
        else:
            entries.append(entry)
        checked(count)
    return CaseReading(tuple(entries), tuple(rejected), tuple(partly_read))


class _RowReading:
    """Reads the cells of one row; each that cannot be read is an error."""

    def __init__(self, row: int, values: Mapping[str, str]) -> None:
        self._row, self._values = row, values
        self.rejected: list[RejectedRow] = []

    def entry(self) -> CaseEntry:
        """The entry; what could not be read is left out of it and ``rejected``."""
        kind = self._word("subject_kind")
        origin = self._word("origin") or CaseOrigin.INSPECTION
        tax_code = self._read("tax_code", lambda text: cells.parse_tax_code(text)[0]) or ""
        fault = self._text("fault")
        case = CaseContent(
            subject_kind=kind if isinstance(kind, SubjectKind) else None,
            name=self._text("name"),
            tax_code=tax_code if kind is not SubjectKind.PERSON else "",
            mark=self._text("mark"),
            site=self._text("site"),
            account_url=self._read("account_url", cells.parse_page_address) or "",
            origin=origin if isinstance(origin, CaseOrigin) else None,
            what=self._text("what") or fault,
            fault=fault,
            fault_on=self._day("fault_on"),
            basis=self._text("basis"),
        )
        decision = None
        if any(self._values.get(name) for name in columns.DECISION_FIELDS):
            form = self._word("form")
            decision = DecisionContent(
                form if isinstance(form, DecisionForm) else None,
                self._text("number"),
                self._text("authority"),
                self._day("on"),
                self._read("amount", parse_amount),
                self._day("paid_on"),
            )
        return CaseEntry(self._row, case, decision)

    def _text(self, name: str) -> str:
        return self._read(name, lambda text: text) or ""

    def _day(self, name: str) -> date | None:
        found: date | None = self._read(name, cells.parse_day)
        return found

    def _word(self, name: str) -> object | None:
        found: object | None = self._read(name, lambda text: _chosen(name, text))
        return found

    def _read(self, name: str, parse: Callable[[str], Any]) -> Any:
        text = self._values.get(name, "")
        if not cells.cell_text(text):
            return None
        try:
            cells.refuse_formula_error(text)
            return parse(text)
        except BadCell as bad:
            self.rejected.append(RejectedRow(self._row, name, bad.code, bad.message))
        except Invalid as invalid:
            self.rejected += [RejectedRow(self._row, name, error.code, error.message) for error in invalid.errors]
        return None


def _chosen(name: str, text: str) -> object:
    value = columns.word_value(name, text)
    if value is None:
        expected = ", ".join(columns.CHOICES[name])
        raise BadCell(f"word_{name}", f"{text.strip()!r} is not known here; expected {expected}")
    return value


@dataclass(frozen=True)
class EnteredRows:
    """What entering a file does, or would do."""

    cases: int
    decisions: int
    amount: int
    rejected: tuple[RejectedRow, ...]


def check_entries(session: Session, entries: Sequence[CaseEntry], *, now: datetime) -> EnteredRows:
    """What ``enter_cases`` would do now. Writes nothing. ``entries``: with those that were read in part."""
    good, rejected = _checked(session, entries, now)
    return _result(good, rejected)


def enter_cases(session: Session, actor: Actor, entries: Sequence[CaseEntry], *, now: datetime) -> EnteredRows:
    """Enter the good rows; the caller commits them as a whole. Raises as ``enter_checked_cases``."""
    good, rejected = _checked(session, entries, now)
    workflow.enter_checked_cases(session, actor, good, now=now)
    return _result(good, rejected)


CheckedEntry = tuple[CheckedCase, DecisionContent | None]


def _result(good: Sequence[CheckedEntry], rejected: Sequence[RejectedRow]) -> EnteredRows:
    decisions = [decision for _case, decision in good if decision is not None]
    amount = sum(decision.amount or 0 for decision in decisions)
    return EnteredRows(len(good), len(decisions), amount, tuple(rejected))


def _checked(
    session: Session, entries: Sequence[CaseEntry], now: datetime
) -> tuple[list[CheckedEntry], list[RejectedRow]]:
    """The good entries, and the errors of the others: what cannot be, what stands in the database, and what stands in
    an earlier row. Uses a constant number of queries beside those for sites."""
    register = RegisterLookup(session)
    known = _Known(session)
    good: list[CheckedEntry] = []
    rejected: list[RejectedRow] = []
    for entry in entries:
        errors: list[RejectedRow] = []
        checked: CheckedCase | None = None
        decision: DecisionContent | None = None
        try:
            checked = content.check_case(session, entry.case, register, now=now)
            errors += known.case_errors(entry.row, checked.fingerprint)
        except Invalid as invalid:
            errors += [RejectedRow(entry.row, error.field, error.code, error.message) for error in invalid.errors]
        if entry.decision is not None:
            decision = content.tidied_decision(entry.decision)
            found = content.decision_errors(decision, entry.case.fault_on, now=now)
            errors += [RejectedRow(entry.row, error.field, error.code, error.message) for error in found]
            errors += known.document_errors(entry.row, content.document_key(decision), decision.number)
        rejected += [error for error in errors if error.field not in entry.unread]
        if checked is not None and not errors and not entry.unread:
            good.append((checked, decision))
            known.note(entry.row, checked, decision)
    return good, rejected


class _Known:
    """The entries and documents in the database and in the good rows so far: of two rows with one key the good one is
    taken."""

    def __init__(self, session: Session) -> None:
        cases = sa.select(Case.fingerprint, Case.public).where(Case.withdrawn_at.is_(None))
        self._cases = {row.fingerprint: f"case {row.public}" for row in session.execute(cases)}
        documents = (
            sa.select(CaseDecision.document_key, Case.public)
            .join(Case, Case.id == CaseDecision.case_id)
            .where(IN_FORCE, CaseDecision.document_key.is_not(None))
        )
        self._documents = {row.document_key: f"case {row.public}" for row in session.execute(documents)}

    def case_errors(self, row: int, fingerprint: str) -> list[RejectedRow]:
        """The error of an entry that was made before."""
        place = self._cases.get(fingerprint)
        if place is None:
            return []
        return [RejectedRow(row, "what", "case_known", f"the same entry stands in {place}")]

    def note(self, row: int, case: CheckedCase, decision: DecisionContent | None) -> None:
        """Note a good row."""
        self._cases[case.fingerprint] = f"row {row}"
        if decision is not None and decision.number and (key := content.document_key(decision)) is not None:
            self._documents[key] = f"row {row}"

    def document_errors(self, row: int, key: str | None, number: str) -> list[RejectedRow]:
        """The error of a document that was entered before."""
        place = self._documents.get(key) if key is not None and number else None
        if place is None:
            return []
        return [RejectedRow(row, "number", "decision_known", f"{number!r} of this authority stands in {place}")]
