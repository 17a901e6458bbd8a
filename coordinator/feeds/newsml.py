"""NewsML-G2, the IPTC's format that newsrooms take in: a news message with one news item for each bulletin.

Sources: IPTC NewsML-G2 2.35; IPTC NITF 3.6 for the text inside, of which newsroom systems keep the links and pictures
that they drop from XHTML. A correction has the same guid, the next version and ``sig:correction``; a recall has
``stat:canceled`` and an empty set of contents, which such systems take as a kill.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import lxml.html
from lxml import etree
from lxml.builder import ElementMaker

from coordinator.feeds.item import (
    FeedImage,
    FeedInfo,
    FeedItem,
    FeedMedium,
    copy_html,
    recall_notice,
    usage_terms,
    utc_time,
)

MEDIA_TYPE = "application/vnd.iptc.g2.newsmessage+xml; charset=utf-8"
STANDARD_VERSION = "2.35"
CATALOGUE = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_41.xml"
_G2_NAMESPACE = "http://iptc.org/std/nar/2006-10-01/"
_NITF_NAMESPACE = "http://iptc.org/std/NITF/2006-10-18/"
_G2 = ElementMaker(namespace=_G2_NAMESPACE, nsmap={None: _G2_NAMESPACE})
_NITF = ElementMaker(namespace=_NITF_NAMESPACE, nsmap={None: _NITF_NAMESPACE})
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

# Elements of HTML that NITF has under the same name: blocks, and what stands inside of them.
_BLOCKS = frozenset({"p", "ul", "ol", "table", "pre", "hr"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_EMPHASIS = frozenset({"b", "strong", "i", "em", "u", "mark"})
_MEDIA = {"img": "image", "video": "video", "audio": "audio"}  # and the media type of NITF
_KEPT_INSIDE = frozenset({"li", "tr", "td", "th", "thead", "tbody", "tfoot", "caption", "br", "ul", "ol"})


def render(info: FeedInfo, items: Sequence[FeedItem]) -> bytes:
    """The message with these items in the order given, recalled ones as canceled."""
    root = _G2.newsMessage(
        _G2.header(
            _G2.sent(utc_time(info.updated_at)),
            _G2.sender(info.author),
            _G2.transmitId(info.id),
            _G2.channel(info.self_url),
        ),
        _G2.itemSet(*map(_news_item, items)),
    )
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=False)
    return body


def _news_item(item: FeedItem) -> Any:
    return _G2.newsItem(
        {
            "guid": item.id,
            "version": str(item.revision + item.recalled),
            "standard": "NewsML-G2",
            "standardversion": STANDARD_VERSION,
            "conformance": "power",
            _LANGUAGE: item.language,
        },
        _G2.catalogRef(href=CATALOGUE),
        _G2.rightsInfo(
            _G2.copyrightHolder(_G2.name(item.source.name), uri=item.source.home_url),
            _G2.usageTerms(usage_terms(item.source.name)),
        ),
        _G2.itemMeta(*_item_meta(item)),
        _G2.contentMeta(*_content_meta(item)),
        _G2.contentSet() if item.recalled else _G2.contentSet(*_contents(item)),
    )


def _item_meta(item: FeedItem) -> Iterator[Any]:
    yield _G2.itemClass(qcode="ninat:text")
    yield _G2.provider(_G2.name(item.source.name), uri=item.source.home_url)
    yield _G2.versionCreated(utc_time(item.changed_at))
    yield _G2.firstCreated(utc_time(item.released_at))
    yield _G2.pubStatus(qcode="stat:canceled" if item.recalled else "stat:usable")
    if item.recalled:
        yield _G2.edNote(recall_notice(item))
    elif item.revision > 1:
        yield _G2.edNote(f"Đính chính: {item.note}" if item.note else "Đính chính")
        yield _G2.signal(qcode="sig:correction")


def _content_meta(item: FeedItem) -> Iterator[Any]:
    yield _G2.contentCreated(utc_time(item.released_at))
    if item.recalled:
        yield _G2.language({"tag": item.language})
        return
    yield _G2.language({"tag": item.language})
    yield _G2.subject(_G2.name(item.topic_name), type="cpnat:abstract", literal=item.topic)
    yield _G2.slugline(item.code)
    yield _G2.headline(item.title)
    yield _G2.by(item.author or item.source.name)
    yield _G2.description(item.lead, role="drol:summary")


def _text(item: FeedItem) -> Any:
    blocks = list(
        _blocks(lxml.html.fragment_fromstring(copy_html(replace(item, counter_url=None)), create_parent="div"))
    )
    nitf = _NITF.nitf(
        _NITF.head(_NITF.title(item.title)),
        _NITF.body(
            _NITF("body.head", _NITF.hedline(_NITF.hl1(item.title)), _NITF.abstract(_NITF.p(item.lead))),
            _NITF("body.content", _NITF.block(*blocks)),
        ),
    )
    return _G2.inlineXML(nitf, contenttype="application/nitf+xml", rendition="rnd:text")


def _blocks(parent: Any) -> Iterator[Any]:
    """The blocks of a sanitised HTML text as NITF."""
    for element in parent:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _BLOCKS:
            yield _filled(_NITF(tag), element)
        elif tag in _HEADINGS:
            yield _filled(_NITF.hl2(), element)
        elif tag == "blockquote":
            yield _NITF.bq(_NITF.block(*(list(_blocks(element)) or [_filled(_NITF.p(), element)])))
        elif tag in _MEDIA or next(element.iter(*_MEDIA), None) is not None:
            yield from map(_media, element.iter(*_MEDIA))
        elif len(element):
            yield from _blocks(element)
        elif element.text_content().strip():
            yield _filled(_NITF.p(), element)


def _filled(target: Any, source: Any) -> Any:
    """The text of an HTML element with its links, emphasis, items and cells, put into a NITF element."""
    target.text = source.text
    for child in source:
        inline = _inline(child)
        if inline is None:
            _add_text(target, child.text_content() + (child.tail or ""))
        else:
            inline.tail = child.tail
            target.append(inline)
    return target


def _inline(element: Any) -> Any | None:
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag == "a" and element.get("href"):
        return _filled(_NITF.a(href=element.get("href")), element)
    if tag in _EMPHASIS:
        return _filled(_NITF.em(), element)
    return _filled(_NITF(tag), element) if tag in _KEPT_INSIDE else None


def _add_text(target: Any, text: str) -> None:
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text


def _media(element: Any) -> Any:
    words = element.get("alt") or element.get("aria-label") or ""
    return _NITF.media(
        {"media-type": _MEDIA[element.tag]},
        _NITF("media-reference", source=element.get("src"), **{"alternate-text": words}),
        _NITF("media-caption", words),
    )


def _contents(item: FeedItem) -> Iterator[Any]:
    yield _text(item)
    yield from (_remote("web", image) for image in item.images)
    for medium in item.files:
        yield _remote(medium.kind, medium)
        if medium.poster is not None:
            yield _remote("poster", medium.poster)
        if medium.captions_url:
            yield _G2.remoteContent(rendition="rnd:captions", href=medium.captions_url, contenttype="text/vtt")


def _remote(rendition: str, file: FeedImage | FeedMedium) -> Any:
    sizes = {"width": file.width, "height": file.height, "size": file.length}
    given = {name: str(size) for name, size in sizes.items() if size is not None}
    hashes = []
    if isinstance(file, FeedMedium):
        hashes = [_G2.hash(file.sha256, hashtype="hashtype:sha256")]
        if file.whole_seconds is not None:
            given |= {"duration": str(file.whole_seconds), "durationunit": "timeunit:seconds"}
    return _G2.remoteContent(*hashes, rendition=f"rnd:{rendition}", href=file.url, contenttype=file.mime, **given)
