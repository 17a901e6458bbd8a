"""Look: read one feed, sitemap or listing of a partner site and note the pages it names."""

import logging
from dataclasses import dataclass
from datetime import datetime

from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.partners.directory import Site, site_of
from campaigns.tracking import watching
from campaigns.tracking.sightings import How, see
from campaigns.tracking.watching import LookResult, Source, SourceKind
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.feed import read_feed
from coordinator.discovery.listing import leads_to_list, read_listing
from coordinator.discovery.sitemap import Sitemap, read_sitemap
from coordinator.http import Answer, DoorError
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

LIST_CAP = 5_000_000  # bytes, decoded: a news sitemap of 1,000 entries has well under one
MOST_MAPS = 20  # sitemaps read from one index in one look: the newest; older ones are archives


@dataclass(frozen=True)
class Named:
    """One page that a list names, with the time the list gives it and where that was read."""

    url: str
    at: datetime | None
    at_from: str | None


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` sources that are due for a look."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(session, Source, limit, place.pace.lease, now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Read one source, note what it names, and say when to look again."""
    with place.database.read() as session:
        source = session.get(Source, taken.id)
        if source is None:
            return
        site_id, kind, url, etag, modified = (
            source.site_id,
            source.kind,
            source.url,
            source.etag,
            source.last_modified,
        )
    try:
        answer = place.door.get(url, cap=LIST_CAP, etag=etag, last_modified=modified, robots=True)
        problem = _problem(answer)
        named = [] if problem or answer.status == 304 else _read(place, kind, answer)
    except (DoorError, DiscoveryError) as error:
        _settle(place, taken, site_id, url, [], LookResult(0, error=str(error)))
        return
    if problem:
        _settle(place, taken, site_id, url, [], LookResult(0, error=problem, wait=answer.retry_after))
        return
    result = LookResult(
        0,
        etag=answer.headers.get("ETag"),
        last_modified=answer.headers.get("Last-Modified"),
        unchanged=answer.status == 304,
    )
    _settle(place, taken, site_id, url, named, result)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while looking: shown as the source's error, tried again later."""
    with place.database.read() as session:
        source = session.get(Source, taken.id)
        if source is None:
            return
        site_id, url = source.site_id, source.url
    _settle(place, taken, site_id, url, [], LookResult(0, error=f"the program failed: {error}"))


def _problem(answer: Answer) -> str:
    return "" if answer.status in {200, 304} else f"the site answered {answer.status}"


def _read(place: Workplace, kind: SourceKind, answer: Answer) -> list[Named]:
    if kind is SourceKind.FEED:
        feed = read_feed(answer.body, answer.url, answer.headers.get("Content-Type"))
        return [Named(entry.url, entry.published_at, "feed") for entry in feed.entries]
    if kind is SourceKind.LISTING:
        return [Named(one.url, None, None) for one in read_listing(answer.text(), answer.url)]
    sitemap = read_sitemap(answer.body, answer.url)
    named = _articles(sitemap)
    for nested in sitemap.sitemaps[:MOST_MAPS]:
        inner = place.door.get(nested.url, cap=LIST_CAP, robots=True)
        if problem := _problem(inner):
            raise DiscoveryError(f"{nested.url}: {problem}")
        named.extend(_articles(read_sitemap(inner.body, inner.url)))
    return named


def _articles(sitemap: Sitemap) -> list[Named]:
    """What a sitemap names, without the site's own lists: those are watched as listings, and are nobody's copy."""
    return [Named(one.url, one.news_published_at, "sitemap") for one in sitemap.entries if not leads_to_list(one.url)]


def _settle(
    place: Workplace, taken: ledger.Claim, site_id: int, source_url: str, named: list[Named], result: LookResult
) -> None:
    now = place.now()
    with place.database.write() as session:
        site = session.get_one(Site, site_id)
        fresh = 0
        # In one order everywhere: two lists of one site that name the same new pages must not wait for each other.
        for one in sorted(named, key=lambda page: page.url):
            # A list may name pages of a sister site; it may not name pages of strangers.
            owner = site_of(session, one.url)
            if owner is None or owner.company_id != site.company_id:
                continue
            try:
                _, new = see(
                    session,
                    owner,
                    one.url,
                    How.DISCOVERED,
                    source_url,
                    claimed_at=one.at,
                    claimed_from=one.at_from,
                    now=now,
                )
            except Invalid as invalid:
                log.info("%s names an address we cannot read: %s", source_url, invalid)
                continue
            fresh += new
        source = session.get_one(Source, taken.id)
        watching.settle_look(
            session,
            source,
            taken,
            LookResult(fresh, result.error, result.etag, result.last_modified, result.wait, result.unchanged),
            place.pace,
            now=now,
        )
    if result.error:
        log.warning("look %s: %s", source_url, result.error)
    elif fresh:
        log.info("look %s: %d new pages", source_url, fresh)
