"""Sitemaps (sitemaps.org 0.9) and news sitemaps, packed or plain: the better list for sites without feeds."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from coordinator.discovery.errors import DiscoveryError, looks_like
from coordinator.discovery.links import absolute
from coordinator.discovery.moments import read_moment
from coordinator.discovery.titles import plain

CAP = 50_000_000  # bytes unpacked, the protocol's own limit
MOST_ENTRIES = 50_000  # addresses in one file, likewise
MOST_NEWS = 1000  # kept of a news sitemap, the newest: more is not allowed in one

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class SitemapEntry:
    """One page. ``lastmod`` is often the time of asking; ``news_published_at`` is what news readers are told."""

    url: str
    lastmod: datetime | None = None
    news_title: str = ""
    news_published_at: datetime | None = None


@dataclass(frozen=True)
class Sitemap:
    """The pages of a sitemap, or the sitemaps of an index, whose ``lastmod`` tells which to read again."""

    entries: tuple[SitemapEntry, ...] = ()
    sitemaps: tuple[SitemapEntry, ...] = ()

    def newest(self) -> list[SitemapEntry]:
        """The sitemaps of an index, those changed last first; those that do not say so after them, in its order."""
        return sorted(self.sitemaps, key=lambda one: one.lastmod or _LONG_AGO, reverse=True)


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """The sitemap or index in ``body``, which came from ``url``; gzip is undone.

    Of a news sitemap the newest ``MOST_NEWS`` entries, newest first; of another the first ``MOST_ENTRIES`` in its
    order. A file that breaks off is read as far as it goes. Raises ``DiscoveryError`` when it is none.
    """
    body = _unpacked(body, url)
    pages: dict[str, SitemapEntry] = {}
    indexed: dict[str, SitemapEntry] = {}
    roots: list[str] = []
    try:
        for element in islice(_elements(body, roots), MOST_ENTRIES):
            entry = _entry(element, url)
            into = pages if _name(element) == "url" else indexed
            if entry is not None:
                into.setdefault(entry.url, entry)
    except etree.XMLSyntaxError as error:
        if not roots:
            raise DiscoveryError(f"{url} is not a sitemap: {looks_like(body)}") from error
    if not roots or roots[0] not in {"urlset", "sitemapindex"}:
        raise DiscoveryError(f"{url} is not a sitemap: {looks_like(body)}")
    entries = list(pages.values())
    if any(entry.news_published_at or entry.news_title for entry in entries):
        entries.sort(key=lambda entry: entry.news_published_at or entry.lastmod or _LONG_AGO, reverse=True)
        del entries[MOST_NEWS:]
    return Sitemap(tuple(entries), tuple(indexed.values()))


def _unpacked(body: bytes, url: str) -> bytes:
    if body.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
                body = packed.read(CAP + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DiscoveryError(f"{url} is not a sitemap: it cannot be unpacked") from error
    if len(body) > CAP:
        raise DiscoveryError(f"{url} is not a sitemap we read: larger than {CAP} bytes")
    return body


def _elements(body: bytes, roots: list[str]) -> Iterator[etree._Element]:
    """Each ``url`` and ``sitemap`` element, complete; ``roots`` is given the root's name as soon as it is known."""
    events = etree.iterparse(
        io.BytesIO(body.lstrip()),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in events:
        if event == "start":
            if not roots:
                roots.append(_name(element))
        elif _name(element) in {"url", "sitemap"}:
            yield element
            element.clear()
            # What was read is let go of, or fifty megabytes of text become a gigabyte of tree.
            while element.getprevious() is not None:
                del element.getparent()[0]


def _name(element: etree._Element) -> str:
    """The name without its namespace, which many sites get wrong."""
    return str(element.tag).rpartition("}")[2].lower()


def _entry(element: etree._Element, base: str) -> SitemapEntry | None:
    told: dict[str, str] = {}
    for part in element.iter():
        # The first wins: <loc> comes before the <image:loc> of the same page, and its own namespace is not relied on.
        told.setdefault(_name(part), part.text or "")
    url = absolute(base, told.get("loc", ""))
    if url is None:
        return None
    return SitemapEntry(
        url,
        read_moment(told.get("lastmod", "")),
        plain(told["title"]) if "publication_date" in told and "title" in told else "",
        read_moment(told.get("publication_date", "")),
    )
