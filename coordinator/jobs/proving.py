"""Prove: keep a fetched page as a web archive of its own: what came, when, and from where, for anybody to see later."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.tracking.republications import Evidence, Republication
from campaigns.tracking.sightings import Page
from coordinator.http import Answer
from coordinator.keeping import PageStore
from coordinator.keeping.captures import Capture, Earlier


@dataclass(frozen=True)
class Kept:
    """``capture``: the archive of this fetch; ``body``: where the page's bytes can be read, this one or an earlier."""

    capture: str
    body: str


def first_kept(session: Session, page: Page, digest: str) -> Earlier | None:
    """The first fetch of this page that brought the same bytes and kept them."""
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
    return Earlier(row[0], row[1], row[2]) if row is not None and row[2] is not None else None


def keep(store: PageStore, answer: Answer, digest: str, earlier: Earlier | None, *, now: datetime) -> Kept:
    """Write a fetch down; its body too, unless an earlier fetch of the page brought the same. Raises ``OSError``."""
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
    return Kept(capture, earlier.key if earlier is not None else capture)
