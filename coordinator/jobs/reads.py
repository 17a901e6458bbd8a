"""Reads of partners' feeds that carried nothing new, in the memory of one process until they are written."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

log = logging.getLogger(__name__)

MOST_HELD = 50_000  # reads in memory while the database is away; some 10 MB


@dataclass(frozen=True)
class FeedReader:
    """Whose key asked for a feed, by their rows."""

    key_id: int
    company_id: int


@dataclass(frozen=True)
class QuietRead:
    """One read that was answered 304, or with an empty feed: it proves no delivery, only that somebody still reads."""

    reader: FeedReader
    feed: str
    status: int
    at: datetime


class Reads:
    """Reads that wait to be written. Adding one is the whole work of a request."""

    def __init__(self) -> None:
        self._held: list[QuietRead] = []
        self._dropped = 0
        self._lock = threading.Lock()

    def add(self, read: QuietRead) -> None:
        """Remember a read. When too many wait already it is dropped, and the next writing says so in the log."""
        with self._lock:
            if len(self._held) >= MOST_HELD:
                self._dropped += 1
            else:
                self._held.append(read)

    def take(self) -> list[QuietRead]:
        """All that wait; they wait no longer."""
        with self._lock:
            if self._dropped:
                log.error("%d reads of feeds were dropped: too many waited for the database", self._dropped)
                self._dropped = 0
            taken, self._held = self._held, []
            return taken

    def put_back(self, reads: list[QuietRead]) -> None:
        """What could not be written waits again, before what came meanwhile."""
        with self._lock:
            self._held = reads + self._held

    def __len__(self) -> int:
        with self._lock:
            return len(self._held)
