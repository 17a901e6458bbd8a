"""Reading of sources: the pages that a feed, sitemap, listing or site search lists, fetched within ``BUDGET``
seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from campaigns.discovery.site_sources import SourceKind, SourceTrouble
from campaigns.discovery.urls import host_of
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.feed import read_feed
from coordinator.discovery.listing import leads_to_list, listed_links
from coordinator.discovery.reading import read_fetched
from coordinator.discovery.sitemap import Sitemap, read_sitemap
from coordinator.discovery.wordpress import is_search_page, read_search, search_page_url, search_url
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse
from coordinator.jobs.context import JobContext

LONGEST_SOURCE = 1000  # characters of a source's address, the length of its column
LIST_CAP = 5_000_000  # bytes, decoded: a news sitemap of 1,000 entries has well under one
MOST_MAPS = 20  # sitemaps read from one index in one check: the newest; older ones are archives
MOST_RESULTS = 10  # pages of a search in one check; a search continues only while it finds new pages
BUDGET = 60.0  # seconds after which no further part of a list is requested: half of the lease

_KINDS = {
    RequestErrorKind.REFUSED_ADDRESS: SourceTrouble.UNREACHABLE,
    RequestErrorKind.BAD_URL: SourceTrouble.UNREACHABLE,
    RequestErrorKind.UNREACHABLE: SourceTrouble.UNREACHABLE,
    RequestErrorKind.TIMEOUT: SourceTrouble.SLOW,
    RequestErrorKind.TOO_LARGE: SourceTrouble.TOO_LARGE,
    RequestErrorKind.TOO_MANY_REDIRECTS: SourceTrouble.MOVED,
    RequestErrorKind.PROTOCOL: SourceTrouble.PROTOCOL,
    RequestErrorKind.ROBOTS: SourceTrouble.ROBOTS,
}
_STATUSES = {
    401: SourceTrouble.REFUSED,
    403: SourceTrouble.REFUSED,
    404: SourceTrouble.MISSING,
    410: SourceTrouble.MISSING,
    429: SourceTrouble.BUSY,
    451: SourceTrouble.REFUSED,
}
CLOSED = frozenset({400, 401, 403, 404, 405, 410, 501})  # statuses of a WordPress site whose API is disabled


@dataclass(frozen=True)
class ListedPage:
    """One listed page, with the time the list gives it and the kind of list that gives it."""

    url: str
    at: datetime | None
    at_from: str | None


@dataclass(frozen=True)
class SourceListing:
    """The result of one check.

    ``named``: the listed pages, empty if the list is ``unchanged``; ``fresh_for``: seconds for which the site declares
    the answer valid; ``moved_to``: the target of a permanent redirect.
    """

    named: tuple[ListedPage, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    unchanged: bool = False
    fresh_for: float | None = None
    moved_to: str | None = None


class SourceUnreadable(Exception):
    """The list could not be read.

    ``trouble``: the kind of reason; ``wait``: seconds from the site's ``Retry-After``; ``ours``: only our own rate
    limit prevented the request.
    """

    def __init__(self, message: str, trouble: SourceTrouble, *, wait: float | None = None, ours: bool = False) -> None:
        super().__init__(message)
        self.trouble, self.wait, self.ours = trouble, wait, ours


IsUnknown = Callable[[list[str]], list[str]]  # the addresses among the given ones that are not recorded yet


def read_source(
    context: JobContext, kind: SourceKind, url: str, etag: str | None, modified: str | None, unknown: IsUnknown
) -> SourceListing:
    """Read the source at ``url``; ``etag`` and ``modified`` are those of the last check. Raises
    ``SourceUnreadable``."""
    try:
        if kind is SourceKind.SEARCH:
            return _search(context, url, unknown)
        answer = _fetch_list(context, url, etag=etag, last_modified=modified)
        listing = _listing_of_answer(answer)
        if answer.not_modified:
            return replace(listing, unchanged=True)
        if kind is SourceKind.FEED:
            feed = read_fetched(read_feed, answer.body, answer.url, answer.headers.get("Content-Type"))
            named = tuple(ListedPage(entry.url, entry.published_at, "feed") for entry in feed.entries)
            holds = max((entry for entry in (listing.fresh_for, feed.ttl) if entry is not None), default=None)
            return replace(listing, named=named, fresh_for=holds)
        if kind is SourceKind.LISTING:
            return replace(listing, named=_links(answer))
        return replace(listing, named=_sitemap(context, answer))
    except RequestError as error:
        raise source_unreadable(error) from error
    except DiscoveryError as error:
        raise SourceUnreadable(str(error), SourceTrouble.UNREADABLE) from error


def source_unreadable(error: RequestError) -> SourceUnreadable:
    """The error of a request as the error of a source check."""
    ours = error.kind is RequestErrorKind.BUSY
    return SourceUnreadable(str(error), _KINDS.get(error.kind, SourceTrouble.NONE), wait=error.retry_after, ours=ours)


def trouble_of_status(status: int) -> SourceTrouble:
    """The kind of reason for an HTTP status other than success."""
    return _STATUSES.get(status, SourceTrouble.BROKEN if status >= 500 else SourceTrouble.UNREADABLE)


def _fetch_list(
    context: JobContext, url: str, *, etag: str | None = None, last_modified: str | None = None
) -> HttpResponse:
    answer = context.http_client.get(url, cap=LIST_CAP, etag=etag, last_modified=last_modified, robots=True)
    if answer.status == 304 and answer.redirects:
        # The address redirects to another list, which answers 304; this does not prove that the known list is
        # unchanged.
        answer = context.http_client.get(url, cap=LIST_CAP, robots=True)
        etag = last_modified = None
    # A 304 without validators in the request is an error of the site: accepting it would hide the list for ever.
    if answer.status == 200 or (answer.not_modified and (etag or last_modified)):
        return answer
    what = f"{host_of(url)} answered {answer.status}"
    raise SourceUnreadable(what, trouble_of_status(answer.status), wait=answer.retry_after)


def _listing_of_answer(answer: HttpResponse) -> SourceListing:
    # Validators of a redirected answer are not stored: the next request might send them to another list.
    own = not answer.redirects
    return SourceListing(
        etag=answer.etag if own else None,
        last_modified=answer.last_modified if own else None,
        fresh_for=answer.max_age,
        moved_to=answer.url if answer.permanent and len(answer.url) <= LONGEST_SOURCE else None,
    )


def _links(answer: HttpResponse) -> tuple[ListedPage, ...]:
    return tuple(ListedPage(link.url, None, None) for link in read_fetched(listed_links, answer))


def _sitemap(context: JobContext, answer: HttpResponse) -> tuple[ListedPage, ...]:
    """The pages of a sitemap, or of the sitemaps that an index lists, the newest first.

    If time runs out or an inner sitemap fails, the pages read so far are returned; the error is raised only if there
    are none.
    """
    sitemap = read_fetched(read_sitemap, answer.body, answer.url)
    named = _articles(sitemap)
    failure: SourceUnreadable | RequestError | DiscoveryError | None = None
    ends = time.monotonic() + BUDGET
    for nested in sitemap.newest()[:MOST_MAPS]:
        if time.monotonic() > ends:
            break
        try:
            inner = _fetch_list(context, nested.url)
            named.extend(_articles(read_fetched(read_sitemap, inner.body, inner.url)))
        except (SourceUnreadable, RequestError, DiscoveryError) as error:
            failure = failure or error
    if failure is not None and not named:
        raise failure
    return tuple(named)


def _articles(sitemap: Sitemap) -> list[ListedPage]:
    """The pages of a sitemap without the site's own list pages, which carry no copy of a bulletin."""
    return [
        ListedPage(entry.url, entry.news_published_at, "sitemap")
        for entry in sitemap.entries
        if not leads_to_list(entry.url)
    ]


