"""Reads the rows of a licence register into entries, and rejects those that cannot be read, each with its reasons.

Pure: rows in, frozen values out. What is new or changed is decided by ``import_plan``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from campaigns.core.import_runs import RejectedRow, RowNote, kept_problems
from campaigns.core.imports.row_reader import Reading, ReadRow
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import SiteKind
from campaigns.partners.normalisation import company_key
from campaigns.partners.register import cells

# The issuer of a licence when the sheet names none; it can be searched for.
UNKNOWN_ISSUER: Final = "Chưa rõ cơ quan cấp"
# Domains, pages and different fields of one file: four for each of as many rows as a file has. A cell may hold
# thousands, and each becomes a row, or an object, of its own.
MOST_PARTS: Final = 200_000


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


def read_register(rows: Iterable[ReadRow]) -> Reading[RegisterEntry]:
    """The licences of a register's rows. Rows of one licence are joined: a sheet may have one row a domain."""
    register = _Register()
    for row in rows:
        register.take(row)
    return register.reading()


class _Register:
    def __init__(self) -> None:
        self._licences: dict[str, RegisterEntry] = {}
        self._owners: dict[str, RegisterEntry] = {}  # host without www. -> the first entry that names it
        self._named: dict[str, RegisterEntry] = {}  # company key -> its first entry with a tax code
        self._taxed: dict[str, RegisterEntry] = {}  # tax code -> the first entry with it
        self._spelled: dict[str, str] = {}  # company key -> its name as first written
        self._phrases: set[str] = set()  # of all scopes
        self._parts = 0
        self._rejected: list[RejectedRow] = []
        self._notes: list[RowNote] = []

    def take(self, row: ReadRow) -> None:
        """Take one row."""
        if self._parts > MOST_PARTS:
            message = f"the rows above have more than {MOST_PARTS:,} domains, pages and fields; divide the file"
            self._rejected.append(RejectedRow(row.number, "domains", "too_many_parts", message))
            return
        entry = _entry(row)
        if entry is None:
            self._rejected.extend(kept_problems(row.problems, len(self._rejected)))
            return
        key = fold(entry.licence_number).replace(" ", "")
        if problems := self._clashes(key, entry):
            self._rejected.extend(problems)
            return
        self._parts += len(entry.domains) + len(entry.pages) + len(set(entry.scope) - self._phrases)
        self._phrases.update(entry.scope)
        self._notes.extend(_restored(row, entry))
        self._join(key, entry)

    def _clashes(self, key: str, entry: RegisterEntry) -> list[RejectedRow]:
        """The contradictions between an entry and the rows above it; ``key``: what its number is compared by."""
        problems = []
        first = self._licences.get(key)
        if first is not None:
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
        first = self._licences.setdefault(key, entry)
        if first is not entry:
            joined = _joined(first, entry)
            code = "joined" if len(joined.domains) > len(first.domains) else "repeated"
            relation = "its domains were added to" if code == "joined" else "it says nothing that is not in"
            message = f"licence {entry.licence_number}: {relation} row {first.row}"
            self._notes.append(RowNote(entry.row, code, message))
            self._licences[key] = joined
        for host in entry.domains:
            self._owners.setdefault(cells.bare_host(host), entry)
        self._name(entry)

    def _name(self, entry: RegisterEntry) -> None:
        """Record the name and tax code of the company, and note when it is taken for that of another row."""
        key = company_key(entry.company_name)
        before = self._spelled.setdefault(key, entry.company_name)
        if before != entry.company_name:
            message = f"{entry.company_name!r} is taken for {before!r}, written otherwise"
            self._notes.append(RowNote(entry.row, "spelled", message))
        if entry.tax_code:
            self._named.setdefault(key, entry)
            first = self._taxed.setdefault(entry.tax_code, entry)
            if company_key(first.company_name) != key:
                message = (
                    f"tax code {entry.tax_code} is {first.company_name!r}'s in row {first.row}, "
                    f"here {entry.company_name!r}'s; taken for one company, under its first name"
                )
                self._notes.append(RowNote(entry.row, "renamed", message))

    def reading(self) -> Reading[RegisterEntry]:
        """The entries and rejected rows so far."""
        return Reading(tuple(self._licences.values()), tuple(self._rejected), tuple(self._notes))


def _entry(row: ReadRow) -> RegisterEntry | None:
    """The row as an entry, or None with its ``problems``."""
    values = dict(row.values)
    if "kind" in values and values["kind"] is None:
        values["kind"] = cells.kind_of_number(values.get("licence_number", ""))
        if values["kind"] is None:
            row.refuse("kind", "required", "the kind is missing; expected trang tổng hợp (i) or mạng xã hội (s)")
    issued, expires = values.get("issued_on"), values.get("expires_on")
    if issued and expires and expires < issued:
        message = f"it expires on {_as_text(expires)}, before its issue on {_as_text(issued)}"
        row.refuse("expires_on", "before_issue", message)
    if row.problems:
        return None
    return RegisterEntry(**values | {"issuer": values["issuer"] or UNKNOWN_ISSUER}, row=row.number)


def _restored(row: ReadRow, entry: RegisterEntry) -> Iterator[RowNote]:
    """The notes on what was put in place of cells."""
    if entry.tax_code and len(re.sub(r"\D", "", row.texts["tax_code"])) < len(entry.tax_code.replace("-", "")):
        message = f"tax code {entry.tax_code}: a leading zero that the sheet had lost was put back"
        yield RowNote(row.number, "tax_code", message)
    if not row.values["issuer"]:
        yield RowNote(row.number, "issuer", f"no issuer is named; {UNKNOWN_ISSUER!r} was put in its place")


def _joined(first: RegisterEntry, other: RegisterEntry) -> RegisterEntry:
    """A licence with the domains, pages and scope of another of its rows."""
    return replace(
        first,
        domains=cells.distinct_hosts((*first.domains, *other.domains)),
        pages=tuple(dict.fromkeys((*first.pages, *other.pages))),
        scope=tuple(dict.fromkeys((*first.scope, *other.scope))),
    )


def _same_company(first: RegisterEntry, second: RegisterEntry) -> bool:
    if first.tax_code and second.tax_code:
        return first.tax_code == second.tax_code
    return company_key(first.company_name) == company_key(second.company_name)


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value.value) if isinstance(value, SiteKind) else "nothing" if value is None else repr(value)
