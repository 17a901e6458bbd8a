"""From the register's entries to rows: companies, their licences and sites; a second import changes nothing twice.

Many entries are written in a few statements. What they come to is reckoned first (``reckoning``), by the same code that
a check foresees it by.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.bulk import add_rows
from campaigns.core.clock import city_day
from campaigns.partners.codes import free_codes
from campaigns.partners.directory import Company, Site
from campaigns.partners.known import WRITTEN, KnownCompanies, look_up
from campaigns.partners.licences import Licence
from campaigns.partners.reckoning import Book, NewCompany, NewLicence, NewSite, Reckoned, reckon
from campaigns.partners.register import RegisterEntry, RejectedRow

MOST_NAMED = 10  # new licences that the journal names; the digest is of all


@dataclass(frozen=True)
class Enrolled:
    """What an import did. ``licences``: those that came and those that cover more; ``rejected``: entries that fit the
    sheet but not what is already there."""

    companies: int
    licences: int
    sites: int
    unchanged: int
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True)
class Prepared:
    """What entries come to, with the codes that are free for what is new."""

    done: Reckoned
    companies: Sequence[str]
    sites: Sequence[str]


def prepare(session: Session, entries: Sequence[RegisterEntry], *, known: KnownCompanies, now: datetime) -> Prepared:
    """Find out by reading what entries come to. It holds until somebody writes into the directory (``known.moved``)."""
    known.catch_up(session)
    book = Book(known)
    look_up(session, book, entries)
    done = reckon(book, entries, city_day(now))
    companies = free_codes(session, Company.code, [one.name for one in done.companies]) if done.companies else ()
    sites = free_codes(session, Site.code, [one.host for one in done.sites]) if done.sites else ()
    return Prepared(done, companies, sites)


def enrol(
    session: Session,
    actor: str,
    run: str,
    entries: Sequence[RegisterEntry],
    *,
    known: KnownCompanies | None = None,
    now: datetime,
) -> Enrolled:
    """Write entries that are not there yet, in a few statements whatever their number. The caller commits, or not, as a
    whole; ``known`` is what it remembers of the directory between calls."""
    return write(session, actor, run, prepare(session, entries, known=known or KnownCompanies(run), now=now), now=now)


def write(session: Session, actor: str, run: str, prepared: Prepared, *, now: datetime) -> Enrolled:
    """Write what entries come to.

    ``run`` is the name of the import. Every new row bears it, and the journal has one entry for all of them: how many
    there are of each kind, and a digest of their codes (``digest_of``). A licence that was there and covers more has an
    entry of its own, as any change of what was there. New sites have no lists yet, so there is nothing to watch.
    """
    done, came = prepared.done, {"came_by": run, "created_at": now}
    owners = _add_companies(session, done.companies, prepared.companies, came)
    _add_licences(session, done.licences, owners, came)
    _add_sites(session, done.sites, prepared.sites, owners, came)
    _widen(session, actor, run, dict(done.widened), now)
    numbers = [one.number for one in done.licences]
    if done.companies or numbers or done.sites:
        details = {
            "companies": len(done.companies),
            "licences": len(numbers),
            "sites": len(done.sites),
            "named": numbers[:MOST_NAMED],
            "digest": digest_of(prepared.companies, numbers, prepared.sites),
        }
        journal.record(session, actor, WRITTEN, "register", run, details, now=now)
    return Enrolled(len(done.companies), done.changed, len(done.sites), done.unchanged, done.rejected)


def digest_of(companies: Sequence[str], licences: Sequence[str], sites: Sequence[str]) -> str:
    """SHA-256 of the codes and numbers of what came, one a line, each kind in the order of its rows. None of them ever
    changes, so it can be made again of the rows that bear the import's name, as many as the journal counts."""
    return hashlib.sha256("\n".join((*companies, *licences, *sites)).encode()).hexdigest()


def _add_companies(
    session: Session, companies: Sequence[NewCompany], codes: Sequence[str], came: Mapping[str, Any]
) -> dict[int, int]:
    """The numbers the database gave them."""
    rows = [
        {"code": code, "name": one.name, "tax_code": one.tax_code} for one, code in zip(companies, codes, strict=True)
    ]
    made = add_rows(session, Company, rows, {"contact": "", **came})
    return {one.number: number for one, number in zip(companies, made, strict=True)}


def _add_licences(
    session: Session, licences: Sequence[NewLicence], owners: Mapping[int, int], came: Mapping[str, Any]
) -> None:
    rows = [
        {
            "company_id": owners.get(one.owner, one.owner), "number": one.number.strip(), "kind": one.kind,
            "issuer": one.issuer, "issued_on": one.issued_on, "expires_on": one.expires_on,
            "domains": list(one.domains), "scope": list(one.scope),
        }
        for one in licences
    ]  # fmt: skip
    add_rows(session, Licence, rows, came)


def _add_sites(
    session: Session, sites: Sequence[NewSite], codes: Sequence[str], owners: Mapping[int, int], came: Mapping[str, Any]
) -> None:
    rows = [
        {
            "code": code, "company_id": owners.get(one.owner, one.owner), "name": one.name, "url": one.url,
            "host": one.host, "kind": one.kind,
        }
        for one, code in zip(sites, codes, strict=True)
    ]  # fmt: skip
    nothing_yet = {"feeds": [], "sitemaps": [], "listings": [], "searches": [], "active": True}
    add_rows(session, Site, rows, {**nothing_yet, **came})


def _widen(session: Session, actor: str, run: str, widened: Mapping[str, Sequence[str]], now: datetime) -> None:
    """Add hosts to licences that are there. What somebody else has changed since they were looked up stays."""
    numbers = sorted(widened)
    for start in range(0, len(numbers), 1000):
        query = sa.select(Licence).where(Licence.number.in_(numbers[start : start + 1000])).order_by(Licence.id)
        locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        for licence in session.execute(locked).scalars().all():
            licence.domains = list(dict.fromkeys((*licence.domains, *widened[licence.number])))
            details = {"domains": licence.domains, "register": run}
            journal.record(session, actor, "licence.changed", "licence", licence.number, details, now=now)
    session.flush()
