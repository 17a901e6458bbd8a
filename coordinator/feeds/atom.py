"""Atom with the full text: exact identifiers and dates, and the one XML feed that can say a bulletin was withdrawn.

Sources: RFC 4287; RFC 5005 section 3 (``next`` of a paged feed); RFC 6721 (``at:deleted-entry``).
"""

from collections.abc import Iterable, Sequence

from coordinator.feeds.dates import rfc3339
from coordinator.feeds.escaping import attribute, element
from coordinator.feeds.fulltext import copy_html, recall_notice, usage_terms
from coordinator.feeds.item import FeedImage, FeedInfo, FeedItem

MEDIA_TYPE = "application/atom+xml; charset=utf-8"


def _deleted(item: FeedItem) -> bytes:
    return (
        b'<at:deleted-entry ref="%b" when="%b">\n<at:comment>%b</at:comment>\n'
        b'<link rel="alternate" type="text/html" href="%b"/>\n</at:deleted-entry>\n'
    ) % (
        attribute(item.id),
        rfc3339(item.changed_at).encode(),
        element(recall_notice(item)),
        attribute(item.url),
    )


def _enclosure(image: FeedImage) -> bytes:
    length = b' length="%d"' % image.length if image.length is not None else b""
    title = b' title="%b"' % attribute(image.alt) if image.alt else b""
    return b'<link rel="enclosure" type="%b" href="%b"%b%b/>\n' % (
        attribute(image.mime),
        attribute(image.url),
        length,
        title,
    )


def render_item(item: FeedItem) -> bytes:
    """One ``<entry>``, or one ``<at:deleted-entry>`` with the reason when it was recalled."""
    if item.recalled:
        return _deleted(item)
    return (
        b"<entry>\n<id>%b</id>\n<title>%b</title>\n<published>%b</published>\n<updated>%b</updated>\n"
        b"<author><name>%b</name></author>\n"
        b'<link rel="alternate" type="text/html" href="%b"/>\n<link rel="related" type="text/html" href="%b"/>\n'
        b'<link rel="alternate" type="application/json" href="%b"/>\n%b<category term="%b" label="%b"/>\n'
        b'<rights>%b</rights>\n<summary>%b</summary>\n<content type="html" xml:lang="%b">%b</content>\n</entry>\n'
    ) % (
        element(item.id),
        element(item.title),
        rfc3339(item.released_at).encode(),
        rfc3339(item.updated_at).encode(),
        element(item.author or item.source.name),
        attribute(item.url),
        attribute(item.republish_url),
        attribute(item.json_url),
        b"".join(map(_enclosure, item.images)),
        attribute(item.topic),
        attribute(item.topic_name),
        element(usage_terms(item.source.name)),
        element(item.lead),
        attribute(item.language),
        element(copy_html(item)),
    )


def assemble(info: FeedInfo, fragments: Iterable[bytes]) -> bytes:
    """The whole feed from entries that ``render_item`` made, in the order given."""
    parts = [
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="%b">\n'
        % attribute(info.language),
        b"<id>%b</id>\n<title>%b</title>\n<subtitle>%b</subtitle>\n<updated>%b</updated>\n"
        % (element(info.id), element(info.title), element(info.description), rfc3339(info.updated_at).encode()),
        b"<author><name>%b</name><uri>%b</uri></author>\n" % (element(info.author), element(info.home_url)),
        b'<link rel="self" type="application/atom+xml" href="%b"/>\n' % attribute(info.self_url),
        b'<link rel="alternate" type="text/html" href="%b"/>\n' % attribute(info.home_url),
        b"<generator>%b</generator>\n" % element("Lan Tỏa"),
    ]
    if info.hub_url:
        parts.append(b'<link rel="hub" href="%b"/>\n' % attribute(info.hub_url))
    if info.next_url:
        parts.append(b'<link rel="next" href="%b"/>\n' % attribute(info.next_url))
    if info.icon_url:
        parts.append(b"<icon>%b</icon>\n" % element(info.icon_url))
    parts.extend(fragments)
    parts.append(b"</feed>\n")
    return b"".join(parts)


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The feed of these items, recalled ones as tombstones."""
    return assemble(info, [render_item(item) for item in items])
