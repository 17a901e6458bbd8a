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

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from campaigns.tracking.candidates import LEAST_SHARED, LIMIT
from campaigns.tracking.classifying import DEFAULT_THRESHOLDS, Match, PageWords, Thresholds, classify
from campaigns.tracking.covering import COVER_GRAM, RunSet, among, longest_stretch, stretches
from campaigns.tracking.fingerprints import Hashes, Offsets, Tokens, grams, tokenize
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
        ``limit`` of them, and where one of them shares so much that the page must be judged. A bulletin with fewer
        hashes than ``least`` is found by all it has."""
        ...


def carries_nothing(page: ParsedPage, sieve: Sieve, limits: Thresholds = DEFAULT_THRESHOLDS) -> bool:
    """Whether ``judging.judge`` would find nothing on the page; false also when only that would tell."""
    if page.read_skim is None:
        return False
    skim = page.read_skim()
    words = tokenize(skim.text)
    found = sieve.sift(grams(words.words))
    if found is None:
        return False
    return not found or _only_beside(words, skim, found, limits)


def _only_beside(words: Tokens, skim: Skim, found: Sequence[PreparedBulletin], limits: Thresholds) -> bool:
    page = PageWords(words.words)
    runs = page.hashes
    covers = np.concatenate([one.cover for one in found])
    spots = page.runs.places_of(covers)
    shared, there = covers[spots], spots.tolist()
    boxed = []
    begin = at = 0
    for one in found:
        border, first = begin + one.cover.size, at
        at = bisect_left(there, border, at)
        highest = _at_most(there[first:at], begin, one, limits)
        if highest is Match.PARTIAL:
            return False
        if highest is Match.EXCERPT:
            highest, _, _ = classify(one, spots[first:at] - begin, page, limits)
            if highest not in {Match.TEASER, Match.NONE}:
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
    mine = [out[among(runs[out], np.sort(one))] for one in boxed]
    return all(one.size == 0 or (one.size <= _FEW_RUNS and longest_stretch(one) <= _SHORT) for one in mine)


def _at_most(places: Sequence[int], begin: int, bulletin: PreparedBulletin, limits: Thresholds) -> Match:
    """The class that runs at these places, counted from ``begin``, cannot exceed: ``NONE`` and ``TEASER`` as they are,
    ``EXCERPT`` where only ``classify`` tells, ``PARTIAL`` where so much stands in long stretches that it need not be
    asked.

    What ``classify`` passes over unseen is passed over here too; this way takes a twentieth of the time for the few
    turns of phrase that most bulletins share with a page.
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
    """``covering.stretches`` of a few places, for which arrays take longer to be set up than to be read."""
    if not places:
        return
    begin = end = places[0]
    for place in places:
        if place > end:
            yield begin, end
            begin = place
        end = place + COVER_GRAM
    yield begin, end


def _outside(spots: Offsets, words: Offsets, skim: Skim) -> Offsets:
    """Those of the runs that begin at these words that do not lie within menus and boxes."""
    starts = np.asarray(skim.starts, dtype=np.int64)
    begins, borders = stretches(spots, words.size)
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
