"""Which words of one text stand in another in runs: the arithmetic under matching, on arrays of numbers alone."""

import numpy as np
from numpy.typing import NDArray

from campaigns.tracking.fingerprints import Hashes, Offsets

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


def among(runs: Hashes, known: Hashes) -> Mask:
    """Which of the runs are among ``known`` (sorted), as a mask."""
    if known.size == 0:
        return np.zeros(runs.size, dtype=np.bool_)
    found: Mask = known[np.minimum(np.searchsorted(known, runs), known.size - 1)] == runs
    return found


def stretches(places: Offsets, count: int) -> tuple[Offsets, Offsets]:
    """(starts, ends) in words of the unbroken stretches that runs at ``places`` (sorted) cover."""
    breaks = (places[1:] - places[:-1] > COVER_GRAM).nonzero()[0]
    starts = np.concatenate((places[:1], places[breaks + 1]))
    ends = np.minimum(np.concatenate((places[breaks], places[-1:])) + COVER_GRAM, count)
    return starts, ends


def spread(places: Offsets, count: int) -> Mask:
    """The words that runs at ``places`` cover, as a mask."""
    covered = np.zeros(count, dtype=np.bool_)
    for step in range(COVER_GRAM):
        covered[np.minimum(places + step, count - 1)] = True
    return covered


def longest_stretch(places: Offsets) -> int:
    """Words in the longest unbroken stretch that runs at ``places`` (sorted, not empty) cover."""
    starts, ends = stretches(places, int(places[-1]) + COVER_GRAM)
    return int((ends - starts).max())
