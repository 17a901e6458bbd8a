"""Write the entries of a register into the directory, or say what writing them would do.

New companies, licences and sites are inserted; an entry that is there already changes nothing, so that an import that
is repeated writes nothing twice.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.base import in_batches
from campaigns.core.clock import city_day
from campaigns.core.current_company import lock_current_companies
from campaigns.core.errors import Invalid
from campaigns.core.import_runs import ImportOutcome, ImportRun
from campaigns.partners.directory import Company, Site, free_codes, host_key
from campaigns.partners.licences import Licence, LicenceAct, write_versions
from campaigns.partners.normalisation import company_key
from campaigns.partners.register.import_plan import ImportPlan, KnownDirectory, plan_import
from campaigns.partners.register.register_reader import RegisterEntry

NAMED_IN_JOURNAL: Final = 10  # new licences that the journal names; its digest covers all of them


def preview_import(session: Session, entries: Sequence[RegisterEntry], *, now: datetime) -> ImportOutcome:
    """What ``import_entries`` would do now: the same counts, the same entries rejected. Writes nothing."""
    return _outcome(plan_import(_read_directory(session, entries), entries, city_day(now)), entries)


def import_entries(
    session: Session, actor: str, run: str, entries: Sequence[RegisterEntry], *, now: datetime
) -> ImportOutcome:
    """Write the entries that are not there yet; the caller commits them as a whole.

    ``run`` is the public id of the import. Every new row bears it, and the journal gets one entry for all of them: how
    many there are of each kind, and a digest of their codes (``import_digest``). A licence that was there and covers
    more gets an entry of its own, as for any other change. New sites have no sources yet, so there is nothing to check.
    """
    plan = plan_import(_read_directory(session, entries), entries, city_day(now))
    added = {"came_by": run, "created_at": now}
    company_codes = free_codes(session, Company.code, [company.name for company in plan.companies])
    company_ids = _add_companies(session, plan, company_codes, added) | _lock_owners(session, plan)
    _add_licences(session, plan, company_ids, added)
    site_codes = free_codes(session, Site.code, [site.host for site in plan.sites])
    _add_sites(session, plan, site_codes, company_ids, added)
    _widen_licences(session, actor, run, plan.widened, now)
    numbers = [licence.number for licence in plan.licences]
    if plan.companies or numbers or plan.sites:
        details = {
            "companies": len(plan.companies),
            "licences": len(numbers),
            "sites": len(plan.sites),
            "named": numbers[:NAMED_IN_JOURNAL],
            "digest": import_digest(company_codes, numbers, site_codes),
        }
        journal.record(session, actor, "register.written", "register", run, details, now=now)
    return _outcome(plan, entries)


def import_digest(companies: Sequence[str], licences: Sequence[str], sites: Sequence[str]) -> str:
    """SHA-256 of the codes and numbers of new rows, one a line, each kind in the order of its rows. None of them ever
    changes, so the digest can be computed again from the rows that bear the import's id."""
    return hashlib.sha256("\n".join((*companies, *licences, *sites)).encode()).hexdigest()


def _outcome(plan: ImportPlan, entries: Sequence[RegisterEntry]) -> ImportOutcome:
    counts = {
        "companies": len(plan.companies), "licences": plan.licences_changed, "sites": len(plan.sites),
        "unchanged": plan.unchanged,
    }  # fmt: skip
    return ImportOutcome(counts, len(entries) - len(plan.rejected), plan.rejected)


def _read_directory(session: Session, entries: Sequence[RegisterEntry]) -> KnownDirectory:
    """Every company, and the licences and sites that have the numbers and hosts of these entries.

    All companies are read because names are compared by ``company_key``, which no database computes. Where two have the
    same name or tax code the one added last counts; names and tax codes of merged companies lead to the company they
    were merged into, unless a company in use has them.
    """
    directory = KnownDirectory()
    columns = (Company.id, Company.name, Company.tax_code, Company.merged_into_id)
    query = sa.select(*columns).order_by(Company.merged_into_id.is_(None), Company.id)
    for company_id, name, tax_code, merged_into_id in session.execute(query):
        directory.ids_by_name[company_key(name)] = merged_into_id or company_id
        if tax_code:
            directory.ids_by_tax_code[tax_code] = merged_into_id or company_id
        if merged_into_id is None:
            directory.names[company_id], directory.tax_codes[company_id] = name, tax_code
    for numbers in in_batches(sorted({entry.licence_number for entry in entries})):
        licences = sa.select(Licence.number, Licence.company_id, Licence.domains).where(Licence.number.in_(numbers))
        for number, company_id, domains in session.execute(licences):
            directory.licences[number] = company_id, tuple(domains)
    for hosts in in_batches(sorted(_hosts(entries))):
        sites = sa.select(Site.host, Site.company_id).where(Site.host.in_(hosts))
        directory.sites.update((host, company_id) for host, company_id in session.execute(sites))
    return directory


