"""The share of a process's threads that each kind of work may use, by one rule for every way of running.

Deliveries use every free thread. Everything else together uses half of the threads, so that a release never waits for
a slow site. Looks at sites together leave one thread of that half, so that checks of bulletins go on while hundreds of
new sites are looked at; of the threads for looks, work that can wait leaves one. No kind uses the last thread of the
half alone. With fewer than eight threads each limit is at least one thread.
"""

from collections.abc import Mapping
from enum import Enum


class Share(Enum):
    """What a kind of work may use."""

    DELIVERIES = "deliveries"  # every free thread
    CHECKS = "checks"  # checks of bulletins and everything that people wait for: half of the threads together
    LOOKS = "looks"  # looks at the known sources of sites
    BACKGROUND = "background"  # looks at sites that can wait: searches for sources, front pages, screenshots


def free_threads(kind: str, busy: Mapping[str, int], shares: Mapping[str, Share], workers: int) -> int:
    """How many threads this kind may begin to use now. ``busy``: the threads that each kind uses."""
    total = sum(busy.values())
    if shares[kind] is Share.DELIVERIES:
        return max(workers - total, 0)
    half = workers - workers // 2
    looks = max(half - 1, 1)
    background = max(looks - 1, 1)
    used = {share: sum(count for name, count in busy.items() if shares[name] is share) for share in Share}
    free = [
        workers - total,
        half - (total - used[Share.DELIVERIES]),
        max(half - 1, 1) - busy.get(kind, 0),
    ]
    if shares[kind] in {Share.LOOKS, Share.BACKGROUND}:
        free.append(looks - used[Share.LOOKS] - used[Share.BACKGROUND])
    if shares[kind] is Share.BACKGROUND:
        free.append(background - used[Share.BACKGROUND])
    return max(min(free), 0)
