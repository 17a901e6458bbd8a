"""What a page says of itself beside its text: its head, the data for machines, its headline and its time elements.

One pass over the document finds all of it. A pass costs about as much for one selector as for ten.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.tracking.pages import Declared, Origin, TimeClaim
from campaigns.tracking.urls import MAX_LENGTH
from coordinator.discovery.linkeddata import LinkedData, read_linked_data
from coordinator.discovery.titles import headline_of
from coordinator.discovery.walking import resolver

_SELECTOR = (
    "base[href], link[rel*=canonical i][href], link[rel*=amphtml i][href], meta[content], "
    "script[type='application/ld+json'], h1, title, noscript, time[datetime], [itemprop=datePublished]"
)
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


@dataclass
class Head:
    """``base``: what relative links are relative to. ``metas``: (name in lower case, content), in order. ``h1``: the
    headline, ``shown``: whether a heading of the page says it. ``title``: white space collapsed, "" for none.
    ``unscripted``: the characters to read in the fullest ``noscript``."""

    base: str
    canonical: str | None = None
    amphtml: str | None = None
    lang: str = ""
    h1: str = ""
    shown: bool = False
    title: str = ""
    unscripted: int = 0
    metas: list[tuple[str, str]] = field(default_factory=list)
    data: LinkedData = field(default_factory=LinkedData)
    times: tuple[TimeClaim, ...] = ()

    def meta(self, name: str) -> str:
        """The first meta element of that name, white space collapsed, "" for none."""
        return next((" ".join(content.split()) for known, content in self.metas if known == name), "")

    @property
    def resolve(self) -> Callable[[str], str | None]:
        """Makes the page's links absolute."""
        return resolver(self.base)

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


def read_head(document: LexborHTMLParser, url: str) -> Head:
    """Read it; ``url`` is the page's final address."""
    head = Head(url)
    resolve = resolver(url)
    headings: list[LexborNode] = []
    titles: list[LexborNode] = []
    scripts: list[LexborNode] = []
    times: list[LexborNode] = []
    marked: list[LexborNode] = []
    metas = seen = 0
    for node in document.css(_SELECTOR):
        if node.mem_id == seen:
            continue  # a node that two of the selectors fit
        seen = node.mem_id
        tag = node.tag
        if tag == "h1":
            headings.append(node)
        elif tag == "title":
            titles.append(node)
        elif tag == "script":
            scripts.append(node)
        elif tag == "noscript":
            # Text to one parser and elements to another, by where it stands.
            inside = _TAG.sub(" ", node.text(separator=" "))
            head.unscripted = max(head.unscripted, len(" ".join(inside.split())))
            continue
        attributes = node.attributes
        if attributes.get("itemprop") == "datePublished":
            marked.append(node)
        if tag == "time" and "datetime" in attributes:
            times.append(node)
        elif tag == "meta" and "content" in attributes and metas < _METAS:
            metas += 1
            head.metas += _names_of(attributes)
        elif tag in {"base", "link"} and "href" in attributes:
            relation = (attributes.get("rel") or "").lower().split()
            if tag == "link" and "canonical" not in relation and "amphtml" not in relation:
                continue
            target = resolve(attributes["href"] or "")
            if tag == "base":
                # Each link of the page is put behind the base: one of a megabyte would make gigabytes of them.
                if head.base == url and target and len(target) <= MAX_LENGTH:
                    head.base, resolve = target, resolver(target)
            elif "canonical" in relation:
                head.canonical = head.canonical or target
            elif "amphtml" in relation:
                head.amphtml = head.amphtml or target
    head.title = (" ".join(titles[0].text().split()) if titles else "") or head.meta("og:title")
    said = [node.text() for node in headings[:_HEADINGS]]
    head.h1 = headline_of(said, (head.meta("og:title"), head.title))
    head.shown = head.h1 in (" ".join(one.split()) for one in said)
    head.data = read_linked_data((node.text() for node in scripts), head.h1)
    root = document.root
    head.lang = (root.attributes.get("lang") if root is not None else None) or ""
    inner = [node for node in times if _is_within(node)][:_TIMES]
    head.times = _times(head, [*inner, *times[:_TIMES], *marked[:_TIMES]])
    return head


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


def _times(head: Head, elements: list[LexborNode]) -> tuple[TimeClaim, ...]:
    """What the page claims in its data, in its meta elements by how clearly they are meant, and in time elements, those
    of the article first."""
    claims = [TimeClaim(Origin.JSON_LD, text[:100]) for text in head.data.published[:5]]
    dated = [(_PUBLISHED_METAS[name], content) for name, content in head.metas if name in _PUBLISHED_METAS]
    claims.extend(TimeClaim(Origin.META, content[:100]) for _, content in sorted(dated, key=itemgetter(0)))
    seen = set()
    for node in elements:
        attributes = node.attributes
        text = attributes.get("datetime") or attributes.get("content")
        if text and text not in seen:
            seen.add(text)
            claims.append(TimeClaim(Origin.TIME, text[:100]))
    return tuple(claims)
