"""Views and empty feed reads in the memory of one process, until they are written."""

import logging
import re
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from secrets import token_hex

from crawleruseragents import is_crawler

from campaigns.republications.views import ImageLoad

log = logging.getLogger(__name__)

VIEW_BATCH = 1000  # loads written in one transaction, and the number that wakes the writer early
MOST_VIEWS = 50_000  # loads in memory while the database is away; some 60 MB of the longest headers
LONGEST_HEADER = 500  # characters kept of an agent or referer

# Programs that are not on the public list. "Cubot" is a brand of phones.
_MORE_BOTS = re.compile(r"(?<!cu)bot\b|crawl|spider|slurp|preview|fetch|java/|headless|monitor", re.IGNORECASE)


@lru_cache(4096)
def is_bot(agent: str) -> bool:
    """Whether an agent is a program: it is empty or on the list of crawlers."""
    return not agent.strip() or is_crawler(agent) or _MORE_BOTS.search(agent) is not None


class ViewBuffer:
    """Image loads to be written, in the memory of one process. A request only adds one."""

    def __init__(self) -> None:
        self._held: list[ImageLoad] = []
        self._batch: tuple[str, list[ImageLoad]] | None = None  # taken and not yet confirmed as written
        self._dropped = 0
        self._lock = threading.Lock()
        self.many = threading.Event()

    def add(self, load: ImageLoad) -> None:
        """Add a load. A full buffer drops it, and the next write logs that."""
        with self._lock:
            if len(self._held) >= MOST_VIEWS:
                self._dropped += 1
                return
            self._held.append(load)
            if len(self._held) >= VIEW_BATCH:
                self.many.set()

    def take(self) -> tuple[str, list[ImageLoad]] | None:
        """Return the next batch and its id; the same one until it is ``done``."""
        with self._lock:
            if self._dropped:
                log.error("%d loads of counter images were dropped: too many waited for the database", self._dropped)
                self._dropped = 0
            if self._batch is None and self._held:
                self._batch = (token_hex(16), self._held[:VIEW_BATCH])
                del self._held[:VIEW_BATCH]
            if len(self._held) < VIEW_BATCH:
                self.many.clear()
            return self._batch

    def done(self) -> None:
        """Record that the batch taken last is written."""
        with self._lock:
            self._batch = None

    def give_up(self) -> int:
        """Drop the batch taken last, which cannot be written. Returns its number of loads."""
        with self._lock:
            lost = len(self._batch[1]) if self._batch is not None else 0
            self._batch = None
            return lost

    def __len__(self) -> int:
        with self._lock:
            return len(self._held) + (len(self._batch[1]) if self._batch is not None else 0)


MOST_FEED_READS = 50_000  # reads in memory while the database is away; some 10 MB


@dataclass(frozen=True)
class FeedReader:
    """The ids of the key and the company that requested a feed."""

    key_id: int
    company_id: int


@dataclass(frozen=True)
class EmptyFeedRead:
    """One read that was answered with 304 or an empty feed: it proves that the feed is read, but no delivery."""

    reader: FeedReader
    feed: str
    status: int
    at: datetime


class FeedReadBuffer:
    """Feed reads to be written. A request only adds one."""

    def __init__(self) -> None:
        self._held: list[EmptyFeedRead] = []
        self._dropped = 0
        self._lock = threading.Lock()

    def add(self, read: EmptyFeedRead) -> None:
        """Add a read. A full buffer drops it, and the next write logs that."""
        with self._lock:
            if len(self._held) >= MOST_FEED_READS:
                self._dropped += 1
            else:
                self._held.append(read)

    def take(self) -> list[EmptyFeedRead]:
        """Remove and return all reads."""
        with self._lock:
            if self._dropped:
                log.error("%d reads of feeds were dropped: too many waited for the database", self._dropped)
                self._dropped = 0
            taken, self._held = self._held, []
            return taken

    def put_back(self, reads: list[EmptyFeedRead]) -> None:
        """Put reads that could not be written back, before newer ones."""
        with self._lock:
            self._held = reads + self._held

    def __len__(self) -> int:
        with self._lock:
            return len(self._held)


class FeedResponseCounts:
    """Counts the responses of public feeds by feed and HTTP status since the process began. Safe between threads."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def count(self, feed: str, status: int) -> None:
        """Count one response. ``feed``: one of the names in ``formats.FORMATS``, so that there are only a few."""
        with self._lock:
            self._counts[feed, str(status)] += 1

    def counts(self) -> Counter[tuple[str, str]]:
        """Return all counts so far."""
        with self._lock:
            return self._counts.copy()
