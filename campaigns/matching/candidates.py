"""Which bulletins a page might carry: those that share some of its fingerprint.

The server asks its database (``fingerprint_index``). ``HashIndex`` does the same in memory, for ``lantoa check``.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from campaigns.matching.fingerprints import Hashes, distinct
from campaigns.matching.prepared_bulletin import PreparedBulletin

# Two shared hashes: one alone is often a formula; a copied run of about forty words always gives two.
LEAST_SHARED = 2
CANDIDATE_LIMIT = 60
# Shared hashes, and half of all a bulletin has, from which the page is a copy rather than a teaser.
_COPY_SHARED = 20


class CandidateSource(Protocol):
    """An index that finds the bulletins sharing hashes with a page."""

    def lookup(
        self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT
    ) -> Sequence[PreparedBulletin]:
        """The bulletins sharing at least ``least`` hashes, most shared first, at most ``limit`` of them.

        A bulletin so short that it has fewer hashes than ``least`` is found by all it has.
        """
        ...


class HashIndex:
    """The hashes of all bulletins in two sorted arrays of twelve bytes a hash. Built once, then only read.

    ``fingerprints``: the hashes of each bulletin. ``bulletin_at`` returns the bulletin at a position of that sequence;
    it is called for candidates only.
    """

    def __init__(self, fingerprints: Sequence[Hashes], bulletin_at: Callable[[int], PreparedBulletin]) -> None:
        self._bulletin_at = bulletin_at
        self._sizes = np.array([hashes.size for hashes in fingerprints], dtype=np.int32)
        hashes = np.concatenate([np.empty(0, dtype=np.int64), *fingerprints])
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._positions = np.repeat(np.arange(self._sizes.size, dtype=np.int32), self._sizes)[order]
        # A table of the hashes' lowest bits rejects most runs of a page without a search.
        self._low_bits = np.zeros(1 << max(16, (4 * hashes.size).bit_length()), dtype=np.bool_)
        self._low_bits[self._hashes & (self._low_bits.size - 1)] = True

    def shared(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT) -> list[tuple[int, int]]:
        """``(position, shared hashes)`` of the bulletins with at least ``least`` of these hashes, or all they have;
        most shared first, ties by position."""
        low = self._hashes.searchsorted(hashes)
        high = self._hashes.searchsorted(hashes, side="right")
        counts: dict[int, int] = {}
        for begin, end in zip(low[high > low].tolist(), high[high > low].tolist(), strict=True):
            for position in self._positions[begin:end].tolist():
                counts[position] = counts.get(position, 0) + 1
        enough = [(-count, at) for at, count in counts.items() if count >= least or count >= self._sizes[at]]
        return [(position, -count) for count, position in sorted(enough)[:limit]]

    def lookup(
        self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT
    ) -> Sequence[PreparedBulletin]:
        """See ``CandidateSource``."""
        return [self._bulletin_at(position) for position, _ in self.shared(hashes, least, limit)]

    def lookup_all_runs(
        self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT
    ) -> Sequence[PreparedBulletin] | None:
        """See ``prefilter.SharedRunIndex``."""
        known = distinct(hashes[self._low_bits[hashes & (self._low_bits.size - 1)]])
        found = self.shared(known, least, limit + 1)
        if found and found[0][1] >= max(_COPY_SHARED, self._sizes[found[0][0]] / 2):
            return None
        return None if len(found) > limit else [self._bulletin_at(position) for position, _ in found]
