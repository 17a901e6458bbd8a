"""What the entries of a register would change in the directory: pure decisions over what is known of both.

A company is found by its tax code, else by its name in any spelling of case, accents and legal form. An entry is known
by its licence number and its domains. It is taken whole or not at all.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from campaigns.core.contents import from_attributes
from campaigns.core.errors import CampaignError, Invalid
from campaigns.core.import_runs import RejectedRow
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import CompanyContent, SiteKind, company_errors, host_key
from campaigns.partners.licences import LicenceContent, checked_licence
from campaigns.partners.normalisation import company_key
from campaigns.partners.register.cells import same_tax_payer
from campaigns.partners.register.register_reader import RegisterEntry


@dataclass(frozen=True, slots=True)
class NewCompany:
    """A company to be added. ``temporary_id`` is negative and stands for its id until the database gives one."""

    temporary_id: int
    name: str
    tax_code: str | None


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site to be added. ``company_id`` may be the temporary id of a new company."""

    company_id: int
    host: str
    name: str
    url: str
    kind: SiteKind


@dataclass(frozen=True, slots=True)
class NewLicence:
    """A licence to be added. ``company_id`` may be the temporary id of a new company; its domains are host keys."""

    company_id: int
    number: str
    content: LicenceContent


@dataclass(frozen=True)
class ImportPlan:
    """What is to be written. ``widened``: number -> host keys of existing licences that cover more from now on.

    ``licences_changed`` counts entries that add or widen a licence, ``unchanged`` those that change nothing.
    """

    companies: Sequence[NewCompany]
    licences: Sequence[NewLicence]
    widened: dict[str, tuple[str, ...]]
    sites: Sequence[NewSite]
    licences_changed: int
    unchanged: int
    rejected: tuple[RejectedRow, ...]


class EntryRefused(CampaignError):
    """An entry that contradicts the directory."""

    def __init__(self, field_name: str, code: str, message: str) -> None:
        super().__init__(message, code=code)
        self.field = field_name


