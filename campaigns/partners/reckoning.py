"""What entries of a register come to beside the directory: pure, over what is known of both.

A company is known by its tax code, else by its name, in any spelling of case, accents and legal form; the key of an
entry is its licence number and its domains. An entry is taken whole or not at all.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Protocol

from campaigns.core.errors import CampaignError, Invalid
from campaigns.core.vietnamese import fold
from campaigns.partners.cells import same_tax_payer
from campaigns.partners.directory import SiteKind, company_errors, host_key
from campaigns.partners.licences import licence_errors
from campaigns.partners.register import RegisterEntry, RejectedRow
from campaigns.partners.spelling import company_key


@dataclass(frozen=True)
class NewCompany:
    """A company that is not there yet. ``number`` is below zero, until the database gives it one."""

    number: int
    name: str
    tax_code: str | None


@dataclass(frozen=True)
class NewSite:
    """A site that is not there yet."""

    owner: int
    host: str
    name: str
    url: str
    kind: SiteKind


@dataclass(frozen=True)
class NewLicence:
    """A licence that is not there yet. ``domains`` are host keys."""

    owner: int
    number: str
    kind: SiteKind
    issuer: str
    issued_on: date
    expires_on: date | None
    domains: tuple[str, ...]
    scope: tuple[str, ...]


@dataclass(frozen=True)
class Reckoned:
    """What is to be written. ``widened``: (number, hosts) of licences that are there and cover more from now on.
    ``changed``: how often a licence came or was widened; ``unchanged``: entries that change nothing."""

    companies: tuple[NewCompany, ...]
    licences: tuple[NewLicence, ...]
    widened: tuple[tuple[str, tuple[str, ...]], ...]
    sites: tuple[NewSite, ...]
    changed: int
    unchanged: int
    rejected: tuple[RejectedRow, ...]


class Companies(Protocol):
    """Who is in the directory."""

    def by_tax(self, tax_code: str) -> int | None: ...
    def by_name(self, key: str) -> int | None: ...
    def name(self, ident: int) -> str: ...
    def tax(self, ident: int) -> str | None: ...


class Refused(CampaignError):
    """An entry that contradicts the register we have."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message, code=code)
        self.field = field


class Book:
    """The directory as far as it is known, and as it becomes with every entry taken.

    ``licences``: number -> (owner, host keys); ``sites``: host key -> owner. Whoever keeps the
    book writes down what the directory has of the entries' numbers and hosts before they are taken.
    """

    def __init__(self, companies: Companies) -> None:
        self._companies = companies
        self._fresh_by_tax: dict[str, int] = {}
        self._fresh_by_name: dict[str, int] = {}
        self._last = 0
        self._names: dict[int, str] = {}
        self._taxes: dict[int, str | None] = {}
        self.licences: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.sites: dict[str, int] = {}

    def find(self, entry: RegisterEntry) -> int | None:
        """Whose entry it is."""
        if entry.tax_code:
            known = self._companies.by_tax(entry.tax_code) or self._fresh_by_tax.get(entry.tax_code)
            if known is not None:
                return known
        key = company_key(entry.company_name)
        return self._companies.by_name(key) or self._fresh_by_name.get(key)

    def tax(self, owner: int) -> str | None:
        """Its tax code, as far as it is known."""
        return self._taxes.get(owner) if owner < 0 else self._companies.tax(owner)

    def name(self, owner: int) -> str:
        """What a company is called."""
        return self._names.get(owner) or self._companies.name(owner)

    def come(self, entry: RegisterEntry) -> NewCompany:
        """A company that is new. Raises ``Invalid``."""
        if errors := company_errors(entry.company_name, entry.tax_code):
            raise Invalid(errors)
        return NewCompany(self._last - 1, entry.company_name.strip(), entry.tax_code or None)

    def add(self, company: NewCompany) -> None:
        """It stays."""
        self._last = company.number
        self._names[company.number] = company.name
        self._taxes[company.number] = company.tax_code
        self._fresh_by_name[company_key(company.name)] = company.number
        if company.tax_code:
            self._fresh_by_tax[company.tax_code] = company.number


def reckon(book: Book, entries: Iterable[RegisterEntry], today: date) -> Reckoned:
    """What the entries come to, one after the other.

    An entry whose status says that the licence has ended (revoked, expired) while its dates say that it holds today is
    rejected: written down as it stands it would count as a valid licence, and only the register's keeper knows the day
    it ended.
    """
    writing = _Writing(book, today)
    rejected: list[RejectedRow] = []
    unchanged = 0
    for entry in entries:
        try:
            unchanged += not writing.take(entry)
        except CampaignError as error:
            field = error.field if isinstance(error, Refused) else "row"
            rejected.append(RejectedRow(entry.row, field, error.code, error.message))
    return Reckoned(
        tuple(writing.companies), tuple(writing.licences.values()), tuple(writing.widened.items()),
        tuple(writing.sites), writing.changed, unchanged, tuple(rejected),
    )  # fmt: skip


