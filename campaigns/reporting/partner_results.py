"""One partner's report: its own figures of a period beside the one before, and the copies behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.partners.directory import Company, Site
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.reporting import rhythm
from campaigns.reporting.owed import Owed, owed
from campaigns.reporting.rhythm import Week
from campaigns.reporting.score import Score, Usual, score, usual
from campaigns.reporting.tallies import Scope, of_partner
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.republications import Life, Republication, Status

MOST_COPIES = 500  # listed one by one; how many there are is told beside


@dataclass(frozen=True)
class OwnCopy:
    """One confirmed copy on a site of the partner's."""

    id: str
    bulletin: str
    title: str
    site: str
    url: str
    appeared_at: datetime
    attribution: Attribution
    life: Life


@dataclass(frozen=True)
class PartnerResults:
    """``earlier``: as many days right before, or the whole quarter, month or year before where the period is one.
    ``owed``: what is asked of the partner now, whatever the period."""

    code: str
    name: str
    period: Period
    earlier: Period
    now: Score
    before: Score
    usual: Usual | None
    weeks: Sequence[Week]
    copies: tuple[OwnCopy, ...]
    owed: tuple[Owed, ...]


def the_one_before(period: Period) -> Period:
    """The quarter, month or year before one; else as many days right before."""
    last = period.first - timedelta(days=1)
    for label in (f"{last.year}", quarter_of(last).label, f"{last:%Y-%m}"):
        whole, same = parse_period(label), parse_period(_kind_of(label, period))
        if (same.first, same.last) == (period.first, period.last):
            return whole
    first = last - timedelta(days=period.length - 1)
    return Period(first, last, f"{first}" if first == last else f"{first}..{last}")


def _kind_of(label: str, period: Period) -> str:
    """The period's first day as a label of the same kind: a year, a quarter or a month."""
    first = period.first
    return quarter_of(first).label if "-Q" in label else f"{first:%Y-%m}" if "-" in label else f"{first.year}"


def partner_results(session: Session, company: Company, period: Period, *, now: datetime) -> PartnerResults:
    """The report of one partner."""
    earlier = the_one_before(period)
    scope = Scope(period, company_id=company.id)
    return PartnerResults(
        code=company.code,
        name=company.name,
        period=period,
        earlier=earlier,
        now=score(session, company.id, period),
        before=score(session, company.id, earlier),
        usual=usual(session, period),
        weeks=rhythm.weekly(session, scope, city_day(now)),
        copies=_copies(session, company.id, period),
        owed=tuple(owed(session, company.id, now=now)),
    )


def _copies(session: Session, company_id: int, period: Period) -> tuple[OwnCopy, ...]:
    text = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released)
    query = (
        sa.select(Republication, Bulletin.code, Revision.title, Site.name)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .outerjoin(Revision, text)
        .options(joinedload(Republication.bulletin))
        .where(
            of_partner(company_id),
            Republication.status == Status.CONFIRMED,
            Republication.counted_on.between(period.first, period.last),
        )
        .order_by(Republication.counted_on, Republication.id)
        .limit(MOST_COPIES)
    )
    return tuple(
        OwnCopy(row.public, code, title or code, site, row.url, row.appeared_at, row.attribution, row.life)
        for row, code, title, site in session.execute(query)
    )
