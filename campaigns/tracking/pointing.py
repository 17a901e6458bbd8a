"""Pages that counter images point at: to be fetched like any other, and bounded, since anybody can forge a referer."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid
from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.republications import Level, claim_copy
from campaigns.tracking.sightings import How, Page, Sighting, address_on, see, together
from campaigns.tracking.views import MOST_CANDIDATES, Candidate


def point_at(session: Session, candidates: Iterable[Candidate], *, now: datetime) -> int:
    """Note the pages; returns how many are new to us.

    At most ``MOST_CANDIDATES`` a day for one bulletin on one site: nobody carries a bulletin at more addresses than
    that, and a forger could otherwise send us to fetch a site a thousand times.
    """
    fresh = 0
    pointed = _by_address(session, candidates)
    known = [address_on(session.get_one(Site, one.site), one.url) for one in pointed]
    counting = sa.select(sa.func.coalesce(Page.alias_of_id, Page.id)).where(Page.canonical_url.in_(known))
    together(session, Page.id.in_(counting))
    for one in pointed:
        site, bulletin = session.get_one(Site, one.site), session.get_one(Bulletin, one.bulletin)
        if _pointed(session, site, bulletin, now) >= MOST_CANDIDATES:
            continue
        page, new = see(session, site, one.url, How.COUNTED_IMAGE, site.host, bulletin=bulletin, now=now)
        claim_copy(session, "counter", bulletin, page, Level.COUNTED_IMAGE, day=city_day(now), now=now)
        fresh += new
    return fresh


def _by_address(session: Session, candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate for each bulletin and canonical address; a referer that is no address tells of no page."""
    found: dict[tuple[int, str], Candidate] = {}
    for one in candidates:
        try:
            found.setdefault((one.bulletin, address_on(session.get_one(Site, one.site), one.url)), one)
        except Invalid:
            continue
    return list(found.values())


def _pointed(session: Session, site: Site, bulletin: Bulletin, now: datetime) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(Sighting)
        .join(Page, Page.id == Sighting.page_id)
        .where(
            Sighting.bulletin_id == bulletin.id,
            Sighting.how == How.COUNTED_IMAGE,
            Sighting.at > now - timedelta(days=1),
            Page.site_id == site.id,
        )
    )
    return session.execute(query).scalar_one()
