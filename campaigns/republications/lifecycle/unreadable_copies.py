"""Copies whose page cannot be read: reported as unreadable, never as missing.

What was only claimed goes to a person. A copy that was read before is counted as before, and its life is *unreadable*
until a later check reads the page or finds it gone.
"""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.discovery.unreadable_reasons import REASON_CODE, SHELLS, UnreadableReason
from campaigns.republications.lifecycle import removal, unproven_history
from campaigns.republications.republications import NO_COPIES, Republication, RepublicationLife, RepublicationStatus


def record_unreadable(
    session: Session, rows: Iterable[Republication], reason: UnreadableReason, why: str, *, now: dt.datetime
) -> None:
    """Record for the copies on a page, locked by the caller, that the page cannot be read. ``why``: in words."""
    text = f"{REASON_CODE}: {reason.value}: {why[:300]}"
    for row in rows:
        if row.decided_by is None:
            if unproven_history.is_unproven(row):
                row.reasons = [text]
                continue
            if row.status is RepublicationStatus.CANDIDATE:
                removal.send_to_review(session, row, [text], now=now)
            elif row.status is RepublicationStatus.REVIEW and not removal.was_found(row):
                row.reasons = [text]
        _mark_unreadable(session, row, reason, text, now)


def _mark_unreadable(
    session: Session, row: Republication, reason: UnreadableReason, text: str, now: dt.datetime
) -> None:
    """Set the life of a copy that was only claimed, and of one whose page answers as a shell. Requests that fail say
    nothing of a copy that was read before."""
    if row.life in {RepublicationLife.GONE, RepublicationLife.UNREADABLE} or row.status in NO_COPIES:
        return
    found = removal.was_found(row)
    if found and reason not in SHELLS:
        return
    row.life = RepublicationLife.UNREADABLE
    session.flush()
    if not found:
        return  # that it went to review stands in the journal, with the reason
    details = {"url": row.canonical_url, "why": text}
    journal.record(session, journal.SYSTEM, "republication.unreadable", "republication", row.public, details, now=now)