@dataclass
class KnownDirectory:
    """The directory as far as one plan needs it; every entry that is taken is added to it.

    ``ids_by_name`` has keys of ``company_key``. ``licences``: number -> (company id, host keys). ``sites``: host key ->
    company id. Ids below zero are temporary ones of new companies.
    """

    ids_by_name: dict[str, int] = field(default_factory=dict)
    ids_by_tax_code: dict[str, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    tax_codes: dict[int, str | None] = field(default_factory=dict)
    licences: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    sites: dict[str, int] = field(default_factory=dict)

    def find_company(self, entry: RegisterEntry) -> int | None:
        """The id of the company that an entry is about, None when it is not in the directory."""
        if entry.tax_code and entry.tax_code in self.ids_by_tax_code:
            return self.ids_by_tax_code[entry.tax_code]
        return self.ids_by_name.get(company_key(entry.company_name))

    def add_company(self, company: NewCompany) -> None:
        """Make a new company known to the entries after it."""
        self.names[company.temporary_id] = company.name
        self.tax_codes[company.temporary_id] = company.tax_code
        self.ids_by_name[company_key(company.name)] = company.temporary_id
        if company.tax_code:
            self.ids_by_tax_code[company.tax_code] = company.temporary_id


def plan_import(directory: KnownDirectory, entries: Iterable[RegisterEntry], today: date) -> ImportPlan:
    """Decide for one entry after the other what it adds, and add it to ``directory``.

    An entry whose status says that the licence has ended (revoked, expired) while its dates say that it holds today is
    rejected: written as it stands it would count as a valid licence, and only the keeper of the register knows the day
    it ended.
    """
    plan = _PlanBuilder(directory, today)
    rejected: list[RejectedRow] = []
    unchanged = 0
    for entry in entries:
        try:
            unchanged += not plan.take(entry)
        except CampaignError as error:
            field_name = error.field if isinstance(error, EntryRefused) else "row"
            rejected.append(RejectedRow(entry.row, field_name, error.code, error.message))
    return ImportPlan(
        plan.companies, list(plan.licences.values()), plan.widened, plan.sites, plan.licences_changed, unchanged,
        tuple(rejected),
    )  # fmt: skip


class _PlanBuilder:
    def __init__(self, directory: KnownDirectory, today: date) -> None:
        self._directory = directory
        self._today = today
        self.companies: list[NewCompany] = []
        self.licences: dict[str, NewLicence] = {}
        self.widened: dict[str, tuple[str, ...]] = {}
        self.sites: list[NewSite] = []
        self.licences_changed = 0

    def take(self, entry: RegisterEntry) -> bool:
        """Return whether an entry changes anything. Raises ``CampaignError`` for one that cannot be taken; everything
        is checked before anything is recorded, so that a refused entry leaves no trace."""
        directory = self._directory
        refuse_ended(entry, self._today)
        domains: dict[str, str] = {}  # host key -> domain as it is written
        for domain in entry.domains:
            domains.setdefault(host_key(f"http://{domain}"), domain)
        new_company = None
        company_id = directory.find_company(entry)
        if company_id is None:
            new_company = self._new_company(entry)
            company_id = new_company.temporary_id
        elif not same_tax_payer(directory.tax_codes.get(company_id), entry.tax_code):
            known = directory.tax_codes[company_id]
            message = f"{entry.tax_code!r} is not {known!r}, the tax code of {directory.names[company_id]!r}"
            raise EntryRefused("tax_code", "tax_code_other", message)
        licence = self._changed_licence(entry, company_id, tuple(domains))
        sites = self._new_sites(entry, company_id, domains)
        if new_company is not None:
            self.companies.append(new_company)
            directory.add_company(new_company)
        if licence is not None:
            self.licences_changed += 1
            self._record_licence(licence)
        directory.sites.update((site.host, company_id) for site in sites)
        self.sites.extend(sites)
        return bool(new_company or licence or sites)

    def _new_company(self, entry: RegisterEntry) -> NewCompany:
        if errors := company_errors(CompanyContent(name=entry.company_name, tax_code=entry.tax_code)):
            raise Invalid(errors)
        return NewCompany(-len(self.companies) - 1, entry.company_name.strip(), entry.tax_code or None)

    def _changed_licence(self, entry: RegisterEntry, company_id: int, hosts: tuple[str, ...]) -> NewLicence | None:
        """The licence as it is to be; None when it is so already."""
        number = entry.licence_number
        known = self._directory.licences.get(number)
        if known is not None:
            owner, covered = known
            if owner != company_id:
                message = f"licence {number} belongs to {self._directory.names[owner]!r}"
                raise EntryRefused("licence_number", "licence_taken", message)
            hosts = tuple(dict.fromkeys((*covered, *hosts)))
            if hosts == covered:
                return None
        content, errors = checked_licence(replace(from_attributes(LicenceContent, entry), domains=hosts))
        if errors and known is None:
            raise Invalid(errors)
        return NewLicence(company_id, number, content)

    def _record_licence(self, licence: NewLicence) -> None:
        number = licence.number
        if number in self.licences:  # an entry above says everything but the domains
            above = self.licences[number]
            self.licences[number] = replace(above, content=replace(above.content, domains=licence.content.domains))
        elif number in self._directory.licences:
            self.widened[number] = tuple(licence.content.domains)
        else:
            self.licences[number] = licence
        self._directory.licences[number] = licence.company_id, tuple(licence.content.domains)

    def _new_sites(self, entry: RegisterEntry, company_id: int, domains: dict[str, str]) -> Sequence[NewSite]:
        sites = []
        for host, domain in domains.items():
            owner = self._directory.sites.get(host)
            if owner is None:
                sites.append(NewSite(company_id, host, domain.strip(), f"https://{domain}/", entry.kind))
            elif owner != company_id:
                message = f"the site {domain} is {self._directory.names[owner]}'s"
                raise EntryRefused("domains", "site_taken", message)
        return sites


# "Chưa hết hiệu lực" and "không bị thu hồi" say the opposite of what their words would.
_ENDED = re.compile(
    r"(?<!chua )(?<!khong )(?<!chua bi )(?<!khong bi )"
    r"\b(?:khong con hieu luc|thu hoi|het hieu luc|het han"
    r"|huy bo|cham dut|revoked|expired|cancell?ed|withdrawn|terminated)\b"
)


def refuse_ended(entry: RegisterEntry, today: date) -> None:
    """Raise ``EntryRefused`` for a licence whose status says that it has ended while its dates say that it holds."""
    if not entry.status or (entry.expires_on is not None and entry.expires_on < today):
        return
    if _ENDED.search(fold(entry.status)):
        until = f"is valid until {entry.expires_on:%d/%m/%Y}" if entry.expires_on else "has no end"
        message = (
            f"its status is {entry.status!r}, but by its dates it {until}; expected the day it ended as its expiry date"
        )
        raise EntryRefused("status", "ended_without_date", message)
