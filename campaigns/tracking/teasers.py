"""Teasers: pages that carry a bulletin's headline and lead only. Counted apart, never with the copies.

A table of their own, so that no figure over republications can ever take one in by mistake.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime, city_day
from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.sightings import Page


class Teaser(Base):
    """One bulletin announced on one page. ``counted_on``: the day of the city on which we first saw the page."""

    __tablename__ = "teasers"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"), index=True)
    headline: Mapped[str] = mapped_column(sa.Text, default="")
    seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    counted_on: Mapped[dt.date]

    bulletin: Mapped[Bulletin] = relationship()
    site: Mapped[Site] = relationship()
    page: Mapped[Page] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "page_id"),
        # Tallied by day, as copies are.
        sa.Index("ix_teasers_counted_on", "counted_on"),
    )


def note(session: Session, page: Page, bulletin_id: int, headline: str, *, now: dt.datetime) -> None:
    """The page announces the bulletin; noted once."""
    known = sa.select(Teaser.id).where(Teaser.bulletin_id == bulletin_id, Teaser.page_id == page.id)
    if session.execute(known).first() is not None:
        return
    session.add(
        Teaser(
            bulletin_id=bulletin_id,
            site_id=page.site_id,
            page_id=page.id,
            headline=headline,
            seen_at=now,
            counted_on=city_day(page.first_seen_at),
        )
    )
    session.flush()


def outgrown(session: Session, page: Page, bulletin_id: int) -> None:
    """The page carries the text after all, so it is a copy and no teaser."""
    session.execute(sa.delete(Teaser).where(Teaser.bulletin_id == bulletin_id, Teaser.page_id == page.id))


def latest_of(session: Session, bulletin_id: int, most: int) -> list[Teaser]:
    """The pages that announce the bulletin, last seen first, ``most`` of them at most; with their sites and pages."""
    query = (
        sa.select(Teaser)
        .options(joinedload(Teaser.site).joinedload(Site.company), joinedload(Teaser.page))
        .where(Teaser.bulletin_id == bulletin_id)
        .order_by(Teaser.seen_at.desc(), Teaser.id.desc())
        .limit(most)
    )
    return list(session.execute(query).scalars())
