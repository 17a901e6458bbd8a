"""Survey: look for the sources of one site, try each, and note what could be read. Nothing is watched by itself."""

import logging
import time
from datetime import datetime
from urllib.parse import urljoin

from campaigns.core import ledger
from campaigns.core.clock import utc_now
from campaigns.core.errors import Invalid
from campaigns.partners.directory import host_key
from campaigns.tracking import surveys
from campaigns.tracking.surveys import Offer, Survey
from campaigns.tracking.urls import host_of
from campaigns.tracking.watching import SourceKind
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.feed import read_feed
from coordinator.discovery.listing import read_listing
from coordinator.discovery.offers import Hint, named_by_page, named_by_robots, usual_places
from coordinator.discovery.sitemap import read_sitemap
from coordinator.discovery.wordpress import read_search, search_address
from coordinator.http import Answer, DoorError
from coordinator.jobs.lists import BUDGET, LIST_CAP
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

LEAST_LINKS = 5  # article-like links that make a front page worth watching as a list
MOST_TRIED = 16  # addresses tried on one site


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` searches for sources."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(session, Survey, limit, place.pace.lease, now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Look through one site."""
    with place.database.read() as session:
        row = session.get(Survey, taken.id)
        if row is None:
            return
        home, host = row.site.url, row.site.host
    offers, error = look_through(place, home, host)
    with place.database.write() as session:
        surveys.settle(session, taken, offers, error, now=place.now())
    log.info("survey %s: %d sources %s", host, len(offers), error)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while looking: said where the offers would stand."""
    with place.database.write() as session:
        surveys.settle(session, taken, [], f"the program failed: {error}", now=place.now())


def look_through(place: Workplace, home: str, host: str) -> tuple[list[Offer], str]:
    """The sources a site offers and, when its front page could not be read, why."""
    ends = time.monotonic() + BUDGET
    offers: dict[str, Offer] = {}
    hints: list[Hint] = []
    problem = ""
    try:
        front = place.door.get(home, cap=LIST_CAP, robots=True)
        if front.status != 200:  # a part of a page is no page
            problem = f"{host} answered {front.status}"
        else:
            hints += named_by_page(front)
            links = len(read_listing(front.text(), front.url))
            if links >= LEAST_LINKS:
                offers[home] = Offer(SourceKind.LISTING.value, home, "", links, "", "page")
    except DoorError as error:
        problem = str(error)
    hints += _robots(place, home)
    hints += usual_places(home)
    tried: set[str] = set()
    for hint in hints:
        if hint.url in tried or not _within(hint.url, host):
            continue
        if len(tried) == MOST_TRIED or time.monotonic() > ends:
            break
        # One list under a usual name is enough; what the site itself names is all tried.
        if hint.where == "usual" and any(one.kind == hint.kind.value for one in offers.values()):
            continue
        tried.add(hint.url)
        offer = _tried(place, hint)
        if offer is not None and _within(offer.url, host):
            offers.setdefault(offer.url, offer)
    return list(offers.values()), problem


def _robots(place: Workplace, home: str) -> list[Hint]:
    url = urljoin(home, "/robots.txt")
    try:
        answer = place.door.get(url, cap=LIST_CAP)
    except DoorError as error:
        log.info("no robots.txt to read sitemaps from: %s", error)
        return []
    return named_by_robots(answer.text(), url) if answer.ok else []


def _tried(place: Workplace, hint: Hint) -> Offer | None:
    """The source at an address, if there is one that can be read."""
    words = host_of(place.addresses.base)
    url = search_address(hint.url, words) if hint.kind is SourceKind.SEARCH else hint.url
    try:
        answer = place.door.get(url, cap=LIST_CAP, robots=True)
        if answer.status != 200:
            return None
        return _offer(hint, answer)
    except (DoorError, DiscoveryError) as error:
        log.info("no source at %s: %s", hint.url, error)
        return None


def _offer(hint: Hint, answer: Answer) -> Offer | None:
    at = answer.url if answer.permanent else hint.url
    if hint.kind is SourceKind.SEARCH:
        found = read_search(answer.body, answer.url, answer.headers)
        return Offer(hint.kind.value, hint.url, hint.title, len(found.posts), "", hint.where)
    if hint.kind is SourceKind.FEED:
        feed = read_feed(answer.body, answer.url, answer.headers.get("Content-Type"))
        newest = _newest([one.published_at for one in feed.entries])
        items = len(feed.entries)
        return Offer(hint.kind.value, at, feed.title or hint.title, items, newest, hint.where) if items else None
    sitemap = read_sitemap(answer.body, answer.url)
    newest = _newest([one.news_published_at or one.lastmod for one in (*sitemap.entries, *sitemap.sitemaps)])
    items = len(sitemap.entries) + len(sitemap.sitemaps)
    return Offer(hint.kind.value, at, hint.title, items, newest, hint.where) if items else None


def _newest(moments: list[datetime | None]) -> str:
    told = [one for one in moments if one is not None and one <= utc_now()]
    return max(told).isoformat() if told else ""


def _within(url: str, host: str) -> bool:
    try:
        other = host_key(url)
    except Invalid:
        return False
    return other == host or other.endswith(f".{host}")
