"""One search over bulletins, partners with their sites, and licences; marks or none, all words typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence
from campaigns.publishing.bulletins import Bulletin, Revision, State
from coordinator.web.desk.bulletin_list import named

MOST = 20  # of each kind on one page


@dataclass(frozen=True)
class FoundBulletin:
    """A bulletin that has the words in its title, lead or code."""

    code: str
    title: str
    state: State
    at: datetime


@dataclass(frozen=True)
class FoundSite:
    """A partner, or one of its sites, that has the words in its names or address."""

    partner: str
    partner_code: str
    site: str
    host: str


@dataclass(frozen=True)
class FoundLicence:
    """A licence that has the words in its number, issuer or domains."""

    number: str
    partner: str
    partner_code: str
    expires_on: date | None


@dataclass(frozen=True)
class Found:
    """What was found, at most ``MOST`` of each kind; ``bulletins_total`` counts all of them."""

    bulletins: Sequence[FoundBulletin]
    bulletins_total: int
    sites: Sequence[FoundSite]
    licences: Sequence[FoundLicence]

    def __bool__(self) -> bool:
        return bool(self.bulletins or self.sites or self.licences)


def find(session: Session, q: str) -> Found:
    """Everything with all the words of ``q``; nothing for no words."""
    words = fold(q).split()
    if not words:
        return Found((), 0, (), ())
    matching = named(q)
    query = (
        sa.select(Bulletin.code, Revision.title, Bulletin.state, Bulletin.edited_at)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(*matching)
        .order_by(Bulletin.edited_at.desc(), Bulletin.id.desc())
        .limit(MOST)
    )
    total = session.execute(sa.select(sa.func.count()).select_from(Bulletin).where(*matching)).scalar_one()
    # The directory is a few thousand short rows: folding them here is quicker than a folded copy is to keep true.
    sites = _with(
        words,
        session.execute(
            sa.select(Company.name, Company.code, sa.func.coalesce(Site.name, ""), sa.func.coalesce(Site.host, ""))
            .outerjoin(Site, Site.company_id == Company.id)
            .order_by(Company.name, Site.name)
        ),
    )
    licences = session.execute(
        sa.select(Licence.number, Company.name, Company.code, Licence.expires_on, Licence.issuer, Licence.domains)
        .join(Company, Company.id == Licence.company_id)
        .order_by(Licence.number)
    )
    papers = [row for row in licences if _has(words, row.number, row.name, row.issuer, *row.domains)]
    return Found(
        bulletins=[FoundBulletin(*row) for row in session.execute(query)],
        bulletins_total=total,
        sites=[FoundSite(*row) for row in sites[:MOST]],
        licences=[FoundLicence(*row[:4]) for row in papers[:MOST]],
    )


def _with(words: Sequence[str], rows: sa.Result[Any]) -> list[Any]:
    return [row for row in rows if _has(words, *row)]


def _has(words: Sequence[str], *texts: str) -> bool:
    whole = fold(" ".join(texts))
    return all(word in whole for word in words)
