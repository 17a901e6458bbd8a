"""Which bulletins a page might carry: those that share some of its fingerprint.

The server asks its database (``fingerprint_index``). ``HashIndex`` does the same in memory, for ``lantoa check``.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
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
        self,
        hashes: Hashes,
        least: int = LEAST_SHARED,
        limit: int = CANDIDATE_LIMIT,
        *,
        first: Collection[str] = (),
        before: datetime | None = None,
    ) -> Sequence[PreparedBulletin]:
        """The bulletins sharing at least ``least`` hashes, most shared first, at most ``limit`` of them.

        A bulletin so short that it has fewer hashes than ``least`` is found by all it has. ``first``: bulletins that
        precede the others. ``before``: of those that share as many, the ones released last before it precede.
        """
        ...


class HashIndex:
    """The hashes of all bulletins in two sorted arrays of twelve bytes a hash. Built once, then only read.

    ``fingerprints``: the hashes of each bulletin. ``bulletin_at`` returns the bulletin at a position of that sequence;
    it is called for candidates only. ``released``: the release of each as a timestamp, and ``positions``: the position
    of each by its id; both may be empty.
    """

    def __init__(
        self,
        fingerprints: Sequence[Hashes],
        bulletin_at: Callable[[int], PreparedBulletin],
        released: Sequence[float | None] = (),
        positions: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._bulletin_at, self._released, self._place = bulletin_at, released, positions
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
        self,
        hashes: Hashes,
        least: int = LEAST_SHARED,
        limit: int = CANDIDATE_LIMIT,
        *,
        first: Collection[str] = (),
        before: datetime | None = None,
    ) -> Sequence[PreparedBulletin]:
        """See ``CandidateSource``."""
        if before is None and not first:
            return [self._bulletin_at(position) for position, _ in self.shared(hashes, least, limit)]
        found = self.shared(hashes, least, self._sizes.size)
        named = [place for ident in first if (place := self._place.get(ident)) is not None]
        moment = before.timestamp() if before is not None else None
        ordered = sorted(found, key=lambda row: (-row[1], *self._distance(row[0], moment), row[0]))
        places = dict.fromkeys([*named, *(place for place, _ in ordered)])
        return [self._bulletin_at(place) for place in list(places)[:limit]]

    def _distance(self, position: int, moment: float | None) -> tuple[bool, float]:
        """Whether a bulletin was released behind a moment, and how long before or behind."""
        released = self._released[position] if self._released else None
        if released is None or moment is None:
            return True, math.inf
        return released > moment, abs(moment - released)

    def lookup_all_runs(
        self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT
    ) -> Sequence[PreparedBulletin] | None:
        """See ``prefilter.SharedRunIndex``."""
        known = distinct(hashes[self._low_bits[hashes & (self._low_bits.size - 1)]])
        found = self.shared(known, least, limit + 1)
        if found and found[0][1] >= max(_COPY_SHARED, self._sizes[found[0][0]] / 2):
            return None
        return None if len(found) > limit else [self._bulletin_at(position) for position, _ in found]
