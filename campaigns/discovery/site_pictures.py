"""Pictures of partners' pages that were read: an address that is met again, on this page or another, is not fetched
again, and what stands on many pages of a site is its own decoration."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, rows_changed
from campaigns.discovery.urls import page_key

PICTURES_KEPT: Final = dt.timedelta(days=30)
DECORATION: Final = 3  # pages of a site that show it
_FORGOTTEN_AT_ONCE: Final = 1000


class SitePicture(Base):
    """A picture by its address on a site. ``digest``: SHA-256 of its file in hex; ``hashes``: of the found picture, 32
    bytes each; both None for one that cannot be read. ``text``: what was read in it, None where nobody asked.
    ``pages``: on how many pages it was met, counted as far as ``page_id`` differs from the last one."""

    __tablename__ = "site_pictures"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True, autoincrement=False)
    address_key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    page_id: Mapped[int]  # no foreign key: plain pages are removed before
    pages: Mapped[int] = mapped_column(default=1)
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    hashes: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    text: Mapped[str | None] = mapped_column(sa.Text)
    fetched_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)


def address_key(address: str) -> str:
    """The key of a picture's address."""
    return hashlib.sha256((page_key(address) or address).encode("utf-8", "surrogatepass")).hexdigest()


def known_pictures(session: Session, site_id: int, addresses: Collection[str]) -> dict[str, SitePicture]:
    """The pictures of a site that were read, by address."""
    keys = {address_key(address): address for address in addresses}
    query = sa.select(SitePicture).where(SitePicture.site_id == site_id, SitePicture.address_key.in_(keys))
    return {keys[row.address_key]: row for row in session.execute(query).scalars()}


def record_met(pictures: Iterable[SitePicture], page_id: int) -> None:
    """Count a page on which pictures were met again."""
    for row in pictures:
        if row.page_id != page_id:
            row.page_id, row.pages = page_id, row.pages + 1


def save_picture(session: Session, picture: SitePicture) -> None:
    """Keep what was read of a picture, in place of what was read before; the pages that show it are counted on."""
    known = session.get(SitePicture, (picture.site_id, picture.address_key))
    if known is not None:
        picture.pages = known.pages + (known.page_id != picture.page_id)
    session.merge(picture)
    session.flush()


def save_text(session: Session, site_id: int, address: str, text: str) -> None:
    """Keep the text that was read in a picture."""
    known = session.get(SitePicture, (site_id, address_key(address)))
    if known is not None:
        known.text = text
        session.flush()


def forget_pictures(session: Session, *, now: dt.datetime) -> int:
    """Remove some of those that were fetched long ago; returns how many."""
    old = sa.select(SitePicture.site_id, SitePicture.address_key).where(SitePicture.fetched_at < now - PICTURES_KEPT)
    rows = session.execute(old.limit(_FORGOTTEN_AT_ONCE)).all()
    query = sa.delete(SitePicture).where(
        sa.tuple_(SitePicture.site_id, SitePicture.address_key).in_([tuple(row) for row in rows])
    )
    return rows_changed(session.execute(query)) if rows else 0
