"""Where in one text the runs of another stand: pairs of stretches for a view side by side."""

import numpy as np

from campaigns.tracking.fingerprints import Hashes, Offsets

Pair = tuple[int, int, int, int]


class Ranked:
    """The runs of one text, sorted once, so that any number of others can be aligned with it."""

    def __init__(self, runs: Hashes) -> None:
        self.runs = runs
        self.order = np.argsort(runs, kind="stable")
        self.sorted = runs[self.order]
        self.listed: list[int] = runs.tolist()  # plain numbers, which a loop compares much faster than an array's


def align(ours: Hashes, places: Offsets, theirs: Ranked, gram: int) -> list[Pair]:
    """Stretches that stand in both texts, as ``(ours_start, ours_end, theirs_start, theirs_end)`` in words.

    ``ours`` and ``theirs`` hash every run of ``gram`` words, in order; ``places`` says, in order, which of ours are
    among theirs. A run that stands in several places on the page is taken where it continues the stretch before it,
    else at its first place. Linear in the number of places.
    """
    first = np.searchsorted(theirs.sorted, ours[places], side="left").tolist()
    last = np.searchsorted(theirs.sorted, ours[places], side="right").tolist()
    stretches: list[list[int]] = []
    wanted, known = ours[places].tolist(), theirs.listed
    for mine, run, low, high in zip(places.tolist(), wanted, first, last, strict=True):
        if stretches:
            _, end, _, other_end = stretches[-1]
            # The next run of the stretch: both texts move on by one word.
            follows = other_end - gram + 1
            if mine == end - gram + 1 and follows < len(known) and known[follows] == run:
                stretches[-1][1] += 1
                stretches[-1][3] += 1
                continue
        if low < high:
            there = int(theirs.order[low])
            stretches.append([mine, mine + gram, there, there + gram])
    return [(one[0], one[1], one[2], one[3]) for one in stretches]
