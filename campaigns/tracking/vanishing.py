"""Vanish: a look did not find a copy. Two such looks, a while apart, make it *gone*; it stays counted."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.pace import Pace
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Level, Life, Republication, Status
from campaigns.tracking.sightings import How, Sighting
from campaigns.tracking.urls import is_front_page

MOST_DOUBTED = 3  # pages of one site that wait because of a counter image alone


def was_found(row: Republication) -> bool:
    """Whether there is a copy to lose: it was read on the page, or a person vouched for it."""
    return row.status is Status.CONFIRMED or row.decided_by is not None or row.match not in {Match.NONE, Match.TEASER}


def not_found(
    session: Session, row: Republication, why: Sequence[str], pace: Pace, *, page: str | None = None, now: dt.datetime
) -> dt.timedelta | None:
    """One look did not find this copy, for these reasons; ``page``: the hash of the page that was read instead, None
    when there was none to read.

    Returns how long until another such look makes it gone; None when there is nothing to wait for: it is gone (now, or
    already), or it was never more than a claim.
    """
    row.checked_at = now
    if row.status is Status.REJECTED and row.decided_by is None:
        return None
    if page is not None and not was_found(row):
        _not_there(session, row, "text_not_found: the page does not carry this bulletin", now)
        return None
    if row.life is Life.GONE:
        return None
    first = row.missing_since is None
    since = row.missing_since or now
    row.missing_since, row.missing_why = since, list(why)
    details = {"url": row.canonical_url, "why": list(why), "page": page}
    if first or now - since < pace.gone_gap:
        if first:
            session.flush()
            act = "republication.missing"
            journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
        return pace.gone_gap - (now - since)
    if row.status is Status.CANDIDATE and row.decided_by is None:
        _not_there(session, row, f"page_missing: not there twice ({why[0]})", now)
        return None
    if not was_found(row):
        return None  # a person is asked about it already; what was never found cannot go
    row.life, row.gone_at, row.stale, row.stale_since = Life.GONE, now, False, None
    session.flush()
    journal.record(session, journal.SYSTEM, "republication.gone", "republication", row.public, details, now=now)
    return None


def found_again(session: Session, row: Republication, *, now: dt.datetime) -> None:
    """A look found the copy: what was suspected is forgotten, and one that was gone is back."""
    if row.life is Life.GONE:
        details = {"url": row.canonical_url, "gone_at": row.gone_at.isoformat() if row.gone_at else None}
        row.life, row.gone_at = Life.LIVE, None
        session.flush()
        journal.record(session, journal.SYSTEM, "republication.back", "republication", row.public, details, now=now)
    row.missing_since, row.missing_why = None, []


def _not_there(session: Session, row: Republication, why: str, now: dt.datetime) -> None:
    """There is nothing to count, unless a reader's browser has loaded the counter image from that very page: then two
    sources disagree, and a person looks."""
    if _image_seen(session, row):
        if row.status is not Status.REVIEW:
            to_person(session, row, ["image_not_found: the counter image was loaded from it", why], now=now)
        return
    _reject(session, row, why, now)


def to_person(session: Session, row: Republication, reasons: Sequence[str], *, now: dt.datetime) -> None:
    """A machine does not decide on this copy, for these reasons; the last of them says what was seen."""
    row.status, row.reasons = Status.REVIEW, list(reasons)
    session.flush()
    details = {"url": row.canonical_url, "why": reasons[-1]}
    journal.record(session, journal.SYSTEM, "republication.review", "republication", row.public, details, now=now)


def _image_seen(session: Session, row: Republication) -> bool:
    """Whether the image speaks for this page. A front page is no copy's address: many browsers tell no more than the
    host. Beyond a few at a time on one site they are taken for forged; a referer proves nothing."""
    if row.decided_by is not None or row.life is Life.GONE or is_front_page(row.canonical_url):
        return False
    seen = sa.select(Sighting.id).where(
        Sighting.page_id == row.page_id, Sighting.bulletin_id == row.bulletin_id, Sighting.how == How.COUNTED_IMAGE
    )
    if session.execute(seen.limit(1)).first() is None:
        return False
    waiting = sa.select(sa.func.count()).where(
        Republication.site_id == row.site_id,
        Republication.id != row.id,
        Republication.status == Status.REVIEW,
        Republication.match == Match.NONE,
        Republication.level == Level.COUNTED_IMAGE,
    )
    return session.execute(waiting).scalar_one() < MOST_DOUBTED


def _reject(session: Session, row: Republication, why: str, now: dt.datetime) -> None:
    row.status, row.match, row.share = Status.REJECTED, Match.NONE, 0.0
    row.attribution, row.reasons = Attribution.NONE, [why]
    session.flush()
    details = {"url": row.canonical_url, "why": why}
    journal.record(session, journal.SYSTEM, "republication.rejected", "republication", row.public, details, now=now)
