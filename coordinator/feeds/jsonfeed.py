"""JSON Feed 1.1 with the full text. It has no field for a withdrawal, so a recalled bulletin is left out.

Source: jsonfeed.org/version/1.1. Our own fields are under ``_lantoa``, as its section on extensions asks.
"""

import json
from collections.abc import Sequence
from typing import Any

from coordinator.feeds.item import FeedImage, FeedInfo, FeedItem, FeedMedium, copy_html, copy_text, rfc3339, usage_terms

MEDIA_TYPE = "application/feed+json"  # JSON is always UTF-8 and takes no charset (RFC 8259, 11)
VERSION = "https://jsonfeed.org/version/1.1"


def _attachment(file: FeedImage | FeedMedium) -> dict[str, Any]:
    attachment: dict[str, Any] = {"url": file.url, "mime_type": file.mime}
    if file.alt:
        attachment["title"] = file.alt
    if file.length is not None:
        attachment["size_in_bytes"] = file.length
    if isinstance(file, FeedMedium) and file.whole_seconds is not None:
        attachment["duration_in_seconds"] = file.whole_seconds
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
    if item.lead_image is not None or item.images:
        fields["image"] = (item.lead_image or item.images[0]).url
    if item.attachments:
        fields["attachments"] = [_attachment(file) for file in item.attachments]
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
