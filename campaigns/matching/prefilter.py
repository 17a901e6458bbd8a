"""Recognises pages that carry no bulletin by their words alone, without separating the article from the rest.

Separating the article costs more than all other steps together, and most pages do not need it: none of their words are
ours, or those that are stand in boxes that announce our bulletins beside another article. A page that is left out here
could only have been judged to carry nothing:

* Every run of words of the main text is a run of the whole page's words, and every run is looked up, not a sample. So a
  bulletin that shares too few hashes with the page shares too few with its main text.
* A class never rises when words are taken away. So a bulletin that is nothing on the whole page is nothing in its main
  text.
* ``judge_page`` ignores a teaser in menus and boxes; a teaser whose words stand nowhere else is in boxes alone.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from campaigns.matching.alignment import COVER_GRAM, RunSet, covered_stretches, longest_stretch, membership_mask
from campaigns.matching.candidates import CANDIDATE_LIMIT, LEAST_SHARED
from campaigns.matching.classification import DEFAULT_THRESHOLDS, Match, PageWords, Thresholds, classify
from campaigns.matching.crediting import may_be_dense
from campaigns.matching.fingerprints import Hashes, Offsets, Tokens, grams, tokenize
from campaigns.matching.parsed_page import ParsedPage, RawPageText
from campaigns.matching.prepared_bulletin import PreparedBulletin

# Common phrases of a headline stand in other articles too. Fewer of its runs than this outside of boxes, none of them
# longer than that, make no block of the page a part of a copy (``copy_location``), or less of it than the box holds.
_FEW_RUNS = 6
_SHORT = 7  # words


class SharedRunIndex(Protocol):
    """An index that finds the bulletins sharing any run of words with a page."""

    def lookup_all_runs(
        self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT
    ) -> Sequence[PreparedBulletin] | None:
        """The bulletins sharing at least ``least`` of all hashes of a page (not of a sample); None for more than
        ``limit`` of them, and where one of them shares so much that the page must be judged. A bulletin with fewer
        hashes than ``least`` is found by all it has."""
        ...


def carries_nothing(page: ParsedPage, index: SharedRunIndex, limits: Thresholds = DEFAULT_THRESHOLDS) -> bool:
    """Whether ``judge_page`` would certainly find nothing on the page."""
    if page.read_skim is None:
        return False
    skim = page.read_skim()
    words = tokenize(skim.text)
    found = index.lookup_all_runs(grams(words.words))
    if found is None:
        return False
    return not found or _only_beside(words, skim, found, limits)


def _only_beside(words: Tokens, skim: RawPageText, found: Sequence[PreparedBulletin], limits: Thresholds) -> bool:
    page = PageWords(words.words)
    runs = page.hashes
    covers = np.concatenate([prepared.cover for prepared in found])
    spots = page.runs.places_of(covers)
    shared, there = covers[spots], spots.tolist()
    boxed = []
    begin = at = 0
    for prepared in found:
        border, first = begin + prepared.cover.size, at
        at = bisect_left(there, border, at)
        highest = _best_possible_class(there[first:at], begin, prepared, limits)
        if highest is Match.PARTIAL:
            return False
        if highest is Match.EXCERPT:
            highest, covered, _ = classify(prepared, spots[first:at] - begin, page, limits)
            if highest not in {Match.TEASER, Match.NONE} or may_be_dense(prepared, covered, limits):
                return False
        if highest is Match.TEASER:
            boxed.append(shared[first:at])
        begin = border
    if not boxed:
        return True
    hits = RunSet(np.concatenate(boxed)).places_of(runs)
    out = _outside(hits, words.starts, skim)
    if out.size == 0:
        return True
    mine = [out[membership_mask(runs[out], np.sort(array))] for array in boxed]
    return all(array.size == 0 or (array.size <= _FEW_RUNS and longest_stretch(array) <= _SHORT) for array in mine)


def _best_possible_class(places: Sequence[int], begin: int, bulletin: PreparedBulletin, limits: Thresholds) -> Match:
    """The class that runs at these places, counted from ``begin``, cannot exceed: ``NONE`` and ``TEASER`` as they are,
    ``EXCERPT`` where only ``classify`` tells, ``PARTIAL`` where so much stands in long stretches that it need not be
    asked.

    What ``classify`` passes over unseen is passed over here too; this way takes a twentieth of the time for the few
    common phrases that most bulletins share with a page.
    """
    head = body = in_long = longest = 0
    lead = begin + bulletin.lead
    for start, end in _stretches(places):
        head = max(head, min(end, lead) - start)
        inside = end - max(start, lead)
        if inside > 0:
            body += inside
            longest = max(longest, inside)
            in_long += inside if inside >= limits.run else 0
    if in_long >= max(limits.partial_words_in_runs, limits.partial_in_runs * bulletin.body):
        return Match.PARTIAL
    if longest >= limits.excerpt_run or 2 * body >= limits.partial_in_passages * bulletin.body:
        return Match.EXCERPT
    return Match.TEASER if head >= limits.teaser_run else Match.NONE


def _stretches(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """``covered_stretches`` of a few places, without arrays, whose set-up takes longer than reading so few places."""
    if not places:
        return
    begin = end = places[0]
    for place in places:
        if place > end:
            yield begin, end
            begin = place
        end = place + COVER_GRAM
    yield begin, end


def _outside(spots: Offsets, words: Offsets, skim: RawPageText) -> Offsets:
    """Those of the runs that begin at these words that do not lie within menus and boxes."""
    starts = np.asarray(skim.starts, dtype=np.int64)
    begins, borders = covered_stretches(spots, words.size)
    parts: set[int] = set()
    for first, last in zip(
        _part_of(words[begins], starts).tolist(), _part_of(words[borders - 1], starts).tolist(), strict=True
    ):
        parts.update(range(first, last + 1))
    apart = np.zeros(starts.size, dtype=np.bool_)
    apart[[part for part in parts if skim.beside(part)]] = True
    if np.count_nonzero(apart) == len(parts):
        return spots[:0]  # as of nearly every page; run by run it takes twice the time
    ends = np.minimum(spots + COVER_GRAM, words.size) - 1
    out: Offsets = spots[~(apart[_part_of(words[spots], starts)] & apart[_part_of(words[ends], starts)])]
    return out


def _part_of(offsets: Offsets, starts: Offsets) -> Offsets:
    """The part that each of these characters stands in."""
    found: Offsets = starts.searchsorted(offsets, side="right") - 1
    return found
