"""A parsed document read as fast as it goes: its words in order, and on demand where a part of them stands.

Most pages carry nothing of ours. This is enough to know it, at a fifth of the cost of telling article from rest.
"""

from selectolax.lexbor import LexborNode

from campaigns.tracking.pages import BESIDE, Region, Skim
from coordinator.discovery.regions import entered
from coordinator.discovery.walking import INLINE, SKIPPED

_SILENT = frozenset(("script", "style"))  # their texts are the larger half of many pages, and no words

_Place = tuple[Region, bool, bool]  # the region, inside an article or not, inside something that is passed over or not


def skim(root: LexborNode) -> Skim:
    """Everything readable below ``root``, what is marked as hidden and what stands in ``noscript`` included.

    Words are parted where readers see them parted: a letter in bold belongs to its word, a list's items do not.
    """
    parts: list[str] = []
    starts: list[int] = []
    nodes: list[LexborNode] = []
    length = 0
    last: LexborNode | None = None
    apart = silent = False
    for node in root.traverse(include_text=True):
        tag = node.tag
        if tag != "-text":
            if tag not in INLINE:
                apart = True
                silent = silent or tag in _SILENT
            continue
        if silent:
            # An empty script is followed by a text that is not its own.
            silent = False
            above = node.parent
            if above is not None and above.tag in _SILENT:
                continue
        # Where no block begins between two texts, one may have ended.
        if apart or last is None or _block_of(node) != _block_of(last):
            parts.append("\n")
            length += 1
        apart, last = False, node
        text = node.text_content or ""
        parts.append(text)
        starts.append(length)
        nodes.append(node)
        length += len(text)
    return Skim("".join(parts), starts, _Regions(root, nodes).beside)


def _block_of(node: LexborNode) -> int:
    """The identity of the nearest element around a text that begins a line, 0 for none."""
    above = node.parent
    while above is not None and above.tag in INLINE:
        above = above.parent
    return above.mem_id if above is not None else 0


class _Regions:
    """Where texts stand, by the same rules as ``walking`` has; what is known of an element is kept for those inside."""

    def __init__(self, root: LexborNode, nodes: list[LexborNode]) -> None:
        self._nodes = nodes
        self._outside = root.parent.mem_id if root.parent is not None else 0
        self._known: dict[int, _Place] = {self._outside: (Region.MAIN, False, False)}

    def beside(self, part: int) -> bool:
        """Whether a part is not the article's."""
        region, _, passed_over = self._place(self._nodes[part].parent)
        return passed_over or region in BESIDE

    def _place(self, node: LexborNode | None) -> _Place:
        chain = []
        while node is not None and node.mem_id not in self._known:
            chain.append(node)
            node = node.parent
        place = self._known[node.mem_id if node is not None else self._outside]
        for one in reversed(chain):
            region, in_article, passed_over = place
            tag = one.tag or ""
            found = entered(tag, one.attributes, region, in_article)
            place = (found or region, in_article or tag == "article", passed_over or tag in SKIPPED)
            self._known[one.mem_id] = place
        return place
