"""Who carries what lately: copies of the last days by partner, the largest sites, and partners that fell silent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Company, Site
from campaigns.planning import shortfalls
from campaigns.planning.shortfalls import SILENT_DAYS, Silence
from campaigns.reporting import reading
from campaigns.reporting.reading import Scope
from campaigns.reporting.spans import as_day
from campaigns.reporting.sums import BY_SITE


def recent_by_partner(session: Session, scope: Scope, today: date) -> dict[str, int]:
    """Confirmed copies of the last ``SILENT_DAYS`` of a scope up to ``today``, or to its end, by the partner's code;
    partners without any are left out."""
    last = min(today, scope.period.last)
    first = max(last - timedelta(days=SILENT_DAYS - 1), scope.period.first)
    if last < first:
        return {}
    days = Period(first, last, "")
    # By site first: a site stands in a line for each of the days, and whose it is need be asked once.
    lines, asked = reading.lines_of(BY_SITE, replace(scope, period=days), ("site_id",), ("confirmed",))
    return {code: int(count) for code, count in session.execute(_by_partner(lines), asked).all() if count}


@cache
def _by_partner(lines: sa.Subquery) -> Any:
    each = sa.select(lines.c.site_id, sa.func.sum(lines.c.confirmed).label("confirmed")).group_by(lines.c.site_id)
    sites = each.subquery()
    return (
        sa.select(Company.code, sa.func.sum(sites.c.confirmed))
        .join(Site, Site.company_id == Company.id)
        .join(sites, sites.c.site_id == Site.id)
        .group_by(Company.code)
    )


@dataclass(frozen=True)
class Carrier:
    """A site with its partner's code and its confirmed copies in a scope."""

    name: str
    partner: str
    confirmed: int


def largest_sites(session: Session, scope: Scope, most: int) -> list[Carrier]:
    """The sites with the most confirmed copies of a scope, the most first."""
    lines, asked = reading.lines_of(BY_SITE, scope, ("site_id",), ("confirmed",))
    count = sa.func.sum(lines.c.confirmed)
    largest = (
        sa.select(lines.c.site_id, count.label("confirmed"))
        .group_by(lines.c.site_id)
        .having(count > 0)
        .order_by(count.desc(), lines.c.site_id)
        .limit(most)
        .subquery()
    )
    query = (
        sa.select(Site.name, Company.code, largest.c.confirmed)
        .join(largest, largest.c.site_id == Site.id)
        .join(Company, Company.id == Site.company_id)
        .order_by(largest.c.confirmed.desc(), Site.id)
    )
    return [Carrier(name, partner, int(confirmed)) for name, partner, confirmed in session.execute(query, asked)]


@dataclass(frozen=True)
class Quiet:
    """A partner that fell silent: the day of its last confirmed copy in the scope, and what it had carried a week."""

    code: str
    name: str
    last_on: date
    weekly: float


def silence_of(confirmed: Mapping[str, int], recent: Mapping[str, int], period: Period, today: date) -> Silence:
    """Who fell silent. ``confirmed``: copies of the whole period by the partner's code; ``recent``: those of its last
    days, as ``recent_by_partner`` tells."""
    before = {code: float(count - recent.get(code, 0)) for code, count in confirmed.items()}
    now = {code: float(count) for code, count in recent.items()}
    return shortfalls.silence(before, now, shortfalls.days_before_silence(period, today))


def quiet(session: Session, scope: Scope, found: Silence, confirmed: Mapping[str, int], today: date) -> list[Quiet]:
    """Each partner that fell silent, who had carried the most first, with its last day."""
    if not found.partners:
        return []
    days = shortfalls.days_before_silence(scope.period, today)
    lines, asked = reading.lines_of(BY_SITE, scope, ("site_id", "span"), ("confirmed",))
    theirs = sa.select(Site.id).join(Company, Company.id == Site.company_id).where(Company.code.in_(found.partners))
    carried = (
        sa.select(lines.c.site_id, lines.c.span)
        .where(lines.c.site_id.in_(theirs))
        .group_by(lines.c.site_id, lines.c.span)
        .having(sa.func.sum(lines.c.confirmed) > 0)
        .subquery()
    )
    query = (
        sa.select(Company.code, Company.name, sa.func.max(carried.c.span))
        .join(Site, Site.company_id == Company.id)
        .join(carried, carried.c.site_id == Site.id)
        .group_by(Company.code, Company.name)
    )
    told = {
        code: Quiet(code, name, as_day(last), confirmed[code] * 7 / days)
        for code, name, last in session.execute(query, asked)
    }
    return [told[code] for code in found.partners if code in told]
