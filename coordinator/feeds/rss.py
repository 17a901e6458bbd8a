"""RSS 2.0 with the full text, as the crawlers of news aggregators read it.

Sources: RSS 2.0.11 (RSS Advisory Board); modules content, Dublin Core, Media RSS; Atom for links and the date of a
correction. RSS has no word for a withdrawal, so a recalled bulletin is simply not in it.
"""

from collections.abc import Iterable, Sequence

from coordinator.feeds.dates import rfc822, rfc3339
from coordinator.feeds.escaping import attribute, cdata, element
from coordinator.feeds.fulltext import copy_html, usage_terms
from coordinator.feeds.item import FeedImage, FeedInfo, FeedItem

MEDIA_TYPE = "application/rss+xml; charset=utf-8"

_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
    b' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">\n<channel>\n'
)
_TAIL = b"</channel>\n</rss>\n"


def _media(image: FeedImage) -> bytes:
    size = f' fileSize="{image.length}"' if image.length is not None else ""
    size += f' width="{image.width}"' if image.width is not None else ""
    size += f' height="{image.height}"' if image.height is not None else ""
    return b'<media:content url="%b" medium="image" type="%b"%b>%b</media:content>\n' % (
        attribute(image.url),
        attribute(image.mime),
        size.encode(),
        b'<media:description type="plain">%b</media:description>' % element(image.alt) if image.alt else b"",
    )


def _pictures(images: Sequence[FeedImage]) -> bytes:
    if not images:
        return b""
    cover = images[0]
    # One enclosure an item is all that most readers take. RSS wants a length; 0 says that it is not known.
    enclosure = b'<enclosure url="%b" length="%d" type="%b"/>\n' % (
        attribute(cover.url),
        cover.length or 0,
        attribute(cover.mime),
    )
    thumbnail = b'<media:thumbnail url="%b"/>\n' % attribute(cover.url)
    return enclosure + b"".join(map(_media, images)) + thumbnail


def render_item(item: FeedItem) -> bytes:
    """One ``<item>``. Raises ``ValueError`` for a recalled bulletin."""
    url = element(item.url)
    corrected = b""
    if item.updated_at > item.released_at:
        corrected = b"<atom:updated>%b</atom:updated>\n" % rfc3339(item.updated_at).encode()
    return (
        b'<item>\n<title>%b</title>\n<link>%b</link>\n<guid isPermaLink="true">%b</guid>\n<pubDate>%b</pubDate>\n'
        b"%b<dc:creator>%b</dc:creator>\n<category>%b</category>\n"
        b'<source url="%b">%b</source>\n<description>%b</description>\n'
        b"<content:encoded>%b</content:encoded>\n%b</item>\n"
    ) % (
        element(item.title),
        url,
        url,
        rfc822(item.released_at).encode(),
        corrected,
        element(item.author),
        element(item.topic_name),
        attribute(item.source.feed_url),
        element(item.source.name),
        element(item.lead),
        cdata(copy_html(item)),
        _pictures(item.images),
    )


def assemble(info: FeedInfo, fragments: Iterable[bytes]) -> bytes:
    """The whole feed from items that ``render_item`` made, in the order given."""
    title, home = element(info.title), element(info.home_url)
    parts = [
        _HEAD,
        b"<title>%b</title>\n<link>%b</link>\n<description>%b</description>\n"
        % (title, home, element(info.description)),
        b"<language>%b</language>\n<copyright>%b</copyright>\n<lastBuildDate>%b</lastBuildDate>\n"
        % (element(info.language), element(usage_terms(info.author)), rfc822(info.updated_at).encode()),
        b'<atom:link rel="self" type="application/rss+xml" href="%b"/>\n' % attribute(info.self_url),
    ]
    if info.hub_url:
        parts.append(b'<atom:link rel="hub" href="%b"/>\n' % attribute(info.hub_url))
    if info.next_url:
        parts.append(b'<atom:link rel="next" href="%b"/>\n' % attribute(info.next_url))
    if info.icon_url:
        parts.append(
            b"<image><url>%b</url><title>%b</title><link>%b</link></image>\n" % (element(info.icon_url), title, home)
        )
    parts.extend(fragments)
    parts.append(_TAIL)
    return b"".join(parts)


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The feed of these items; recalled ones are left out."""
    return assemble(info, [render_item(item) for item in items if not item.recalled])
