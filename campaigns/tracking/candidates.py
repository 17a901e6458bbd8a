"""Which bulletins a page might carry: those that share some of its fingerprint.

The product asks its database for them; ``CandidateIndex`` does the same in memory, for judging pages without a server.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from campaigns.tracking.fingerprints import Hashes
from campaigns.tracking.prepared import PreparedBulletin

# Two shared hashes: one alone is often a formula; a copied run of about forty words always gives two.
LEAST_SHARED = 2
LIMIT = 60


class Candidates(Protocol):
    """Whatever can tell which bulletins share hashes with a page."""

    def lookup(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> Sequence[PreparedBulletin]:
        """The bulletins sharing at least ``least`` hashes, most shared first, at most ``limit`` of them.

        A bulletin so short that it has fewer hashes than ``least`` is found by all it has.
        """
        ...


class CandidateIndex:
    """All bulletins' fingerprints in two sorted columns. Built once, then only read: safe to share by fork or thread.

    ``least`` and ``limit`` are as in ``Candidates``.
    """

    def __init__(self, bulletins: Iterable[PreparedBulletin]) -> None:
        self.bulletins = tuple(bulletins)
        sizes = np.array([one.fingerprint.size for one in self.bulletins], dtype=np.int64)
        owners = np.repeat(np.arange(sizes.size, dtype=np.int64), sizes)
        hashes = (
            np.concatenate([one.fingerprint for one in self.bulletins])
            if self.bulletins
            else np.empty(0, dtype=np.int64)
        )
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._owners = owners[order]
        self._sizes = sizes

    def shared(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> list[tuple[int, int]]:
        """``(place in bulletins, shared hashes)``, most shared first; ties in the order the bulletins came."""
        if self._hashes.size == 0 or hashes.size == 0:
            return []
        low = np.searchsorted(self._hashes, hashes, side="left")
        high = np.searchsorted(self._hashes, hashes, side="right")
        lengths = high - low
        total = int(lengths.sum())
        if total == 0:
            return []
        # The places low[i]..high[i]-1 of every hash, one after another, without a loop.
        ahead = np.repeat(low - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        owners, counts = np.unique(self._owners[np.arange(total) + ahead], return_counts=True)
        enough = counts >= np.minimum(least, self._sizes[owners])
        owners, counts = owners[enough], counts[enough]
        best = np.lexsort((owners, -counts))[:limit]
        return [(int(owners[place]), int(counts[place])) for place in best]

    def lookup(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> Sequence[PreparedBulletin]:
        """As ``Candidates`` promises."""
        return [self.bulletins[place] for place, _ in self.shared(hashes, least, limit)]
