"""The sitemap of the whole archive, and the index of its files where one does not hold it (sitemaps.org, 0.9)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from coordinator.feeds.item import rfc3339

MEDIA_TYPE = "application/xml; charset=utf-8"
MAX_ADDRESSES = 50_000  # the protocol's limit for one file

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MAP = ElementMaker(namespace=_NAMESPACE, nsmap={None: _NAMESPACE})


def render(addresses: Iterable[tuple[str, datetime]]) -> bytes:
    """The sitemap of these addresses, each with the time of its last change."""
    return _bytes(_MAP.urlset(*(_MAP.url(_MAP.loc(url), _MAP.lastmod(rfc3339(at))) for url, at in addresses)))


def render_index(addresses: Iterable[str]) -> bytes:
    """The index of the sitemaps at these addresses."""
    return _bytes(_MAP.sitemapindex(*(_MAP.sitemap(_MAP.loc(url)) for url in addresses)))


def _bytes(root: Any) -> bytes:
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return body
