"""What a source names, read through the door: one list with what belongs to it, within one look's time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from campaigns.tracking.urls import host_of
from campaigns.tracking.watching import SourceKind, Trouble
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.feed import read_feed
from coordinator.discovery.listing import leads_to_list, read_listing
from coordinator.discovery.sitemap import Sitemap, read_sitemap
from coordinator.discovery.wordpress import is_search_page, read_search, search_address, search_page_address
from coordinator.http import Answer, DoorError, DoorErrorKind
from coordinator.jobs.workplace import Workplace

LONGEST_SOURCE = 1000  # characters of a source's address, as it is kept
LIST_CAP = 5_000_000  # bytes, decoded: a news sitemap of 1,000 entries has well under one
MOST_MAPS = 20  # sitemaps read from one index in one look: the newest; older ones are archives
MOST_RESULTS = 10  # pages of a search in one look; a search goes on only while it finds pages never seen before
BUDGET = 60.0  # seconds after which no further part of a list is asked for: half of the lease on the look

_KINDS = {
    DoorErrorKind.REFUSED_ADDRESS: Trouble.UNREACHABLE,
    DoorErrorKind.BAD_URL: Trouble.UNREACHABLE,
    DoorErrorKind.UNREACHABLE: Trouble.UNREACHABLE,
    DoorErrorKind.TIMEOUT: Trouble.SLOW,
    DoorErrorKind.TOO_LARGE: Trouble.TOO_LARGE,
    DoorErrorKind.TOO_MANY_REDIRECTS: Trouble.MOVED,
    DoorErrorKind.PROTOCOL: Trouble.PROTOCOL,
    DoorErrorKind.ROBOTS: Trouble.ROBOTS,
}
_STATUSES = {
    401: Trouble.REFUSED,
    403: Trouble.REFUSED,
    404: Trouble.MISSING,
    410: Trouble.MISSING,
    429: Trouble.BUSY,
    451: Trouble.REFUSED,
}
CLOSED = frozenset({400, 401, 403, 404, 405, 410, 501})  # what a WordPress site answers whose API is switched off


@dataclass(frozen=True)
class Named:
    """One page that a list names, with the time the list gives it and where that was read."""

    url: str
    at: datetime | None
    at_from: str | None


@dataclass(frozen=True)
class Listed:
    """What one look brought. ``named`` is empty when the list is ``unchanged``; ``fresh_for``: seconds the answer
    holds, as the site says; ``moved_to``: where the list has moved for good, as the site says."""

    named: tuple[Named, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    unchanged: bool = False
    fresh_for: float | None = None
    moved_to: str | None = None


class Unlisted(Exception):
    """The list could not be read. ``trouble`` is the kind of reason, ``wait`` the seconds the site asks to be left
    alone, ``ours`` that only our own pace stood in the way."""

    def __init__(self, message: str, trouble: Trouble, *, wait: float | None = None, ours: bool = False) -> None:
        super().__init__(message)
        self.trouble, self.wait, self.ours = trouble, wait, ours


Unknown = Callable[[list[str]], list[str]]  # those of some addresses that were never seen


def read_list(
    place: Workplace, kind: SourceKind, url: str, etag: str | None, modified: str | None, unknown: Unknown
) -> Listed:
    """Read the source at ``url``; ``etag`` and ``modified`` are from the look before. Raises ``Unlisted``."""
    try:
        if kind is SourceKind.SEARCH:
            return _search(place, url, unknown)
        answer = _asked(place, url, etag=etag, last_modified=modified)
        told = _told(answer)
        if answer.not_modified:
            return replace(told, unchanged=True)
        if kind is SourceKind.FEED:
            feed = read_feed(answer.body, answer.url, answer.headers.get("Content-Type"))
            named = tuple(Named(one.url, one.published_at, "feed") for one in feed.entries)
            holds = max((one for one in (told.fresh_for, feed.ttl) if one is not None), default=None)
            return replace(told, named=named, fresh_for=holds)
        if kind is SourceKind.LISTING:
            return replace(told, named=_links(answer))
        return replace(told, named=_sitemap(place, answer))
    except DoorError as error:
        raise unlisted(error) from error
    except DiscoveryError as error:
        raise Unlisted(str(error), Trouble.UNREADABLE) from error


def unlisted(error: DoorError) -> Unlisted:
    """The door's reason as the reason of a look."""
    ours = error.kind is DoorErrorKind.BUSY
    return Unlisted(str(error), _KINDS.get(error.kind, Trouble.NONE), wait=error.retry_after, ours=ours)


