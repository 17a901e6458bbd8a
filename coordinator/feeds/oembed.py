"""Answers of an oEmbed provider (oembed.com, version 1.0), as JSON and as XML."""

import json
from collections.abc import Mapping
from html import escape

from lxml import etree

from coordinator.feeds.item import FeedItem, check_not_recalled

JSON_TYPE, XML_TYPE = "application/json; charset=utf-8", "text/xml; charset=utf-8"
WIDTH, HEIGHT = 600, 320  # pixels of a frame that nobody has limited
VIDEO_HEIGHT = 560  # of a frame that plays a video
CACHE_SECONDS = 3600

OembedAnswer = Mapping[str, str | int]


def frame_html(url: str, title: str, width: int | str, height: int) -> str:
    """The element that shows a page of ours in a page of others. ``width``: pixels or ``100%``."""
    return (
        f'<iframe src="{escape(url)}" title="{escape(title)}" width="{width}" height="{height}" '
        'loading="lazy" frameborder="0"></iframe>'
    )


def answer(item: FeedItem, embed_url: str, *, width: int | None, height: int | None) -> OembedAnswer:
    """The answer about a bulletin. ``width``, ``height``: the most that the caller has room for, None = any.

    Raises ``ValueError`` for a recalled bulletin.
    """
    check_not_recalled(item)
    video = any(medium.kind == "video" for medium in item.files)
    most = VIDEO_HEIGHT if video else HEIGHT
    wide, high = min(WIDTH, width or WIDTH), min(most, height or most)
    found: dict[str, str | int] = {
        "type": "video" if video else "rich",
        "version": "1.0",
        "title": item.title,
        "author_name": item.author,
        "author_url": item.source.home_url,
        "provider_name": item.source.name,
        "provider_url": item.source.home_url,
        "cache_age": CACHE_SECONDS,
        "html": frame_html(embed_url, item.title, wide, high),
        "width": wide,
        "height": high,
    }
    picture = item.preview
    # A thumbnail is bound by the same limits; one that is too large is left out (2.3.4.1).
    if picture is not None and _fits(picture.width, width) and _fits(picture.height, height):
        found |= {
            "thumbnail_url": picture.url,
            "thumbnail_width": picture.width or 0,
            "thumbnail_height": picture.height or 0,
        }
    return found


def _fits(size: int | None, most: int | None) -> bool:
    return size is not None and (most is None or size <= most)


def render_json(found: OembedAnswer) -> bytes:
    """The answer as JSON."""
    return json.dumps(found, ensure_ascii=False).encode()


def render_xml(found: OembedAnswer) -> bytes:
    """The answer as XML."""
    root = etree.Element("oembed")
    for name, value in found.items():
        etree.SubElement(root, name).text = str(value)
    body: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, standalone=True)
    return body
