"""From the register's entries to rows: companies, their licences and sites; a second import changes nothing twice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company, Site, add_company, add_site, host_key
from campaigns.partners.licences import Licence, add_licence
from campaigns.partners.register import RegisterEntry, RejectedRow


@dataclass(frozen=True)
class Enrolled:
    """What an import did. ``rejected``: entries that fit the sheet but not what is already there."""

    companies: int
    licences: int
    sites: int
    unchanged: int
    rejected: tuple[RejectedRow, ...]
    new_sites: tuple[str, ...]


class KnownCompanies:
    """Who is in the directory, by name and tax code: read once, and after that only who came since."""

    def __init__(self) -> None:
        self.by_name: dict[str, int] = {}
        self.by_tax: dict[str, int] = {}
        self._last = 0

    def catch_up(self, session: Session) -> None:
        """Read who came since the last time."""
        query = sa.select(Company.id, Company.name, Company.tax_code).where(Company.id > self._last)
        for ident, name, tax in session.execute(query.order_by(Company.id)):
            self.add(ident, name, tax)
            self._last = ident

    def add(self, ident: int, name: str, tax: str | None) -> None:
        """One more."""
        self.by_name[fold(name)] = ident
        if tax:
            self.by_tax[tax] = ident

    def find(self, entry: RegisterEntry) -> int | None:
        """Whose entry it is: by its tax code, else by its name, in any spelling of case and accents."""
        known = self.by_tax.get(entry.tax_code) if entry.tax_code else None
        return known or self.by_name.get(fold(entry.company_name))


def enrol(
    session: Session,
    actor: str,
    entries: Sequence[RegisterEntry],
    *,
    known: KnownCompanies | None = None,
    now: datetime,
) -> Enrolled:
    """Write entries that are not there yet. The key is licence number and domain; a company is known by its tax code,
    else by its name, in any spelling of case and accents. The caller commits, or not, as a whole; ``known`` is what it
    remembers of the directory between calls, and throws away when it does not commit.

    An entry whose status says that the licence has ended (revoked, expired) while its dates say that it holds today is
    rejected: written down as it stands it would count as a valid licence, and only the register's keeper knows the day
    it ended.
    """
    today = city_day(now)
    known = known or KnownCompanies()
    known.catch_up(session)
    companies = licences = sites = unchanged = 0
    rejected: list[RejectedRow] = []
    fresh: list[str] = []
    for entry in entries:
        before, earlier = (companies, licences, sites), len(fresh)
        try:
            with session.begin_nested():
                refuse_ended(entry, today)
                hosts = list(dict.fromkeys(host_key(f"http://{domain}") for domain in entry.domains))
                ident = known.find(entry)
                if ident is None:
                    company = add_company(
                        session, actor, code=None, name=entry.company_name, tax_code=entry.tax_code, now=now
                    )
                    companies += 1
                else:
                    company = session.get_one(Company, ident)
                licence = session.execute(
                    sa.select(Licence).where(Licence.number == entry.licence_number)
                ).scalar_one_or_none()
                if licence is None:
                    add_licence(
                        session, actor, company,
                        number=entry.licence_number, kind=entry.kind, issuer=entry.issuer, issued_on=entry.issued_on,
                        expires_on=entry.expires_on, domains=hosts, scope=entry.scope, now=now,
                    )  # fmt: skip
                    licences += 1
                elif licence.company_id != company.id:
                    held = f"licence {licence.number} is {licence.company.name}'s"
                    raise Refused("licence_number", "licence_taken", held)
                else:
                    joined = list(dict.fromkeys([*licence.domains, *hosts]))
                    if joined != licence.domains:
                        licence.domains = joined
                        licences += 1
                        journal.record(
                            session, actor, "licence.changed", "licence", licence.number, {"domains": joined}, now=now
                        )
                for domain in entry.domains:
                    host = host_key(f"http://{domain}")
                    taken = session.execute(sa.select(Site).where(Site.host == host)).scalar_one_or_none()
                    if taken is None:
                        site = add_site(
                            session, actor, company, name=domain, url=f"https://{domain}/", kind=entry.kind, now=now
                        )
                        fresh.append(site.code)
                        sites += 1
                    elif taken.company_id != company.id:
                        raise Refused("domains", "site_taken", f"the site {domain} is {taken.company.name}'s")
                session.flush()
        except CampaignError as error:
            companies, licences, sites = before
            del fresh[earlier:]  # undone with the rest of the entry
            field = error.field if isinstance(error, Refused) else "row"
            rejected.append(RejectedRow(entry.row, field, error.code, error.message))
            continue
        known.add(company.id, company.name, company.tax_code)
        unchanged += before == (companies, licences, sites)
    return Enrolled(companies, licences, sites, unchanged, tuple(rejected), tuple(fresh))


# "Chưa hết hiệu lực" and "không bị thu hồi" say the opposite of what their words would.
_ENDED = re.compile(
    r"(?<!chua )(?<!khong )(?<!chua bi )(?<!khong bi )"
    r"\b(?:thu hoi|het hieu luc|het han|huy bo|cham dut|revoked|expired|cancell?ed|withdrawn|terminated)\b"
)


def refuse_ended(entry: RegisterEntry, today: date) -> None:
    """Raise ``Refused`` for a licence said to have ended that holds by its dates."""
    if _ENDED.search(fold(entry.status)) and (entry.expires_on is None or entry.expires_on >= today):
        until = f"is valid until {entry.expires_on:%d/%m/%Y}" if entry.expires_on else "has no end"
        message = (
            f"its status is {entry.status!r}, but by its dates it {until}; expected the day it ended as its expiry date"
        )
        raise Refused("status", "ended_without_date", message)


class Refused(CampaignError):
    """An entry that contradicts the register we have."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message, code=code)
        self.field = field
