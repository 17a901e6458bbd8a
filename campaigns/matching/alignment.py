"""Aligns the runs of one text with those of another: for a view side by side, and to distinguish a copy from a text
that has the same common phrases here and there."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaigns.matching.fingerprints import Hashes, Offsets

Pair = tuple[int, int, int, int]

_GAP = 60  # words between two parts of one passage; a longer gap is another passage
_SLACK = 12  # words that the other text may have more in such a gap than twice ours: a remark, a caption
_GAP_KEPT = 0.4  # of ours in the gap must occur in the other's gap, in order
_SMALL_GAP = 2  # words; a gap this short may be anything: a name, a number
_OPEN = 8  # passages that the next part may continue
_DRIFT = 60  # words that edits within one passage move its parts against ours


class SortedRuns:
    """The runs of one text, sorted once to be aligned with any number of other texts."""

    def __init__(self, runs: Hashes) -> None:
        self.runs = runs
        self.order = np.argsort(runs, kind="stable")
        self.sorted = runs[self.order]
        fresh = np.flatnonzero(self.sorted[1:] != self.sorted[:-1]) + 1
        borders = np.concatenate(([0], fresh, [runs.size]))
        # The end of the equal runs at each place; a second search for it would take as long as the first.
        self._until = np.repeat(borders[1:], np.diff(borders))

    def find(self, runs: Hashes) -> tuple[Offsets, Offsets]:
        """(first, end) of each of these among ``sorted``; twice the same for one that is not there."""
        low = self.sorted.searchsorted(runs)
        if self.sorted.size == 0:
            return low, low
        at = np.minimum(low, self.sorted.size - 1)
        return low, np.where(self.sorted[at] == runs, self._until[at], low)


@dataclass(frozen=True)
class Passage:
    """``ours[start:end]`` occurs in the other text in one piece; ``found`` of its words are unchanged there."""

    start: int
    end: int
    found: int


def diagonals(ours: Hashes, places: Offsets, theirs: SortedRuns, gram: int) -> Offsets:
    """Every longest stretch that both texts share word by word, as rows ``(ours_start, ours_end, theirs_start)``.

    In the order of ``ours_start``; a stretch that occurs in the other text twice has two rows. ``places`` as in
    ``align``. No loop: a stretch is a run of hits whose places in both texts grow together.
    """
    wanted = ours[places]
    low, high = theirs.find(wanted)
    times = high - low
    total = int(times.sum())
    if total == 0:
        return np.empty((0, 3), dtype=np.int64)
    if total == times.size and int(times.min()) == 1:  # as nearly always; each stands there once
        mine, there = places, theirs.order[low]
    else:
        mine = np.repeat(places, times)
        there = theirs.order[np.repeat(low - np.concatenate(([0], np.cumsum(times)[:-1])), times) + np.arange(total)]
    distance = there - mine
    by_distance = np.argsort(distance, kind="stable")  # ``mine`` ascends as it is
    mine, distance = mine[by_distance], distance[by_distance]
    breaks = np.flatnonzero((mine[1:] - mine[:-1] != 1) | (distance[1:] != distance[:-1])) + 1
    start, end = mine[np.concatenate(([0], breaks))], mine[np.append(breaks, total) - 1] + gram
    there = start + distance[np.concatenate(([0], breaks))]
    rows = np.empty((start.size, 3), dtype=np.int64)
    order = np.lexsort((there, start))
    rows[:, 0], rows[:, 1], rows[:, 2] = start[order], end[order], there[order]
    return rows


def common_subsequence_length(ours: Sequence[int], theirs: Sequence[int]) -> int:
    """How many words of ``ours`` occur in ``theirs`` in the same order: their longest common subsequence, by the
    bit-parallel recurrence of Hyyrö (2004)."""
    where: dict[int, int] = {}
    for at, word in enumerate(ours):
        where[word] = where.get(word, 0) | 1 << at
    whole = (1 << len(ours)) - 1
    row = whole
    for word in theirs:
        hit = row & where.get(word, 0)
        row = (row + hit | row - hit) & whole
    return len(ours) - row.bit_count()


def aligned_word_count(shared: Offsets) -> int:
    """The most words in stretches (rows as ``diagonals`` gives them) that stand at a like distance in both texts: many
    in an edited copy, few where the other text has only the same common phrases."""
    if shared.shape[0] == 0:
        return 0
    distance = shared[:, 2] - shared[:, 0]
    order = np.argsort(distance, kind="stable")
    distance, words = distance[order], np.cumsum((shared[:, 1] - shared[:, 0])[order])
    until = np.searchsorted(distance, distance + _DRIFT, side="right") - 1
    return int((words[until] - words + (shared[:, 1] - shared[:, 0])[order]).max())


def passages(shared: Sequence[Pair], ours: Sequence[int], theirs: Sequence[int], least: int) -> list[Passage]:
    """Stretches joined over words that were replaced, put in or taken out between them: those of ``least`` words or
    more, the longest first, none over another.

    ``shared``: ``(ours_start, ours_end, theirs_start, theirs_end)`` by ``ours_start``; ``ours``, ``theirs``: the words'
    hashes. Two stretches belong together when they follow each other in both texts at a like distance, and enough of
    ours in between is left: a turn of phrase that the other text has somewhere else joins nothing.
    """
    growing: list[list[int]] = []  # start, end, end in the other text, words found
    for start, end, there, there_end in shared:
        best, at = end - start, -1
        for place in range(max(0, len(growing) - _OPEN), len(growing)):
            added = _words_gained(growing[place], (start, end, there, there_end), ours, theirs)
            if added and growing[place][3] + added > best:
                best, at = growing[place][3] + added, place
        # The one that grew last stands last, so that common phrases do not push it out of those still open.
        growing.append([growing.pop(at)[0] if at >= 0 else start, end, there_end, best])
    chosen: list[Passage] = []
    long = [numbers for numbers in growing if numbers[3] >= least]
    for start, end, _, found in sorted(long, key=lambda numbers: -numbers[3]):
        overlap = sum(max(0, min(end, passage.end) - max(start, passage.start)) for passage in chosen)
        if 2 * overlap < end - start:
            chosen.append(Passage(start, end, max(0, found - overlap)))
    return chosen


def _words_gained(stretch: Sequence[int], part: Pair, ours: Sequence[int], theirs: Sequence[int]) -> int:
    """How many words a passage grows by when a stretch is joined to it; 0 when it does not belong to it."""
    start, end, there, _ = part
    gap, gap_there = start - stretch[1], there - stretch[2]
    if (
        end <= stretch[1]
        or gap > _GAP
        or start < stretch[0]
        or not min(gap, 0) <= gap_there <= 2 * max(gap, 0) + _SLACK
    ):
        return 0
    if gap <= 0:
        return end - stretch[1]
    left = common_subsequence_length(ours[stretch[1] : start], theirs[stretch[2] : there]) if gap_there > 0 else 0
    return left + end - start if gap <= _SMALL_GAP or left >= _GAP_KEPT * gap else 0


def align(ours: Hashes, places: Offsets, theirs: SortedRuns, gram: int) -> list[Pair]:
    """Stretches that occur in both texts, as ``(ours_start, ours_end, theirs_start, theirs_end)`` in words.

    ``ours`` and ``theirs`` hash every run of ``gram`` words, in order; ``places`` says, in order, which of ours are
    among theirs. A run that occurs in several places on the page is taken where it continues the stretch before it,
    else at the first place behind that stretch, else at its first. Linear in the number of places.
    """
    wanted = ours[places]
    first, last = theirs.find(wanted)
    # Behind which of the places the next one is not the next run of ours.
    gaps = np.append(np.flatnonzero(np.diff(places) != 1) + 1, places.size)
    found: list[Pair] = []
    at = behind = 0
    while at < places.size:
        low, high = int(first[at]), int(last[at])
        if low == high:
            at += 1
            continue
        place = bisect_left(theirs.order, behind, low, high)
        there = int(theirs.order[place if place < high else low])
        border = int(gaps[np.searchsorted(gaps, at, side="right")])
        count = _common_prefix_length(wanted[at:border], theirs.runs[there:])
        mine = int(places[at])
        found.append((mine, mine + count + gram - 1, there, there + count + gram - 1))
        at, behind = at + count, there + count
    return found


def _common_prefix_length(array: Hashes, other: Hashes) -> int:
    """How many of the first elements of both are the same."""
    size, at, step = min(array.size, other.size), 0, 32
    while at < size:
        same = array[at : min(at + step, size)] == other[at : min(at + step, size)]
        if not same.all():
            return at + int(same.argmin())
        at, step = at + step, 4 * step
    return size


# Which words of one text stand in another in runs: the arithmetic under matching, on arrays of numbers alone.


COVER_GRAM = 5  # words in the runs that cover checks compare; shorter than the stored ones, so that edits cost less

Mask = NDArray[np.bool_]


class RunSet:
    """A text's runs of COVER_GRAM words, sorted, with a table of their lowest bits that turns most others away."""

    def __init__(self, runs: Hashes) -> None:
        self.runs = np.sort(runs)
        self._low = np.zeros(1 << 16, dtype=np.bool_)
        self._low[self.runs & 0xFFFF] = True

    def places_of(self, runs: Hashes) -> Offsets:
        """The places in ``runs`` of those that are in the set, ascending."""
        if self.runs.size == 0:
            return np.empty(0, dtype=np.int64)
        maybe = self._low[runs & 0xFFFF].nonzero()[0]
        wanted = runs[maybe]
        there = np.minimum(self.runs.searchsorted(wanted), self.runs.size - 1)
        found: Offsets = maybe[self.runs[there] == wanted]
        return found


