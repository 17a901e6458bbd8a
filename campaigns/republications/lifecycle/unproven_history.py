"""Copies that were reported for a time before the product was in use, and could not be proven.

They stay reported: shown beside what is proven, never added to it. None of them goes to a person because its page does
not answer, and none is rejected because the text of its bulletin is not known.
"""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy.orm import Session

from campaigns.discovery.urls import same_page
from campaigns.republications.lifecycle import removal
from campaigns.republications.republications import Republication, RepublicationStatus


def is_unproven(row: Republication) -> bool:
    """Whether a copy is known by an import alone."""
    return row.reported_on is not None and row.decided_by is None and row.status is RepublicationStatus.CANDIDATE


def has_no_text(row: Republication) -> bool:
    """Whether a copy is known by an import alone, and its bulletin's text is not known: no page can be compared."""
    if not is_unproven(row) or row.bulletin.reported_on is None:
        return False
    return not row.bulletin.revision(row.bulletin.latest).body_text


def keep_unproven(session: Session, row: Republication, links: Iterable[str], *, now: dt.datetime) -> None:
    """Record that the page of such a copy was read. One that links the bulletin's address goes to a person, who can
    compare the two pages."""
    row.checked_at = now
    address = row.bulletin.source_url
    if address and any(same_page(link, address) for link in links):
        why = "reported_linked: the page links the bulletin, whose text is not known here; compare the two pages"
        removal.send_to_review(session, row, [why], now=now)
        return
    row.reasons = ["reported_no_text: the bulletin's text is not known here, so the page cannot be compared with it"]
