"""Source check: one feed, sitemap, listing or search of a partner site is read and its pages are recorded."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.discovery import host_locks, site_sources
from campaigns.discovery.sightings import record_listed, unseen_urls
from campaigns.discovery.site_sources import LookResult, Source, SourceTrouble
from campaigns.partners.directory import Site, site_of
from coordinator.jobs.context import JobContext
from coordinator.jobs.discovery.source_reading import ListedPage, SourceUnreadable, read_source
from coordinator.logs import event_fields

log = logging.getLogger(__name__)

PAGES_A_TRANSACTION = 250  # pages written in one transaction


def claim(context: JobContext, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` sources that are due, at most one per site."""
    now = context.now()
    with context.database.write() as session:
        return host_locks.claim_one_per_site(session, Source, limit, context.intervals.lease, now=now)


def check_source(context: JobContext, taken: ledger.Claim) -> None:
    """Read one source, record the pages it lists and schedule the next check."""
    with context.database.read() as session:
        source = session.get(Source, taken.id)
        if source is None:
            return
        site = source.site
        site_id, kind, url = source.site_id, source.kind, source.url
        etag, modified = source.etag, source.last_modified

    def never_seen(urls: list[str]) -> list[str]:
        with context.database.read() as session:
            return unseen_urls(session, site, urls)

    try:
        listed = read_source(context, kind, url, etag, modified, never_seen)
    except SourceUnreadable as error:
        result = LookResult(0, error=str(error), trouble=error.trouble, wait=error.wait, ours=error.ours)
        _settle(context, taken, site_id, url, (), result)
        return
    result = LookResult(
        0,
        etag=listed.etag,
        last_modified=listed.last_modified,
        unchanged=listed.unchanged,
        fresh_for=listed.fresh_for,
        moved_to=listed.moved_to,
    )
    _settle(context, taken, site_id, url, listed.named, result)


def record_crash(context: JobContext, taken: ledger.Claim, error: BaseException) -> None:
    """Record an unexpected exception as the source's error; the check is retried later."""
    with context.database.read() as session:
        source = session.get(Source, taken.id)
        if source is None:
            return
        site_id, url = source.site_id, source.url
    result = LookResult(0, error=f"the program failed: {error}", trouble=SourceTrouble.PROGRAM)
    _settle(context, taken, site_id, url, (), result)


def _settle(
    context: JobContext,
    taken: ledger.Claim,
    site_id: int,
    source_url: str,
    named: Sequence[ListedPage],
    result: LookResult,
) -> None:
    now = context.now()
    with context.database.read() as session:
        before = session.get_one(Source, taken.id).looked_at
    appeared: list[datetime] = []
    # A sitemap may list 50,000 pages; a single transaction would block every other writer. Recording a page twice has
    # no effect, so an interrupted check is repeated safely.
    for start in range(0, len(named), PAGES_A_TRANSACTION):
        with context.database.write() as session:
            some = named[start : start + PAGES_A_TRANSACTION]
            appeared += _record_pages(session, site_id, source_url, some, before, now)
    with context.database.write() as session:
        source = session.get_one(Source, taken.id)
        result = replace(result, fresh=len(appeared), appeared=tuple(appeared))
        site_sources.settle_look(
            session, source, taken, result, context.intervals, chance=context.randomness.random(), now=now
        )
    if result.ours:
        log.info(
            "look %s put off: %s",
            source_url,
            result.error,
            extra=event_fields("put_off", work="source_check", url=source_url),
        )
    elif result.error:
        fields = event_fields("failed", work="source_check", url=source_url, trouble=result.trouble.value)
        log.warning("look %s: %s", source_url, result.error, extra=fields)
    elif appeared:
        fields = event_fields("found", work="source_check", url=source_url, pages=len(appeared))
        log.info("look %s: %d new pages", source_url, len(appeared), extra=fields)


def _record_pages(
    session: Session,
    site_id: int,
    source_url: str,
    named: Sequence[ListedPage],
    before: datetime | None,
    now: datetime,
) -> list[datetime]:
    """Record the pages that a source lists; returns the times at which the new ones appeared, as far as known."""
    site = session.get_one(Site, site_id)
    owners: dict[str, Site | None] = {}
    pages_by_site: dict[int, dict[str, tuple[datetime | None, str | None]]] = {}
    for listed in named:
        # Pages of other sites of the same company are accepted; pages of other companies are ignored.
        host = urlsplit(listed.url).netloc
        if host not in owners:
            owners[host] = site_of(session, listed.url)
        owner = owners[host]
        if owner is not None and owner.company_id == site.company_id:
            pages_by_site.setdefault(owner.id, {}).setdefault(listed.url, (listed.at, listed.at_from))
    appeared = []
    # The time given by the source is more precise than the time of the check if it lies between the last two checks.
    since = (before or now) - timedelta(hours=1)
    for ident, addresses in sorted(pages_by_site.items()):
        owner = session.get_one(Site, ident)
        for url in record_listed(session, owner, addresses, source_url, now=now):
            at = addresses[url][0]
            appeared.append(at if at is not None and since <= at <= now else now)
    return appeared
