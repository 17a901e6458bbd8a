"""Following: which copies carry a text that a correction or recall has overtaken, since when, when each followed."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.base import rows_changed
from campaigns.core.pace import Pace
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import sightings
from campaigns.tracking.republications import Life, Republication, Status
from campaigns.tracking.sightings import Page


def overtaken_at(bulletin: Bulletin, revision: int | None) -> dt.datetime | None:
    """When the text of a revision was overtaken: at the recall, else when the next one went out; None while it
    stands."""
    if bulletin.recalled_at is not None:
        return bulletin.recalled_at
    if revision is None or bulletin.released is None or revision == bulletin.released:
        return None
    later = [one.released_at for one in bulletin.revisions if one.number > revision and one.released_at is not None]
    return min(later, default=bulletin.changed_at)


def settle(session: Session, row: Republication, *, now: dt.datetime) -> bool:
    """Say whether a copy that was just read is behind, and since when. Returns whether it has followed with this
    look."""
    overtaken = overtaken_at(row.bulletin, row.revision)
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


def look_again(session: Session, bulletin: Bulletin, pace: Pace, *, now: dt.datetime) -> int:
    """After a correction or recall: every page that carries the bulletin is fetched soon, and again until it follows.

    Returns how many pages.
    """
    there = (Republication.bulletin_id == bulletin.id, Republication.life != Life.GONE)
    sightings.together(session, Page.id.in_(sa.select(Republication.page_id).where(*there)))
    copies = sa.select(Republication.id).where(*there).order_by(Republication.id)
    session.execute(copies.with_for_update(key_share=True))
    pages = sa.select(Republication.page_id).where(*there, Republication.status.in_((Status.CONFIRMED, Status.REVIEW)))
    # What was behind a correction already stays behind since then; a recall is a new demand on everybody.
    since: object = now
    if bulletin.recalled_at is None:
        since = sa.func.coalesce(Republication.stale_since, sa.literal(now, Republication.stale_since.type))
    session.execute(sa.update(Republication).where(*there).values(stale=True, stale_since=since, followed_at=None))
    done = session.execute(
        sa.update(Page)
        .where(Page.id.in_(pages), sa.not_(Page.behind_sign_in))
        .values(due_at=now + pace.rechecks[0], etag=None, last_modified=None, attempt=0)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
