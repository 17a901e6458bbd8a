"""What a copy stands under besides its headline: the picture that leads it and the line that names its author."""

from collections.abc import Callable, Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.tracking.urls import MAX_LENGTH

Resolve = Callable[[str], str | None]

_IMAGE_METAS = ("og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src", "image")
_AUTHOR_METAS = ("author", "article:author", "dc.creator", "dcterms.creator")
# Where pages that load pictures late keep the address; ``src`` holds a blank one then.
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_PICTURES = 20  # pictures looked at before a page is taken to have none
_LEAST = 50  # pixels; smaller ones are icons and counters
_AUTHOR_LINES = "[itemprop=author], [rel=author], .author, .author-name, .byline, .tacgia, .tac-gia, .news-author"
_LONGEST = 120  # characters of an author line; longer ones are a box about the author


def lead_image(document: LexborHTMLParser, metas: Iterable[tuple[str, str]], resolve: Resolve) -> str:
    """The absolute address of the page's picture, as machines are told or the first of its article; "" for none."""
    known = list(metas)
    for wanted in _IMAGE_METAS:
        for name, content in known:
            if name == wanted and (address := resolve(content)) and len(address) <= MAX_LENGTH:
                return address
    for selector in ("article img", "main img", "[itemprop=articleBody] img"):
        for node in document.css(selector)[:_PICTURES]:
            if address := _shown(node, resolve):
                return address
    return ""


def _shown(node: LexborNode, resolve: Resolve) -> str | None:
    attributes = node.attributes
    for side in ("width", "height"):
        size = (attributes.get(side) or "").strip().removesuffix("px")
        if size.isascii() and size.isdigit() and int(size[:6]) < _LEAST:
            return None
    for name in _SOURCES:
        value = (attributes.get(name) or "").strip()
        if value and not value.startswith("data:") and (address := resolve(value)) and len(address) <= MAX_LENGTH:
            return address
    return None


def author_line(document: LexborHTMLParser, metas: Iterable[tuple[str, str]], linked: Iterable[str]) -> str:
    """Who the page says wrote it: to machines (``linked``: its JSON-LD), else in the line meant for it; "" for nobody.

    Addresses of profiles are no names.
    """
    known = list(metas)
    said = [content for wanted in _AUTHOR_METAS for name, content in known if name == wanted]
    for text in (*said, *linked):
        line = " ".join(text.split())
        if line and "://" not in line:
            return line[:_LONGEST]
    for node in document.css(_AUTHOR_LINES)[:5]:
        line = " ".join(node.text(separator=" ").split())
        if 0 < len(line) <= _LONGEST:
            return line
    return ""
