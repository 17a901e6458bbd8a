"""One partner's report: its figures of a period and of the previous one, and the copies behind them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.partners.directory import Company, Site
from campaigns.reporting import many_addresses, tallies, timing
from campaigns.reporting.removals import removals_by_partner
from campaigns.reporting.table_reports.obligations import Obligation, obligations_of
from campaigns.reporting.tallies import TallyScope, on_partner_sites
from campaigns.reporting.timing import WeekCounts
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    NOT_NAMING_US,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)

# A partner's score: its figures of a period against the department's rule, compared with the usual ones.


LEAST_COPIES = 10  # confirmed copies of a period; a share of fewer is not meaningful
LEAST_PARTNERS = 5  # partners with enough copies; with fewer, the median would reveal single ones
LINKING_US = frozenset({Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE})


@dataclass(frozen=True)
class PartnerScore:
    """One partner in one period. ``source_seen``: the part of ``confirmed`` whose source could be seen. ``named``,
    ``linked`` and ``at_end`` are parts of that: the copy names the source, links to the bulletin, links at the end as
    the rule requires. ``delay``: the median in seconds from the
    release to the copy, None with too few. ``removed`` and ``still_up``: copies of bulletins recalled in the period;
    ``removal``: the median in seconds until they were removed, None without any."""

    period: Period
    delivered: int
    found: int
    confirmed: int
    source_seen: int
    named: int
    linked: int
    at_end: int
    delay: float | None
    removed: int
    still_up: int
    removal: float | None

    @property
    def telling(self) -> bool:
        """Whether there are enough copies for meaningful shares."""
        return self.source_seen >= LEAST_COPIES

    def share(self, part: int) -> float | None:
        """Return a share of the copies whose source could be seen, 0–1; None while there are too few."""
        return part / self.source_seen if self.telling else None


def partner_score(session: Session, company_id: int, period: Period) -> PartnerScore:
    """Return the figures of one partner."""
    scope = TallyScope(period, company_id=company_id)
    whole = tallies.totals(session, scope)
    shares = {share.attribution: share.count for share in tallies.attribution_shares(session, scope)}
    delay = timing.delay_figures(session, scope).median if whole.confirmed >= LEAST_COPIES else None
    taken_down = removals_by_partner(session, company_id=company_id, period=period)
    removed = taken_down[0] if taken_down else None
    return PartnerScore(
        period=period,
        delivered=whole.delivered,
        found=whole.found,
        confirmed=whole.confirmed,
        source_seen=whole.source_seen,
        named=sum(count for way, count in shares.items() if way not in NOT_NAMING_US),
        linked=sum(shares[way] for way in LINKING_US),
        at_end=whole.attributed,
        delay=delay,
        removed=removed.removed if removed else 0,
        still_up=removed.still_up if removed else 0,
        removal=removed.median if removed else None,
    )


@dataclass(frozen=True)
class UsualFigures:
    """The usual figures of a period: the median over partners of the share of copies linked at the end, and the median
    delay over all copies, in seconds. ``partners``: the number with enough copies."""

    partners: int
    at_end: float
    delay: float | None


def usual_figures(session: Session, period: Period) -> UsualFigures | None:
    """Return the usual figures; None while too few partners have enough copies."""
    rows = tallies.rows(session, TallyScope(period), "partner")
    shares = [row.attributed / row.source_seen for row in rows if row.source_seen >= LEAST_COPIES]
    if len(shares) < LEAST_PARTNERS:
        return None
    return UsualFigures(
        len(shares), statistics.median(shares), timing.delay_figures(session, TallyScope(period)).median
    )


MOST_COPIES = 500  # copies that are listed; the report has their total number


@dataclass(frozen=True)
class PartnerCopy:
    """One confirmed copy on a site of the partner's."""

    id: str
    bulletin: str
    title: str
    site: str
    url: str
    appeared_at: datetime
    attribution: Attribution
    life: RepublicationLife


@dataclass(frozen=True)
class PartnerReport:
    """``earlier``: as many days right before, or the whole quarter, month or year before where the period is one.
    ``obligations``: the partner's present ones, independent of the period. ``many_addresses``: counted copies of the
    period with more addresses than usual."""

    code: str
    name: str
    period: Period
    earlier: Period
    now: PartnerScore
    before: PartnerScore
    usual: UsualFigures | None
    weeks: Sequence[WeekCounts]
    copies: tuple[PartnerCopy, ...]
    obligations: tuple[Obligation, ...]
    many_addresses: int


def previous_period(period: Period) -> Period:
    """Return the previous quarter, month or year; else as many days right before."""
    last = period.first - timedelta(days=1)
    for label in (f"{last.year}", quarter_of(last).label, f"{last:%Y-%m}"):
        whole, same = parse_period(label), parse_period(_kind_of(label, period))
        if (same.first, same.last) == (period.first, period.last):
            return whole
    first = last - timedelta(days=period.length - 1)
    return Period(first, last, f"{first}" if first == last else f"{first}..{last}")


def _kind_of(label: str, period: Period) -> str:
    """Return a label of the same kind (year, quarter, month) for a day; None for another period."""
    first = period.first
    return quarter_of(first).label if "-Q" in label else f"{first:%Y-%m}" if "-" in label else f"{first.year}"


def build_partner_report(session: Session, company: Company, period: Period, *, now: datetime) -> PartnerReport:
    """Return the report of one partner."""
    earlier = previous_period(period)
    scope = TallyScope(period, company_id=company.id)
    return PartnerReport(
        code=company.code,
        name=company.name,
        period=period,
        earlier=earlier,
        now=partner_score(session, company.id, period),
        before=partner_score(session, company.id, earlier),
        usual=usual_figures(session, period),
        weeks=timing.weekly_counts(session, scope, city_day(now)),
        copies=_copies(session, company.id, period),
        obligations=tuple(obligations_of(session, company.id, now=now)),
        many_addresses=many_addresses.partner_count(session, company.id, period),
    )


def _copies(session: Session, company_id: int, period: Period) -> tuple[PartnerCopy, ...]:
    text = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released)
    query = (
        sa.select(Republication, Bulletin.code, Revision.title, Site.name)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .outerjoin(Revision, text)
        .options(joinedload(Republication.bulletin))
        .where(
            on_partner_sites(company_id),
            Republication.status == RepublicationStatus.CONFIRMED,
            Republication.counted_on.between(period.first, period.last),
        )
        .order_by(Republication.counted_on, Republication.id)
        .limit(MOST_COPIES)
    )
    return tuple(
        PartnerCopy(row.public, code, title or code, site, row.url, row.appeared_at, row.attribution, row.life)
        for row, code, title, site in session.execute(query)
    )
