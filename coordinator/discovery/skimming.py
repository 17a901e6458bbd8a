"""A parsed document gone through once, as fast as it goes: the elements that say what the page is, its words in order,
and on demand where a part of them stands.

Most pages carry nothing of ours. This is enough to know it, at a fifth of the cost of telling article from rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from campaigns.tracking.pages import BESIDE, Region, Skim
from coordinator.discovery.regions import entered
from coordinator.discovery.walking import INLINE, SKIPPED

_Place = tuple[Region, bool, bool]  # the region, inside an article or not, inside something that is passed over or not


def _numbers(tags: Iterable[str]) -> frozenset[int]:
    """The parser's numbers for these tags: the same in every document, and read faster than names."""
    document = LexborHTMLParser("")
    return frozenset(document.create_node(tag).tag_id for tag in tags)


_TEXT = 2  # the parser's number for a text
_INLINE = _numbers(INLINE)
_SILENT = _numbers(("script", "style"))  # their texts are the larger half of many pages, and no words
_TELLING = {  # and under which name each is kept
    number: kept
    for kept, tags in {"link": ("base", "link"), "meta": ("meta",), "script": ("script",), "h1": ("h1",),
                       "title": ("title",), "noscript": ("noscript",)}.items()
    for number in _numbers(tags)
}  # fmt: skip
_NOTED = _TELLING.keys() | _SILENT


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one pass over a document finds. ``telling``: the elements that ``head`` reads, wherever they stand, by their
    tags (``base`` is among ``link``). ``parts``: texts of the body, a line break before one that begins a
    line; ``nodes``: where they stand."""

    telling: dict[str, list[LexborNode]]
    parts: list[str]
    nodes: list[LexborNode]
    root: LexborNode | None

    def skim(self) -> Skim:
        """All words of the body."""
        return Skim(self.parts, _Regions(self.root, self.nodes).beside)


def sweep(document: LexborHTMLParser) -> Sweep:
    """Everything readable in the body, what is marked as hidden and what stands in ``noscript`` included.

    Words are parted where readers see them parted: a letter in bold belongs to its word, a list's items do not. One
    pass for words and telling elements takes three fifths of what one in search of each takes.
    """
    root, head = document.body, document.head
    telling: dict[str, list[LexborNode]] = {tag: [] for tag in _TELLING.values()}
    for node in head.traverse() if head is not None else ():
        tag = node.tag_id
        if tag in _TELLING:
            telling[_TELLING[tag]].append(node)
    parts: list[str] = []
    nodes: list[LexborNode] = []
    last: LexborNode | None = None
    apart = silent = False
    for node in root.traverse(include_text=True) if root is not None else ():
        tag = node.tag_id
        if tag != _TEXT:
            if tag not in _INLINE:
                apart = True
                if tag in _NOTED:
                    silent = silent or tag in _SILENT
                    if tag in _TELLING:
                        telling[_TELLING[tag]].append(node)
            continue
        if silent:
            # An empty script is followed by a text that is not its own.
            silent = False
            above = node.parent
            if above is not None and above.tag_id in _SILENT:
                continue
        text = node.text_content or ""
        # Where no block begins between two texts, one may have ended.
        parts.append(f"\n{text}" if apart or last is None or _block_of(node) != _block_of(last) else text)
        nodes.append(node)
        apart, last = False, node
    return Sweep(telling, parts, nodes, root)


def _block_of(node: LexborNode) -> int:
    """The identity of the nearest element around a text that begins a line, 0 for none."""
    above = node.parent
    while above is not None and above.tag_id in _INLINE:
        above = above.parent
    return above.mem_id if above is not None else 0


class _Regions:
    """Where texts stand, by the same rules as ``walking`` has; what is known of an element is kept for those inside."""

    def __init__(self, root: LexborNode | None, nodes: list[LexborNode]) -> None:
        self._nodes = nodes
        self._outside = root.parent.mem_id if root is not None and root.parent is not None else 0
        self._known: dict[int, _Place] = {self._outside: (Region.MAIN, False, False)}

    def beside(self, part: int) -> bool:
        """Whether a part is not the article's."""
        chain = []
        node = self._nodes[part].parent
        place = None
        while node is not None and (place := self._known.get(node.mem_id)) is None:
            chain.append(node)
            node = node.parent
        if place is None:
            place = self._known[self._outside]
        # Within a box only a header could begin a region that is none.
        if _is_beside(place) and all(one.tag != "header" for one in chain):
            return True
        for one in reversed(chain):
            region, in_article, passed_over = place
            tag = one.tag or ""
            found = entered(tag, one.attributes, region, in_article)
            place = (found or region, in_article or tag == "article", passed_over or tag in SKIPPED)
            self._known[one.mem_id] = place
        return _is_beside(place)


def _is_beside(place: _Place) -> bool:
    region, _, passed_over = place
    return passed_over or region in BESIDE
