"""JSON Feed 1.1 with the full text. It has no field for a withdrawal, so a recalled bulletin is left out.

Source: jsonfeed.org/version/1.1. Our own fields are under ``_lantoa``, as its section on extensions asks.
"""

import json
from collections.abc import Sequence
from typing import Any

from coordinator.feeds.item import FeedImage, FeedInfo, FeedItem, copy_html, copy_text, rfc3339, usage_terms

MEDIA_TYPE = "application/feed+json"  # JSON is always UTF-8 and takes no charset (RFC 8259, 11)
VERSION = "https://jsonfeed.org/version/1.1"


def _attachment(image: FeedImage) -> dict[str, Any]:
    attachment: dict[str, Any] = {"url": image.url, "mime_type": image.mime}
    if image.alt:
        attachment["title"] = image.alt
    if image.length is not None:
        attachment["size_in_bytes"] = image.length
    return attachment


def _item(item: FeedItem) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": item.url,
        "url": item.url,
        "title": item.title,
        "summary": item.lead,
        "content_html": copy_html(item),
        "content_text": copy_text(item),
        "date_published": rfc3339(item.released_at),
        "date_modified": rfc3339(item.updated_at),
        "authors": [{"name": item.author or item.source.name}],
        "tags": [item.topic_name],
        "language": item.language,
        "_lantoa": {
            "code": item.code,
            "revision": item.revision,
            "topic": item.topic,
            "republish_url": item.republish_url,
            "ninjs_url": item.json_url,
            "correction": item.note or None,
            "usage_terms": usage_terms(item.source.name),
        },
    }
    if item.images:
        fields["image"] = item.images[0].url
        fields["attachments"] = [_attachment(image) for image in item.images]
    return fields


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The feed of these items in the order given; recalled ones are left out."""
    feed: dict[str, Any] = {
        "version": VERSION,
        "title": info.title,
        "home_page_url": info.home_url,
        "feed_url": info.self_url,
        "description": info.description,
        "authors": [{"name": info.author, "url": info.home_url}],
        "language": info.language,
        "hubs": [{"type": "WebSub", "url": info.hub_url}],
    }
    if info.next_url:
        feed["next_url"] = info.next_url
    feed["items"] = [_item(item) for item in items if not item.recalled]
    return json.dumps(feed, ensure_ascii=False).encode()
