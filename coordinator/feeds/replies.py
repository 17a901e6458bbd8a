"""How often public feeds were answered, and how, by one process since it began."""

import threading
from collections import Counter


class Replies:
    """Counts answers by feed and HTTP status. Safe between threads."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def note(self, feed: str, status: int) -> None:
        """One more. ``feed``: one of the names in ``formats.FORMATS``, so that there are never many."""
        with self._lock:
            self._counted[feed, str(status)] += 1

    def counts(self) -> Counter[tuple[str, str]]:
        """All so far."""
        with self._lock:
            return self._counted.copy()
