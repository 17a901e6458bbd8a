"""Outdated copies: which copies carry a text replaced by a correction or recall, since when, and when each followed."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.base import rows_changed
from campaigns.core.intervals import Intervals
from campaigns.discovery import sightings
from campaigns.discovery.sightings import Page
from campaigns.republications.republications import (
    Republication,
    RepublicationLife,
    RepublicationStatus,
    may_carry_text,
)


def outdated_since(bulletin: Bulletin, revision: int | None) -> dt.datetime | None:
    """When the text of a revision became outdated: at the recall, else when the next one was released; None while
    current."""
    if bulletin.recalled_at is not None:
        return bulletin.recalled_at
    if revision is None or bulletin.released is None or revision == bulletin.released:
        return None
    later = [
        newer.released_at for newer in bulletin.revisions if newer.number > revision and newer.released_at is not None
    ]
    return min(later, default=bulletin.changed_at)


def update_outdated(session: Session, row: Republication, *, now: dt.datetime) -> bool:
    """Set whether a copy that was just read is outdated, and since when. Returns whether it followed with this
    check."""
    overtaken = outdated_since(row.bulletin, row.revision)
    if overtaken is not None:
        row.stale, row.stale_since = True, max(overtaken, row.first_seen_at)
        return False
    followed = row.stale and row.stale_since is not None
    if followed and row.stale_since is not None:
        row.followed_at = now
        details = {
            "url": row.canonical_url,
            "revision": row.revision,
            "seconds": round((now - row.stale_since).total_seconds()),
        }
        session.flush()
        act = "republication.followed"
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
    row.stale, row.stale_since = False, None
    return followed


def request_refetch(session: Session, bulletin: Bulletin, pace: Intervals, *, now: dt.datetime) -> int:
    """Make every page that carries the bulletin due soon after a correction or recall, and again until it follows.

    Returns the number of pages.
    """
    conditions = (Republication.bulletin_id == bulletin.id, Republication.life != RepublicationLife.GONE)
    sightings.lock_pages(session, Page.id.in_(sa.select(Republication.page_id).where(*conditions)))
    copies = sa.select(Republication.id).where(*conditions).order_by(Republication.id)
    session.execute(copies.with_for_update(key_share=True))
    pages = sa.select(Republication.page_id).where(
        *conditions, may_carry_text(), Republication.status != RepublicationStatus.CANDIDATE
    )
    # A copy outdated by a correction keeps its time; a recall is a new demand on all copies.
    since: object = now
    if bulletin.recalled_at is None:
        since = sa.func.coalesce(Republication.stale_since, sa.literal(now, Republication.stale_since.type))
    session.execute(sa.update(Republication).where(*conditions).values(stale=True, stale_since=since, followed_at=None))
    done = session.execute(
        sa.update(Page)
        .where(Page.id.in_(pages), sa.not_(Page.behind_sign_in))
        .values(due_at=now + pace.rechecks[0], etag=None, last_modified=None, attempt=0)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
