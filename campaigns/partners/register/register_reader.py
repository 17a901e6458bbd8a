"""Reads the rows of a licence register into entries, and rejects those that cannot be read, each with its reasons.

Pure: rows in, frozen values out. What is new or changed is decided by ``import_plan``.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final, TypeVar

from campaigns.core.import_runs import RejectedRow, kept_problems
from campaigns.core.vietnamese import fold, nfc
from campaigns.partners.directory import SiteKind
from campaigns.partners.normalisation import INVISIBLE_CHARACTERS, company_key, licence_number
from campaigns.partners.register import cells
from campaigns.partners.register.columns import SheetRow, chosen_field, missing_columns

# The issuer of a licence when the sheet names none; it can be searched for.
UNKNOWN_ISSUER: Final = "Chưa rõ cơ quan cấp"
# Domains, pages and different fields of one file: four for each of as many rows as a file has. A cell may hold
# thousands, and each becomes a row, or an object, of its own.
MOST_PARTS: Final = 200_000
PROGRESS_EVERY: Final = 200  # rows between two calls of ``progress``
_LONGEST_NUMBER = 80
_LONGEST_NAME = 300
_HEADINGS_NAMED = 20  # in a message

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One licence with its company. ``domains`` are hosts, ``pages`` addresses; ``row`` is the first of its rows.

    ``status`` is the register's own word, "" when it has none; what it means for today is decided by ``import_plan``.
    """

    company_name: str
    tax_code: str | None
    licence_number: str
    kind: SiteKind
    issuer: str
    issued_on: date
    expires_on: date | None
    domains: tuple[str, ...]
    pages: tuple[str, ...]
    scope: tuple[str, ...]
    status: str
    row: int

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """What identifies the entry: (licence number, host without www.) for each domain."""
        return tuple((self.licence_number, cells.bare_host(host)) for host in self.domains)


@dataclass(frozen=True)
class RegisterNote:
    """Something that was changed in a row that was taken."""

    row: int
    code: str
    message: str


@dataclass(frozen=True)
class RegisterReading:
    """The entries of a register and its rejected rows. ``rejected`` may name a row more than once."""

    entries: tuple[RegisterEntry, ...]
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[RegisterNote, ...] = ()

    @property
    def bad_rows(self) -> int:
        """The number of rejected rows."""
        return len({rejected.row for rejected in self.rejected})


def read_register(
    rows: Iterable[SheetRow],
    *,
    headings: Sequence[str] = (),
    issuer: str = UNKNOWN_ISSUER,
    chosen: Mapping[str, str] = MappingProxyType({}),
    progress: Callable[[int], None] = lambda _checked: None,
) -> RegisterReading:
    """Read rows whose headings are in Vietnamese or as the public register exports them, in any order.

    Rows of one licence are joined: a sheet may have one row a domain. ``headings``: of all rows, where they are known.
    ``issuer`` is used where a row names none.
    ``chosen``: heading -> field, where a person has chosen what a column is ("" = not used).
    ``progress`` is called every ``PROGRESS_EVERY`` rows with how many are checked; what it raises ends the reading.
    Nothing else is raised: of a sheet that is not a register the first row is rejected, naming the missing columns.
    """
    all_rows = list(rows)
    headings = headings or tuple(dict.fromkeys(heading for row in all_rows for heading in row.cells))
    missing = missing_columns(headings, chosen)
    named = ", ".join(list(headings)[:_HEADINGS_NAMED])
    absent = {name: f"; there is no column {heading!r}, only: {named}" for name, heading in missing.items()}
    if all_rows and len(missing) == len(missing_columns(())):
        first = all_rows[0].number
        rejected = (RejectedRow(first, name, "column", f"this is no register{text}") for name, text in absent.items())
        return RegisterReading((), tuple(rejected))
    fields = {heading: name for heading in headings if (name := chosen_field(heading, chosen))}
    reader = _Register(issuer, absent)
    for number, row in enumerate(all_rows, start=1):
        reader.take(row, fields)
        if not number % PROGRESS_EVERY:
            progress(number)
    return reader.reading()


class _JoinedLicence:
    """A licence whose rows are being joined."""

    def __init__(self, entry: RegisterEntry) -> None:
        self.entry = entry

    def join(self, other: RegisterEntry) -> bool:
        """Add the domains, pages and scope of another row; return whether it names a new domain."""
        domains = _distinct_hosts((*self.entry.domains, *other.domains))
        has_new_domain = len(domains) > len(self.entry.domains)
        self.entry = replace(
            self.entry,
            domains=domains,
            pages=tuple(dict.fromkeys((*self.entry.pages, *other.pages))),
            scope=tuple(dict.fromkeys((*self.entry.scope, *other.scope))),
        )
        return has_new_domain


