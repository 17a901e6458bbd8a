"""The licence register as a sheet: its rows read into entries, and every row that cannot be, with the reason.

Pure: rows in, frozen values out. Who writes them into the directory decides what is new and what has changed; an
entry is known by its licence number and domains.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from campaigns.core.vietnamese import fold, nfc
from campaigns.partners import cells
from campaigns.partners.columns import meaning, missing
from campaigns.partners.directory import SiteKind
from campaigns.partners.spelling import INVISIBLE, company_key, licence_number

# What stands in the register when a sheet names no issuer: honest, and found by a search.
UNKNOWN_ISSUER: Final = "Chưa rõ cơ quan cấp"
TELL_AFTER: Final = 200  # rows checked between two times it is told how many: some hundredths of a second
_LONGEST_NUMBER = 80
_LONGEST_NAME = 300
_LONGEST_SHOWN = 20  # headings named in a message

Value = TypeVar("Value")
Said = TypeVar("Said", str, tuple[str, ...])


class Row(Protocol):
    """A row of a sheet: its number as a person sees it, and its cells by heading."""

    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One licence with its company. ``domains`` are hosts, ``pages`` addresses; ``row`` is where it first stands.

    ``status`` is the register's own word for it, "" when it has none; what it means for today is not decided here.
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
        """What makes it the same entry again: (licence number, host without www.), one a domain."""
        return tuple((self.licence_number, cells.bare_host(host)) for host in self.domains)


@dataclass(frozen=True)
class RejectedRow:
    """One thing wrong with one row: which field, a stable code, and what is wrong and was expected."""

    row: int
    field: str
    code: str
    message: str


@dataclass(frozen=True)
class RegisterNote:
    """Something done to a row that was taken."""

    row: int
    code: str
    message: str


@dataclass(frozen=True)
class RegisterReading:
    """All of a register. ``rejected`` may name a row more than once; no row is in both."""

    entries: tuple[RegisterEntry, ...]
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[RegisterNote, ...] = ()

    @property
    def bad_rows(self) -> int:
        """How many rows were not taken."""
        return len({rejected.row for rejected in self.rejected})


def read_register(
    rows: Iterable[Row],
    *,
    headings: Sequence[str] = (),
    issuer: str = UNKNOWN_ISSUER,
    chosen: Mapping[str, str] = MappingProxyType({}),
    told: Callable[[int], None] = lambda _checked: None,
) -> RegisterReading:
    """Read rows whose headings are in Vietnamese or as the public register exports them, in any order.

    Rows of one licence are joined: a sheet may have one row a domain. ``headings``: of all rows, where they are known.
    ``issuer`` stands in where a row names none.
    ``chosen``: heading -> field, where a person has said what a column is ("" = none of ours).
    ``told``: is called now and then with how many rows are checked; what it raises ends the reading.
    Nothing else is raised: a sheet that is no register at all has its first row rejected, naming the columns it lacks.
    """
    known = list(rows)
    headings = headings or tuple(dict.fromkeys(heading for row in known for heading in row.cells))
    lacking = missing(headings, chosen)
    shown = ", ".join(list(headings)[:_LONGEST_SHOWN])
    absent = {name: f"; there is no column {heading!r}, only: {shown}" for name, heading in lacking.items()}
    if known and len(lacking) == len(missing(())):
        first = known[0].number
        wrong = (RejectedRow(first, name, "column", f"this is no register{why}") for name, why in absent.items())
        return RegisterReading((), tuple(wrong))
    fields = {heading: name for heading in headings if (name := meaning(heading, chosen))}
    reader = _Register(issuer, absent)
    for number, row in enumerate(known, start=1):
        reader.take(row, fields)
        if not number % TELL_AFTER:
            told(number)
    return reader.reading()


class _Licence:
    """A licence while its rows are being joined. Most have one row, and then that says all of it."""

    __slots__ = ("_domains", "_pages", "_scope", "entry")

    def __init__(self, entry: RegisterEntry) -> None:
        self.entry = entry
        self._domains: dict[str, str] = {}  # dicts for order without repeats; empty until a second row comes
        self._pages: dict[str, None] = {}
        self._scope: dict[str, None] = {}

    def join(self, other: RegisterEntry) -> bool:
        """Whether another row of the same licence names a domain more."""
        if not self._domains:
            self._take(self.entry)
        before = len(self._domains)
        self._take(other)
        return len(self._domains) > before

    def _take(self, entry: RegisterEntry) -> None:
        for host in entry.domains:
            self._domains.setdefault(cells.bare_host(host), host)
        self._pages.update(dict.fromkeys(entry.pages))
        self._scope.update(dict.fromkeys(entry.scope))

    def whole(self) -> RegisterEntry:
        """What all its rows say."""
        if not self._domains:
            return self.entry
        domains = tuple(self._domains.values())
        return replace(self.entry, domains=domains, pages=tuple(self._pages), scope=tuple(self._scope))


class _Register:
    def __init__(self, issuer: str, absent: Mapping[str, str]) -> None:
        self._issuer = issuer
        self._absent = absent
        self._licences: dict[str, _Licence] = {}
        self._owners: dict[str, RegisterEntry] = {}  # host without www. -> the first entry that names it
        self._named: dict[str, RegisterEntry] = {}  # what a company is known by -> its first entry with a tax code
        self._taxed: dict[str, RegisterEntry] = {}  # tax code -> the first entry with it
        self._spelled: dict[str, str] = {}  # what a company is known by -> its name as it stands first
        self._rejected: list[RejectedRow] = []
        self._notes: list[RegisterNote] = []
        self._same: dict[Any, Any] = {}  # words, and lists of them, that many rows have, kept once

    def take(self, row: Row, fields: Mapping[str, str]) -> None:
        """Read one row; a row without any text is skipped, as sheets end in them."""
        values: dict[str, list[str]] = {}
        said = row.cells
        for heading, name in fields.items():
            text = said.get(heading, "")
            if text and not text.isspace():
                values.setdefault(name, []).append(text if text.isascii() else nfc(INVISIBLE.sub("", text)))
        if not values:
            return
        joined = {name: "\n".join(texts) if len(texts) > 1 else texts[0] for name, texts in values.items()}
        reading = _Reading(row.number, joined, self._issuer, self._absent, self._same)
        entry = reading.entry()
        if entry is None:
            self._rejected.extend(reading.problems)
            return
        key = fold(entry.licence_number).replace(" ", "")
        if problems := self._clashes(key, entry):
            self._rejected.extend(problems)
            return
        self._notes.extend(reading.notes)
        self._join(key, entry)

    def _clashes(self, key: str, entry: RegisterEntry) -> list[RejectedRow]:
        """What in an entry contradicts rows above it; ``key``: what its number is compared by."""
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
                here, there = getattr(entry, name), getattr(first, name)
                if here != there:
                    message = f"{_say(here)} differs from {_say(there)} in row {first.row} of the same licence"
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
            self._licences[key] = _Licence(entry)
        else:
            fresh = licence.join(entry)
            code = "joined" if fresh else "repeated"
            said = "its domains were added to" if fresh else "it says nothing that is not in"
            message = f"licence {entry.licence_number}: {said} row {licence.entry.row}"
            self._notes.append(RegisterNote(entry.row, code, message))
        for host in entry.domains:
            self._owners.setdefault(cells.bare_host(host), entry)
        self._name(entry)

    def _name(self, entry: RegisterEntry) -> None:
        """Keep whose name and tax code it is, and tell of a company that is taken for another row's."""
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
        """What all rows taken so far say."""
        entries = tuple(licence.whole() for licence in self._licences.values())
        return RegisterReading(entries, tuple(self._rejected), tuple(self._notes))


