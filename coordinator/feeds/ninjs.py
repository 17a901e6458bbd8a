"""ninjs 3.1, the IPTC's News in JSON: one bulletin, or a feed of them.

Source: IPTC, ninjs-schema_3.1.json. The standard describes one news object and allows no other property in it. It
defines no list, so the document around the items is ours: ``standard``, the feed's description, ``next`` and ``items``.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from coordinator.feeds.item import (
    FeedImage,
    FeedInfo,
    FeedItem,
    FeedMedium,
    copy_html,
    copy_text,
    recall_notice,
    rfc3339,
    usage_terms,
)

MEDIA_TYPE = "application/json"  # JSON is always UTF-8 and takes no charset (RFC 8259, 11)
STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}
PROFILE = "bulletin"


TYPES = {"picture": "picture", "video": "video", "audio": "audio", "document": "text"}  # of an associated object


def _rendition(file: FeedImage | FeedMedium) -> dict[str, Any]:
    rendition: dict[str, Any] = {"name": "original", "href": file.url, "contentType": file.mime}
    sizes = {"width": file.width, "height": file.height, "sizeInBytes": file.length}
    if isinstance(file, FeedMedium):
        sizes["duration"] = file.whole_seconds
    return rendition | {name: size for name, size in sizes.items() if size is not None}


def _associated(name: str, kind: str, rel: str, file: FeedImage | FeedMedium) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": name,
        "rel": rel,
        "uri": file.url,
        "type": TYPES[kind],
        "pubStatus": "usable",
        "renditions": [_rendition(file)],
    }
    if file.alt:
        shown["descriptions"] = [{"role": "alternative", "contentType": "text/plain", "value": file.alt}]
    return shown


def _file(name: str, medium: FeedMedium) -> dict[str, Any]:
    shown = _associated(name, medium.kind, "media", medium)
    if medium.text:
        shown["bodies"] = [{"role": "transcript", "contentType": "text/plain", "value": medium.text}]
    parts = [] if medium.poster is None else [_associated("poster", "picture", "poster", medium.poster)]
    if medium.captions_url:
        captions = {"name": "original", "href": medium.captions_url, "contentType": "text/vtt"}
        parts.append(
            {
                "name": "captions",
                "rel": "captions",
                "uri": medium.captions_url,
                "type": "text",
                "renditions": [captions],
            }
        )
    return shown | ({"associations": parts} if parts else {})


def _associations(item: FeedItem) -> Iterator[dict[str, Any]]:
    for number, image in enumerate(item.images, 1):
        yield _associated(f"picture-{number}", "picture", "illustration", image)
    for number, medium in enumerate(item.files, 1):
        yield _file(f"{medium.kind}-{number}", medium)


def _identity(item: FeedItem) -> dict[str, Any]:
    return {
        "uri": item.url,
        "standard": STANDARD,
        "type": "text",
        "profile": PROFILE,
        "version": str(item.revision),
        "firstCreated": rfc3339(item.released_at),
        "versionCreated": rfc3339(item.changed_at),
        "language": item.language,
        "slugline": item.code,
        "altIds": [{"role": "code", "value": item.code}, {"role": "atom", "value": item.id}],
        "infoSources": [{"role": "publisher", "name": item.source.name, "uri": item.source.home_url}],
    }


def news_object(item: FeedItem) -> dict[str, Any]:
    """The bulletin as a ninjs object, ready for JSON. After a recall: ``canceled`` and the reason, without the text."""
    if item.recalled:
        notice = {"pubStatus": "canceled", "representationType": "partial", "edNote": recall_notice(item)}
        return _identity(item) | notice
    text = copy_text(item)
    news = _identity(item) | {
        "pubStatus": "usable",
        "representationType": "full",
        "title": item.title,
        "headlines": [{"role": "main", "contentType": "text/plain", "value": item.title}],
        "descriptions": [{"role": "summary", "contentType": "text/plain", "value": item.lead}],
        "bodies": [
            {"role": "main", "contentType": "text/html", "value": copy_html(item)},
            {
                "role": "plain",
                "contentType": "text/plain",
                "charCount": len(text),
                "wordCount": len(text.split()),
                "value": text,
            },
        ],
        "by": item.author or item.source.name,
        "subjects": [{"rel": "about", "name": item.topic_name, "literal": item.topic}],
        "copyrightHolder": item.source.name,
        "usageTerms": usage_terms(item.source.name),
        "renditions": [
            {"name": "web", "href": item.url, "contentType": "text/html"},
            {"name": "republish", "href": item.republish_url, "contentType": "text/html"},
            {"name": "ninjs", "href": item.json_url, "contentType": "application/json"},
        ],
    }
    if item.note:
        news["edNote"] = f"Đính chính: {item.note}"
    if item.attachments:
        news["associations"] = list(_associations(item))
    return news


def render_item(item: FeedItem) -> bytes:
    """One bulletin as a ninjs document: all of ``/bulletins/<code>.json``."""
    return json.dumps(news_object(item), ensure_ascii=False).encode()


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The feed of these items in the order given, recalled ones as ``canceled``."""
    feed = {
        "standard": STANDARD,
        "id": info.id,
        "title": info.title,
        "description": info.description,
        "language": info.language,
        "updated": rfc3339(info.updated_at),
        "publisher": {"name": info.author, "url": info.home_url},
        "self": info.self_url,
        "hub": info.hub_url,
        "next": info.next_url,
        "items": [news_object(item) for item in items],
    }
    return json.dumps(feed, ensure_ascii=False).encode()