class _Writing:
    """What is to be written so far."""

    def __init__(self, book: Book, today: date) -> None:
        self._book = book
        self._today = today
        self.companies: list[NewCompany] = []
        self.licences: dict[str, NewLicence] = {}
        self.widened: dict[str, tuple[str, ...]] = {}
        self.sites: list[NewSite] = []
        self.changed = 0

    def take(self, entry: RegisterEntry) -> bool:
        """Whether an entry changes anything. Raises ``CampaignError`` for one that cannot be taken; it leaves no trace,
        since all of it is looked at before any of it is written down."""
        book = self._book
        refuse_ended(entry, self._today)
        hosts: dict[str, str] = {}
        for domain in entry.domains:
            hosts.setdefault(host_key(f"http://{domain}"), domain)
        known = book.find(entry)
        if known is not None and not same_tax_payer(book.tax(known), entry.tax_code):
            message = f"{entry.tax_code!r} is not {book.tax(known)!r}, the tax code of {book.name(known)!r}"
            raise Refused("tax_code", "tax_code_other", message)
        company = book.come(entry) if known is None else None
        owner = company.number if company is not None else known
        assert owner is not None  # noqa: S101  # one or the other
        licence = self._licence(entry, owner, tuple(hosts))
        sites = self._sites(entry, owner, hosts)
        if company is not None:
            self.companies.append(company)
            book.add(company)
        if licence is not None:
            self.changed += 1
            self._keep(licence)
        for site in sites:
            book.sites[site.host] = owner
        self.sites.extend(sites)
        return bool(company or licence or sites)

    def _licence(self, entry: RegisterEntry, owner: int, hosts: tuple[str, ...]) -> NewLicence | None:
        """The licence as it is to be, None when it is so already."""
        held = self._book.licences.get(entry.licence_number)
        if held is None:
            covered, errors = licence_errors(
                entry.licence_number, entry.issuer, entry.issued_on, entry.expires_on, hosts
            )
            if errors:
                raise Invalid(errors)
            hosts = tuple(covered)
        elif held[0] != owner:
            message = f"licence {entry.licence_number} belongs to {self._book.name(held[0])!r}"
            raise Refused("licence_number", "licence_taken", message)
        elif (joined := tuple(dict.fromkeys((*held[1], *hosts)))) == held[1]:
            return None
        else:
            hosts = joined
        return NewLicence(
            owner, entry.licence_number, entry.kind, entry.issuer.strip(), entry.issued_on, entry.expires_on, hosts,
            tuple(dict.fromkeys(entry.scope)),
        )  # fmt: skip

    def _keep(self, licence: NewLicence) -> None:
        number = licence.number
        if number in self.licences:  # of an entry above: it says everything but the domains
            self.licences[number] = replace(self.licences[number], domains=licence.domains)
        elif number in self._book.licences:
            self.widened[number] = licence.domains
        else:
            self.licences[number] = licence
        self._book.licences[number] = licence.owner, licence.domains

    def _sites(self, entry: RegisterEntry, owner: int, hosts: dict[str, str]) -> Sequence[NewSite]:
        fresh = []
        for host, domain in hosts.items():
            taken = self._book.sites.get(host)
            if taken is None:
                fresh.append(NewSite(owner, host, domain.strip(), f"https://{domain}/", entry.kind))
            elif taken != owner:
                raise Refused("domains", "site_taken", f"the site {domain} is {self._book.name(taken)}'s")
        return fresh


# "Chưa hết hiệu lực" and "không bị thu hồi" say the opposite of what their words would.
_ENDED = re.compile(
    r"(?<!chua )(?<!khong )(?<!chua bi )(?<!khong bi )"
    r"\b(?:khong con hieu luc|thu hoi|het hieu luc|het han"
    r"|huy bo|cham dut|revoked|expired|cancell?ed|withdrawn|terminated)\b"
)


@lru_cache(maxsize=512)  # a register has a handful of words for it
def _says_ended(status: str) -> bool:
    return _ENDED.search(fold(status)) is not None


def refuse_ended(entry: RegisterEntry, today: date) -> None:
    """Raise ``Refused`` for a licence said to have ended that holds by its dates."""
    if not entry.status or (entry.expires_on is not None and entry.expires_on < today):
        return
    if _says_ended(entry.status):
        until = f"is valid until {entry.expires_on:%d/%m/%Y}" if entry.expires_on else "has no end"
        message = (
            f"its status is {entry.status!r}, but by its dates it {until}; expected the day it ended as its expiry date"
        )
        raise Refused("status", "ended_without_date", message)