def membership_mask(runs: Hashes, known: Hashes) -> Mask:
    """Which of the runs are among ``known`` (sorted), as a mask."""
    if known.size == 0:
        return np.zeros(runs.size, dtype=np.bool_)
    found: Mask = known[np.minimum(np.searchsorted(known, runs), known.size - 1)] == runs
    return found


def covered_stretches(places: Offsets, count: int) -> tuple[Offsets, Offsets]:
    """(starts, ends) in words of the unbroken stretches that runs at ``places`` (sorted) cover."""
    breaks = (places[1:] - places[:-1] > COVER_GRAM).nonzero()[0]
    starts = np.concatenate((places[:1], places[breaks + 1]))
    ends = np.minimum(np.concatenate((places[breaks], places[-1:])) + COVER_GRAM, count)
    return starts, ends


def covered_mask(places: Offsets, count: int) -> Mask:
    """The words that runs at ``places`` cover, as a mask."""
    covered = np.zeros(count, dtype=np.bool_)
    for step in range(COVER_GRAM):
        covered[np.minimum(places + step, count - 1)] = True
    return covered


def longest_stretch(places: Offsets) -> int:
    """Words in the longest unbroken stretch that runs at ``places`` (sorted, not empty) cover."""
    starts, ends = covered_stretches(places, int(places[-1]) + COVER_GRAM)
    return int((ends - starts).max())
