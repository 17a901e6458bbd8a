"""Pages of a partner that cannot be read: how many, why, and which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.discovery.sightings import Page
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.partners.directory import Site


@dataclass(frozen=True)
class UnreadablePageRow:
    """One page. ``error``: what the last check wrote down."""

    url: str
    site: str
    reason: UnreadableReason
    error: str
    checked_at: datetime | None


def _unreadable_on(company_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    sites = sa.select(Site.id).where(Site.company_id == company_id)
    return Page.unreadable.is_not(None), Page.site_id.in_(sites), Page.alias_of_id.is_(None)


def unreadable_counts(session: Session, company_id: int) -> dict[UnreadableReason, int]:
    """The number of unreadable pages on a company's sites by reason, the most frequent first; reasons without a page
    are left out."""
    count = sa.func.count()
    query = (
        sa.select(Page.unreadable, count)
        .where(*_unreadable_on(company_id))
        .group_by(Page.unreadable)
        .order_by(count.desc(), Page.unreadable)
    )
    return {reason: int(number) for reason, number in session.execute(query) if reason is not None}


def latest_unreadable(session: Session, company_id: int, *, most: int) -> Sequence[UnreadablePageRow]:
    """The unreadable pages that were looked at last, at most ``most``."""
    query = (
        sa.select(Page.url, Site.name, Page.unreadable, Page.error, Page.checked_at)
        .join(Site, Site.id == Page.site_id)
        .where(*_unreadable_on(company_id))
        .order_by(Page.checked_at.desc(), Page.id.desc())
        .limit(most)
    )
    return [
        UnreadablePageRow(url, site, reason, error, checked_at)
        for url, site, reason, error, checked_at in session.execute(query)
        if reason is not None
    ]
