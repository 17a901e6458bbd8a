"""How far a partner's word can be trusted: what it claimed by its keys and editors, and what became of each claim.

A claim is one bulletin on one page: a thousand reports of one page under a thousand forms of its address are one. It
belongs to the day it was first made. *False* is a claim that was judged and rejected; what waits is neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Company, Site
from campaigns.people.keys import Key
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting.tallies import count_if
from campaigns.tracking.republications import Republication, Status
from campaigns.tracking.sightings import How, Page, Sighting

LEAST_JUDGED = 10  # fewer judged claims than this say nothing about a partner


@dataclass(frozen=True)
class Claims:
    """What one partner claimed in a period. ``pending``: not judged yet; ``review``: waits for a person."""

    made: int = 0
    confirmed: int = 0
    review: int = 0
    rejected: int = 0
    pending: int = 0

    @property
    def judged(self) -> int:
        """How many were confirmed or rejected."""
        return self.confirmed + self.rejected

    @property
    def false_share(self) -> float | None:
        """The part of the judged claims that was false, 0–1; None while none is judged."""
        return self.rejected / self.judged if self.judged else None

    @property
    def telling(self) -> bool:
        """Whether enough were judged for the share to mean something."""
        return self.judged >= LEAST_JUDGED


@dataclass(frozen=True)
class PartnerClaims:
    """One partner with its claims."""

    code: str
    name: str
    claims: Claims


@dataclass(frozen=True)
class FalseClaim:
    """One claim that was rejected. ``note``: what the person who decided said, None where none did; ``reasons``: the
    machine's, each with its code before a colon."""

    id: str
    bulletin: str
    site: str
    url: str
    claimed_at: datetime
    note: str | None
    reasons: Sequence[str]


def _claimed(period: Period | None, company_id: int | None = None) -> sa.Subquery:
    """Each claim once: its copy, the company whose key or editor made it, and when it first did. An editor speaks of
    its own company's sites alone, so the site says for whom.

    Asked for keys and for editors apart: the first are found by their source, the second by the company's sites.
    """
    by_key = _sighted(Key.company_id, company_id).join(Key, Sighting.source == sa.literal("key:").concat(Key.public))
    by_editor = _sighted(Site.company_id, company_id).where(Sighting.source.startswith("editor:"))
    every = sa.union_all(by_key, by_editor).subquery()
    first = sa.func.min(every.c.at)
    query = sa.select(every.c.copy, every.c.company, first.label("at")).group_by(every.c.copy, every.c.company)
    if period is not None:
        query = query.having(first >= period.start, first < period.end)
    return query.subquery()


def _sighted(company: InstrumentedAttribute[Any], company_id: int | None) -> sa.Select[Any]:
    """Copies with the company that reported their page, and when, once for each report."""
    columns: tuple[Any, ...] = (Republication.id.label("copy"), company.label("company"), Sighting.at)
    return (
        sa.select(*columns)
        .select_from(Sighting)
        .join(Page, Page.id == Sighting.page_id)
        .join(Site, Site.id == Page.site_id)
        .join(
            Republication,
            # Who reports a page without naming the bulletin claims whatever of ours is on it.
            sa.and_(
                Republication.page_id == Page.id,
                sa.or_(Republication.bulletin_id == Sighting.bulletin_id, Sighting.bulletin_id.is_(None)),
            ),
        )
        .where(
            Sighting.how.in_((How.REPORTED, How.ANNOUNCED)),
            Page.alias_of_id.is_(None),
            company.is_not(None) if company_id is None else company == company_id,
        )
    )


_FIGURES: tuple[Any, ...] = (
    sa.func.count(),
    count_if(Republication.status == Status.CONFIRMED),
    count_if(Republication.status == Status.REVIEW),
    count_if(Republication.status == Status.REJECTED),
    count_if(Republication.status == Status.CANDIDATE),
)


def claims_of(session: Session, company_id: int, period: Period | None = None) -> Claims:
    """One partner's claims, of a period or of all time."""
    claimed = _claimed(period, company_id)
    query = sa.select(*_FIGURES).join_from(claimed, Republication, Republication.id == claimed.c.copy)
    return Claims(*(int(figure) for figure in session.execute(query).one()))


def by_partner(session: Session, period: Period) -> list[PartnerClaims]:
    """Every partner that claimed anything in the period: first those whose share means something, the falsest on top;
    then the others by how much they claimed."""
    claimed = _claimed(period)
    columns: tuple[Any, ...] = (Company.code, Company.name, *_FIGURES)
    query = (
        sa.select(*columns)
        .join_from(claimed, Republication, Republication.id == claimed.c.copy)
        .join(Company, Company.id == claimed.c.company)
        .group_by(Company.code, Company.name)
    )
    found = [
        PartnerClaims(code, name, Claims(*(int(one) for one in figures)))
        for code, name, *figures in session.execute(query)
    ]
    return sorted(
        found,
        key=lambda one: (
            not one.claims.telling, -(one.claims.false_share or 0.0) if one.claims.telling else 0.0, -one.claims.made,
            one.code,
        ),
    )  # fmt: skip


def false_claims(
    session: Session, company_id: int, period: Period | None = None, most: int = 20
) -> Sequence[FalseClaim]:
    """A partner's rejected claims, the newest first, each with its reason."""
    claimed = _claimed(period, company_id)
    query = (
        sa.select(Republication, Bulletin.code, claimed.c.at)
        .join(claimed, claimed.c.copy == Republication.id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .where(Republication.status == Status.REJECTED)
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
class ClaimLine:
    """One claim and what became of it."""

    id: str
    bulletin: str
    site: str
    url: str
    claimed_at: datetime
    status: Status


def latest_claims(session: Session, company_id: int, most: int = 50) -> Sequence[ClaimLine]:
    """A partner's last claims, the newest first, whatever became of them."""
    claimed = _claimed(None, company_id)
    query = (
        sa.select(Republication, Bulletin.code, claimed.c.at)
        .join(claimed, claimed.c.copy == Republication.id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .order_by(claimed.c.at.desc(), Republication.id.desc())
        .limit(most)
    )
    return [
        ClaimLine(row.public, code, row.site.name, row.canonical_url, at, row.status)
        for row, code, at in session.execute(query)
    ]
