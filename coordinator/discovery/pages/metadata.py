"""The metadata of a page: its head, machine-readable data, headline, times, lead picture and author."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.discovery.urls import MAX_LENGTH
from campaigns.matching.parsed_page import DeclaredSource, PageRegion, TimeClaim, TimeOrigin
from coordinator.discovery.fields import article_headline, sole_headline
from coordinator.discovery.pages.dom_text import url_resolver
from coordinator.discovery.pages.json_ld import LinkedData, read_linked_data
from coordinator.discovery.pages.regions import entered_region

# The head, the machine-readable data, the headline and the time elements.


_TIMED = "time[datetime], [itemprop=datePublished]"
_LINKED_DATA = "application/ld+json"
_TAG = re.compile(r"<[^>]*>")
_MAX_METAS = 500
_MAX_HEADINGS = 10
_MAX_TIMES = 10  # of each kind
_PUBLISHED_METAS = {
    name: rank
    for rank, name in enumerate(
        (
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
    )
}  # the lower the more clearly meant
_VAGUE_METAS = frozenset({"date", "dc.date", "dcterms.created", "dc.date.created"})
_SOURCE_METAS = frozenset(
    {"source", "original-source", "syndication-source", "article:source", "dc.source", "dcterms.source", "news_source"}
)


def _heading_text(heading: LexborNode) -> str:
    """Return the text of a heading. An unclosed one contains the rest of the page, scripts and styles included."""
    if heading.css_first("script, style") is None:
        return heading.text()
    texts = (node for node in heading.traverse(include_text=True) if node.tag == "-text")
    return "".join(
        node.text_content or "" for node in texts if node.parent is None or node.parent.tag not in {"script", "style"}
    )


class PageMetadata:
    """Metadata that are read on demand from the elements in ``PageWords.metadata_nodes``.

    ``base``: the base of relative links. ``lang``: the document's language.
    """

    def __init__(self, metadata_nodes: Mapping[str, Sequence[LexborNode]], root: LexborNode | None, url: str) -> None:
        """``root``: the document's outermost element; ``url``: the page's final address."""
        self._nodes = metadata_nodes
        self.base, self.canonical, self.amphtml = url, None, None
        self.lang = (root.attributes.get("lang") if root is not None else None) or ""
        if metadata_nodes["link"]:
            self._read_links()

    base: str
    canonical: str | None
    amphtml: str | None

    def _read_links(self) -> None:
        url = self.base
        resolve = url_resolver(url)
        for node in self._nodes["link"]:
            attributes = node.attributes
            relation = (attributes.get("rel") or "").lower()
            is_base = node.tag == "base"
            if "href" not in attributes or not (is_base or "canonical" in relation or "amphtml" in relation):
                continue
            target = resolve(attributes["href"] or "")
            if is_base:
                # Each link of the page is joined with the base: a base of a megabyte would make gigabytes.
                if self.base == url and target and len(target) <= MAX_LENGTH:
                    self.base, resolve = target, url_resolver(target)
            elif "canonical" in relation.split():
                self.canonical = self.canonical or target
            elif "amphtml" in relation.split():
                self.amphtml = self.amphtml or target

    @cached_property
    def metas(self) -> list[tuple[str, str]]:
        """Return (name in lower case, content), in order."""
        values = [attributes for node in self._nodes["meta"] if "content" in (attributes := node.attributes)]
        return [named for attributes in values[:_MAX_METAS] for named in _meta_pairs(attributes)]

    def meta(self, name: str) -> str:
        """Return the content of the first meta element of that name, white space collapsed, "" for none."""
        return next((" ".join(content.split()) for known, content in self.metas if known == name), "")

    @cached_property
    def title(self) -> str:
        """The title, white space collapsed, "" for none."""
        titles = self._nodes["title"]
        return (" ".join(titles[0].text().split()) if titles else "") or self.meta("og:title")

    @cached_property
    def _headings(self) -> list[str]:
        return [_heading_text(node) for node in self._nodes["h1"][:_MAX_HEADINGS]]

    @cached_property
    def h1(self) -> str:
        """The headline."""
        return sole_headline(self._headings) or article_headline(self._headings, (self.meta("og:title"), self.title))

    @property
    def has_visible_headline(self) -> bool:
        """Whether a heading of the page is the headline."""
        return self.h1 in (" ".join(heading.split()) for heading in self._headings)

    @property
    def unscripted(self) -> int:
        """The length of the text in the longest ``noscript``, whose content is text for one parser and elements for
        another, depending on its place."""
        inside = (_TAG.sub(" ", node.text(separator=" ")) for node in self._nodes["noscript"])
        return max((len(" ".join(text.split())) for text in inside), default=0)

    @property
    def scripts(self) -> Sequence[LexborNode]:
        """The page's scripts."""
        return self._nodes["script"]

    @cached_property
    def data(self) -> LinkedData:
        """The page's JSON-LD."""
        scripts = self._nodes["script"]
        values = [node.text() for node in scripts if (node.attributes.get("type") or "").lower() == _LINKED_DATA]
        return read_linked_data(values, self.h1)

    @property
    def resolve(self) -> Callable[[str], str | None]:
        """A function that makes the page's links absolute."""
        return url_resolver(self.base)

    def claims(self, origin: TimeOrigin) -> list[TimeClaim]:
        """Return the claims of the publication time in JSON-LD (``JSON_LD``) or in meta elements, the clearest
        first."""
        if origin is TimeOrigin.JSON_LD:
            return [TimeClaim(origin, text[:100]) for text in self.data.published[:5]]
        dated = [(_PUBLISHED_METAS[name], name, content) for name, content in self.metas if name in _PUBLISHED_METAS]
        return [
            TimeClaim(origin, content[:100], name in _VAGUE_METAS)
            for _, name, content in sorted(dated, key=itemgetter(0))
        ]

    @property
    def declared(self) -> DeclaredSource:
        """The declared source of the page."""
        data = self.data
        return DeclaredSource(
            based_on=tuple(data.based_on[:20]),
            citation=tuple(data.citation[:20]),
            source_organization=tuple(data.source_organization[:20]),
            publisher=tuple(data.publisher[:20]),
            meta_source=tuple(content[:2000] for name, content in self.metas if name in _SOURCE_METAS)[:20],
        )


