"""ninjs 3.1, the IPTC's News in JSON: one bulletin, or a feed of them.

Source: IPTC, ninjs-schema_3.1.json. The standard describes one news object and allows no other property in it; it has
no word for a list, so the document around the items is ours: ``standard``, who and where, ``next`` and ``items``.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from coordinator.feeds.dates import rfc3339
from coordinator.feeds.escaping import plain
from coordinator.feeds.fulltext import copy_html, copy_text, recall_notice, usage_terms
from coordinator.feeds.item import FeedImage, FeedInfo, FeedItem

MEDIA_TYPE = "application/json"  # JSON is always UTF-8 and takes no charset (RFC 8259, 11)
STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}
PROFILE = "bulletin"


def _rendition(image: FeedImage) -> dict[str, Any]:
    url = plain(image.url)
    shown: dict[str, Any] = {"name": "original", "href": url, "contentType": plain(image.mime)}
    sizes = {"width": image.width, "height": image.height, "sizeInBytes": image.length}
    return shown | {name: size for name, size in sizes.items() if size is not None}


def _picture(number: int, image: FeedImage) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": f"picture-{number}",
        "rel": "illustration",
        "uri": plain(image.url),
        "type": "picture",
        "pubStatus": "usable",
        "renditions": [_rendition(image)],
    }
    if image.alt:
        shown["descriptions"] = [{"role": "alternative", "contentType": "text/plain", "value": plain(image.alt)}]
    return shown


def _identity(item: FeedItem) -> dict[str, Any]:
    return {
        "uri": plain(item.url),
        "standard": STANDARD,
        "type": "text",
        "profile": PROFILE,
        "version": str(item.revision),
        "firstCreated": rfc3339(item.released_at),
        "versionCreated": rfc3339(item.changed_at),
        "language": plain(item.language),
        "slugline": plain(item.code),
        "altIds": [{"role": "code", "value": plain(item.code)}, {"role": "atom", "value": plain(item.id)}],
        "infoSources": [{"role": "publisher", "name": plain(item.source.name), "uri": plain(item.source.home_url)}],
    }


def _canceled(item: FeedItem) -> dict[str, Any]:
    notice = plain(recall_notice(item))
    return _identity(item) | {"pubStatus": "canceled", "representationType": "partial", "edNote": notice}


def news_object(item: FeedItem) -> dict[str, Any]:
    """The bulletin as a ninjs object, ready for JSON. After a recall: ``canceled``, the reason, and nothing of it."""
    if item.recalled:
        return _canceled(item)
    url, html, text = plain(item.url), plain(copy_html(item)), plain(copy_text(item))
    shown = _identity(item) | {
        "pubStatus": "usable",
        "representationType": "full",
        "title": plain(item.title),
        "headlines": [{"role": "main", "contentType": "text/plain", "value": plain(item.title)}],
        "descriptions": [{"role": "summary", "contentType": "text/plain", "value": plain(item.lead)}],
        "bodies": [
            {"role": "main", "contentType": "text/html", "value": html},
            {
                "role": "plain",
                "contentType": "text/plain",
                "charCount": len(text),
                "wordCount": len(text.split()),
                "value": text,
            },
        ],
        "by": plain(item.author or item.source.name),
        "subjects": [{"rel": "about", "name": plain(item.topic_name), "literal": plain(item.topic)}],
        "copyrightHolder": plain(item.source.name),
        "usageTerms": usage_terms(plain(item.source.name)),
        "renditions": [
            {"name": "web", "href": url, "contentType": "text/html"},
            {"name": "republish", "href": plain(item.republish_url), "contentType": "text/html"},
            {"name": "ninjs", "href": plain(item.json_url), "contentType": "application/json"},
        ],
    }
    if item.note:
        shown["edNote"] = "Đính chính: " + plain(item.note)
    if item.images:
        shown["associations"] = [_picture(number, image) for number, image in enumerate(item.images, 1)]
    return shown


def render_item(item: FeedItem) -> bytes:
    """One bulletin as a ninjs document: an object of the feed, and all of ``/bulletins/<code>.json``."""
    return json.dumps(news_object(item), ensure_ascii=False, separators=(",", ":")).encode()


def assemble(info: FeedInfo, fragments: Iterable[bytes]) -> bytes:
    """The whole feed from objects that ``render_item`` made, in the order given."""
    head: dict[str, Any] = {
        "standard": STANDARD,
        "id": plain(info.id),
        "title": plain(info.title),
        "description": plain(info.description),
        "language": plain(info.language),
        "updated": rfc3339(info.updated_at),
        "publisher": {"name": plain(info.author), "url": plain(info.home_url)},
        "self": plain(info.self_url),
        "hub": plain(info.hub_url) if info.hub_url else None,
        "next": plain(info.next_url) if info.next_url else None,
    }
    opening = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    # The object is opened again before its last brace, so that kept items need not be parsed and written anew.
    return opening[:-1] + b',"items":[' + b",\n".join(fragments) + b"]}\n"


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The feed of these items, recalled ones as ``canceled``."""
    return assemble(info, [render_item(item) for item in items])