class _Register:
    def __init__(self, issuer: str, absent: Mapping[str, str]) -> None:
        self._issuer = issuer
        self._absent = absent
        self._licences: dict[str, _JoinedLicence] = {}
        self._owners: dict[str, RegisterEntry] = {}  # host without www. -> the first entry that names it
        self._named: dict[str, RegisterEntry] = {}  # company key -> its first entry with a tax code
        self._taxed: dict[str, RegisterEntry] = {}  # tax code -> the first entry with it
        self._spelled: dict[str, str] = {}  # company key -> its name as first written
        self._phrases: set[str] = set()  # of all scopes
        self._parts = 0
        self._rejected: list[RejectedRow] = []
        self._notes: list[RegisterNote] = []

    def take(self, row: SheetRow, fields: Mapping[str, str]) -> None:
        """Read one row; a row without text is skipped."""
        texts_by_field: dict[str, list[str]] = {}
        row_cells = row.cells
        for heading, name in fields.items():
            text = row_cells.get(heading, "")
            if text and not text.isspace():
                texts_by_field.setdefault(name, []).append(nfc(INVISIBLE_CHARACTERS.sub("", text)))
        if not texts_by_field:
            return
        if self._parts > MOST_PARTS:
            message = f"the rows above have more than {MOST_PARTS:,} domains, pages and fields; divide the file"
            self._rejected.append(RejectedRow(row.number, "domains", "too_many_parts", message))
            return
        joined = {name: "\n".join(texts) for name, texts in texts_by_field.items()}
        reading = _RowReading(row.number, joined, self._issuer, self._absent)
        entry = reading.entry()
        if entry is None:
            self._rejected.extend(kept_problems(reading.problems, len(self._rejected)))
            return
        key = fold(entry.licence_number).replace(" ", "")
        if problems := self._clashes(key, entry):
            self._rejected.extend(problems)
            return
        self._parts += len(entry.domains) + len(entry.pages) + len(set(entry.scope) - self._phrases)
        self._phrases.update(entry.scope)
        self._notes.extend(reading.notes)
        self._join(key, entry)

    def _clashes(self, key: str, entry: RegisterEntry) -> list[RejectedRow]:
        """The contradictions between an entry and the rows above it; ``key``: what its number is compared by."""
        problems = []
        before = self._licences.get(key)
        if before is not None:
            first = before.entry
            if not _same_company(first, entry):
                message = (
                    f"licence {entry.licence_number} belongs to {first.company_name!r} in row {first.row}, "
                    f"here to {entry.company_name!r}; expected one company a licence"
                )
                problems.append(RejectedRow(entry.row, "licence_number", "licence_taken", message))
            for name in ("kind", "issued_on", "expires_on"):
                value, first_value = getattr(entry, name), getattr(first, name)
                if value != first_value:
                    message = (
                        f"{_as_text(value)} differs from {_as_text(first_value)} in row {first.row} of the same licence"
                    )
                    problems.append(RejectedRow(entry.row, name, "contradiction", message))
        named = self._named.get(company_key(entry.company_name))
        if named is not None and entry.tax_code and not cells.same_tax_payer(named.tax_code, entry.tax_code):
            message = (
                f"{entry.tax_code!r} is not {named.tax_code!r}, which {named.company_name!r} has in row {named.row}; "
                "expected one tax code a company"
            )
            problems.append(RejectedRow(entry.row, "tax_code", "tax_code_other", message))
        for host in entry.domains:
            owner = self._owners.get(cells.bare_host(host))
            if owner is not None and not _same_company(owner, entry):
                message = f"{host} belongs to {owner.company_name!r} in row {owner.row}; expected one company a domain"
                problems.append(RejectedRow(entry.row, "domains", "domain_taken", message))
        return problems

    def _join(self, key: str, entry: RegisterEntry) -> None:
        licence = self._licences.get(key)
        if licence is None:
            self._licences[key] = _JoinedLicence(entry)
        else:
            has_new_domain = licence.join(entry)
            code = "joined" if has_new_domain else "repeated"
            relation = "its domains were added to" if has_new_domain else "it says nothing that is not in"
            message = f"licence {entry.licence_number}: {relation} row {licence.entry.row}"
            self._notes.append(RegisterNote(entry.row, code, message))
        for host in entry.domains:
            self._owners.setdefault(cells.bare_host(host), entry)
        self._name(entry)

    def _name(self, entry: RegisterEntry) -> None:
        """Record the name and tax code of the company, and note when it is taken for that of another row."""
        key = company_key(entry.company_name)
        before = self._spelled.setdefault(key, entry.company_name)
        if before != entry.company_name:
            message = f"{entry.company_name!r} is taken for {before!r}, written otherwise"
            self._notes.append(RegisterNote(entry.row, "spelled", message))
        if entry.tax_code:
            self._named.setdefault(key, entry)
            first = self._taxed.setdefault(entry.tax_code, entry)
            if company_key(first.company_name) != key:
                message = (
                    f"tax code {entry.tax_code} is {first.company_name!r}'s in row {first.row}, "
                    f"here {entry.company_name!r}'s; taken for one company, under its first name"
                )
                self._notes.append(RegisterNote(entry.row, "renamed", message))

    def reading(self) -> RegisterReading:
        """The entries and rejected rows so far."""
        entries = tuple(licence.entry for licence in self._licences.values())
        return RegisterReading(entries, tuple(self._rejected), tuple(self._notes))