def trouble_of(status: int) -> Trouble:
    """What a status that is no success means."""
    return _STATUSES.get(status, Trouble.BROKEN if status >= 500 else Trouble.UNREADABLE)


def _asked(place: Workplace, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Answer:
    answer = place.door.get(url, cap=LIST_CAP, etag=etag, last_modified=last_modified, robots=True)
    if answer.status == 304 and answer.redirects:
        # It leads elsewhere now, and what lies there has not changed either; that says nothing of the list we read.
        answer = place.door.get(url, cap=LIST_CAP, robots=True)
        etag = last_modified = None
    # 304 without anything it could be compared with would leave us without the list for ever.
    if answer.status == 200 or (answer.not_modified and (etag or last_modified)):
        return answer
    what = f"{host_of(url)} answered {answer.status}"
    raise Unlisted(what, trouble_of(answer.status), wait=answer.retry_after)


def _told(answer: Answer) -> Listed:
    # Of an answer from elsewhere no validators are kept: next time they might be compared with another list's.
    own = not answer.redirects
    return Listed(
        etag=answer.etag if own else None,
        last_modified=answer.last_modified if own else None,
        fresh_for=answer.max_age,
        moved_to=answer.url if answer.permanent and len(answer.url) <= LONGEST_SOURCE else None,
    )


def _links(answer: Answer) -> tuple[Named, ...]:
    return tuple(Named(one.url, None, None) for one in read_listing(answer.text(), answer.url))


def _sitemap(place: Workplace, answer: Answer) -> tuple[Named, ...]:
    """The pages of a sitemap, and of those that an index names, the newest first. What was read when time or one of
    the inner ones fails is not lost: the failure is raised only when nothing was read."""
    sitemap = read_sitemap(answer.body, answer.url)
    named = _articles(sitemap)
    failure: Unlisted | DoorError | DiscoveryError | None = None
    ends = time.monotonic() + BUDGET
    for nested in sitemap.newest()[:MOST_MAPS]:
        if time.monotonic() > ends:
            break
        try:
            inner = _asked(place, nested.url)
            named.extend(_articles(read_sitemap(inner.body, inner.url)))
        except (Unlisted, DoorError, DiscoveryError) as error:
            failure = failure or error
    if failure is not None and not named:
        raise failure
    return tuple(named)


def _articles(sitemap: Sitemap) -> list[Named]:
    """What a sitemap names, without the site's own lists: those are watched as listings, and are nobody's copy."""
    return [Named(one.url, one.news_published_at, "sitemap") for one in sitemap.entries if not leads_to_list(one.url)]


def _search(place: Workplace, root: str, unknown: Unknown) -> Listed:
    """Ask a site which of its pages link to us, newest first; pages seen before end the search."""
    words = host_of(place.addresses.base)
    if is_search_page(root):
        answer = _asked(place, search_page_address(root, words))
        return replace(_told(answer), named=_links(answer), etag=None, last_modified=None, moved_to=None)
    named: list[Named] = []
    ends = time.monotonic() + BUDGET
    for page in range(1, MOST_RESULTS + 1):
        try:
            answer = _asked(place, search_address(root, words, page=page))
            found = read_search(answer.body, answer.url, answer.headers)
        except (Unlisted, DiscoveryError) as closed:
            if page > 1:
                break  # a site may count its pages wrongly; what was found stands
            return _site_search(place, root, words, closed)
        named += [Named(one.url, one.published_at, "feed") for one in found.posts]
        fresh = unknown([one.url for one in found.posts])
        if page >= found.pages or len(fresh) < len(found.posts) or time.monotonic() > ends:
            break
    return Listed(tuple(named))


def _site_search(place: Workplace, root: str, words: str, closed: Unlisted | DiscoveryError) -> Listed:
    """The site's own search page, where its API is closed to us; only if its robots.txt allows that."""
    if isinstance(closed, Unlisted) and closed.trouble not in {Trouble.REFUSED, Trouble.MISSING, Trouble.UNREADABLE}:
        raise closed  # a fault or a plea for patience is not a closed door
    try:
        return Listed(_links(_asked(place, search_page_address(root, words))))
    except (Unlisted, DoorError) as error:
        also = error if isinstance(error, Unlisted) else unlisted(error)
        if also.ours:
            raise also from error
        both = f"{closed}; and its search page: {also}"
        raise Unlisted(both, also.trouble, wait=also.wait) from error
