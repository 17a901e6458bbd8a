"""Pages that carry nothing of ours, told from the others by their words alone.

Telling the article from the rest of a page costs more than all else together, and most pages need not have it told:
none of their words are ours, or those that are stand in boxes that announce our bulletins beside another article.
What is left out here could only have been judged to be nothing:

* Every run of words of the main text is a run of the whole page's words, and every run is looked up, not a sample. So a
  bulletin that shares too few hashes with the page shares too few with its main text.
* A class never rises when words are taken away. So a bulletin that is nothing on the whole page is nothing in its main
  text.
* A teaser in menus and boxes is left out by ``judging`` too; one whose words stand nowhere else is in boxes alone.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from campaigns.tracking.candidates import LEAST_SHARED, LIMIT
from campaigns.tracking.classifying import DEFAULT_THRESHOLDS, Match, PageWords, Thresholds, classify
from campaigns.tracking.covering import COVER_GRAM, among, longest_stretch
from campaigns.tracking.fingerprints import Hashes, Offsets, Tokens, grams, tokenize, words_of
from campaigns.tracking.pages import ParsedPage, Skim
from campaigns.tracking.prepared import PreparedBulletin

# Turns of phrase of a headline stand in other articles too. Fewer of its runs than this outside of boxes, none of them
# longer than that, make no block of the page a part of a copy (``locating``), or less of it than the box holds.
_FEW_RUNS = 6
_SHORT = 7  # words


class Sieve(Protocol):
    """Whatever can tell which bulletins share any run of words with a page."""

    def sift(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> Sequence[PreparedBulletin] | None:
        """The bulletins sharing at least ``least`` of all hashes of a page (not of a sample); None for more than
        ``limit`` of them. A bulletin with fewer hashes than ``least`` is found by all it has."""
        ...


def carries_nothing(page: ParsedPage, sieve: Sieve, limits: Thresholds = DEFAULT_THRESHOLDS) -> bool:
    """Whether ``judging.judge`` would find nothing on the page; false also when only that would tell."""
    if page.read_skim is None:
        return False
    skim = page.read_skim()
    found = sieve.sift(grams(words_of(skim.text)))
    if found is None:
        return False
    return not found or _only_beside(tokenize(skim.text), skim, found, limits)


def _only_beside(tokens: Tokens, skim: Skim, found: Sequence[PreparedBulletin], limits: Thresholds) -> bool:
    page = PageWords(tokens)
    runs = page.hashes
    ours = np.concatenate([one.cover for one in found])
    there = page.runs.places_of(ours)
    begins = np.cumsum([0, *(one.cover.size for one in found)])
    borders = np.searchsorted(there, begins).tolist()
    boxed = []
    for number, one in enumerate(found):
        places = there[borders[number] : borders[number + 1]] - begins[number]
        if places.size == 0 or _mere_phrase(places.tolist(), one, limits):
            continue
        # What has no run in the body is a teaser at most.
        if int(places[-1]) + COVER_GRAM > one.lead:
            match, _, _ = classify(one, places, page, limits)
            if match is Match.NONE:
                continue
            if match is not Match.TEASER:
                return False
        boxed.append(np.sort(one.cover[places]))
    if not boxed:
        return True
    hits = np.flatnonzero(among(runs, np.sort(np.concatenate(boxed))))
    out = _outside(hits, tokens, skim)
    if out.size == 0:
        return True
    mine = [out[among(runs[out], one)] for one in boxed]
    return all(one.size == 0 or (one.size <= _FEW_RUNS and longest_stretch(one) <= _SHORT) for one in mine)


def _mere_phrase(places: list[int], bulletin: PreparedBulletin, limits: Thresholds) -> bool:
    """Whether runs at these places are so few and so short that ``classify`` would call them nothing."""
    if 2 * COVER_GRAM * len(places) >= limits.partial_in_passages * bulletin.body:
        return False
    longest = begin = end = -1
    for place in places:
        if place > end:
            begin = place
        end = place + COVER_GRAM
        longest = max(longest, end - begin)
    return longest < limits.teaser_run


def _outside(spots: Offsets, tokens: Tokens, skim: Skim) -> Offsets:
    """Those of the runs that begin at these words that do not lie within menus and boxes."""
    starts = np.asarray(skim.starts, dtype=np.int64)
    ends = np.minimum(spots + COVER_GRAM, len(tokens)) - 1
    first = np.searchsorted(starts, tokens.starts[spots], side="right") - 1
    last = np.searchsorted(starts, tokens.starts[ends], side="right") - 1
    beside = np.zeros(starts.size, dtype=np.bool_)
    for part in {*first.tolist(), *last.tolist()}:
        beside[part] = skim.beside(part)
    out: Offsets = spots[~(beside[first] & beside[last])]
    return out
