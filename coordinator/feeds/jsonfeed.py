"""JSON Feed 1.1 with the full text. It has no word for a withdrawal: a recalled bulletin is simply not in it.

Source: jsonfeed.org/version/1.1. Our own fields stand under ``_lantoa``, as its section on extensions asks.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from coordinator.feeds.dates import rfc3339
from coordinator.feeds.escaping import plain
from coordinator.feeds.fulltext import copy_html, copy_text, usage_terms
from coordinator.feeds.item import FeedImage, FeedInfo, FeedItem

MEDIA_TYPE = "application/feed+json"  # JSON is always UTF-8 and takes no charset (RFC 8259, 11)
VERSION = "https://jsonfeed.org/version/1.1"


def _attachment(image: FeedImage) -> dict[str, Any]:
    shown: dict[str, Any] = {"url": plain(image.url), "mime_type": plain(image.mime)}
    if image.alt:
        shown["title"] = plain(image.alt)
    if image.length is not None:
        shown["size_in_bytes"] = image.length
    return shown


def render_item(item: FeedItem) -> bytes:
    """One object of ``items``. Raises ``ValueError`` for a recalled bulletin."""
    url = plain(item.url)
    shown: dict[str, Any] = {
        "id": url,
        "url": url,
        "title": plain(item.title),
        "summary": plain(item.lead),
        "content_html": plain(copy_html(item)),
        "content_text": plain(copy_text(item)),
        "date_published": rfc3339(item.released_at),
        "date_modified": rfc3339(item.updated_at),
        "authors": [{"name": plain(item.author or item.source.name)}],
        "tags": [plain(item.topic_name)],
        "language": plain(item.language),
        "_lantoa": {
            "code": plain(item.code),
            "revision": item.revision,
            "topic": plain(item.topic),
            "republish_url": plain(item.republish_url),
            "ninjs_url": plain(item.json_url),
            "correction": plain(item.note) or None,
            "usage_terms": usage_terms(plain(item.source.name)),
        },
    }
    if item.images:
        shown["image"] = plain(item.images[0].url)
        shown["attachments"] = [_attachment(image) for image in item.images]
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def assemble(info: FeedInfo, fragments: Iterable[bytes]) -> bytes:
    """The whole feed from objects that ``render_item`` made, in the order given."""
    head: dict[str, Any] = {
        "version": VERSION,
        "title": plain(info.title),
        "home_page_url": plain(info.home_url),
        "feed_url": plain(info.self_url),
        "description": plain(info.description),
        "authors": [{"name": plain(info.author), "url": plain(info.home_url)}],
        "language": plain(info.language),
    }
    if info.next_url:
        head["next_url"] = plain(info.next_url)
    if info.icon_url:
        head["icon"] = plain(info.icon_url)
    if info.hub_url:
        head["hubs"] = [{"type": "WebSub", "url": plain(info.hub_url)}]
    opening = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    # The object is opened again before its last brace, so that kept items need not be parsed and written anew.
    return opening[:-1] + b',"items":[' + b",\n".join(fragments) + b"]}\n"


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The feed of these items; recalled ones are left out."""
    return assemble(info, [render_item(item) for item in items if not item.recalled])
