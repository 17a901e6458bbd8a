"""Atom with the full text, and tombstones of recalled bulletins.

Sources: RFC 4287; RFC 5005 section 3 (``next`` of a paged feed); RFC 6721 (``at:deleted-entry``).
"""

from collections.abc import Sequence
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from coordinator.feeds.item import (
    FeedImage,
    FeedInfo,
    FeedItem,
    FeedMedium,
    copy_html,
    recall_notice,
    rfc3339,
    usage_terms,
)

MEDIA_TYPE = "application/atom+xml; charset=utf-8"

_NAMESPACES = {None: "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
_ATOM, _TOMBSTONE = (ElementMaker(namespace=namespace, nsmap=_NAMESPACES) for namespace in _NAMESPACES.values())
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def _page_link(url: str, *, rel: str = "alternate", media_type: str = "text/html") -> Any:
    return _ATOM.link(rel=rel, type=media_type, href=url)


def _tombstone(item: FeedItem) -> Any:
    return _TOMBSTONE(
        "deleted-entry",
        _TOMBSTONE.comment(recall_notice(item)),
        _page_link(item.url),
        ref=item.id,
        when=rfc3339(item.changed_at),
    )


def _enclosure(file: FeedImage | FeedMedium) -> Any:
    link = _page_link(file.url, rel="enclosure", media_type=file.mime)
    if file.length is not None:
        link.set("length", str(file.length))
    if file.alt:
        link.set("title", file.alt)
    return link


def _entry(item: FeedItem) -> Any:
    return _ATOM.entry(
        _ATOM.id(item.id),
        _ATOM.title(item.title),
        _ATOM.published(rfc3339(item.released_at)),
        _ATOM.updated(rfc3339(item.updated_at)),
        _ATOM.author(_ATOM.name(item.author or item.source.name)),
        _page_link(item.url),
        _page_link(item.republish_url, rel="related"),
        _page_link(item.json_url, media_type="application/json"),
        *map(_enclosure, item.attachments),
        _ATOM.category(term=item.topic, label=item.topic_name),
        _ATOM.rights(usage_terms(item.source.name)),
        _ATOM.summary(item.lead),
        _ATOM.content(copy_html(item), {"type": "html", _LANGUAGE: item.language}),
    )


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The feed of these items in the order given, recalled ones as tombstones."""
    next_page = [_ATOM.link(rel="next", href=info.next_url)] if info.next_url else []
    root = _ATOM.feed(
        {_LANGUAGE: info.language},
        _ATOM.id(info.id),
        _ATOM.title(info.title),
        _ATOM.subtitle(info.description),
        _ATOM.updated(rfc3339(info.updated_at)),
        _ATOM.author(_ATOM.name(info.author), _ATOM.uri(info.home_url)),
        _page_link(info.self_url, rel="self", media_type="application/atom+xml"),
        _page_link(info.home_url),
        _ATOM.generator("Lan Tỏa"),
        _ATOM.link(rel="hub", href=info.hub_url),
        *next_page,
        *(_tombstone(item) if item.recalled else _entry(item) for item in items),
    )
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return body
