"""ninjs 1.3: one bulletin for newsroom systems that read the first form of the standard, such as Superdesk.

Source: IPTC, ninjs-schema_1.3.json. Pictures and files are objects with names of their own, not lists, and times are
those of UTC, which the reader of Superdesk asks for.
"""

import json
from dataclasses import replace
from typing import Any

from coordinator.feeds.item import (
    FeedImage,
    FeedItem,
    FeedMedium,
    copy_html,
    copy_text,
    recall_notice,
    usage_terms,
    utc_time,
)
from coordinator.feeds.ninjs import TYPES

VERSION = "1.3"


def news_object(item: FeedItem) -> dict[str, Any]:
    """The bulletin as an object of ninjs 1.3, ready for JSON. After a recall: ``canceled`` and the reason, without the
    text."""
    identity = {
        "uri": item.id,
        "type": "text",
        "mimetype": "text/html",
        "version": str(item.revision + item.recalled),
        "firstcreated": utc_time(item.released_at),
        "versioncreated": utc_time(item.changed_at),
        "language": item.language,
        "slugline": item.code,
        "altids": {"code": item.code, "web": item.url},
    }
    if item.recalled:
        return identity | {
            "pubstatus": "canceled", "representationtype": "incomplete", "ednote": recall_notice(item),
        }  # fmt: skip
    bare = replace(item, counter_url=None)
    news = identity | {
        "pubstatus": "usable",
        "representationtype": "complete",
        "headline": item.title,
        "byline": item.author or item.source.name,
        "description_text": item.lead,
        "body_html": copy_html(bare),
        "body_text": copy_text(bare),
        "subject": [{"name": item.topic_name, "code": item.topic, "rel": "about"}],
        "copyrightholder": item.source.name,
        "usageterms": usage_terms(item.source.name),
    }
    if item.note:
        news["ednote"] = f"Đính chính: {item.note}"
    associated = {f"picture-{number}": _associated("picture", image) for number, image in enumerate(item.images, 1)}
    associated |= {f"{medium.kind}-{number}": _file(medium) for number, medium in enumerate(item.files, 1)}
    return news | ({"associations": associated} if associated else {})


def _associated(kind: str, file: FeedImage | FeedMedium) -> dict[str, Any]:
    rendition: dict[str, Any] = {"href": file.url, "mimetype": file.mime}
    sizes = {"width": file.width, "height": file.height, "sizeinbytes": file.length}
    if isinstance(file, FeedMedium):
        sizes["duration"] = file.whole_seconds
    rendition |= {name: size for name, size in sizes.items() if size is not None}
    shown: dict[str, Any] = {"uri": file.url, "type": TYPES[kind], "renditions": {"original": rendition}}
    return shown | ({"description_text": file.alt} if file.alt else {})


def _file(medium: FeedMedium) -> dict[str, Any]:
    shown = _associated(medium.kind, medium)
    if medium.text:
        shown["body_text"] = medium.text
    parts = {} if medium.poster is None else {"poster": _associated("picture", medium.poster)}
    if medium.captions_url:
        captions = {"original": {"href": medium.captions_url, "mimetype": "text/vtt"}}
        parts["captions"] = {"uri": medium.captions_url, "type": "text", "renditions": captions}
    return shown | ({"associations": parts} if parts else {})


def render_item(item: FeedItem) -> bytes:
    """One bulletin as a document: all of ``/bulletins/<code>.json?version=1.3``."""
    return json.dumps(news_object(item), ensure_ascii=False).encode()
