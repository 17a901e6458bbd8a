"""RSS, Atom and JSON Feed, valid or not, read into entries.

A fast parser is tried first, and a tolerant one when that fails, finds nothing, or would have to guess a time zone.
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
from coordinator.discovery.fields import absolute_url, parse_time, plain_title

MAX_BYTES = 5_000_000  # bytes of a feed; full-text feeds of busy sites have up to 2 MB
MAX_ENTRIES = 1000  # the newest are first in practice
MAX_DEPTH = 50_000  # open tags; unclosed <br> in escaped text count too, so it is generous

# One element with hundreds of thousands of attributes takes both parsers minutes.
_OVERLOADED_TAG = re.compile(rb"<(?:[^<>=]*=){5000}")
_PAGE = re.compile(rb"[\s\xef\xbb\xbf]*+<(?:!doctype\s+html\b|html[\s>])", re.IGNORECASE)
_TAG = re.compile(rb"<(/?)[A-Za-z][^<>]*?(/?)>")
_TIME = re.compile(
    rb"<(?:\w+:)?(?:pubDate|published|updated|date|issued|modified|created)\b[^<>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,100})",
    re.IGNORECASE,
)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)  # minutes, RSS 2.0; in the head of the channel
_HEAD = 20_000  # bytes of the head of a channel at most

_ZONED = re.compile(rb"(?:Z|[+-]\d{2}:?\d{2}|\b(?:GMT|UTC?|[ECMP][SD]T))\s*$", re.IGNORECASE)

# The exceptions of both parsers for an invalid document; neither has one class for them.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, SyntaxError)


@dataclass(frozen=True)
class FeedEntry:
    """One item. ``url`` absolute, http(s), without a fragment; ``content`` is untrusted HTML, never shown."""

    url: str
    title: str
    published_at: datetime | None = None
    content: str = ""
    id: str = ""


@dataclass(frozen=True)
class Feed:
    """A feed's title and its entries, in its order, each address once; ``ttl``: seconds, from RSS."""

    title: str
    entries: tuple[FeedEntry, ...]
    ttl: float | None = None


def read_feed(body: bytes, url: str, content_type: str | None = None) -> Feed:
    """Return the feed in ``body``, which came from ``url``; it may have no entries.

    ``content_type``: the header, used when the document does not declare its encoding. Raises ``DiscoveryError`` when
    it is no feed, larger than ``MAX_BYTES``, or made to exhaust its reader.
    """
    if len(body) > MAX_BYTES:
        raise DiscoveryError(f"{url} is not a feed we read: larger than {MAX_BYTES} bytes")
    if _PAGE.match(body):  # the tolerant parser would take seconds for a large page
        raise DiscoveryError(f"{url} is not a feed: {looks_like(body)}")
    if _OVERLOADED_TAG.search(body) or _depth(body) > MAX_DEPTH or _is_littered(body):
        raise DiscoveryError(f"{url} is not a feed we read: it is nested or filled beyond reason")
    found = _TTL.search(body[:_HEAD])
    return replace(_parsed_feed(body, url, content_type), ttl=int(found[1]) * 60.0 if found and int(found[1]) else None)


def _parsed_feed(body: bytes, url: str, content_type: str | None) -> Feed:
    quick = None if _has_time_without_zone(body) else _parsed_quickly(body, url)
    if quick is not None and quick.entries:
        return quick
    patient = _parsed_patiently(body, url, content_type)
    if patient is not None and (patient.entries or quick is None):
        return patient
    if quick is None:
        raise DiscoveryError(f"{url} is not a feed: {looks_like(body)}")
    return quick


def _has_time_without_zone(body: bytes) -> bool:
    """Whether a time has no zone: the fast parser would read it as UTC, whereas here it is in the city's zone."""
    return any(not _ZONED.search(found[1]) for found in _TIME.finditer(body))


def _is_littered(body: bytes) -> bool:
    """Whether it has many brackets that open no tag, each of which makes the tolerant parser start again."""
    opened = body.count(b"<")
    return opened > MAX_DEPTH and opened > 4 * body.count(b">")


def _depth(body: bytes) -> int:
    """Return the largest number of open tags; counted only when there are many tags."""
    if body.count(b"<") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for found in _TAG.finditer(body):
        if found[1]:
            depth = max(depth - 1, 0)
        elif not found[2]:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _parsed_quickly(body: bytes, url: str) -> Feed | None:
    try:
        parsed = fastfeedparser.parse(body, include_tags=False, include_media=False, include_enclosures=False)
    except _UNREADABLE:
        return None
    return _feed_of(parsed.get("feed", {}), parsed.get("entries", ()), url)


def _parsed_patiently(body: bytes, url: str, content_type: str | None) -> Feed | None:
    headers = {"content-location": url}
    if content_type:
        headers["content-type"] = content_type
    try:
        # A stream, since the parser treats bytes that name a file or an address as such.
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
        )
    except _UNREADABLE:
        return None
    if not parsed.get("version") and not parsed.get("entries"):
        return None
    return _feed_of(parsed.get("feed", {}), parsed.get("entries", ()), url)


def _feed_of(about: Mapping[str, Any], items: Iterable[Mapping[str, Any]], url: str) -> Feed:
    entries: dict[str, FeedEntry] = {}
    for item in items:
        entry = _entry(item, url)
        if entry is not None:
            entries.setdefault(entry.url, entry)
        if len(entries) == MAX_ENTRIES:
            break
    return Feed(plain_title(_item_text(about, "title")), tuple(entries.values()))


def _entry(item: Mapping[str, Any], base: str) -> FeedEntry | None:
    # A GUID is a link too, unless it is declared otherwise; many feeds have no other link.
    links = (
        _item_text(item, "link"),
        *(_item_text(link, "href") for link in item.get("links") or ()),
        _item_text(item, "id"),
    )
    url = next((found for link in links if link and (found := _entry_link(base, link))), None)
    if url is None:
        return None
    dates = (_item_text(item, name) for name in ("published", "updated", "created"))
    moment = next((when for text in dates if (when := parse_time(text))), None)
    texts = [_item_text(part, "value") for part in item.get("content") or ()]
    texts += [_item_text(item, "summary"), _item_text(item, "description")]
    return FeedEntry(
        url, plain_title(_item_text(item, "title")), moment, max(texts, key=len), _item_text(item, "id")[:500]
    )


def _entry_link(base: str, link: str) -> str | None:
    # An id such as "tag:…" or "12345" is no link; relative ones count only when they look like a path.
    return absolute_url(base, link) if re.match(r"https?:|[/?.]|[^:\s]*[/.?]", link.strip(), re.IGNORECASE) else None


def _item_text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
