"""Fetches of pages and pictures, stored as web archives."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.discovery.sightings import Page
from campaigns.republications.republications import Evidence, Republication
from coordinator.http.responses import HttpResponse
from coordinator.storage.pages import PageStore
from coordinator.storage.web_archives import Capture, EarlierCapture


@dataclass(frozen=True)
class StoredCapture:
    """The keys of a stored page. ``capture``: the archive of this fetch; ``body``: the archive, this or an earlier one,
    that holds the page's bytes.
    """

    capture: str
    body: str


def first_stored_capture(session: Session, page: Page, digest: str) -> EarlierCapture | None:
    """The first fetch of this page whose archive holds the same bytes."""
    query = (
        sa.select(Evidence.final_url, Evidence.at, Evidence.body_key)
        .join(Republication, Republication.id == Evidence.republication_id)
        .where(
            Republication.page_id == page.id,
            Evidence.body_hash == digest,
            Evidence.capture_key == Evidence.body_key,
            Evidence.rejudged_from.is_(None),
        )
        .order_by(Evidence.id)
        .limit(1)
    )
    row = session.execute(query).first()
    return EarlierCapture(row[0], row[1], row[2]) if row is not None and row[2] is not None else None


def store_capture(
    store: PageStore, answer: HttpResponse, digest: str, earlier: EarlierCapture | None, *, now: datetime
) -> StoredCapture:
    """Store a fetch, with its body unless an earlier fetch of the page has the same one. Raises ``OSError``."""
    capture = store.keep_capture(
        Capture(
            url=answer.url,
            at=now,
            status=answer.status,
            reason=answer.reason,
            fields=answer.fields or tuple(answer.headers.items()),
            asked=answer.asked,
            body=answer.body,
            digest=digest,
            address=answer.address,
            redirects=answer.redirects,
            earlier=earlier,
        )
    )
    return StoredCapture(capture, earlier.key if earlier is not None else capture)
