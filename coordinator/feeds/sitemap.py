"""The news sitemap: what was released in the last two days, at most a thousand addresses.

Sources: sitemaps.org protocol 0.9; Google's requirements for news sitemaps.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from coordinator.feeds.dates import rfc3339
from coordinator.feeds.escaping import element
from coordinator.feeds.item import FeedInfo, FeedItem

MEDIA_TYPE = "application/xml; charset=utf-8"
SPAN = timedelta(hours=48)
MOST = 1000


def within(items: Iterable[FeedItem], now: datetime) -> list[FeedItem]:
    """Those that belong into the sitemap at this moment, newest first: not recalled, 48 hours, at most 1000."""
    shown = [item for item in items if not item.recalled and now - SPAN < item.released_at <= now]
    return sorted(shown, key=lambda item: item.released_at, reverse=True)[:MOST]


def render_item(item: FeedItem) -> bytes:
    """One ``<url>``. Raises ``ValueError`` for a recalled bulletin."""
    if item.recalled:
        raise ValueError(f"{item.code} was recalled: it has no place in a sitemap")
    return (
        b"<url>\n<loc>%b</loc>\n<lastmod>%b</lastmod>\n<news:news>\n"
        b"<news:publication><news:name>%b</news:name><news:language>%b</news:language></news:publication>\n"
        b"<news:publication_date>%b</news:publication_date>\n<news:title>%b</news:title>\n</news:news>\n</url>\n"
    ) % (
        element(item.url),
        rfc3339(item.updated_at).encode(),
        element(item.source.name),
        element(item.language),
        rfc3339(item.released_at).encode(),
        element(item.title),
    )


def assemble(info: FeedInfo, fragments: Iterable[bytes]) -> bytes:
    """The whole sitemap from entries that ``render_item`` made; it says nothing about the feed itself."""
    del info  # the signature is that of every format
    head = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        b' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n'
    )
    return b"".join([head, *fragments, b"</urlset>\n"])


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The sitemap of these items, without recalled ones, the first thousand of them.

    What is older than two days is left to ``within`` or to the query: this function is handed no clock.
    """
    return assemble(info, [render_item(item) for item in items if not item.recalled][:MOST])
