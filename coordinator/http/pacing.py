"""How often and how many at a time: one request to a host at once, and a pause before the next page is asked for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from coordinator.http.errors import DoorError, DoorErrorKind

MOST_HOSTS = 4096  # remembered at once; the idle ones are forgotten beyond


@dataclass
class _Gate:
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0  # threads inside or waiting; a gate in use is never forgotten
    free_at: float = 0.0  # monotonic time before which no paced request begins


class Pacing:
    """The gates of all hosts of one process."""

    def __init__(self, interval: float) -> None:
        """``interval``: seconds between the starts of two paced requests to one host, at least."""
        self._interval = interval
        self._gates: dict[str, _Gate] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, place: str, *, until: float, paced: bool, interval: float | None = None) -> Iterator[None]:
        """Wait for this host's turn and hold it.

        ``until``: monotonic time by which the turn must begin. ``paced``: keep the interval from the paced request
        before, and make the next one keep it; ``interval`` (a Crawl-delay) replaces a shorter one of ours.
        Raises ``DoorError`` of kind ``BUSY`` at once when the pause would end too late, or when the turn does not come.
        """
        gate = self._enter(place)
        try:
            if not gate.lock.acquire(timeout=max(until - time.monotonic(), 0)):
                raise DoorError(f"{place}: another request to it is under way", kind=DoorErrorKind.BUSY)
            try:
                if paced:
                    pause = gate.free_at - time.monotonic()
                    if time.monotonic() + pause > until:
                        raise DoorError(
                            f"{place}: asked a moment ago, free in {pause:.0f} s",
                            kind=DoorErrorKind.BUSY,
                            retry_after=pause,
                        )
                    if pause > 0:
                        time.sleep(pause)
                    gate.free_at = time.monotonic() + max(self._interval, interval or 0.0)
                yield
            finally:
                gate.lock.release()
        finally:
            self._leave(gate)

    def _enter(self, place: str) -> _Gate:
        with self._lock:
            if len(self._gates) >= MOST_HOSTS:
                now = time.monotonic()
                self._gates = {name: gate for name, gate in self._gates.items() if gate.users or gate.free_at > now}
            gate = self._gates.setdefault(place, _Gate())
            gate.users += 1
            return gate

    def _leave(self, gate: _Gate) -> None:
        with self._lock:
            gate.users -= 1
