"""What a page says of itself beside its text: its head, the data for machines, its headline and its time elements.

All but the time elements is among what ``skimming.sweep`` finds on its way; those are looked for when nothing else has
told the hour.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.tracking.pages import Declared, Origin, TimeClaim
from campaigns.tracking.urls import MAX_LENGTH
from coordinator.discovery.linkeddata import LinkedData, read_linked_data
from coordinator.discovery.titles import headline_of, sole_headline
from coordinator.discovery.walking import resolver

_TIMED = "time[datetime], [itemprop=datePublished]"
_LINKED_DATA = "application/ld+json"
_TAG = re.compile(r"<[^>]*>")
_METAS = 500
_HEADINGS = 10
_TIMES = 10  # of each kind
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
_SOURCE_METAS = frozenset(
    {"source", "original-source", "syndication-source", "article:source", "dc.source", "dcterms.source", "news_source"}
)


def _said(heading: LexborNode) -> str:
    """The words of a heading. One that is never closed holds the rest of the page, scripts and styles included."""
    if heading.css_first("script, style") is None:
        return heading.text()
    texts = (node for node in heading.traverse(include_text=True) if node.tag == "-text")
    return "".join(
        node.text_content or "" for node in texts if node.parent is None or node.parent.tag not in {"script", "style"}
    )


class Head:
    """Read as far as it is wanted, from what ``Sweep.telling`` holds; of most pages that is half of it.

    ``base``: what relative links are relative to. ``lang``: of the document.
    """

    def __init__(self, telling: Mapping[str, Sequence[LexborNode]], root: LexborNode | None, url: str) -> None:
        """``root``: the document's outermost element; ``url``: the page's final address."""
        self._telling = telling
        self.base, self.canonical, self.amphtml = url, None, None
        self.lang = (root.attributes.get("lang") if root is not None else None) or ""
        if telling["link"]:
            self._read_links()

    base: str
    canonical: str | None
    amphtml: str | None

    def _read_links(self) -> None:
        url = self.base
        resolve = resolver(url)
        for node in self._telling["link"]:
            attributes = node.attributes
            relation = (attributes.get("rel") or "").lower()
            is_base = node.tag == "base"
            if "href" not in attributes or not (is_base or "canonical" in relation or "amphtml" in relation):
                continue
            target = resolve(attributes["href"] or "")
            if is_base:
                # Each link of the page is put behind the base: one of a megabyte would make gigabytes of them.
                if self.base == url and target and len(target) <= MAX_LENGTH:
                    self.base, resolve = target, resolver(target)
            elif "canonical" in relation.split():
                self.canonical = self.canonical or target
            elif "amphtml" in relation.split():
                self.amphtml = self.amphtml or target

    @cached_property
    def metas(self) -> list[tuple[str, str]]:
        """(name in lower case, content), in order."""
        told = [attributes for node in self._telling["meta"] if "content" in (attributes := node.attributes)]
        return [named for attributes in told[:_METAS] for named in _names_of(attributes)]

    def meta(self, name: str) -> str:
        """The first meta element of that name, white space collapsed, "" for none."""
        return next((" ".join(content.split()) for known, content in self.metas if known == name), "")

    @cached_property
    def title(self) -> str:
        """White space collapsed, "" for none."""
        titles = self._telling["title"]
        return (" ".join(titles[0].text().split()) if titles else "") or self.meta("og:title")

    @cached_property
    def _headings(self) -> list[str]:
        return [_said(node) for node in self._telling["h1"][:_HEADINGS]]

    @cached_property
    def h1(self) -> str:
        """The headline."""
        return sole_headline(self._headings) or headline_of(self._headings, (self.meta("og:title"), self.title))

    @property
    def shown(self) -> bool:
        """Whether a heading of the page says the headline."""
        return self.h1 in (" ".join(one.split()) for one in self._headings)

    @property
    def unscripted(self) -> int:
        """The characters to read in the fullest ``noscript``: text to one parser and elements to another, by where it
        stands."""
        inside = (_TAG.sub(" ", node.text(separator=" ")) for node in self._telling["noscript"])
        return max((len(" ".join(text.split())) for text in inside), default=0)

    @cached_property
    def data(self) -> LinkedData:
        """What it says in JSON-LD."""
        scripts = self._telling["script"]
        told = [node.text() for node in scripts if (node.attributes.get("type") or "").lower() == _LINKED_DATA]
        return read_linked_data(told, self.h1)

    @property
    def resolve(self) -> Callable[[str], str | None]:
        """Makes the page's links absolute."""
        return resolver(self.base)

    def claims(self, origin: Origin) -> list[TimeClaim]:
        """What it claims of its time in its data (``JSON_LD``) or in its meta elements, the clearly meant first."""
        if origin is Origin.JSON_LD:
            return [TimeClaim(origin, text[:100]) for text in self.data.published[:5]]
        dated = [(_PUBLISHED_METAS[name], content) for name, content in self.metas if name in _PUBLISHED_METAS]
        return [TimeClaim(origin, content[:100]) for _, content in sorted(dated, key=itemgetter(0))]

    @property
    def declared(self) -> Declared:
        """What it says of its source."""
        data = self.data
        return Declared(
            based_on=tuple(data.based_on[:20]),
            citation=tuple(data.citation[:20]),
            source_organization=tuple(data.source_organization[:20]),
            publisher=tuple(data.publisher[:20]),
            meta_source=tuple(content[:2000] for name, content in self.metas if name in _SOURCE_METAS)[:20],
        )


def time_elements(document: LexborHTMLParser) -> tuple[TimeClaim, ...]:
    """What a page claims in time elements, those of the article first, and in what is marked as its date."""
    times: list[LexborNode] = []
    marked: list[LexborNode] = []
    seen = 0
    for node in document.css(_TIMED):
        if node.mem_id == seen:
            continue  # a node that both fit
        seen = node.mem_id
        attributes = node.attributes
        if attributes.get("itemprop") == "datePublished":
            marked.append(node)
        if node.tag == "time" and "datetime" in attributes:
            times.append(node)
    inner = [node for node in times if _is_within(node)][:_TIMES]
    texts: list[str] = []
    for node in (*inner, *times[:_TIMES], *marked[:_TIMES]):
        attributes = node.attributes
        text = attributes.get("datetime") or attributes.get("content")
        if text and text not in texts:
            texts.append(text)
    return tuple(TimeClaim(Origin.TIME, text[:100]) for text in texts)


def _names_of(attributes: dict[str, str | None]) -> list[tuple[str, str]]:
    content = attributes.get("content")
    if not content:
        return []
    return [
        (name.strip().lower(), content.strip())
        for key in ("name", "property", "itemprop")
        if (name := attributes.get(key))
    ]


def _is_within(node: LexborNode) -> bool:
    """Whether an element stands in the page's article or its main part."""
    above = node.parent
    while above is not None and above.tag not in {"article", "main"}:
        above = above.parent
    return above is not None
