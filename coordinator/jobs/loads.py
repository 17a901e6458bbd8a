"""Loads of counter images that wait to be counted, in the memory of one process, and which agents are programs."""

import logging
import re
import threading
from functools import lru_cache
from secrets import token_hex

from crawleruseragents import is_crawler

from campaigns.tracking.views import Load

log = logging.getLogger(__name__)

BATCH = 1000  # loads written in one transaction, and how many wake the writer early
MOST_HELD = 50_000  # loads in memory while the database is away; some 60 MB of the longest headers
LONGEST = 500  # characters kept of an agent or referer

# Programs that the public list has no name for. "Cubot" is a make of phones.
_MORE = re.compile(r"(?<!cu)bot\b|crawl|spider|slurp|preview|fetch|java/|headless|monitor", re.IGNORECASE)


@lru_cache(4096)
def is_program(agent: str) -> bool:
    """Whether an agent's own words say that no person is reading: it is empty or on the list of crawlers."""
    return not agent.strip() or is_crawler(agent) or _MORE.search(agent) is not None


class Loads:
    """Loads that wait to be written, in the memory of one process. Adding one is the whole work of a request."""

    def __init__(self) -> None:
        self._held: list[Load] = []
        self._batch: tuple[str, list[Load]] | None = None  # handed out and not yet known to be written
        self._dropped = 0
        self._lock = threading.Lock()
        self.many = threading.Event()

    def add(self, load: Load) -> None:
        """Remember a load. When too many wait already it is dropped, and the next writing says so in the log."""
        with self._lock:
            if len(self._held) >= MOST_HELD:
                self._dropped += 1
                return
            self._held.append(load)
            if len(self._held) >= BATCH:
                self.many.set()

    def take(self) -> tuple[str, list[Load]] | None:
        """The next batch and its id; the same again until it is ``done``."""
        with self._lock:
            if self._dropped:
                log.error("%d loads of counter images were dropped: too many waited for the database", self._dropped)
                self._dropped = 0
            if self._batch is None and self._held:
                self._batch = (token_hex(16), self._held[:BATCH])
                del self._held[:BATCH]
            if len(self._held) < BATCH:
                self.many.clear()
            return self._batch

    def done(self) -> None:
        """The batch last taken is written."""
        with self._lock:
            self._batch = None

    def give_up(self) -> int:
        """The batch last taken cannot be written: it is forgotten. Returns how many loads that were."""
        with self._lock:
            lost = len(self._batch[1]) if self._batch is not None else 0
            self._batch = None
            return lost

    def __len__(self) -> int:
        with self._lock:
            return len(self._held) + (len(self._batch[1]) if self._batch is not None else 0)
