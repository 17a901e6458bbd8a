"""Which pages are looked at in a browser instead of being fetched, and when.

Pages of sites that need a browser, pages that were fetched and could not be read, and once a sample of the pages whose
copies count. The work item is the page itself: the same row is due for the one or for the other.
"""

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


def request_look(session: Session, ident: int, look: PageLook, *, now: datetime) -> None:
    """Make a page due at once for another kind of look. The caller holds the page and has settled its check."""
    session.execute(sa.update(Page).where(Page.id == ident).values(look=look, due_at=now, attempt=0))


def request_looks(session: Session, pages: sa.Select[int], *, now: datetime) -> None:
    """Make pages due at once that would only be fetched, for a second look; ``pages``: their keys."""
    waiting = (Page.id.in_(pages), Page.look == PageLook.FETCH, Page.lease_until.is_(None), ~Page.behind_sign_in)
    values = {"look": PageLook.SECOND, "due_at": now, "attempt": 0}
    session.execute(sa.update(Page).where(*waiting).values(values).execution_options(synchronize_session=False))


def end_second_look(session: Session, taken: ledger.Claim, wait: timedelta, *, now: datetime) -> None:
    """Settle a second look: the page is fetched again after ``wait``."""
    ledger.settle(session, Page, taken, {"look": PageLook.FETCH, "due_at": now + wait, "attempt": 0})