class _RowReading:
    """Reads one row: every field is tried, so that all errors are reported at once."""

    def __init__(self, row: int, values: Mapping[str, str], issuer: str, absent: Mapping[str, str]) -> None:
        self.problems: list[RejectedRow] = []
        self.notes: list[RegisterNote] = []
        self._row = row
        self._values = values
        self._issuer = issuer
        self._formulas: set[str] = set()  # fields with a formula in place of a value: reported once, then skipped
        self._absent = absent  # field -> what to add to the message where its whole column is missing

    def entry(self) -> RegisterEntry | None:
        """The row as an entry, or None with ``problems``."""
        self._refuse_formulas()
        name = self._text("company_name", "the company's name is missing; expected its full name", _LONGEST_NAME)
        example = "expected one such as 2215/GP-TTĐT"
        number = self._text("licence_number", f"the licence number is missing; {example}", _LONGEST_NUMBER)
        number = licence_number(number)
        kind = self._try("kind", lambda text: cells.parse_kind(text, number))
        issued_on = self._try("issued_on", cells.parse_day)
        if issued_on is None and not self._has("issued_on"):
            self._lacks("issued_on", "the date of issue is missing; expected one such as 04/03/2023")
        expires_on = self._try("expires_on", cells.parse_last_day)
        if issued_on and expires_on and expires_on < issued_on:
            message = f"it expires on {_as_text(expires_on)}, before its issue on {_as_text(issued_on)}"
            self._bad("expires_on", "before_issue", message)
        tax_code, restored = self._try("tax_code", cells.parse_tax_code) or (None, False)
        if restored:
            self._note("tax_code", f"tax code {tax_code}: a leading zero that the sheet had lost was put back")
        domains = self._each("domains", cells.parse_domain)
        if not domains and not self._has("domains"):
            self._lacks("domains", "there is no domain; expected at least one such as tin.example.vn")
        pages = self._each("pages", cells.parse_page_address)
        status = self._try("status", cells.parse_status)
        issuer = cells.cell_text(self._values.get("issuer", ""))
        if not issuer and "issuer" not in self._formulas:
            self._note("issuer", f"no issuer is named; {self._issuer!r} was put in its place")
        if self.problems or kind is None or issued_on is None:
            return None
        return RegisterEntry(
            company_name=name,
            tax_code=tax_code,
            licence_number=number,
            kind=kind,
            issuer=sys.intern(issuer or self._issuer),  # thousands of rows say the same
            issued_on=issued_on,
            expires_on=expires_on,
            domains=_distinct_hosts(domains),
            pages=tuple(dict.fromkeys(pages)),
            scope=tuple(dict.fromkeys(map(sys.intern, cells.split_phrases(self._values.get("scope", ""))))),
            status=sys.intern(status or ""),
            row=self._row,
        )

    def _refuse_formulas(self) -> None:
        for name, text in self._values.items():
            try:
                cells.refuse_formula_error(text)
            except cells.BadCell as bad:
                self._bad(name, bad.code, bad.message)
                self._formulas.add(name)

    def _has(self, name: str) -> bool:
        return bool(cells.cell_text(self._values.get(name, "")))

    def _bad(self, name: str, code: str, message: str) -> None:
        self.problems.append(RejectedRow(self._row, name, code, message))

    def _lacks(self, name: str, message: str) -> None:
        self._bad(name, "required", message + self._absent.get(name, ""))

    def _note(self, code: str, message: str) -> None:
        self.notes.append(RegisterNote(self._row, code, message))

    def _text(self, name: str, lacking: str, longest: int) -> str:
        text = cells.cell_text(self._values.get(name, ""))
        if name in self._formulas:
            return ""
        if not text:
            self._lacks(name, lacking)
        elif len(text) > longest:
            self._bad(name, "too_long", f"it has {len(text)} characters; at most {longest} are taken")
        return text

    def _try(self, name: str, read: Callable[[str], Value]) -> Value | None:
        if name in self._formulas:
            return None
        try:
            return read(self._values.get(name, ""))
        except cells.BadCell as bad:
            self._bad(name, bad.code, bad.message)
            return None

    def _each(self, name: str, read: Callable[[str], str]) -> list[str]:
        found = []
        for part in cells.split_addresses(self._values[name]) if self._has(name) and name not in self._formulas else []:
            try:
                found.append(read(part))
            except cells.BadCell as bad:
                self._bad(name, bad.code, bad.message)
        return found


def _distinct_hosts(hosts: Iterable[str]) -> tuple[str, ...]:
    """The hosts in their order, each once with or without www."""
    distinct: dict[str, str] = {}
    for host in hosts:
        distinct.setdefault(cells.bare_host(host), host)
    return tuple(distinct.values())


def _same_company(first: RegisterEntry, second: RegisterEntry) -> bool:
    if first.tax_code and second.tax_code:
        return first.tax_code == second.tax_code
    return company_key(first.company_name) == company_key(second.company_name)


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value.value) if isinstance(value, SiteKind) else "nothing" if value is None else repr(value)
