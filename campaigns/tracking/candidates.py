"""Which bulletins a page might carry: those that share some of its fingerprint.

The product asks its database for them; ``CandidateIndex`` does the same in memory, for judging pages without a server.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from campaigns.tracking.fingerprints import Hashes, distinct
from campaigns.tracking.prepared import PreparedBulletin

# Two shared hashes: one alone is often a formula; a copied run of about forty words always gives two.
LEAST_SHARED = 2
LIMIT = 60
_COPIED = 20  # shared hashes, and half of all a bulletin has: more than any teaser, and no use to sift further

_OTHER_BITS = 31  # of a hash of 63: none of them is among the lowest of any table of bits

Owners = NDArray[np.int32]


class Candidates(Protocol):
    """Whatever can tell which bulletins share hashes with a page."""

    def lookup(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> Sequence[PreparedBulletin]:
        """The bulletins sharing at least ``least`` hashes, most shared first, at most ``limit`` of them.

        A bulletin so short that it has fewer hashes than ``least`` is found by all it has.
        """
        ...


class Bits:
    """In each of two tables one bit in eight to sixteen is set, for each hash that by its lowest bits and that by
    others: a run of words that is none of ours is nearly always turned away without a search. ``count``: of the hashes
    that will be added."""

    def __init__(self, count: int) -> None:
        self._mask = np.int64((1 << max(16, (8 * count).bit_length())) - 1)
        self._first, self._second = (np.zeros((int(self._mask) + 1) >> 3, dtype=np.uint8) for _ in range(2))

    def add(self, hashes: Hashes) -> None:
        """Let these pass."""
        for table, bits in ((self._first, hashes), (self._second, hashes >> _OTHER_BITS)):
            low = bits & self._mask
            np.bitwise_or.at(table, low >> 3, np.left_shift(1, low & 7).astype(np.uint8))

    def passing(self, hashes: Hashes) -> Hashes:
        """All that were added of these, and few others; each once, sorted."""
        maybe = hashes[self._has(self._first, hashes)]
        return distinct(maybe[self._has(self._second, maybe >> _OTHER_BITS)])

    def _has(self, table: NDArray[np.uint8], bits: Hashes) -> NDArray[np.bool_]:
        low = bits & self._mask
        found: NDArray[np.bool_] = (table[low >> 3] >> (low & 7).astype(np.uint8)) & 1 != 0
        return found


class Columns:
    """All bulletins' hashes, sorted, and beside each the place of the bulletin that has it.

    ``hashes``: int64, ascending. ``owners``: int32, as many. ``sizes``: hashes of each bulletin, by place. The arrays
    may lie in a file that is mapped into memory; they are only read, so processes and threads may share them.
    """

    def __init__(self, hashes: Hashes, owners: Owners, sizes: Owners, bits: Bits | None = None) -> None:
        self.hashes, self.owners, self.sizes = hashes, owners, sizes
        if bits is None:
            bits = Bits(hashes.size)
            bits.add(hashes)
        self.bits = bits

    def shared(self, hashes: Hashes, least: int, limit: int) -> list[tuple[int, int]]:
        """``(place, shared hashes)`` of the bulletins with at least ``least`` of these hashes, or all they have; most
        shared first, ties by place."""
        low = self.hashes.searchsorted(hashes)
        high = self.hashes.searchsorted(hashes, side="right")
        there = (high > low).nonzero()[0]
        low, high = low[there], high[there]
        # A page shares some twenty hashes with all bulletins together, most of them with one: so few are counted in
        # half of the time that arrays take.
        owners = self.owners[low].tolist()
        more = (high - low > 1).nonzero()[0]
        for begin, end in zip(low[more].tolist(), high[more].tolist(), strict=True):
            owners += self.owners[begin + 1 : end].tolist()
        counts: dict[int, int] = {}
        for place in owners:
            counts[place] = counts.get(place, 0) + 1
        enough = [(-count, place) for place, count in counts.items() if count >= least or count >= self.sizes[place]]
        return [(place, -count) for count, place in sorted(enough)[:limit]]


class ColumnIndex:
    """Candidates by columns; ``fetch`` has the bulletin at a place ready when it is wanted.

    ``least`` and ``limit`` are as in ``Candidates``.
    """

    def __init__(self, columns: Columns, fetch: Callable[[int], PreparedBulletin]) -> None:
        self._columns, self._fetch = columns, fetch

    def shared(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> list[tuple[int, int]]:
        """``(place of the bulletin, shared hashes)``, most shared first; ties in the order the bulletins came."""
        return self._columns.shared(hashes, least, limit)

    def lookup(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> Sequence[PreparedBulletin]:
        """As ``Candidates`` promises."""
        return [self._fetch(place) for place, _ in self.shared(hashes, least, limit)]

    def sift(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> Sequence[PreparedBulletin] | None:
        """As ``sifting.Sieve`` promises."""
        found = self.shared(self._columns.bits.passing(hashes), least, limit + 1)
        if found and found[0][1] >= max(_COPIED, self._columns.sizes[found[0][0]] / 2):
            return None
        return None if len(found) > limit else [self._fetch(place) for place, _ in found]


class CandidateIndex(ColumnIndex):
    """All bulletins in memory. Built once, then only read: safe to share by fork or thread."""

    def __init__(self, bulletins: Iterable[PreparedBulletin]) -> None:
        self.bulletins = tuple(bulletins)
        sizes = np.array([one.fingerprint.size for one in self.bulletins], dtype=np.int32)
        owners = np.repeat(np.arange(sizes.size, dtype=np.int32), sizes)
        hashes = (
            np.concatenate([one.fingerprint for one in self.bulletins])
            if self.bulletins
            else np.empty(0, dtype=np.int64)
        )
        order = np.argsort(hashes, kind="stable")
        super().__init__(Columns(hashes[order], owners[order], sizes), self.bulletins.__getitem__)
