"""Teasers: pages with a bulletin's headline and lead only, counted separately from republications.

They have a table of their own, so that no query over republications can include them.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.base import Base, UTCDateTime
from campaigns.core.clock import city_day
from campaigns.discovery.sightings import Page
from campaigns.partners.directory import Site
from campaigns.republications.republications import counted_day


class Teaser(Base):
    """One bulletin announced on one page. ``counted_on``: the city's day on which we first saw the page."""

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
        # For tallies by day.
        sa.Index("ix_teasers_counted_on", "counted_on"),
    )


def record_teaser(session: Session, page: Page, bulletin_id: int, headline: str, *, now: dt.datetime) -> None:
    """Record once that the page announces the bulletin."""
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
            counted_on=counted_day(page.site, city_day(page.first_seen_at)),
        )
    )
    session.flush()


def remove_teaser(session: Session, page: Page, bulletin_id: int) -> None:
    """Delete the teaser of a page that carries the text, and so is a copy."""
    session.execute(sa.delete(Teaser).where(Teaser.bulletin_id == bulletin_id, Teaser.page_id == page.id))


def latest_teasers(session: Session, bulletin_id: int, most: int) -> list[Teaser]:
    """The pages that announce the bulletin, last seen first, at most ``most``; with their sites and pages."""
    query = (
        sa.select(Teaser)
        .options(joinedload(Teaser.site).joinedload(Site.company), joinedload(Teaser.page))
        .where(Teaser.bulletin_id == bulletin_id)
        .order_by(Teaser.seen_at.desc(), Teaser.id.desc())
        .limit(most)
    )
    return list(session.execute(query).scalars())