class _Reading:
    """One row being read: every field is tried, so that all its problems are named at once."""

    def __init__(
        self, row: int, values: Mapping[str, str], issuer: str, absent: Mapping[str, str], same: dict[Any, Any]
    ) -> None:
        self.problems: list[RejectedRow] = []
        self.notes: list[RegisterNote] = []
        self._row = row
        self._values = values
        self._issuer = issuer
        self._spoilt: set[str] = set()  # fields with a formula in place of a value: told once, and not looked at again
        self._absent = absent  # field -> what to add where its whole column is missing
        self._same = same

    def entry(self) -> RegisterEntry | None:
        """The row as an entry, or None with ``problems``."""
        self._refuse_formulas()
        name = self._text("company_name", "the company's name is missing; expected its full name", _LONGEST_NAME)
        example = "expected one such as 2215/GP-TTĐT"
        number = self._text("licence_number", f"the licence number is missing; {example}", _LONGEST_NUMBER)
        number = licence_number(number)
        kind = self._try("kind", lambda text: cells.kind(text, number))
        issued_on = self._try("issued_on", cells.day)
        if issued_on is None and not self._has("issued_on"):
            self._lacks("issued_on", "the date of issue is missing; expected one such as 04/03/2023")
        expires_on = self._try("expires_on", cells.last_day)
        if issued_on and expires_on and expires_on < issued_on:
            message = f"it expires on {_say(expires_on)}, before its issue on {_say(issued_on)}"
            self._bad("expires_on", "before_issue", message)
        tax_code, restored = self._try("tax_code", cells.tax_code) or (None, False)
        if restored:
            self._note("tax_code", f"tax code {tax_code}: a leading zero that the sheet had lost was put back")
        domains = self._each("domains", cells.domain)
        if not domains and not self._has("domains"):
            self._lacks("domains", "there is no domain; expected at least one such as tin.example.vn")
        pages = self._each("pages", cells.page)
        status = self._try("status", cells.status)
        issuer = cells.filled(self._values.get("issuer", ""))
        if not issuer and "issuer" not in self._spoilt:
            self._note("issuer", f"no issuer is named; {self._issuer!r} was put in its place")
        if self.problems or kind is None or issued_on is None:
            return None
        return RegisterEntry(
            company_name=self._once(name),
            tax_code=tax_code,
            licence_number=number,
            kind=kind,
            issuer=self._once(issuer or self._issuer),
            issued_on=issued_on,
            expires_on=expires_on,
            domains=tuple({cells.bare_host(host): host for host in reversed(domains)}.values())[::-1],
            pages=tuple(dict.fromkeys(pages)),
            scope=self._once(tuple(map(self._once, dict.fromkeys(cells.phrases(self._values.get("scope", "")))))),
            status=self._once(status or ""),
            row=self._row,
        )

    def _refuse_formulas(self) -> None:
        for name, text in self._values.items():
            if "#" in text or "=" in text:
                try:
                    cells.computed(text)
                except cells.BadCell as bad:
                    self._bad(name, bad.code, bad.message)
                    self._spoilt.add(name)

    def _once(self, said: Said) -> Said:
        kept: Said = self._same.setdefault(said, said)
        return kept

    def _has(self, name: str) -> bool:
        return bool(cells.filled(self._values.get(name, "")))

    def _bad(self, name: str, code: str, message: str) -> None:
        self.problems.append(RejectedRow(self._row, name, code, message))

    def _lacks(self, name: str, message: str) -> None:
        self._bad(name, "required", message + self._absent.get(name, ""))

    def _note(self, code: str, message: str) -> None:
        self.notes.append(RegisterNote(self._row, code, message))

    def _text(self, name: str, lacking: str, longest: int) -> str:
        text = cells.filled(self._values.get(name, ""))
        if name in self._spoilt:
            return ""
        if not text:
            self._lacks(name, lacking)
        elif len(text) > longest:
            self._bad(name, "too_long", f"it has {len(text)} characters; at most {longest} are taken")
        return text

    def _try(self, name: str, read: Callable[[str], Value]) -> Value | None:
        if name in self._spoilt:
            return None
        try:
            return read(self._values.get(name, ""))
        except cells.BadCell as bad:
            self._bad(name, bad.code, bad.message)
            return None

    def _each(self, name: str, read: Callable[[str], str]) -> list[str]:
        found = []
        for part in cells.several(self._values[name]) if self._has(name) and name not in self._spoilt else []:
            try:
                found.append(read(part))
            except cells.BadCell as bad:
                self._bad(name, bad.code, bad.message)
        return found


def _same_company(one: RegisterEntry, other: RegisterEntry) -> bool:
    if one.tax_code and other.tax_code:
        return one.tax_code == other.tax_code
    return company_key(one.company_name) == company_key(other.company_name)


def _say(value: object) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value.value) if isinstance(value, SiteKind) else "nothing" if value is None else repr(value)
