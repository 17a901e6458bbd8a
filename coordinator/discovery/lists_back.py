"""Lists of an article that the extractor of main text takes for a menu, put back where they stand.

Short items without a full stop look like a menu to it, also between two paragraphs of the article. A bulletin's list of
papers to bring would be missing from a copy that has every word of it.
"""

from collections.abc import Iterator, Sequence

from campaigns.tracking.pages import Block, Body, Region

_ITEMS = 60  # of one list; more is a register, not a part of a text
_LINKED = 0.5  # of a list's letters within links: it leads elsewhere, and is no part of the text


def with_lists(main: str, body: Body) -> str:
    """The main text with the lists of ``body`` that stand between two of its lines, a line for each item.

    Only what the extractor left out whole is put back, and only lists: of whatever else it leaves out nobody knows
    whether it is the article's.
    """
    lines = main.split("\n")
    places = {" ".join(line.split()): at for at, line in enumerate(lines) if line.strip()}
    after: dict[int, list[str]] = {}
    for before, items, behind in _lists(body):
        at = places.get(before.text)
        if at is None or places.get(behind.text, -1) <= at or any(item.text in places for item in items):
            continue
        after.setdefault(at, []).extend(item.text for item in items)
    if not after:
        return main
    return "\n".join(part for at, line in enumerate(lines) for part in (line, *after.get(at, ())))


def _lists(body: Body) -> Iterator[tuple[Block, Sequence[Block], Block]]:
    """Every run of list items that readers see as a part of the page's main region, with the block before and behind
    it; a list that mostly leads elsewhere is passed over."""
    linked = [0] * len(body.blocks)
    for link in body.links:
        if link.block < len(linked):
            linked[link.block] += len(link.text)
    first = 0
    for at, block in enumerate(body.blocks):
        if _is_item(body, block):
            continue
        items = body.blocks[first:at]
        if first and 0 < len(items) <= _ITEMS:
            letters = sum(len(item.text) for item in items)
            if sum(linked[first:at]) <= _LINKED * letters and block.region is body.blocks[first - 1].region:
                yield body.blocks[first - 1], items, block
        first = at + 1


def _is_item(body: Body, block: Block) -> bool:
    """Whether a block stands in an item of a list, at most three elements deep, and in the main region."""
    if block.region is not Region.MAIN:
        return False
    element = block.element
    for _ in range(3):
        if element < 0:
            return False
        if body.elements[element].tag == "li":
            return True
        element = body.elements[element].parent
    return False
