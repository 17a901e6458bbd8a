"""Recent activity: copies of the last days by partner, the largest sites, and silent partners."""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site
from campaigns.planning import shortfalls
from campaigns.planning.shortfalls import RECENT_DAYS, SilentPartners
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.reporting.tallies import CopyFigures, republications
from campaigns.republications.republications import Republication, RepublicationStatus


def recent_days(scope: TallyScope, today: date) -> Period | None:
    """Return the last ``RECENT_DAYS`` of a scope up to ``today``, or to its end; None before it begins."""
    last = min(today, scope.period.last)
    first = max(last - timedelta(days=RECENT_DAYS - 1), scope.period.first)
    return Period(first, last, "") if first <= last else None


def recent_by_partner(session: Session, sites: Mapping[int, CopyFigures]) -> dict[str, int]:
    """Return the confirmed copies of the last days by the partner's code; partners without any are left out.
    ``sites``: the ``site_figures`` of a scope with its ``recent_days``."""
    owners = sa.select(Site.id, Company.code).join(Company, Company.id == Site.company_id).where(COMPANY_IN_USE)
    found: Counter[str] = Counter()
    for site, code in session.execute(owners):
        if site in sites and sites[site].recent:
            found[code] += sites[site].recent
    return dict(found)


@dataclass(frozen=True)
class SiteActivity:
    """A site with its partner's code and its confirmed copies in a scope."""

    code: str
    name: str
    partner: str
    confirmed: int


def largest_sites(session: Session, sites: Mapping[int, CopyFigures], most: int) -> list[SiteActivity]:
    """Return the sites with the most confirmed copies of a scope, the most first. ``sites``: its ``site_figures``."""
    confirmed = ((figures.confirmed, -site) for site, figures in sites.items() if figures.confirmed)
    largest = sorted(confirmed, reverse=True)[:most]
    query = (
        sa.select(Site.id, Site.code, Site.name, Company.code)
        .join(Company, Company.id == Site.company_id)
        .where(Site.id.in_([-site for _count, site in largest]))
    )
    names = {row[0]: row[1:] for row in session.execute(query)}
    return [SiteActivity(*names[-site], count) for count, site in largest]


@dataclass(frozen=True)
class QuietPartner:
    """A silent partner: the day of its last confirmed copy in the scope, and its copies a week before."""

    code: str
    name: str
    last_on: date
    weekly: float


def partner_silence(
    confirmed: Mapping[str, int], recent: Mapping[str, int], silent: Container[str], period: Period, today: date
) -> SilentPartners:
    """Return the ``silent`` partners that had copies in the period. ``confirmed``: copies of the whole period by the
    partner's code; ``recent``: those of its last days, as ``recent_by_partner`` returns them."""
    before = {code: float(count - recent.get(code, 0)) for code, count in confirmed.items()}
    return shortfalls.find_silent_partners(before, silent, shortfalls.days_before_recent(period, today))


def quiet_partners(
    session: Session, scope: TallyScope, found: SilentPartners, confirmed: Mapping[str, int], today: date
) -> list[QuietPartner]:
    """Return each silent partner with its last day, the one with the most copies before first."""
    if not found.partners:
        return []
    days = shortfalls.days_before_recent(scope.period, today)
    last_day = sa.func.max(Republication.counted_on)
    query = (
        republications(scope, Company.code, Company.name, last_day)
        .join(Company, Company.id == Site.company_id)
        .where(Republication.status == RepublicationStatus.CONFIRMED, Company.code.in_(found.partners))
        .group_by(Company.code, Company.name)
    )
    partners_by_code = {
        code: QuietPartner(code, name, last, confirmed[code] * 7 / days) for code, name, last in session.execute(query)
    }
    return [partners_by_code[code] for code in found.partners if code in partners_by_code]
