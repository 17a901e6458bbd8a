"""Kept bytes: fragments of feeds, whole documents and their compressed form, bounded by what they weigh."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

# What a dictionary entry, its key and the bytes object cost beside their content, roughly; so that a million empty
# fragments are not free.
_OVERHEAD = 300


@dataclass(frozen=True)
class CacheCounts:
    """How a cache has done since it was made, and what it weighs now, in bytes."""

    hits: int
    misses: int
    entries: int
    weight: int


class FeedCache:
    """The least recently used bytes, at most ``most_bytes`` of them. Safe between threads.

    Nothing is ever invalidated: a key names one exact state (a bulletin's ``FeedItem.key``, a feed's validator), so a
    change is another key, and the old one falls out in its time. Two threads that miss at once both make the bytes;
    that costs once what waiting would cost every reader.
    """

    def __init__(self, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._weight = 0
        self._hits = 0
        self._misses = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> bytes | None:
        """What is kept under ``key``, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self._misses += 1
                return None
            self._kept.move_to_end(key)
            self._hits += 1
            return found

    def keep(self, key: Hashable, value: bytes) -> None:
        """Keep ``value``; the longest unused make room. What is heavier than a quarter of the cache is not kept."""
        weight = len(value) + _OVERHEAD
        if weight > self._most // 4:
            return
        with self._lock:
            replaced = self._kept.pop(key, None)
            if replaced is not None:
                self._weight -= len(replaced) + _OVERHEAD
            self._kept[key] = value
            self._weight += weight
            while self._weight > self._most:
                _, dropped = self._kept.popitem(last=False)
                self._weight -= len(dropped) + _OVERHEAD

    def obtain(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """What is kept under ``key``, else what ``make`` returns, which is then kept."""
        found = self.get(key)
        if found is None:
            found = make()
            self.keep(key, found)
        return found

    def counts(self) -> CacheCounts:
        """Hits, misses, entries and weight."""
        with self._lock:
            return CacheCounts(self._hits, self._misses, len(self._kept), self._weight)
