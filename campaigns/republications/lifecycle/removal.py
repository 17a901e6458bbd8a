"""Removal: two checks, some time apart, that do not find a copy make it *gone*; it stays counted."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.intervals import Intervals
from campaigns.discovery.sightings import Sighting, SightingMethod
from campaigns.discovery.urls import is_front_page
from campaigns.matching.matcher import Match
from campaigns.republications import counted_copy
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationLife, RepublicationStatus

MAX_IMAGE_DOUBTS = 3  # pages of one site in review because of a counter image alone


def was_found(row: Republication) -> bool:
    """Whether there was a copy: it was read on the page, or confirmed by a person."""
    return (
        row.status is RepublicationStatus.CONFIRMED
        or row.decided_by is not None
        or row.match not in {Match.NONE, Match.TEASER}
    )


def record_not_found(
    session: Session,
    row: Republication,
    why: Sequence[str],
    pace: Intervals,
    *,
    page: str | None = None,
    now: dt.datetime,
) -> dt.timedelta | None:
    """Record that a check did not find this copy, with the reasons; ``page``: hash of the page read instead, None if
    there was none.

    Returns the time until another such check makes it gone; None when there is nothing to wait for: it is gone, or it
    was only claimed.
    """
    row.checked_at = now
    if row.life is RepublicationLife.UNREADABLE:
        row.life = RepublicationLife.LIVE  # until the second such check
    if row.status is RepublicationStatus.REJECTED and row.decided_by is None:
        return None
    if page is not None and not was_found(row):
        _reject_unless_image_seen(session, row, "text_not_found: the page does not carry this bulletin", now)
        return None
    if row.life is RepublicationLife.GONE:
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
    claimed = row.status is RepublicationStatus.DUPLICATE and not was_found(row)
    if (claimed or row.status is RepublicationStatus.CANDIDATE) and row.decided_by is None:
        _reject_unless_image_seen(session, row, f"page_missing: not there twice ({why[0]})", now)
        return None
    if not was_found(row):
        return None  # already in review; a copy that was never found cannot be gone
    row.life, row.gone_at, row.stale, row.stale_since = RepublicationLife.GONE, now, False, None
    session.flush()
    journal.record(session, journal.SYSTEM, "republication.gone", "republication", row.public, details, now=now)
    return None


def record_found_again(session: Session, row: Republication, *, now: dt.datetime) -> None:
    """Record that a check found the copy: suspicions are cleared, and one that was gone is back."""
    if row.life is RepublicationLife.GONE:
        details = {"url": row.canonical_url, "gone_at": row.gone_at.isoformat() if row.gone_at else None}
        row.life, row.gone_at = RepublicationLife.LIVE, None
        session.flush()
        journal.record(session, journal.SYSTEM, "republication.back", "republication", row.public, details, now=now)
    elif row.life is RepublicationLife.UNREADABLE:
        row.life = RepublicationLife.LIVE
    row.missing_since, row.missing_why = None, []


def _reject_unless_image_seen(session: Session, row: Republication, why: str, now: dt.datetime) -> None:
    """Reject a copy that was not found, unless the counter image was loaded from its page: the sources then disagree,
    and a person decides."""
    if _was_image_seen(session, row):
        if row.status is not RepublicationStatus.REVIEW:
            send_to_review(session, row, ["image_not_found: the counter image was loaded from it", why], now=now)
        return
    _reject(session, row, why, now)


def send_to_review(session: Session, row: Republication, reasons: Sequence[str], *, now: dt.datetime) -> None:
    """Put a copy into review with these reasons; the last of them states what was seen. Where another address of its
    site is counted, it is a duplicate instead."""
    before, row.reasons = row.status, list(reasons)
    counted_copy.set_status(session, row, RepublicationStatus.REVIEW, now=now)
    if row.status is before:
        return
    details = {"url": row.canonical_url, "why": reasons[-1]}
    act = f"republication.{row.status.value}"
    journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)


def _was_image_seen(session: Session, row: Republication) -> bool:
    """Whether the image is evidence for this page. A front page is excluded: many browsers send only the host as the
    referer. Beyond ``MAX_IMAGE_DOUBTS`` on one site the loads count as forged, since a referer proves nothing."""
    if row.decided_by is not None or row.life is RepublicationLife.GONE or is_front_page(row.canonical_url):
        return False
    seen = sa.select(Sighting.id).where(
        Sighting.page_id == row.page_id,
        Sighting.bulletin_id == row.bulletin_id,
        Sighting.how == SightingMethod.COUNTED_IMAGE,
    )
    if session.execute(seen.limit(1)).first() is None:
        return False
    waiting = sa.select(sa.func.count()).where(
        Republication.site_id == row.site_id,
        Republication.id != row.id,
        Republication.status == RepublicationStatus.REVIEW,
        Republication.match == Match.NONE,
        Republication.level == EvidenceLevel.COUNTED_IMAGE,
    )
    return session.execute(waiting).scalar_one() < MAX_IMAGE_DOUBTS


def _reject(session: Session, row: Republication, why: str, now: dt.datetime) -> None:
    row.match, row.share = Match.NONE, 0.0
    row.attribution = Attribution.NONE if row.was_read else Attribution.NOT_SEEN
    row.reasons = [why]
    counted_copy.set_status(session, row, RepublicationStatus.REJECTED, now=now)
    details = {"url": row.canonical_url, "why": why}
    journal.record(session, journal.SYSTEM, "republication.rejected", "republication", row.public, details, now=now)
