"""Which bulletins a page might carry: those that share some of its fingerprint.

The server asks its database (``fingerprint_index``). ``HashIndex`` does the same in memory, for ``lantoa check``.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from campaigns.matching.fingerprints import Hashes
from campaigns.matching.prepared_bulletin import PreparedBulletin

# Two shared hashes: one alone is often a formula; a copied run of about forty words always gives two.
LEAST_SHARED = 2
CANDIDATE_LIMIT = 60
# A bulletin that shares fewer hashes than this, a smaller share of its own, and none that few others have, shares only
# formulas with the page.
_MANY_SHARED = 8
_SHARE = 0.08
_RARITY = 0.1  # sum of 1 / the number of bulletins with a hash: one that ten have is enough


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

    def shared(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT) -> list[tuple[int, int]]:
        """``(position, shared hashes)`` of the bulletins with at least ``least`` of these hashes, or all they have, if
        they share more than formulas with the page; most shared first, ties by position."""
        low = self._hashes.searchsorted(hashes)
        high = self._hashes.searchsorted(hashes, side="right")
        low, high = low[high > low], high[high > low]
        if low.size == 0:
            return []
        ranges = zip(low.tolist(), high.tolist(), strict=True)
        positions = np.concatenate([self._positions[begin:end] for begin, end in ranges])
        counts = np.bincount(positions, minlength=self._sizes.size)
        rarity = np.bincount(positions, np.repeat(1 / (high - low), high - low), self._sizes.size)
        found = np.flatnonzero(
            ((counts >= least) | (counts >= self._sizes) & (counts > 0))
            & ((counts >= np.minimum(_MANY_SHARED, _SHARE * self._sizes)) | (rarity >= _RARITY))
        )
        found = found[np.argsort(-counts[found], kind="stable")[:limit]]
        return list(zip(found.tolist(), counts[found].tolist(), strict=True))

    def lookup(
        self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT
    ) -> Sequence[PreparedBulletin]:
        """See ``CandidateSource``."""
        return [self._bulletin_at(position) for position, _ in self.shared(hashes, least, limit)]
