"""HTML → ``ParsedPage``: decoded, tamed, parsed once for the document and once for its main text."""

import re
from typing import Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLParserException
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from campaigns.core.errors import CampaignError
from campaigns.tracking.pages import Body, Declared, Origin, ParsedPage, TimeClaim
from coordinator.discovery.leading import author_line, lead_image
from coordinator.discovery.linkeddata import LinkedData, read_linked_data
from coordinator.discovery.taming import tamed
from coordinator.discovery.titles import headline_of
from coordinator.discovery.walking import resolver, walk
from coordinator.http.charsets import decode

LONGEST = 4_000_000  # characters; what stands behind is not read
_LEAST_MAIN = 200  # characters of main text below which the extractor is not believed
_LEAST_SHOWN = 80  # of what is shown without scripts; less asks to switch them on
_SHELL = 1500  # and below which what is shown without scripts may be more
_NOSCRIPT = re.compile(r"<noscript\b[^>]*>(.*?)</noscript", re.IGNORECASE | re.DOTALL)
_NOSCRIPT_TAG = re.compile(r"<(/?)noscript\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


_PUBLISHED_METAS = (
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "og:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "published_time",
    "date",
    "dc.date.issued",
    "dc.date",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "sailthru.date",
)
_SOURCE_METAS = frozenset(
    {"source", "original-source", "syndication-source", "article:source", "dc.source", "dcterms.source", "news_source"}
)


class Unreadable(CampaignError):
    """A page that is no HTML a parser could take."""

    code = "unreadable_page"


def _clean(html: str) -> str:
    """The text without what no parser takes: NULs and lone surrogates; cut off where it is too long or too deep."""
    text = html[:LONGEST]
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return tamed(text)


def _main_text(html: str, **options: Any) -> str:
    try:
        text = extract_plain_text(
            html,
            preserve_formatting=True,
            list_bullets=False,
            alt_texts=False,
            links=False,
            form_fields=False,
            noscript=False,
            comments=False,
            **options,
        )
    except HTMLParserException as error:
        raise Unreadable("the page is no HTML that could be parsed") from error
    return str(text).strip()


def _without_scripts(html: str, main: str) -> str | None:
    """The page as it is shown where no script runs, when that has more to read than ``main``; else None.

    Shells that a script fills keep their article in ``noscript``; other pages keep a picture or a counter there.
    """
    if "<noscript" not in html and "<NOSCRIPT" not in html:
        return None
    longest = max((len(" ".join(_TAG.sub(" ", one[1]).split())) for one in _NOSCRIPT.finditer(html)), default=0)
    return _NOSCRIPT_TAG.sub(r"<\1div", html) if longest > max(_LEAST_SHOWN, len(main)) else None


def _first(*texts: str | None) -> str:
    return next((" ".join(text.split()) for text in texts if text and text.strip()), "")


def parse_page(html: str | bytes, url: str, *, content_type: str | None = None) -> ParsedPage:
    """Read a page. ``url`` is its final address, ``content_type`` its header.

    ``text`` begins with the headline, whether or not the extractor of the main text kept it. Takes anything: garbage,
    NULs, megabytes (read up to 4 million characters), any nesting. Raises ``Unreadable`` when a parser gives up.
    """
    text = _clean(decode(html, content_type or "") if isinstance(html, bytes) else html)
    try:
        document = LexborHTMLParser(text)
    except SelectolaxError as error:
        raise Unreadable("the page is no HTML that could be parsed") from error
    base = url
    canonical = amphtml = None
    resolve = resolver(url)
    for node in document.css("base[href], link[rel][href]"):
        attributes = node.attributes
        target = resolve(attributes.get("href") or "")
        relation = (attributes.get("rel") or "").lower().split()
        if node.tag == "base" and base == url and target:
            base, resolve = target, resolver(target)
        elif "canonical" in relation:
            canonical = canonical or target
        elif "amphtml" in relation:
            amphtml = amphtml or target
    metas = _metas(document)
    titled = document.css_first("title")
    title = _first(titled.text() if titled is not None else None, _meta(metas, "og:title"))
    h1 = headline_of([node.text() for node in document.css("h1")[:10]], (_meta(metas, "og:title") or "", title))
    data = read_linked_data((node.text() for node in document.css("script[type='application/ld+json']")), h1)
    main = _main_text(text, main_content=True)
    if len(main) < _LEAST_MAIN:
        whole = _main_text(text, skip_elements=["nav", "footer", "aside", "header", "script", "style"])
        if len(whole) > 2 * len(main):
            main = whole
    if len(main) < _SHELL and (shown := _without_scripts(text, main)) is not None:
        return parse_page(shown, url)
    if h1 and h1 not in " ".join(main[:1000].split()):
        main = f"{h1}\n\n{main}" if main else h1
    language = document.root.attributes.get("lang") if document.root is not None else None

    def read_body() -> Body:
        return walk(document.body, base, h1) if document.body is not None else Body()

    return ParsedPage(
        url=url,
        title=title,
        h1=h1,
        lead=_first(_meta(metas, "description"), _meta(metas, "og:description")),
        author=author_line(document, metas, data.author[:5]),
        image=lead_image(document, metas, resolve),
        lang=language or "",
        text=main,
        canonical=canonical,
        amphtml=amphtml,
        declared=_declared(metas, data),
        times=_times(document, metas, data),
        read_body=read_body,
    )


def _metas(document: LexborHTMLParser) -> list[tuple[str, str]]:
    """(name in lower case, content) of every meta element, in order."""
    found = []
    for node in document.css("meta[content]")[:500]:
        attributes = node.attributes
        content = attributes.get("content")
        if content:
            for key in ("name", "property", "itemprop"):
                if name := attributes.get(key):
                    found.append((name.strip().lower(), content.strip()))
    return found


def _meta(metas: list[tuple[str, str]], name: str) -> str | None:
    return next((content for known, content in metas if known == name), None)


def _declared(metas: list[tuple[str, str]], data: LinkedData) -> Declared:
    return Declared(
        based_on=tuple(data.based_on[:20]),
        citation=tuple(data.citation[:20]),
        source_organization=tuple(data.source_organization[:20]),
        publisher=tuple(data.publisher[:20]),
        meta_source=tuple(content[:2000] for name, content in metas if name in _SOURCE_METAS)[:20],
    )


def _times(document: LexborHTMLParser, metas: list[tuple[str, str]], data: LinkedData) -> tuple[TimeClaim, ...]:
    """What the page claims in its data, in its meta elements by how clearly they are meant, and in time elements,
    those of the article first."""
    claims = [TimeClaim(Origin.JSON_LD, text[:100]) for text in data.published[:5]]
    for wanted in _PUBLISHED_METAS:
        claims.extend(TimeClaim(Origin.META, content[:100]) for name, content in metas if name == wanted)
    seen = set()
    for selector in ("article time[datetime], main time[datetime]", "time[datetime]", "[itemprop=datePublished]"):
        for node in document.css(selector)[:10]:
            attributes = node.attributes
            text = attributes.get("datetime") or attributes.get("content")
            if text and text not in seen:
                seen.add(text)
                claims.append(TimeClaim(Origin.TIME, text[:100]))
    return tuple(claims)
