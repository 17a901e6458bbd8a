"""From the register's entries to rows: companies, their licences and sites; a second import changes nothing twice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

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


def enrol(session: Session, actor: str, entries: Sequence[RegisterEntry], *, now: datetime) -> Enrolled:
    """Write entries that are not there yet. The key is licence number and domain; a company is known by its tax code,
    else by its name, in any spelling of case and accents. The caller commits, or not, as a whole.

    An entry whose status says that the licence has ended (revoked, expired) while its dates say that it holds today is
    rejected: written down as it stands it would count as a valid licence, and only the register's keeper knows the day
    it ended.
    """
    today = city_day(now)
    by_name = {fold(name): ident for ident, name in session.execute(sa.select(Company.id, Company.name))}
    by_tax = {
        tax: ident
        for ident, tax in session.execute(sa.select(Company.id, Company.tax_code).where(Company.tax_code.is_not(None)))
    }
    companies = licences = sites = unchanged = 0
    rejected: list[RejectedRow] = []
    fresh: list[str] = []
    for entry in entries:
        before, known = (companies, licences, sites), len(fresh)
        try:
            with session.begin_nested():
                _refuse_ended(entry, today)
                hosts = list(dict.fromkeys(host_key(f"http://{domain}") for domain in entry.domains))
                ident = by_tax.get(entry.tax_code) if entry.tax_code else None
                ident = ident or by_name.get(fold(entry.company_name))
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
                    raise _Refused("licence_number", "licence_taken", held)
                else:
                    joined = list(dict.fromkeys([*licence.domains, *hosts]))
                    if joined != licence.domains:
                        licence.domains = joined
                        licences += 1
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
                        raise _Refused("domains", "site_taken", f"the site {domain} is {taken.company.name}'s")
                session.flush()
        except CampaignError as error:
            companies, licences, sites = before
            del fresh[known:]  # undone with the rest of the entry
            field = error.field if isinstance(error, _Refused) else "row"
            rejected.append(RejectedRow(entry.row, field, error.code, error.message))
            continue
        by_name[fold(company.name)] = company.id
        if company.tax_code:
            by_tax[company.tax_code] = company.id
        unchanged += before == (companies, licences, sites)
    return Enrolled(companies, licences, sites, unchanged, tuple(rejected), tuple(fresh))


# "Chưa hết hiệu lực" and "không bị thu hồi" say the opposite of what their words would.
_ENDED = re.compile(
    r"(?<!chua )(?<!khong )(?<!chua bi )(?<!khong bi )"
    r"\b(?:thu hoi|het hieu luc|het han|huy bo|cham dut|revoked|expired|cancell?ed|withdrawn|terminated)\b"
)


def _refuse_ended(entry: RegisterEntry, today: date) -> None:
    if _ENDED.search(fold(entry.status)) and (entry.expires_on is None or entry.expires_on >= today):
        until = f"is valid until {entry.expires_on:%d/%m/%Y}" if entry.expires_on else "has no end"
        message = (
            f"its status is {entry.status!r}, but by its dates it {until}; expected the day it ended as its expiry date"
        )
        raise _Refused("status", "ended_without_date", message)


class _Refused(CampaignError):
    """An entry that contradicts the register we have."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message, code=code)
        self.field = field
