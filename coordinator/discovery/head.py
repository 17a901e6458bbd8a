"""What a page says of itself beside its text: its head, the data for machines, its headline and its time elements.

All but the time elements is among what ``skimming.sweep`` finds on its way; those are looked for when nothing else has
told the hour.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import itemgetter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.tracking.pages import Declared, Origin, TimeClaim
from campaigns.tracking.urls import MAX_LENGTH
from coordinator.discovery.linkeddata import LinkedData, read_linked_data
from coordinator.discovery.titles import headline_of
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

    def meta(self, name: str) -> str:
        """The first meta element of that name, white space collapsed, "" for none."""
        return next((" ".join(content.split()) for known, content in self.metas if known == name), "")

    @property
    def resolve(self) -> Callable[[str], str | None]:
        """Makes the page's links absolute."""
        return resolver(self.base)

    def claims(self, origin: Origin) -> list[TimeClaim]:
        """What it claims of its time in its data (``JSON_LD``) or in its meta elements, by how clearly they are meant."""
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


def read_head(telling: Iterable[LexborNode], root: LexborNode | None, url: str) -> Head:
    """Read it. ``telling``: as in ``skimming.Sweep``; ``root``: the document's outermost element; ``url``: the page's
    final address."""
    head = Head(url)
    resolve = resolver(url)
    headings: list[str] = []
    titles: list[LexborNode] = []
    scripts: list[str] = []
    metas = 0
    for node in telling:
        tag = node.tag
        if tag == "meta":
            attributes = node.attributes
            if "content" in attributes and metas < _METAS:
                metas += 1
                head.metas += _names_of(attributes)
        elif tag in {"link", "base"}:
            attributes = node.attributes
            relation = (attributes.get("rel") or "").lower().split()
            if "href" not in attributes or (
                tag == "link" and "canonical" not in relation and "amphtml" not in relation
            ):
                continue
            target = resolve(attributes["href"] or "")
            if tag == "base":
                # Each link of the page is put behind the base: one of a megabyte would make gigabytes of them.
                if head.base == url and target and len(target) <= MAX_LENGTH:
                    head.base, resolve = target, resolver(target)
            elif "canonical" in relation:
                head.canonical = head.canonical or target
            else:
                head.amphtml = head.amphtml or target
        elif tag == "script":
            if (node.attributes.get("type") or "").lower() == _LINKED_DATA:
                scripts.append(node.text())
        elif tag == "noscript":
            # Text to one parser and elements to another, by where it stands.
            inside = _TAG.sub(" ", node.text(separator=" "))
            head.unscripted = max(head.unscripted, len(" ".join(inside.split())))
        elif tag == "title":
            titles.append(node)
        elif len(headings) < _HEADINGS:
            headings.append(node.text())
    head.title = (" ".join(titles[0].text().split()) if titles else "") or head.meta("og:title")
    head.h1 = headline_of(headings, (head.meta("og:title"), head.title))
    head.shown = head.h1 in (" ".join(one.split()) for one in headings)
    head.data = read_linked_data(scripts, head.h1)
    head.lang = (root.attributes.get("lang") if root is not None else None) or ""
    return head


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
