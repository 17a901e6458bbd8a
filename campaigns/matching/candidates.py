"""Which bulletins a page might carry: those that share some of its fingerprint.

The server asks its database (``fingerprint_index``). ``HashIndex`` does the same in memory, for ``lantoa check``.
"""

import math
from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from campaigns.matching.fingerprints import Hashes
from campaigns.matching.prepared_bulletin import PreparedBulletin

# Two shared hashes: one alone is often a formula; a copied run of about forty words always gives two.
LEAST_SHARED = 2
CANDIDATE_LIMIT = 60
# A bulletin that shares fewer hashes than this, a smaller share of its own, and none that few others have, shares only
# formulas with the page.
_MANY_SHARED = 8
_SHARE = 0.12
_RARITY = 0.1  # sum of 1 / the number of bulletins with a hash: one that ten have is enough


def is_candidate(shared: Any, size: Any, rarity: Any, least: Any) -> Any:
    """Return whether a bulletin is compared with a page, for arrays of numbers or for columns of a query.

    ``shared``: how many hashes it shares with the page, above 0; ``size``: how many it has; ``rarity``: the sum of one
    divided by the number of bulletins with a hash, over the shared ones. It has to share ``least`` hashes, or all it
    has; if ``least`` is ``LEAST_SHARED`` or more, also more than formulas.
    """
    more_than_formulas = (shared >= _MANY_SHARED) | (rarity >= _RARITY) | (shared >= _SHARE * size)
    return ((shared >= least) | (shared >= size)) & (more_than_formulas | (least < LEAST_SHARED))


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
        """The bulletins for which ``is_candidate`` holds, most shared first, at most ``limit`` of them.

        ``first``: bulletins that precede the others. ``before``: of those that share as many, the ones released last
        before it precede.
        """
        ...


class HashIndex:
    """The hashes of all bulletins in two sorted arrays of twelve bytes a hash. Built once, then only read.

    ``fingerprints``: the hashes of each bulletin, gone through once. ``bulletin_at`` returns the bulletin at a position
    of them; it is called for candidates only. ``released``: the release of each as a timestamp, and ``positions``: the
    position of each by its id; both may be empty, and are filled while the fingerprints are read.
    """

    def __init__(
        self,
        fingerprints: Iterable[Hashes],
        bulletin_at: Callable[[int], PreparedBulletin],
        released: Sequence[float | None] = (),
        positions: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._bulletin_at, self._released, self._place = bulletin_at, released, positions
        # Collected in one piece each: a hundred thousand small arrays would leave holes in the memory.
        counted, collected = array("i"), array("q")
        for hashes in fingerprints:
            counted.append(hashes.size)
            collected.frombytes(hashes.tobytes())
        self._sizes, hashes = np.array(counted, dtype=np.int32), np.array(collected, dtype=np.int64)
        del collected
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._positions = np.repeat(np.arange(self._sizes.size, dtype=np.int32), self._sizes)[order]

    def shared(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = CANDIDATE_LIMIT) -> list[tuple[int, int]]:
        """``(position, shared hashes)`` of the bulletins for which ``is_candidate`` holds; most shared first, ties by
        position."""
        low = self._hashes.searchsorted(hashes)
        high = self._hashes.searchsorted(hashes, side="right")
        low, high = low[high > low], high[high > low]
        if low.size == 0:
            return []
        ranges = zip(low.tolist(), high.tolist(), strict=True)
        positions = np.concatenate([self._positions[begin:end] for begin, end in ranges])
        order = np.argsort(positions, kind="stable")
        positions = positions[order]
        begins = np.concatenate(([0], np.flatnonzero(positions[1:] != positions[:-1]) + 1))
        found, counts = positions[begins], np.diff(begins, append=positions.size)
        rarity = np.add.reduceat(np.repeat(1 / (high - low), high - low)[order], begins)
        chosen = is_candidate(counts, self._sizes[found], rarity, least).nonzero()[0]
        chosen = chosen[np.argsort(-counts[chosen], kind="stable")[:limit]]
        return list(zip(found[chosen].tolist(), counts[chosen].tolist(), strict=True))

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
