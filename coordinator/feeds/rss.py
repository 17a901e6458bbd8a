"""RSS 2.0 with the full text, as the crawlers of news aggregators read it.

Sources: RSS 2.0.11 (RSS Advisory Board); modules content, Dublin Core, Media RSS 1.5.1; Atom for links and the date of
a correction; the Podcast Namespace 1.0 and Apple's podcast tags for ``audio.xml``, the spoken bulletins. RSS has no
element for a withdrawal, so a recalled bulletin is left out.

A description is HTML. RSS does not define whether a title is plain text or HTML, and readers differ, so that what is
written here reads the same both ways.
"""

import html
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from campaigns.core.clock import CITY
from coordinator.feeds.item import FeedImage, FeedInfo, FeedItem, FeedMedium, copy_html, rfc3339, usage_terms

MEDIA_TYPE = "application/rss+xml; charset=utf-8"

_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
}
_RSS = ElementMaker(nsmap=_NAMESPACES)
_ATOM, _CONTENT, _DC, _MEDIA, _PODCAST, _ITUNES = (
    ElementMaker(namespace=namespace, nsmap=_NAMESPACES) for namespace in _NAMESPACES.values()
)


_TAG = re.compile("<[A-Za-z/!?]")  # what begins a tag, an end tag or a comment in HTML


def _text(text: str) -> str:
    """``text`` unchanged where HTML shows the same (``30 phường < 5 ngày``, ``R&D``), else written as HTML."""
    return html.escape(text, quote=False) if _TAG.search(text) or html.unescape(text) != text else text


def _html(text: str) -> str:
    """Plain text as HTML."""
    return html.escape(text, quote=False)


def _rfc822(moment: datetime) -> str:
    """``Tue, 24 Nov 2026 07:30:00 +0700``, in the city's zone."""
    return format_datetime(moment.astimezone(CITY))


def _picture(image: FeedImage) -> Any:
    attributes = {"url": image.url, "medium": "image", "type": image.mime}
    sizes = {"fileSize": image.length, "width": image.width, "height": image.height}
    attributes |= {name: str(size) for name, size in sizes.items() if size is not None}
    description = [_MEDIA.description(image.alt, type="plain")] if image.alt else []
    return _MEDIA.content(attributes, *description)


def _file(medium: FeedMedium) -> Any:
    attributes = {"url": medium.url, "medium": medium.kind, "type": medium.mime}
    sizes = {
        "fileSize": medium.length, "width": medium.width, "height": medium.height, "duration": medium.whole_seconds,
    }  # fmt: skip
    group = _MEDIA.group(_MEDIA.content(attributes | {name: str(size) for name, size in sizes.items() if size}))
    if medium.alt:
        group.append(_MEDIA.description(medium.alt, type="plain"))
    if medium.poster is not None:
        group.append(_MEDIA.thumbnail(url=medium.poster.url))
    if medium.captions_url:
        group.append(_MEDIA.subTitle(type="text/vtt", lang="vi", href=medium.captions_url))
    return group


def _enclosed(item: FeedItem, first: str) -> FeedMedium | FeedImage | None:
    """What the one enclosure that most readers take of an item is: its first file of the kind ``first``, else its first
    video or audio, picture, or document."""
    played = [medium for medium in item.files if medium.seconds is not None]
    chosen = [medium for medium in played if medium.kind == first]
    return next(iter((*chosen, *played, *item.attachments)), None)


def _media(item: FeedItem, first: str) -> Iterator[Any]:
    enclosed = _enclosed(item, first)
    if enclosed is None:
        return
    # RSS requires a length; 0 says that it is not known.
    yield _RSS.enclosure(url=enclosed.url, length=str(enclosed.length or 0), type=enclosed.mime)
    yield from map(_picture, item.images)
    yield from map(_file, item.files)
    if item.images or item.lead_image is not None:
        yield _MEDIA.thumbnail(url=(item.lead_image or item.images[0]).url)
    if isinstance(enclosed, FeedMedium) and enclosed.whole_seconds is not None:
        yield _ITUNES.duration(str(enclosed.whole_seconds))
        if enclosed.captions_url:
            yield _PODCAST.transcript(url=enclosed.captions_url, type="text/vtt", language="vi", rel="captions")


def _content(body: str) -> Any:
    # Some crawlers look for a CDATA section; one that contains its own end mark cannot be written as such.
    return _CONTENT.encoded(body if "]]>" in body else etree.CDATA(body))


def _item(item: FeedItem, first: str) -> Any:
    corrected = [_ATOM.updated(rfc3339(item.updated_at))] if item.updated_at > item.released_at else []
    return _RSS.item(
        _RSS.title(_text(item.title)),
        _RSS.link(item.url),
        _RSS.guid(item.url, isPermaLink="true"),
        _RSS.pubDate(_rfc822(item.released_at)),
        *corrected,
        _DC.creator(_text(item.author)),
        _RSS.category(_text(item.topic_name)),
        _RSS.source(_text(item.source.name), url=item.source.feed_url),
        _RSS.description(_html(item.lead)),
        _content(copy_html(item)),
        *_media(item, first),
    )


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The feed of these items in the order given; recalled ones are left out."""
    return _feed(info, items)


def render_audio(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The same feed for podcast players, each item's enclosure its first audio; items without audio are left out."""
    about = [
        _ITUNES.author(info.author),
        _ITUNES.image(href=f"{info.home_url}logo.png"),
        _ITUNES.category(text="Government"),
        _ITUNES.explicit("false"),
        _ITUNES.type("episodic"),
    ]
    return _feed(info, [item for item in items if any(one.kind == "audio" for one in item.files)], about, "audio")


def _feed(info: FeedInfo, items: Sequence[FeedItem], about: Sequence[Any] = (), first: str = "") -> bytes:
    next_page = [_ATOM.link(rel="next", href=info.next_url)] if info.next_url else []
    root = _RSS.rss(
        _RSS.channel(
            _RSS.title(_text(info.title)),
            _RSS.link(info.home_url),
            _RSS.description(_html(info.description)),
            _RSS.language(info.language),
            _RSS.copyright(_text(usage_terms(info.author))),
            _RSS.lastBuildDate(_rfc822(info.updated_at)),
            _ATOM.link(rel="self", type="application/rss+xml", href=info.self_url),
            _ATOM.link(rel="hub", href=info.hub_url),
            *next_page,
            *about,
            *(_item(item, first) for item in items if not item.recalled),
        ),
        version="2.0",
    )
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return body
