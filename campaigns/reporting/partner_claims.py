"""The reliability of a partner's claims: those of its keys and editors, and the outcome of each.

A claim is one bulletin on one page: reports of one page under several forms of its address are one. It belongs to the
day it was first made. A *false* claim was judged and rejected; a pending one is neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import Period
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.partners.directory import Company, Site
from campaigns.people.keys import AccessKey
from campaigns.reporting.tallies import count_if
from campaigns.republications.republications import Republication, RepublicationStatus

LEAST_JUDGED = 10  # fewer judged claims than this are not meaningful


@dataclass(frozen=True)
class ClaimCounts:
    """One partner's claims in a period. ``pending``: not judged yet; ``review``: waits for a person; ``duplicates``:
    another address of a counted copy."""

    made: int = 0
    confirmed: int = 0
    review: int = 0
    rejected: int = 0
    pending: int = 0
    duplicates: int = 0

    @property
    def judged(self) -> int:
        """The number of confirmed and rejected claims."""
        return self.confirmed + self.rejected

    @property
    def false_share(self) -> float | None:
        """The share of judged claims that were false, 0–1; None while none is judged."""
        return self.rejected / self.judged if self.judged else None

    @property
    def telling(self) -> bool:
        """Whether enough were judged for a meaningful share."""
        return self.judged >= LEAST_JUDGED


@dataclass(frozen=True)
class PartnerClaims:
    """One partner with its claims."""

    code: str
    name: str
    claims: ClaimCounts


@dataclass(frozen=True)
class FalseClaim:
    """One rejected claim. ``note``: that of the person who decided, None where there was none; ``reasons``: those of
    the rules, each with its code before a colon."""

    id: str
    bulletin: str
    site: str
    url: str
    claimed_at: datetime
    note: str | None
    reasons: Sequence[str]


def _claims_query(period: Period | None, company_id: int | None = None) -> sa.Subquery:
    """Return each claim once: its copy, the company whose key or editor made it, and when it first did. An editor
    reports only sites of the own company, so that the site determines the company.

    Claims by keys and by editors are separate queries: the first are found by source, the second by the company's
    sites.
    """
    by_key = _sightings_query(AccessKey.company_id, company_id).join(
        AccessKey, Sighting.source == sa.literal("key:").concat(AccessKey.public)
    )
    by_editor = _sightings_query(Site.company_id, company_id).where(Sighting.source.startswith("editor:"))
    every = sa.union_all(by_key, by_editor).subquery()
    first = sa.func.min(every.c.at)
    query = sa.select(every.c.copy, every.c.company, first.label("at")).group_by(every.c.copy, every.c.company)
    if period is not None:
        query = query.having(first >= period.start, first < period.end)
    return query.subquery()


def _sightings_query(company: InstrumentedAttribute[Any], company_id: int | None) -> sa.Select[Any]:
    """Return copies with the company that reported their page, and the time, once for each report."""
    columns: tuple[Any, ...] = (Republication.id.label("copy"), company.label("company"), Sighting.at)
    return (
        sa.select(*columns)
        .select_from(Sighting)
        .join(Page, Page.id == Sighting.page_id)
        .join(Site, Site.id == Page.site_id)
        .join(
            Republication,
            # A report of a page without a bulletin claims every bulletin on it.
            sa.and_(
                Republication.page_id == Page.id,
                sa.or_(Republication.bulletin_id == Sighting.bulletin_id, Sighting.bulletin_id.is_(None)),
            ),
        )
        .where(
            Sighting.how.in_((SightingMethod.REPORTED, SightingMethod.ANNOUNCED)),
            Page.alias_of_id.is_(None),
            company.is_not(None) if company_id is None else company == company_id,
        )
    )


_FIGURES: tuple[Any, ...] = (
    sa.func.count(),
    count_if(Republication.status == RepublicationStatus.CONFIRMED),
    count_if(Republication.status == RepublicationStatus.REVIEW),
    count_if(Republication.status == RepublicationStatus.REJECTED),
    count_if(Republication.status == RepublicationStatus.CANDIDATE),
    count_if(Republication.status == RepublicationStatus.DUPLICATE),
)


def claim_counts(session: Session, company_id: int, period: Period | None = None) -> ClaimCounts:
    """Return one partner's claims, of a period or of all time."""
    claimed = _claims_query(period, company_id)
    query = sa.select(*_FIGURES).join_from(claimed, Republication, Republication.id == claimed.c.copy)
    return ClaimCounts(*(int(figure) for figure in session.execute(query).one()))


def claims_by_partner(session: Session, period: Period) -> list[PartnerClaims]:
    """Return every partner with claims in the period: first those with a meaningful share, the largest first; then the
    others by their number of claims."""
    claimed = _claims_query(period)
    columns: tuple[Any, ...] = (Company.code, Company.name, *_FIGURES)
    query = (
        sa.select(*columns)
        .join_from(claimed, Republication, Republication.id == claimed.c.copy)
        .join(Company, Company.id == claimed.c.company)
        .group_by(Company.code, Company.name)
    )
    found = [
        PartnerClaims(code, name, ClaimCounts(*(int(figure) for figure in figures)))
        for code, name, *figures in session.execute(query)
    ]
    return sorted(
        found,
        key=lambda claims: (
            not claims.claims.telling,
            -(claims.claims.false_share or 0.0) if claims.claims.telling else 0.0,
            -claims.claims.made,
            claims.code,
        ),
    )


def false_claims(
    session: Session, company_id: int, period: Period | None = None, most: int = 20
) -> Sequence[FalseClaim]:
    """Return a partner's rejected claims, the newest first, each with its reason."""
    claimed = _claims_query(period, company_id)
    query = (
        sa.select(Republication, Bulletin.code, claimed.c.at)
        .join(claimed, claimed.c.copy == Republication.id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .where(Republication.status == RepublicationStatus.REJECTED)
        .order_by(claimed.c.at.desc(), Republication.id.desc())
        .limit(most)
    )
    return [
        FalseClaim(
            row.public,
            code,
            row.site.name,
            row.canonical_url,
            at,
            row.decision_note if row.decided_by is not None else None,
            row.reasons,
        )
        for row, code, at in session.execute(query)
    ]


@dataclass(frozen=True)
class ClaimRow:
    """One claim and its status."""

    id: str
    bulletin: str
    site: str
    url: str
    claimed_at: datetime
    status: RepublicationStatus


def latest_claims(session: Session, company_id: int, most: int = 50) -> Sequence[ClaimRow]:
    """Return a partner's last claims, the newest first, with any status."""
    claimed = _claims_query(None, company_id)
    query = (
        sa.select(Republication, Bulletin.code, claimed.c.at)
        .join(claimed, claimed.c.copy == Republication.id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .order_by(claimed.c.at.desc(), Republication.id.desc())
        .limit(most)
    )
    return [
        ClaimRow(row.public, code, row.site.name, row.canonical_url, at, row.status)
        for row, code, at in session.execute(query)
    ]
