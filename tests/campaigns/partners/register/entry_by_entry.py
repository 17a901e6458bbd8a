"""An import of a register entry by entry through the functions of the directory, each entry in a savepoint.

The reference that ``import_entries`` is compared with.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError
from campaigns.core.import_runs import ImportOutcome, RejectedRow
from campaigns.partners.directory import Company, CompanyContent, Site, SiteContent, add_company, add_site, host_key
from campaigns.partners.licences import Licence, LicenceContent, add_licence
from campaigns.partners.normalisation import company_key
from campaigns.partners.register.import_plan import EntryRefused, refuse_ended
from campaigns.partners.register.register_reader import RegisterEntry


def _find(session: Session, entry: RegisterEntry) -> Company | None:
    """By tax code, else by name; of several the one that came last."""
    companies = session.execute(sa.select(Company).order_by(Company.id.desc())).scalars().all()
    by_tax = [company for company in companies if entry.tax_code and company.tax_code == entry.tax_code]
    by_name = [company for company in companies if company_key(company.name) == company_key(entry.company_name)]
    return next(iter([*by_tax, *by_name]), None)


def import_one_by_one(
    session: Session, actor: str, entries: Sequence[RegisterEntry], *, now: datetime
) -> ImportOutcome:
    """Write entries that are not there yet."""
    companies = licences = sites = unchanged = 0
    rejected: list[RejectedRow] = []
    for entry in entries:
        before = (companies, licences, sites)
        try:
            with session.begin_nested():
                refuse_ended(entry, city_day(now))
                hosts = list(dict.fromkeys(host_key(f"http://{domain}") for domain in entry.domains))
                company = _find(session, entry)
                if company and company.tax_code and entry.tax_code and company.tax_code[:10] != entry.tax_code[:10]:
                    other = f"{entry.tax_code!r} is not {company.tax_code!r}, the tax code of {company.name!r}"
                    raise EntryRefused("tax_code", "tax_code_other", other)
                if company is None:
                    company = add_company(
                        session, actor, CompanyContent(name=entry.company_name, tax_code=entry.tax_code), now=now
                    )
                    companies += 1
                number = entry.licence_number
                licence = session.execute(sa.select(Licence).where(Licence.number == number)).scalar_one_or_none()
                if licence is None:
                    add_licence(
                        session,
                        actor,
                        company,
                        number,
                        LicenceContent(
                            kind=entry.kind,
                            issuer=entry.issuer,
                            issued_on=entry.issued_on,
                            expires_on=entry.expires_on,
                            domains=hosts,
                            scope=entry.scope,
                        ),
                        now=now,
                    )
                    licences += 1
                elif licence.company_id != company.id:
                    held = f"licence {licence.number} belongs to {licence.company.name!r}"
                    raise EntryRefused("licence_number", "licence_taken", held)
                elif (joined := list(dict.fromkeys([*licence.domains, *hosts]))) != licence.domains:
                    licence.domains = joined
                    licences += 1
                for domain in entry.domains:
                    host = host_key(f"http://{domain}")
                    taken = session.execute(sa.select(Site).where(Site.host == host)).scalar_one_or_none()
                    if taken is None:
                        add_site(
                            session,
                            actor,
                            company,
                            SiteContent(name=domain, url=f"https://{domain}/", kind=entry.kind),
                            now=now,
                        )
                        sites += 1
                    elif taken.company_id != company.id:
                        raise EntryRefused("domains", "site_taken", f"the site {domain} is {taken.company.name}'s")
                session.flush()
        except CampaignError as error:
            companies, licences, sites = before
            field = error.field if isinstance(error, EntryRefused) else "row"
            rejected.append(RejectedRow(entry.row, field, error.code, error.message))
            continue
        unchanged += before == (companies, licences, sites)
    counts = {"companies": companies, "licences": licences, "sites": sites, "unchanged": unchanged}
    return ImportOutcome(counts, len(entries) - len(rejected), tuple(rejected))
