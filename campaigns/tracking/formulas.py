"""Formulas: words that stand in many bulletins tell little of where a page has them from.

Official texts repeat whole clauses: "Phát biểu tại hội nghị, … nhấn mạnh vai trò của …". News of others has them too,
and shares a third of a bulletin's words with it without a word being copied. What tells a copy is that it has the rare
words as well as the common ones; or so long a run that no formula reaches it.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from campaigns.tracking.fingerprints import Hashes, Offsets, counted, distinct
from campaigns.tracking.prepared import PreparedBulletin

_LEAST_BULLETINS = 5  # from which it can be told what is common
_COMMON_WORTH = 0.05  # of a run that stands in all of them; one in a single one of sixty is worth 4.1
_WORTH_SHARE = 0.40  # of all a text's worth: so much of it is a copy, however it is spread
_RATIO = 0.82  # of worth found to runs found, below which only formulas were found; less where a run is long:
_RATIO_A_WORD = 0.0035  # so much for each word of it, since formulas meet with the same names and numbers seldom
_LONG = 75  # words of a run that formulas do not reach
MOST = 0.60  # of the text in one passage, in its order, is a copy with words replaced all over, whatever the words


class Formulas:
    """How common each run of words is among the bulletins that share something with a page."""

    def __init__(self, candidates: Sequence[PreparedBulletin]) -> None:
        by_id: dict[str, list[Hashes]] = {}
        for one in candidates:
            by_id.setdefault(one.id, []).append(one.cover)
        self._count = len(by_id)
        self._covers = tuple(by_id.values())

    @cached_property
    def _known(self) -> tuple[Hashes, Offsets]:
        """Every run, sorted, and in how many bulletins it stands."""
        return counted(np.concatenate([distinct(np.concatenate(covers)) for covers in self._covers]))

    def _worth(self, runs: Hashes) -> NDArray[np.float64]:
        known, times = self._known
        return np.log(self._count / times[np.searchsorted(known, runs)]) + _COMMON_WORTH

    def explain(self, bulletin: PreparedBulletin, places: Offsets, part: range, longest: int) -> bool:
        """Whether what stands on the page of the bulletin's words in ``part`` is formulas alone.

        ``places``: the bulletin's runs that stand on the page; ``longest``: words of the longest run of it there. The
        bounds were set on texts put together from fourteen clauses, of which any two have a third in common.
        """
        if self._count < _LEAST_BULLETINS or longest >= _LONG:
            return False
        end = min(part.stop, bulletin.cover.size)
        inside = places[(places >= part.start) & (places < end)]
        if inside.size == 0:
            return False
        worth = self._worth(bulletin.cover[part.start : end])
        whole = float(worth.sum())
        if whole <= 0:
            return False
        share = float(worth[inside - part.start].sum()) / whole
        ratio = share / (inside.size / (end - part.start))
        return share < _WORTH_SHARE and ratio < _RATIO - _RATIO_A_WORD * longest
