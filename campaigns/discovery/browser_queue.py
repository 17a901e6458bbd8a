"""Which pages are looked at in a browser instead of being fetched, and when.

Pages of sites that need a browser, pages that were fetched and could not be read, and once a sample of the pages whose
copies count. The work item is the page itself: the same row is due for the one or for the other.
"""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.discovery.sightings import Page, PageLook
from campaigns.partners.directory import Site


def due_in_browser() -> sa.ColumnElement[bool]:
    """The pages that a browser looks at, as a condition on ``Page``, never null."""
    needing = sa.select(Site.id).where(Site.needs_browser)
    return sa.or_(Page.look != PageLook.FETCH, Page.site_id.in_(needing))


def is_sampled(page: Page, share: float) -> bool:
    """Whether a page is in the sample that is looked at twice; always the same for one address. ``share``: 0–1."""
    digest = hashlib.blake2b(page.canonical_url.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < share


def request_look(session: Session, ident: int, look: PageLook, *, now: datetime) -> None:
    """Make a page due at once for another kind of look. The caller holds the page and has settled its check."""
    session.execute(sa.update(Page).where(Page.id == ident).values(look=look, due_at=now, attempt=0))


def end_second_look(session: Session, taken: ledger.Claim, wait: timedelta, *, now: datetime) -> None:
    """Settle a second look: the page is fetched again after ``wait``."""
    ledger.settle(session, Page, taken, {"look": PageLook.FETCH, "due_at": now + wait, "attempt": 0})