def _search(context: JobContext, root: str, unknown: IsUnknown) -> SourceListing:
    """Search a site for pages that link to us, newest first; a result page without new pages ends the search."""
    words = host_of(context.addresses.base)
    if is_search_page(root):
        answer = _fetch_list(context, search_page_url(root, words))
        return replace(_listing_of_answer(answer), named=_links(answer), etag=None, last_modified=None, moved_to=None)
    named: list[ListedPage] = []
    ends = time.monotonic() + BUDGET
    for page in range(1, MOST_RESULTS + 1):
        try:
            answer = _fetch_list(context, search_url(root, words, page=page))
            found = read_fetched(read_search, answer.body, answer.url, answer.headers)
        except (SourceUnreadable, DiscoveryError) as closed:
            if page > 1:
                break  # a site may count its pages wrongly; the pages found so far are kept
            return _site_search(context, root, words, closed)
        named += [ListedPage(post.url, post.published_at, "feed") for post in found.posts]
        fresh = unknown([post.url for post in found.posts])
        if page >= found.pages or len(fresh) < len(found.posts) or time.monotonic() > ends:
            break
    return SourceListing(tuple(named))


def _site_search(
    context: JobContext, root: str, words: str, closed: SourceUnreadable | DiscoveryError
) -> SourceListing:
    """The results of the site's search page, used if its API is disabled and robots.txt allows it."""
    if isinstance(closed, SourceUnreadable) and closed.trouble not in {
        SourceTrouble.REFUSED,
        SourceTrouble.MISSING,
        SourceTrouble.UNREADABLE,
    }:
        raise closed  # a server error or rate limit does not mean that the API is disabled
    try:
        return SourceListing(_links(_fetch_list(context, search_page_url(root, words))))
    except DiscoveryError as error:
        raise SourceUnreadable(f"{closed}; and its search page: {error}", SourceTrouble.UNREADABLE) from error
    except (SourceUnreadable, RequestError) as error:
        also = error if isinstance(error, SourceUnreadable) else source_unreadable(error)
        if also.ours:
            raise also from error
        both = f"{closed}; and its search page: {also}"
        raise SourceUnreadable(both, also.trouble, wait=also.wait) from error
