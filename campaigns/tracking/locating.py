"""Where on a whole page a bulletin's text stands, and the stretch behind it in which a source line is looked for.

Extractors of main text drop source lines, so the source is looked for in the document itself: from the last block that
carries the bulletin to the end of its container and a little beyond, leaving out menus, footers and boxes of other
articles.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from campaigns.tracking.alignment import Ranked, diagonals
from campaigns.tracking.covering import COVER_GRAM, RunSet, among
from campaigns.tracking.fingerprints import Offsets, grams, tokenize
from campaigns.tracking.naming import begins_like_source
from campaigns.tracking.pages import BESIDE, Body, Box, Link
from campaigns.tracking.pages import Block as PageBlock
from campaigns.tracking.prepared import PreparedBulletin

ASIDE = 0.5  # of the words found; from here on they are said to stand beside the article
_STRONG_RUN = 8  # words of the bulletin in a row that make a block part of the copy
_WHOLE_BLOCK = 0.8  # or this part of a short block
_FAR = 15  # blocks without any of our text between two parts of a copy
_STRAY = 0.15  # of all covered words; less, far away, is a teaser and not a part of the copy
_INSIDE = 2500  # characters looked at behind the copy within its container
_BEYOND = 600  # characters looked at behind the container
_BEYOND_BLOCKS = 12
_LIST_WORDS = 6  # a block that is nothing but a link of so many words announces another article
_LIST_ITEMS = 2  # more of them are a list of other articles, and a link in it is none of the article's own
_LONGEST_LIST = 20  # behind so many of them the article is over
_ITEM = 3  # blocks that one announcement has: headline, date, source
_SHORT = 100  # characters of a block behind a list that may be a source line
_BEFORE = 8  # blocks between headline and text in which a byline may stand


@dataclass(frozen=True)
class Span:
    """A bulletin's copy on a page: ``blocks[first:last + 1]``, ``Body.text[start:end]``.

    ``own``: those of the blocks that carry it. ``tail``: the blocks behind the last matched word in which a source line
    is looked for (the last matched block among them); ``byline``: those between headline and text. ``lifted``: barriers
    inside which the copy itself stands, so that they set nothing apart. ``aside``: the part of all matched words, 0–1,
    in menus, side columns and boxes. ``reach``: the last block that is still near the end of the copy.
    """

    first: int
    last: int
    start: int
    end: int
    tail: tuple[int, ...]
    byline: tuple[int, ...]
    lifted: frozenset[int]
    own: tuple[int, ...] = ()
    aside: float = 0.0
    reach: int = -1

    def beside(self, part: PageBlock | Link | Box) -> bool:
        """Whether this stands in a menu, a footer or a box that is not the article's."""
        return part.region in BESIDE and part.barrier not in self.lifted

    def position(self, offset: int) -> float:
        """How far into the copy an offset of ``Body.text`` lies: 0 its first word or before, 1 its last or behind."""
        return min(1.0, max(0.0, (offset - self.start) / max(1, self.end - self.start)))


