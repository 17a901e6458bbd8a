"""Source discovery: the sources of one site are searched for, tried and recorded as offers. None is watched
automatically."""

import logging
import time
from datetime import datetime
from urllib.parse import urljoin

from campaigns.core import ledger
from campaigns.core.clock import utc_now
from campaigns.core.errors import Invalid
from campaigns.discovery import surveys
from campaigns.discovery.site_sources import SourceKind
from campaigns.discovery.surveys import OfferedSource, Survey
from campaigns.discovery.urls import host_of
from campaigns.partners.directory import host_key
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.feed import read_feed
from coordinator.discovery.listing import listed_links
from coordinator.discovery.reading import read_fetched
from coordinator.discovery.sitemap import read_sitemap
from coordinator.discovery.source_hints import SourceHint, page_hints, robots_hints, usual_hints
from coordinator.discovery.wordpress import read_search, search_url
from coordinator.http.errors import RequestError
from coordinator.http.responses import HttpResponse
from coordinator.jobs.context import JobContext
from coordinator.jobs.discovery.source_reading import BUDGET, LIST_CAP

log = logging.getLogger(__name__)

LEAST_LINKS = 5  # article-like links that make a front page worth watching as a list
MOST_TRIED = 16  # addresses tried on one site


def claim(context: JobContext, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` surveys that are due."""
    now = context.now()
    with context.database.write() as session:
        return ledger.claim(session, Survey, limit, context.intervals.lease, now=now)


def discover_sources(context: JobContext, taken: ledger.Claim) -> None:
    """Search one site for sources and record the offers."""
    with context.database.read() as session:
        row = session.get(Survey, taken.id)
        if row is None:
            return
        home, host = row.site.url, row.site.host
    offers, error = sources_of_site(context, home, host)
    with context.database.write() as session:
        surveys.settle_survey(session, taken, offers, error, now=context.now())
    log.info("survey %s: %d sources %s", host, len(offers), error)


def record_crash(context: JobContext, taken: ledger.Claim, error: BaseException) -> None:
    """Record an unexpected exception as the survey's error."""
    with context.database.write() as session:
        surveys.settle_survey(session, taken, [], f"the program failed: {error}", now=context.now())


def sources_of_site(context: JobContext, home: str, host: str) -> tuple[list[OfferedSource], str]:
    """The sources a site offers, and the error if its front page could not be read."""
    ends = time.monotonic() + BUDGET
    offers: dict[str, OfferedSource] = {}
    hints: list[SourceHint] = []
    problem = ""
    try:
        front = context.http_client.get(home, cap=LIST_CAP, robots=True)
        if front.status != 200:  # 206 and other statuses do not bring the whole page
            problem = f"{host} answered {front.status}"
        else:
            hints += read_fetched(page_hints, front)
            links = len(read_fetched(listed_links, front))
            if links >= LEAST_LINKS:
                offers[home] = OfferedSource(SourceKind.LISTING.value, home, "", links, "", "page")
    except (RequestError, DiscoveryError) as error:
        problem = str(error)
    hints += _robots(context, home)
    hints += usual_hints(home)
    tried: set[str] = set()
    for hint in hints:
        if hint.url in tried or not _is_on_host(hint.url, host):
            continue
        if len(tried) == MOST_TRIED or time.monotonic() > ends:
            break
        # Of each kind one source at a usual address is enough; addresses that the site names are all tried.
        if hint.where == "usual" and any(known.kind == hint.kind.value for known in offers.values()):
            continue
        tried.add(hint.url)
        offer = _try_source(context, hint)
        if offer is not None and _is_on_host(offer.url, host):
            offers.setdefault(offer.url, offer)
    return list(offers.values()), problem


def _robots(context: JobContext, home: str) -> list[SourceHint]:
    url = urljoin(home, "/robots.txt")
    try:
        answer = context.http_client.get(url, cap=LIST_CAP)
        return read_fetched(robots_hints, answer.text(), url) if answer.ok else []
    except (RequestError, DiscoveryError) as error:
        log.info("no robots.txt to read sitemaps from: %s", error)
        return []


def _try_source(context: JobContext, hint: SourceHint) -> OfferedSource | None:
    """The source at an address; None if there is no readable one."""
    words = host_of(context.addresses.base)
    url = search_url(hint.url, words) if hint.kind is SourceKind.SEARCH else hint.url
    try:
        answer = context.http_client.get(url, cap=LIST_CAP, robots=True)
        if answer.status != 200:
            return None
        return _source_offer(hint, answer)
    except (RequestError, DiscoveryError) as error:
        log.info("no source at %s: %s", hint.url, error)
        return None


def _source_offer(hint: SourceHint, answer: HttpResponse) -> OfferedSource | None:
    at = answer.url if answer.permanent else hint.url
    if hint.kind is SourceKind.SEARCH:
        found = read_fetched(read_search, answer.body, answer.url, answer.headers)
        return OfferedSource(hint.kind.value, hint.url, hint.title, len(found.posts), "", hint.where)
    if hint.kind is SourceKind.FEED:
        feed = read_fetched(read_feed, answer.body, answer.url, answer.headers.get("Content-Type"))
        newest = _newest_moment([entry.published_at for entry in feed.entries])
        items = len(feed.entries)
        return (
            OfferedSource(hint.kind.value, at, feed.title or hint.title, items, newest, hint.where) if items else None
        )
    sitemap = read_fetched(read_sitemap, answer.body, answer.url)
    newest = _newest_moment(
        [entry.news_published_at or entry.lastmod for entry in (*sitemap.entries, *sitemap.sitemaps)]
    )
    items = len(sitemap.entries) + len(sitemap.sitemaps)
    return OfferedSource(hint.kind.value, at, hint.title, items, newest, hint.where) if items else None


def _newest_moment(moments: list[datetime | None]) -> str:
    past = [moment for moment in moments if moment is not None and moment <= utc_now()]
    return max(past).isoformat() if past else ""


def _is_on_host(url: str, host: str) -> bool:
    try:
        other = host_key(url)
    except Invalid:
        return False
    return other == host or other.endswith(f".{host}")
