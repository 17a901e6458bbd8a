"""RSS, Atom and JSON Feed in any state of health, read into entries.

A fast parser first and a forgiving one when that fails, finds nothing, or would have to guess a time zone.
"""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import fastfeedparser
import feedparser

from coordinator.discovery.errors import DiscoveryError, looks_like
from coordinator.discovery.links import absolute
from coordinator.discovery.moments import read_moment
from coordinator.discovery.titles import plain

CAP = 5_000_000  # bytes of a feed; full-text feeds of busy sites come to 2 MB
MOST_ENTRIES = 1000  # the newest are first in practice
MOST_DEPTH = 50_000  # open tags; unclosed <br> in escaped text count too, so it is generous

# One element with hundreds of thousands of attributes keeps both parsers busy for minutes.
_OVERLOADED_TAG = re.compile(rb"<(?:[^<>=]*=){5000}")
_PAGE = re.compile(rb"[\s\xef\xbb\xbf]*+<(?:!doctype\s+html\b|html[\s>])", re.IGNORECASE)
_TAG = re.compile(rb"<(/?)[A-Za-z][^<>]*?(/?)>")
_TIME = re.compile(
    rb"<(?:\w+:)?(?:pubDate|published|updated|date|issued|modified|created)\b[^<>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,100})",
    re.IGNORECASE,
)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)  # minutes, RSS 2.0; in the head of the channel
_HEAD = 20_000  # bytes that the head of a channel has at most

_ZONED = re.compile(rb"(?:Z|[+-]\d{2}:?\d{2}|\b(?:GMT|UTC?|[ECMP][SD]T))\s*$", re.IGNORECASE)

# What either parser may raise for a document that is none; neither keeps to one class of its own.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, SyntaxError)


@dataclass(frozen=True)
class FeedEntry:
    """One item. ``url`` absolute, http(s), without a fragment; ``content`` is HTML of foreign hands, never shown."""

    url: str
    title: str
    published_at: datetime | None = None
    content: str = ""
    id: str = ""


@dataclass(frozen=True)
class Feed:
    """A feed's title and its entries, in its order, each address once; ``ttl``: seconds it holds, as RSS may say."""

    title: str
    entries: tuple[FeedEntry, ...]
    ttl: float | None = None


def read_feed(body: bytes, url: str, content_type: str | None = None) -> Feed:
    """The feed in ``body``, which came from ``url``; a feed without entries is one too.

    ``content_type``: the header, which helps when the document does not say its encoding. Raises ``DiscoveryError``
    when it is no feed, larger than ``CAP``, or built to exhaust its reader.
    """
    if len(body) > CAP:
        raise DiscoveryError(f"{url} is not a feed we read: larger than {CAP} bytes")
    if _PAGE.match(body):  # the forgiving parser takes seconds to find nothing in a large one
        raise DiscoveryError(f"{url} is not a feed: {looks_like(body)}")
    if _OVERLOADED_TAG.search(body) or _depth(body) > MOST_DEPTH or _is_littered(body):
        raise DiscoveryError(f"{url} is not a feed we read: it is nested or filled beyond reason")
    found = _TTL.search(body[:_HEAD])
    return replace(_read(body, url, content_type), ttl=int(found[1]) * 60.0 if found and int(found[1]) else None)


def _read(body: bytes, url: str, content_type: str | None) -> Feed:
    quick = None if _has_time_without_zone(body) else _quick(body, url)
    if quick is not None and quick.entries:
        return quick
    patient = _patient(body, url, content_type)
    if patient is not None and (patient.entries or quick is None):
        return patient
    if quick is None:
        raise DiscoveryError(f"{url} is not a feed: {looks_like(body)}")
    return quick


def _has_time_without_zone(body: bytes) -> bool:
    """The quick parser takes such a time for UTC and keeps no trace of it; here it is the city's."""
    return any(not _ZONED.search(found[1]) for found in _TIME.finditer(body))


def _is_littered(body: bytes) -> bool:
    """Whether it is full of brackets that open no tag, each of which makes the forgiving parser begin again."""
    opened = body.count(b"<")
    return opened > MOST_DEPTH and opened > 4 * body.count(b">")


def _depth(body: bytes) -> int:
    """How many tags are open at most; counted only when there are enough to matter."""
    if body.count(b"<") <= MOST_DEPTH:
        return 0
    depth = deepest = 0
    for found in _TAG.finditer(body):
        if found[1]:
            depth = max(depth - 1, 0)
        elif not found[2]:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _quick(body: bytes, url: str) -> Feed | None:
    try:
        parsed = fastfeedparser.parse(body, include_tags=False, include_media=False, include_enclosures=False)
    except _UNREADABLE:
        return None
    return _feed(parsed.get("feed", {}), parsed.get("entries", ()), url)


def _patient(body: bytes, url: str, content_type: str | None) -> Feed | None:
    headers = {"content-location": url}
    if content_type:
        headers["content-type"] = content_type
    try:
        # A stream: given bytes, the parser would open a file or an address that they happen to name.
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
        )
    except _UNREADABLE:
        return None
    if not parsed.get("version") and not parsed.get("entries"):
        return None
    return _feed(parsed.get("feed", {}), parsed.get("entries", ()), url)


def _feed(about: Mapping[str, Any], items: Iterable[Mapping[str, Any]], url: str) -> Feed:
    entries: dict[str, FeedEntry] = {}
    for item in items:
        entry = _entry(item, url)
        if entry is not None:
            entries.setdefault(entry.url, entry)
        if len(entries) == MOST_ENTRIES:
            break
    return Feed(plain(_text(about, "title")), tuple(entries.values()))


def _entry(item: Mapping[str, Any], base: str) -> FeedEntry | None:
    # A GUID is a link too, unless it says otherwise; many feeds have nothing else.
    links = (_text(item, "link"), *(_text(link, "href") for link in item.get("links") or ()), _text(item, "id"))
    url = next((found for link in links if link and (found := _link(base, link))), None)
    if url is None:
        return None
    told = (_text(item, name) for name in ("published", "updated", "created"))
    moment = next((when for text in told if (when := read_moment(text))), None)
    texts = [_text(part, "value") for part in item.get("content") or ()]
    texts += [_text(item, "summary"), _text(item, "description")]
    return FeedEntry(url, plain(_text(item, "title")), moment, max(texts, key=len), _text(item, "id")[:500])


def _link(base: str, link: str) -> str | None:
    # An id such as "tag:…" or "12345" is no link; relative ones only count when they look like a path.
    return absolute(base, link) if re.match(r"https?:|[/?.]|[^:\s]*[/.?]", link.strip(), re.IGNORECASE) else None


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