class Finder:
    """A whole page's words, taken apart once for all bulletins looked for in it."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self._tokens = tokenize(body.text)
        runs = grams(self._tokens.words, COVER_GRAM)
        self._runs, self._ranked = RunSet(runs), Ranked(runs)
        starts = np.array([block.start for block in body.blocks], dtype=np.int64)
        self._block_of = np.searchsorted(starts, self._tokens.starts, side="right") - 1
        self._words = np.bincount(self._block_of, minlength=starts.size)
        # The runs that begin outside of menus, side columns and boxes.
        beside = np.array([block.region in BESIDE for block in body.blocks], dtype=np.bool_)
        self._in_main = np.sort(runs[~beside[self._block_of[: runs.size]]]) if beside.size else runs[:0]
        self._linked = Counter[int]()  # characters of each block that are links
        for link in body.links:
            self._linked[link.block] += link.end - link.start

    def locate(self, bulletin: PreparedBulletin, *, whole: bool = False, boxed: bool = True) -> Span | None:
        """Where the copy of the bulletin's body stands on the page; None when no block carries enough of it.

        ``whole``: headline and lead are looked for too, for a page that has nothing else of it. ``boxed`` false: None
        also for what stands mostly in menus, side columns and boxes of other articles.
        """
        body, tokens, block_of = self.body, self._tokens, self._block_of
        whole = whole or bulletin.body < 2 * COVER_GRAM
        begin = 0 if whole else bulletin.lead
        places = self._runs.places_of(bulletin.cover)
        if not boxed and not among(bulletin.cover[places], self._in_main).any():
            return None
        shared = diagonals(bulletin.cover, places[places >= begin], self._ranked, COVER_GRAM)
        if shared.size == 0 or not body.blocks:
            return None
        mask = np.zeros(len(tokens), dtype=np.bool_)
        strong = np.zeros(len(body.blocks), dtype=np.bool_)
        for start, end in _told_once(shared, bulletin.count):
            mask[start:end] = True
            if end - start >= _STRONG_RUN:
                strong[block_of[start] : block_of[end - 1] + 1] = True
        covered = np.bincount(block_of[mask], minlength=len(body.blocks))
        strong |= covered >= np.maximum(COVER_GRAM, _WHOLE_BLOCK * self._words)
        strong &= covered > 0
        if 0 <= body.headline < strong.size and not whole and np.count_nonzero(strong) > 1:
            strong[body.headline] = False  # a headline often takes a phrase from the text; it is no part of it
        chosen, lifted, aside = _own_blocks(body, strong.nonzero()[0].tolist(), covered.tolist())
        if not chosen or (aside >= ASIDE and not boxed):
            return None
        inside = np.flatnonzero(mask & np.isin(block_of, chosen))
        start, end = int(tokens.starts[inside[0]]), int(tokens.ends[inside[-1]])
        bare = Span(chosen[0], chosen[-1], start, end, (), (), lifted, tuple(chosen), aside)
        tail, reach = _tail(body, bare, self._linked)
        return replace(bare, tail=tail, byline=_byline(body, bare), reach=reach)


def _told_once(shared: Offsets, count: int) -> list[tuple[int, int]]:
    """The stretches of the page, in words, that tell something of the bulletin which no longer one tells already.

    A copy has whole sentences; what other articles share with the bulletin are turns of phrase, which the copy itself
    has too. ``shared``: rows as ``diagonals`` gives them; ``count``: words of the bulletin.
    """
    lengths = shared[:, 1] - shared[:, 0]
    distance = shared[:, 2] - shared[:, 0]
    off = np.abs(distance - distance[np.argmax(lengths)])  # of two equal ones that near the longest is the copy's
    told = np.zeros(count + COVER_GRAM, dtype=np.bool_)
    found = []
    for at in np.lexsort((off, -lengths)).tolist():
        start, end, there = shared[at].tolist()
        fresh = end - start - int(np.count_nonzero(told[start:end]))
        if fresh >= COVER_GRAM or 2 * fresh >= end - start:
            told[start:end] = True
            found.append((there, there + end - start))
    return found


def _own_blocks(body: Body, strong: list[int], covered: list[int]) -> tuple[list[int], frozenset[int], float]:
    """The blocks of the copy among those that carry our text, the barriers it stands in, and the part behind any."""
    total = sum(covered[at] for at in strong)
    behind: dict[int, int] = {}
    for at in strong:
        block = body.blocks[at]
        if block.region in BESIDE:
            behind[block.barrier] = behind.get(block.barrier, 0) + covered[at]
    lifted = frozenset(barrier for barrier, weight in behind.items() if 2 * weight >= total)
    kept = [at for at in strong if body.blocks[at].region not in BESIDE or body.blocks[at].barrier in lifted]
    groups: list[list[int]] = []
    for at in kept:
        if groups and at - groups[-1][-1] <= _FAR:
            groups[-1].append(at)
        else:
            groups.append([at])
    weights = [sum(covered[at] for at in group) for group in groups]
    enough = _STRAY * sum(weights)
    return (
        [at for group, weight in zip(groups, weights, strict=True) if weight >= enough for at in group],
        lifted,
        sum(behind.values()) / max(1, total),
    )


def _container_end(body: Body, span: Span) -> int:
    """The end (a block) of the smallest element that holds the whole copy."""
    element = body.blocks[span.first].element
    while element >= 0:
        holder = body.elements[element]
        if holder.first <= span.first and span.last < holder.end:
            return holder.end
        element = holder.parent
    return span.last + 1


def _is_listing(block: PageBlock, linked: int) -> bool:
    """Whether a block is nothing but a link (``linked`` characters of it are) that announces something."""
    return linked >= 0.9 * len(block.text) and len(block.text.split()) >= _LIST_WORDS


def _tail(body: Body, span: Span, linked: Counter[int]) -> tuple[tuple[int, ...], int]:
    """The blocks that may be source lines, and the last block looked at.

    Headlines of other articles are no source lines, nor is what stands with one in an element of its own; behind such a
    list only what is short or begins like a source line may still be the article's.
    """
    border = _container_end(body, span)
    found = [span.last]
    lists: list[int] = []
    items_name = False  # whether announcements here name their sources
    reach = span.last
    inside = beyond = outside_blocks = 0
    for at in range(span.last + 1, len(body.blocks)):
        block = body.blocks[at]
        if span.beside(block):
            continue
        if _is_listing(block, linked[at]):
            lists.append(at)
            if len(lists) > _LONGEST_LIST:
                break
            if begins_like_source(block.text):
                found.append(at)
            if len(lists) <= _LIST_ITEMS:
                reach = at
            continue
        if at < border:
            inside += len(block.text)
            if inside > _INSIDE and at > span.last + 1:
                break
        else:
            beyond += len(block.text)
            outside_blocks += 1
            if outside_blocks > 1 and (beyond > _BEYOND or outside_blocks > _BEYOND_BLOCKS):
                break
        if lists:
            of_item = _is_of_item(body, span, at, lists, linked) or (items_name and at - lists[-1] <= _ITEM)
            items_name |= of_item and begins_like_source(block.text)
            if of_item or not _is_short(block):
                continue
        reach = at
        found.append(at)
    return tuple(found), reach


def _is_short(block: PageBlock) -> bool:
    return len(block.text) <= _SHORT or begins_like_source(block.text)


def _is_of_item(body: Body, span: Span, at: int, lists: Sequence[int], linked: Counter[int]) -> bool:
    """Whether a block belongs to an announcement of another article: they share an element in which the copy is not, or
    it stands between two of them."""
    element = body.blocks[at].element
    while element >= 0:
        holder = body.elements[element]
        if holder.first <= span.last < holder.end:
            break
        if any(holder.first <= one < holder.end for one in lists):
            return True
        element = holder.parent
    near = range(at + 1, min(at + 1 + _ITEM, len(body.blocks)))
    return at - lists[-1] <= _ITEM and any(_is_listing(body.blocks[one], linked[one]) for one in near)


def _byline(body: Body, span: Span) -> tuple[int, ...]:
    begin = max(body.headline + 1, span.first - _BEFORE) if 0 <= body.headline < span.first else span.first - 2
    return tuple(at for at in range(max(0, begin), span.first) if not span.beside(body.blocks[at]))
