"""Sitemaps (sitemaps.org 0.9) and news sitemaps, compressed or plain."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from coordinator.discovery.errors import DiscoveryError, looks_like
from coordinator.discovery.fields import absolute_url, parse_time, plain_title

MAX_BYTES = 50_000_000  # bytes uncompressed, the protocol's limit
MAX_ENTRIES = 50_000  # addresses in one file, the protocol's limit
MAX_NEWS_ENTRIES = 1000  # entries of a news sitemap, the format's limit

_PIECE = 32_768  # bytes that are parsed at a time; what was read of them is released
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class SitemapEntry:
    """One page. ``lastmod`` is often the time of the request; ``news_published_at`` is from the news extension."""

    url: str
    lastmod: datetime | None = None
    news_title: str = ""
    news_published_at: datetime | None = None


@dataclass(frozen=True)
class Sitemap:
    """The pages of a sitemap, or the sitemaps of an index, whose ``lastmod`` shows which to read again."""

    entries: tuple[SitemapEntry, ...] = ()
    sitemaps: tuple[SitemapEntry, ...] = ()

    def newest(self) -> list[SitemapEntry]:
        """Return the sitemaps of an index, the last changed first; those without a date after them, in its order."""
        return sorted(self.sitemaps, key=lambda entry: entry.lastmod or _LONG_AGO, reverse=True)


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Return the sitemap or index in ``body``, which came from ``url``; gzip is decompressed.

    Of a news sitemap the newest ``MAX_NEWS_ENTRIES``, newest first; of another the first ``MAX_ENTRIES`` in its order.
    A truncated file is read up to its end. Raises ``DiscoveryError`` when it is no sitemap.
    """
    body = _unpacked(body, url)
    pages: dict[str, SitemapEntry] = {}
    indexed: dict[str, SitemapEntry] = {}
    roots: list[str] = []
    try:
        for element in islice(_elements(body, roots), MAX_ENTRIES):
            entry = _entry(element, url)
            into = pages if _local_name(element) == "url" else indexed
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
        del entries[MAX_NEWS_ENTRIES:]
    return Sitemap(tuple(entries), tuple(indexed.values()))


def _unpacked(body: bytes, url: str) -> bytes:
    if body.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
                body = packed.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DiscoveryError(f"{url} is not a sitemap: it cannot be unpacked") from error
    if len(body) > MAX_BYTES:
        raise DiscoveryError(f"{url} is not a sitemap we read: larger than {MAX_BYTES} bytes")
    return body


def _elements(body: bytes, roots: list[str]) -> Iterator[etree._Element]:
    """Yield each complete ``url`` and ``sitemap`` element; the root's name is appended to ``roots`` when it is
    known."""
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in _events(parser, body.lstrip()):
        if event == "start":
            if not roots:
                roots.append(_local_name(element))
        elif _local_name(element) in {"url", "sitemap"}:
            yield element
            element.clear()
            # Read elements are released, since fifty megabytes of text would become a tree of a gigabyte.
            while element.getprevious() is not None:
                del element.getparent()[0]


def _events(parser: "etree.XMLPullParser[etree._Element]", body: bytes) -> Iterator[tuple[str, etree._Element]]:
    """Yield the events of a document. Raises ``XMLSyntaxError``, after those of what stands before the error, which
    ``iterparse`` of some releases of lxml leaves out."""
    failure = None
    for start in range(0, len(body), _PIECE):
        try:
            parser.feed(body[start : start + _PIECE])
        except etree.XMLSyntaxError as error:
            failure = error
        yield from parser.read_events()
        if failure is not None:
            raise failure
    parser.close()


def _local_name(element: etree._Element) -> str:
    """Return the name without its namespace, which is wrong on many sites."""
    return str(element.tag).rpartition("}")[2].lower()


def _entry(element: etree._Element, base: str) -> SitemapEntry | None:
    values: dict[str, str] = {}
    for part in element.iter():
        # The first value is used: <loc> precedes the <image:loc> of the same page, and namespaces are not relied on.
        values.setdefault(_local_name(part), part.text or "")
    url = absolute_url(base, values.get("loc", ""))
    if url is None:
        return None
    return SitemapEntry(
        url,
        parse_time(values.get("lastmod", "")),
        plain_title(values["title"]) if "publication_date" in values and "title" in values else "",
        parse_time(values.get("publication_date", "")),
    )
