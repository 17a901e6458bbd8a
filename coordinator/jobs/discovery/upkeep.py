"""Upkeep of discovery: pending pages, host locks, and the sources of every site."""

import logging

import sqlalchemy as sa

from campaigns.discovery import host_locks, pending_pages, site_sources, surveys
from campaigns.discovery.site_sources import Source
from campaigns.partners.directory import Site
from coordinator.jobs.context import JobContext

log = logging.getLogger(__name__)


def recheck_pending_pages(context: JobContext) -> int:
    """Request a fetch of pages that were read before a text they share hashes with was released; returns their number.

    The pages are compared in a read transaction, which blocks no writer. If a page is being fetched at this moment, the
    texts are compared again at the next tick.
    """
    with context.database.read() as session:
        texts = pending_pages.uncompared_texts(session)
        if not texts:
            return 0
        idents = [text.id for text in texts]
        pages = pending_pages.sharing_pages(session, texts)
    with context.database.write() as session:
        now = context.now()
        if pending_pages.fetch_again(session, pages, now=now):
            pending_pages.mark_compared(session, idents, now=now)
    if pages:
        log.info("%d pages read before are fetched again for %d new texts", len(pages), len(texts))
    return len(pages)


def tidy(context: JobContext) -> None:
    """Delete expired locks; add the surveys and sources that active sites lack."""
    now = context.now()
    with context.database.write() as session:
        host_locks.delete_stale(session, now=now)
    with context.database.write() as session:
        # A site from a register import has no sources yet: a survey collects offers, from which staff choose.
        for site in surveys.unsurveyed_sites(session):
            surveys.request_survey(session, site, now=now)
        unwatched = sa.select(Site).where(Site.active, ~sa.exists().where(Source.site_id == Site.id)).order_by(Site.id)
        for site in session.execute(unwatched).scalars().all():
            site_sources.sync_sources(session, site, now=now)
