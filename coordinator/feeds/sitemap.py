"""The news sitemap. Sources: sitemaps.org protocol 0.9; Google's requirements for news sitemaps."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from coordinator.feeds.item import FeedItem, check_not_recalled, rfc3339

MEDIA_TYPE = "application/xml; charset=utf-8"
NEWS_SPAN = timedelta(hours=48)  # Google's limit for the age of news
MAX_ADDRESSES = 1000  # Google's limit for one news sitemap

_NAMESPACES = {
    None: "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}
_MAP, _NEWS = (ElementMaker(namespace=namespace, nsmap=_NAMESPACES) for namespace in _NAMESPACES.values())


def _address(item: FeedItem) -> Any:
    check_not_recalled(item)
    return _MAP.url(
        _MAP.loc(item.url),
        _MAP.lastmod(rfc3339(item.updated_at)),
        _NEWS.news(
            _NEWS.publication(_NEWS.name(item.source.name), _NEWS.language(item.language)),
            _NEWS.publication_date(rfc3339(item.released_at)),
            _NEWS.title(item.title),
        ),
    )


def render(items: Sequence[FeedItem]) -> bytes:
    """The sitemap of these items. Raises ``ValueError`` for a recalled bulletin."""
    root = _MAP.urlset(*map(_address, items))
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return body