def _hosts(entries: Sequence[RegisterEntry]) -> set[str]:
    hosts = set()
    for domain in {domain for entry in entries for domain in entry.domains}:
        try:
            hosts.add(host_key(f"http://{domain}"))
        except Invalid:
            continue  # the plan rejects its entry
    return hosts


def _add_companies(
    session: Session, plan: ImportPlan, codes: Sequence[str], added: Mapping[str, Any]
) -> dict[int, int]:
    """Insert the new companies; return temporary id -> id."""
    ids: dict[int, int] = {}
    for batch in in_batches(list(zip(plan.companies, codes, strict=True))):
        rows = [{"code": code, "name": new.name, "tax_code": new.tax_code, **added} for new, code in batch]
        session.execute(sa.insert(Company), rows)
        query = sa.select(Company.code, Company.id).where(Company.code.in_([code for _new, code in batch]))
        by_code = {row.code: row.id for row in session.execute(query)}
        ids.update((new.temporary_id, by_code[code]) for new, code in batch)
    return ids


def _lock_owners(session: Session, plan: ImportPlan) -> dict[int, int]:
    """The existing companies that get licences or sites: planned id -> current id."""
    owners = {licence.company_id for licence in plan.licences} | {site.company_id for site in plan.sites}
    return lock_current_companies(session, (company_id for company_id in owners if company_id > 0))


def _add_licences(session: Session, plan: ImportPlan, company_ids: Mapping[int, int], added: Mapping[str, Any]) -> None:
    for batch in in_batches(plan.licences):
        rows = [
            {"company_id": company_ids[one.company_id], "number": one.number.strip(), **vars(one.content), **added}
            for one in batch
        ]
        session.execute(sa.insert(Licence), rows)
        numbers = [row["number"] for row in rows]
        run, now = added["came_by"], added["created_at"]
        write_versions(session, Licence.number.in_(numbers), LicenceAct.ADDED, came_by=run, now=now)


def _add_sites(
    session: Session, plan: ImportPlan, codes: Sequence[str], company_ids: Mapping[int, int], added: Mapping[str, Any]
) -> None:
    for batch in in_batches(list(zip(plan.sites, codes, strict=True))):
        rows = [
            {
                "code": code, "company_id": company_ids[site.company_id], "name": site.name,
                "url": site.url, "host": site.host, "kind": site.kind, **added,
            }
            for site, code in batch
        ]  # fmt: skip
        session.execute(sa.insert(Site), rows)


def _widen_licences(
    session: Session, actor: str, run: str, widened: Mapping[str, Sequence[str]], now: datetime
) -> None:
    """Add hosts to existing licences, and keep with the run those that each had. The rows are locked and read again, so
    that what others have changed since the plan stays."""
    before: dict[str, list[str]] = {}
    for numbers in in_batches(sorted(widened)):
        query = sa.select(Licence).where(Licence.number.in_(numbers)).order_by(Licence.id)
        locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        for licence in session.execute(locked).scalars().all():
            before[licence.number] = licence.domains
            licence.domains = list(dict.fromkeys((*licence.domains, *widened[licence.number])))
            details = {"domains": licence.domains, "register": run}
            journal.record(session, actor, "licence.changed", "licence", licence.number, details, now=now)
        write_versions(session, Licence.number.in_(numbers), LicenceAct.CHANGED, came_by=run, now=now)
    session.execute(sa.update(ImportRun).where(ImportRun.public == run).values(before=before))
