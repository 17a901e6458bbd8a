"""Location of a bulletin's text on a page, and of the blocks after it that may be source lines.

Main-text extractors drop source lines, so the source is searched in the whole document: from the last block that
carries the bulletin to the end of its container and slightly beyond, without menus, footers and boxes of other
articles.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from campaigns.matching.alignment import COVER_GRAM, RunSet, SortedRuns, diagonals, membership_mask
from campaigns.matching.fingerprints import Offsets, Tokens, grams, tokenize
from campaigns.matching.parsed_page import (
    NON_ARTICLE_REGIONS,
    AddressField,
    PageBody,
    PageLink,
    PagePicture,
    PagePlayer,
    PageRegion,
    TextBlock,
)
from campaigns.matching.prepared_bulletin import PreparedBulletin
from campaigns.republications.attribution.source_lines import begins_like_source
from campaigns.republications.evidence.site_parts import site_blocks

ASIDE = 0.5  # share of the words found; from here on the copy counts as beside the article
_STRONG_RUN = 8  # consecutive words of the bulletin that make a block part of the copy
_WHOLE_BLOCK = 0.8  # or this share of a short block
_FAR = 15  # blocks without our text between two parts of a copy
_STRAY = 0.15  # share of all covered words; a distant part with less is a teaser
_INSIDE = 2500  # characters searched after the copy within its container
_BEYOND = 600  # characters searched after the container
_BEYOND_BLOCKS = 12
_LIST_WORDS = 6  # words; a block that is only a link of this length announces another article
_LIST_ITEMS = 2  # a list of other articles has more; links in it are not the article's own
_LONGEST_LIST = 20  # the article ends after so many of them
_ITEM = 3  # blocks of one announcement: headline, date, source
_SHORT = 100  # characters of a block after a list that may be a source line
_BEFORE = 8  # blocks between headline and text that may contain a byline


@dataclass(frozen=True)
class CopySpan:
    """A bulletin's copy on a page: ``blocks[first:last + 1]``, ``PageBody.text[start:end]``.

    ``own``: those of the blocks that carry it. ``tail``: the blocks from the last matched one on that may be source
    lines; ``byline``: those between headline and text. ``own_barriers``: barriers that contain the copy itself, and so
    separate nothing. ``aside``: the share of matched words, 0–1, in menus, side columns and boxes. ``reach``: the last
    block near the end of the copy. ``stretches``: the matched words, as ascending offsets of ``PageBody.text``.
    ``of_site``: the blocks behind it in which the site speaks of itself.
    """

    first: int
    last: int
    start: int
    end: int
    tail: tuple[int, ...]
    byline: tuple[int, ...]
    own_barriers: frozenset[int]
    own: tuple[int, ...] = ()
    aside: float = 0.0
    reach: int = -1
    stretches: tuple[tuple[int, int], ...] = ()
    of_site: frozenset[int] = frozenset()

    def is_copied(self, start: int, end: int) -> bool:
        """Whether these characters are words of the bulletin."""
        return any(first <= start and end <= last for first, last in self.stretches)

    def beside(self, part: TextBlock | PageLink | AddressField) -> bool:
        """Whether this is in a menu, a footer or a box of another article."""
        return part.region in NON_ARTICLE_REGIONS and part.barrier not in self.own_barriers

    def position(self, offset: int) -> float:
        """Relative position of an offset of ``PageBody.text`` in the copy: 0 at or before its first word, 1 at or after
        its last."""
        return min(1.0, max(0.0, (offset - self.start) / max(1, self.end - self.start)))


class CopyFinder:
    """The words of a page, prepared once for all bulletins searched in it."""

    def __init__(self, body: PageBody) -> None:
        self.body = body
        self._tokens = tokenize(body.text)
        runs = grams(self._tokens.words, COVER_GRAM)
        starts = np.array([block.start for block in body.blocks], dtype=np.int64)
        self._block_of = np.searchsorted(starts, self._tokens.starts, side="right") - 1
        # Readers' comments carry no copy: their runs are none of any bulletin, whose hashes are not negative.
        commented = np.array([block.region is PageRegion.COMMENTS for block in body.blocks], dtype=np.bool_)
        if commented.any():
            runs[commented[self._block_of[: runs.size]]] = -1
        self._runs, self._ranked = RunSet(runs), SortedRuns(runs)
        self._words = np.bincount(self._block_of, minlength=starts.size)
        # The runs that begin outside menus, side columns and boxes.
        beside = np.array([block.region in NON_ARTICLE_REGIONS for block in body.blocks], dtype=np.bool_)
        self._in_main = np.sort(runs[~beside[self._block_of[: runs.size]]]) if beside.size else runs[:0]
        self._linked = linked_characters(body)

    def locate(self, bulletin: PreparedBulletin, *, teaser: bool = False, boxed: bool = True) -> CopySpan | None:
        """Locate the copy of the bulletin's body; None when no block carries enough of it.

        ``teaser``: locate its headline and lead instead, for a page that has nothing else of it but common phrases.
        ``boxed`` false: None also for a copy mostly in menus, side columns and boxes of other articles.
        """
        body, tokens, block_of = self.body, self._tokens, self._block_of
        places = self._runs.places_of(bulletin.cover)
        if teaser:
            places = places[places < bulletin.lead]
        if not boxed and not membership_mask(bulletin.cover[places], self._in_main).any():
            return None
        body_alone = not teaser and bulletin.body >= 2 * COVER_GRAM
        if body_alone:
            places = places[places >= bulletin.lead]
        shared = diagonals(bulletin.cover, places, self._ranked, COVER_GRAM)
        if shared.size == 0 or not body.blocks:
            return None
        mask = np.zeros(len(tokens), dtype=np.bool_)
        strong = np.zeros(len(body.blocks), dtype=np.bool_)
        for start, end in _without_repeats(shared, bulletin.count):
            mask[start:end] = True
            if end - start >= _STRONG_RUN:
                strong[block_of[start] : block_of[end - 1] + 1] = True
        covered = np.bincount(block_of[mask], minlength=len(body.blocks))
        strong |= covered >= np.maximum(COVER_GRAM, _WHOLE_BLOCK * self._words)
        strong &= covered > 0
        if 0 <= body.headline < strong.size and body_alone and np.count_nonzero(strong) > 1:
            strong[body.headline] = False  # a headline often repeats a phrase of the text; it is not part of the copy
        chosen, own_barriers, aside = _own_blocks(body, strong.nonzero()[0].tolist(), covered.tolist())
        if not chosen or (aside >= ASIDE and not boxed):
            return None
        inside = np.flatnonzero(mask & np.isin(block_of, chosen))
        start, end = int(tokens.starts[inside[0]]), int(tokens.ends[inside[-1]])
        stretches = tuple(_stretches(inside, tokens))
        bare = CopySpan(
            chosen[0], chosen[-1], start, end, (), (), own_barriers, tuple(chosen), aside, stretches=stretches,
            of_site=site_blocks(body, chosen[0], chosen[-1]),
        )  # fmt: skip
        tail, reach = _source_line_blocks(body, bare, self._linked)
        return replace(bare, tail=tail, byline=_byline(body, bare), reach=reach)


def medium_span(body: PageBody, medium: PagePicture | PagePlayer) -> CopySpan | None:
    """The place of a picture or player that is a copy, as that of a text; None on a page without text."""
    if not body.blocks:
        return None
    at = min(medium.block, len(body.blocks) - 1)
    start = body.blocks[at].start
    own_barriers = frozenset({medium.barrier}) if medium.region in NON_ARTICLE_REGIONS else frozenset[int]()
    bare = CopySpan(at, at, start, start, (), (), own_barriers, of_site=site_blocks(body, at, at))
    tail, reach = _source_line_blocks(body, bare, linked_characters(body))
    return replace(bare, tail=tail, byline=_byline(body, bare), reach=reach)


def linked_characters(body: PageBody) -> Counter[int]:
    """The characters of each block that are links."""
    linked = Counter[int]()
    for link in body.links:
        linked[link.block] += link.end - link.start
    return linked


def _stretches(words: Offsets, tokens: Tokens) -> Iterator[tuple[int, int]]:
    """The characters of consecutive words among these."""
    borders = np.flatnonzero(np.diff(words) > 1)
    for first, last in zip((0, *(borders + 1)), (*borders, words.size - 1), strict=True):
        yield int(tokens.starts[words[first]]), int(tokens.ends[words[last]])


def _without_repeats(shared: Offsets, count: int) -> list[tuple[int, int]]:
    """The stretches of the page, in words, that cover words of the bulletin not covered by a longer stretch.

    A copy has whole sentences; other articles share only phrases with the bulletin, which the copy has too. ``shared``:
    rows as returned by ``diagonals``; ``count``: words of the bulletin.
    """
    lengths = shared[:, 1] - shared[:, 0]
    distance = shared[:, 2] - shared[:, 0]
    off = np.abs(distance - distance[np.argmax(lengths)])  # of equal stretches the one nearer to the longest wins
    covered = np.zeros(count + COVER_GRAM, dtype=np.bool_)
    found = []
    for at in np.lexsort((off, -lengths)).tolist():
        start, end, begin = shared[at].tolist()
        fresh = end - start - int(np.count_nonzero(covered[start:end]))
        if fresh >= COVER_GRAM or 2 * fresh >= end - start:
            covered[start:end] = True
            found.append((begin, begin + end - start))
    return found


def _own_blocks(body: PageBody, strong: list[int], covered: list[int]) -> tuple[list[int], frozenset[int], float]:
    """The blocks of the copy among those with our text, the barriers around it, and the share inside any barrier."""
    total = sum(covered[at] for at in strong)
    behind: dict[int, int] = {}
    for at in strong:
        block = body.blocks[at]
        if block.region in NON_ARTICLE_REGIONS:
            behind[block.barrier] = behind.get(block.barrier, 0) + covered[at]
    own_barriers = frozenset(barrier for barrier, weight in behind.items() if 2 * weight >= total)
    kept = [
        at
        for at in strong
        if body.blocks[at].region not in NON_ARTICLE_REGIONS or body.blocks[at].barrier in own_barriers
    ]
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
        own_barriers,
        sum(behind.values()) / max(1, total),
    )


def _container_end(body: PageBody, span: CopySpan) -> int:
    """The last block of the smallest element that contains the whole copy."""
    element = body.blocks[span.first].element
    while element >= 0:
        holder = body.elements[element]
        if holder.first <= span.first and span.last < holder.end:
            return holder.end
        element = holder.parent
    return span.last + 1


def _is_listing(block: TextBlock, linked: int) -> bool:
    """Whether a block is only a link (``linked`` characters of it are) that announces an article."""
    return linked >= 0.9 * len(block.text) and len(block.text.split()) >= _LIST_WORDS


def _source_line_blocks(body: PageBody, span: CopySpan, linked: Counter[int]) -> tuple[tuple[int, ...], int]:
    """The blocks that may be source lines, and the last block searched.

    Headlines of other articles, and blocks in one element with them, are excluded; after a list of them only short
    blocks and those that begin like a source line are taken.
    """
    border = _container_end(body, span)
    found = [span.last]
    lists: list[int] = []
    items_name = False  # whether announcements on this page name their sources
    reach = span.last
    inside = beyond = outside_blocks = 0
    for at in range(span.last + 1, len(body.blocks)):
        block = body.blocks[at]
        if span.beside(block) or at in span.of_site:
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


def _is_short(block: TextBlock) -> bool:
    return len(block.text) <= _SHORT or begins_like_source(block.text)


def _is_of_item(body: PageBody, span: CopySpan, at: int, lists: Sequence[int], linked: Counter[int]) -> bool:
    """Whether a block belongs to an announcement of another article: both are in an element with nothing else, or the
    block is between two announcements in the element that holds their list."""
    element = body.blocks[at].element
    while element >= 0:
        holder = body.elements[element]
        if holder.first <= span.last < holder.end:
            break
        if sum(holder.first <= place < holder.end for place in lists) == 1:
            return True
        if any(holder.first <= place < holder.end for place in lists):
            break
        element = holder.parent
    if at - lists[-1] > _ITEM:
        return False
    list_end = body.elements[element].end if element >= 0 else len(body.blocks)
    near = range(at + 1, min(at + 1 + _ITEM, list_end))
    return any(_is_listing(body.blocks[place], linked[place]) and not span.beside(body.blocks[place]) for place in near)


def _byline(body: PageBody, span: CopySpan) -> tuple[int, ...]:
    begin = max(body.headline + 1, span.first - _BEFORE) if 0 <= body.headline < span.first else span.first - 2
    return tuple(at for at in range(max(0, begin), span.first) if not span.beside(body.blocks[at]))
