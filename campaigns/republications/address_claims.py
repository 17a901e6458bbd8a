"""Claims: somebody says that an address of a site carries a bulletin. It is a candidate until the page is read.

Pages of social networks are seen by people only: a claim of one waits in the review queue for a second person.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import city_day
from campaigns.discovery.sightings import Page, SightingMethod, find_page, record_sighting
from campaigns.partners.directory import Site, SiteKind
from campaigns.republications import counted_copy
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationStatus, claim_copy
from campaigns.republications.social.posts import SOCIAL_REASON_TEXT


def claim_address(
    session: Session,
    actor: str,
    bulletin: Bulletin,
    site: Site,
    url: str,
    how: SightingMethod,
    source: str,
    *,
    claimed_at: dt.datetime | None = None,
    day: dt.date | None = None,
    now: dt.datetime,
) -> tuple[Republication, bool]:
    """Record the claim that an address carries a bulletin, and have its page read. Returns the copy, and whether its
    page is new.

    ``actor``: for the journal; ``source``: of the sighting; ``claimed_at``: the stated publication time;
    ``day``: the day of the post that a person saw, on which it counts; today without one. Where
    ``counted_copy.MOST_ADDRESSES`` addresses of this copy are known, a further one is kept, but read only when it is
    needed: when the counted one is rejected and no other takes its place. Raises ``Invalid`` for an invalid address.
    """
    counted_copy.lock_site_copies(session, [site.id])
    seen_by_people = site.kind is SiteKind.SOCIAL and how is SightingMethod.REPORTED
    enough = counted_copy.is_enough(session, bulletin.id, site.id) and not _was_read(session, bulletin, site, url)
    page, new = record_sighting(
        session, site, url, how, source, bulletin=bulletin, claimed_at=claimed_at,
        claimed_from="claim" if claimed_at is not None else None, fetch=not enough and not seen_by_people, now=now,
    )  # fmt: skip
    known = _is_known(session, bulletin, page)
    row = claim_copy(session, actor, bulletin, page, EvidenceLevel(how.value), day=day or city_day(now), now=now)
    if seen_by_people and page.checked_at is None:
        if claimed_at is not None and row.published_at is None:
            row.published_at, row.published_from = claimed_at, "claim"  # no program reads it from the page
        _await_second_person(session, page, row, now=now)
    elif enough and not known:
        counted_copy.keep_unread(session, row)
    return row, new


def _await_second_person(session: Session, page: Page, row: Republication, *, now: dt.datetime) -> None:
    """Put a claim on a social network before a person: a program would get a sign-in form."""
    page.behind_sign_in, page.due_at = True, None
    if row.status is not RepublicationStatus.CANDIDATE:
        return
    counted_copy.lock_copies(session, [row.id])
    row.reasons = [SOCIAL_REASON_TEXT]
    counted_copy.set_status(session, row, RepublicationStatus.REVIEW, now=now)


def _was_read(session: Session, bulletin: Bulletin, site: Site, url: str) -> bool:
    """Whether this address is a known address of the copy that was read; a claim of it has it read again."""
    page = find_page(session, site, url)
    return page is not None and page.checked_at is not None and _is_known(session, bulletin, page)


def _is_known(session: Session, bulletin: Bulletin, page: Page) -> bool:
    known = sa.select(Republication.id).where(
        Republication.bulletin_id == bulletin.id, Republication.page_id == page.id
    )
    return session.execute(known.limit(1)).first() is not None