def time_elements(document: LexborHTMLParser) -> tuple[TimeClaim, ...]:
    """Return the times in time elements, those of the article first, and in elements that are marked as its date; those
    in readers' comments are left out."""
    times: list[LexborNode] = []
    marked: list[LexborNode] = []
    seen = 0
    for node in document.css(_TIMED):
        if node.mem_id == seen:
            continue  # a node that both selectors match
        seen = node.mem_id
        attributes = node.attributes
        if attributes.get("itemprop") == "datePublished":
            marked.append(node)
        if node.tag == "time" and "datetime" in attributes:
            times.append(node)
    times, marked = ([node for node in nodes if not _is_in_comment(node)] for nodes in (times, marked))
    inner = [node for node in times if _is_in_article(node)][:_MAX_TIMES]
    texts: list[str] = []
    for node in (*inner, *times[:_MAX_TIMES], *marked[:_MAX_TIMES]):
        attributes = node.attributes
        text = attributes.get("datetime") or attributes.get("content")
        if text and text not in texts:
            texts.append(text)
    return tuple(TimeClaim(TimeOrigin.TIME, text[:100]) for text in texts)


def _meta_pairs(attributes: dict[str, str | None]) -> list[tuple[str, str]]:
    content = attributes.get("content")
    if not content:
        return []
    return [
        (name.strip().lower(), content.strip())
        for key in ("name", "property", "itemprop")
        if (name := attributes.get(key))
    ]


def _is_in_comment(node: LexborNode) -> bool:
    """Whether an element is in a reader's comment."""
    above: LexborNode | None = node
    while above is not None and above.tag not in {"body", "html"}:
        # Comments are hidden from the extractor of main text (``page.py``), and are comments all the same.
        attributes = {name: value for name, value in above.attributes.items() if name != "hidden"}
        if entered_region(above.tag or "", attributes, PageRegion.MAIN, False) is PageRegion.COMMENTS:
            return True
        above = above.parent
    return False


def _is_in_article(node: LexborNode) -> bool:
    """Whether an element is in the page's article or its main part."""
    above = node.parent
    while above is not None and above.tag not in {"article", "main"}:
        above = above.parent
    return above is not None


UrlResolver = Callable[[str], str | None]

_IMAGE_METAS = ("og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src", "image")
_AUTHOR_METAS = ("author", "article:author", "dc.creator", "dcterms.creator")
# Attributes with the address on pages with lazy loading, where ``src`` is a placeholder.
_PICTURE_ATTRIBUTES = ("data-src", "data-original", "data-lazy-src", "src")
_MAX_PICTURES = 20  # pictures that are read on one page
_MIN_PICTURE_SIDE = 50  # pixels; smaller ones are icons and counters
_AUTHOR_SELECTOR = "[itemprop=author], [rel=author], .author, .author-name, .byline, .tacgia, .tac-gia, .news-author"
_MAX_AUTHOR_LENGTH = 120  # characters of an author line; longer ones are a box about the author


def lead_image(document: LexborHTMLParser, metas: Iterable[tuple[str, str]], resolve: UrlResolver) -> str:
    """Return the absolute address of the page's picture, from its metadata or the first of its article; "" for none."""
    known = list(metas)
    for wanted in _IMAGE_METAS:
        for name, content in known:
            if name == wanted and (address := resolve(content)) and len(address) <= MAX_LENGTH:
                return address
    for selector in ("article img", "main img", "[itemprop=articleBody] img"):
        for node in document.css(selector)[:_MAX_PICTURES]:
            if address := _picture_url(node, resolve):
                return address
    return ""


def _picture_url(node: LexborNode, resolve: UrlResolver) -> str | None:
    attributes = node.attributes
    for side in ("width", "height"):
        size = (attributes.get(side) or "").strip().removesuffix("px")
        if size.isascii() and size.isdigit() and int(size[:6]) < _MIN_PICTURE_SIDE:
            return None
    for name in _PICTURE_ATTRIBUTES:
        value = (attributes.get(name) or "").strip()
        if value and not value.startswith("data:") and (address := resolve(value)) and len(address) <= MAX_LENGTH:
            return address
    return None


def author_line(document: LexborHTMLParser, metas: Iterable[tuple[str, str]], linked: Iterable[str]) -> str:
    """Return the author by the page's metadata (``linked``: its JSON-LD), else by its author line; "" for none.

    Addresses of profiles are ignored.
    """
    known = list(metas)
    values = [content for wanted in _AUTHOR_METAS for name, content in known if name == wanted]
    for text in (*values, *linked):
        line = " ".join(text.split())
        if line and "://" not in line:
            return line[:_MAX_AUTHOR_LENGTH]
    for node in document.css(_AUTHOR_SELECTOR)[:5]:
        line = " ".join(node.text(separator=" ").split())
        if 0 < len(line) <= _MAX_AUTHOR_LENGTH:
            return line
    return ""
