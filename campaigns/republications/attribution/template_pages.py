"""The pages of a site that its template is learned from, kept in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime
from campaigns.discovery.sightings import Page
from campaigns.republications.attribution.site_templates import PagePart, SiteTemplate, common_parts

KEPT_PAGES = 20  # of a site, the newest


class TemplatePage(Base):
    """What of one page that carries nothing of ours may be taken for a source. Kept for the newest pages of a site.

    ``parts``: a list of ``{"text", "href", "lined"}``.
    """

    __tablename__ = "template_pages"

    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    parts: Mapped[list[Any]] = mapped_column(sa.JSON)

    __table_args__ = (sa.Index("ix_template_pages_site_id_at", "site_id", "at"),)


def learn_page(session: Session, page: Page, parts: Sequence[PagePart] | None, *, now: datetime) -> None:
    """Keep the parts of a page that was checked and carries nothing of ours; ``parts`` None: it carries something, and
    teaches nothing."""
    known = session.get(TemplatePage, page.id)
    if parts is None:
        if known is not None:
            session.delete(known)
        return
    kept = [{"text": part.text, "href": part.href, "lined": part.lined} for part in parts]
    if known is not None:
        known.at, known.parts = now, kept
        return
    newest = sa.select(TemplatePage.page_id).where(TemplatePage.site_id == page.site_id)
    older = session.execute(newest.order_by(TemplatePage.at.desc()).offset(KEPT_PAGES - 1)).scalars().all()
    if older:
        session.execute(sa.delete(TemplatePage).where(TemplatePage.page_id.in_(older)))
    session.add(TemplatePage(page_id=page.id, site_id=page.site_id, at=now, parts=kept))


def site_template(session: Session, site_id: int) -> SiteTemplate:
    """Return the template of a site as its kept pages show it."""
    kept = session.execute(sa.select(TemplatePage.parts).where(TemplatePage.site_id == site_id)).scalars()
    return common_parts([[PagePart(**part) for part in parts] for parts in kept])
