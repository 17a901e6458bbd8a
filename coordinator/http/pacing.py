"""How often and how many at a time: one request to a host at once, and a pause before the next page is asked for.

The gates here are those of one process. Where several processes or machines work for one installation they also share
turns (``Turns``), so that two of them do not ask one host at once.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from coordinator.http.errors import DoorError, DoorErrorKind

MOST_HOSTS = 4096  # remembered at once; the idle ones are forgotten beyond
MARGIN = 30.0  # seconds that a shared turn is held beyond its request's end when it is not given back: clocks differ
ASK_AGAIN = 0.1  # seconds between two tries for a turn that somebody else has


class Turns(Protocol):
    """Turns that several processes share."""

    def take(self, place: str, lease: float, pause: float | None) -> float | None:
        """Take the turn for ``lease`` seconds at most and leave a ``pause`` behind (None: no pause is kept or left).

        None when it is ours, else the seconds until it may be. Raises ``DoorError`` when nobody can tell.
        """
        ...

    def give_back(self, place: str) -> None:
        """End our turn."""
        ...


@dataclass
class _Gate:
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0  # threads inside or waiting; a gate in use is never forgotten
    free_at: float = 0.0  # monotonic time before which no paced request begins


class Pacing:
    """The gates of all hosts of one process, and the turns it shares with others, if it does."""

    def __init__(self, interval: float, turns: Turns | None = None) -> None:
        """``interval``: seconds between the starts of two paced requests to one host, at least."""
        self._interval = interval
        self._turns = turns
        self._gates: dict[str, _Gate] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(
        self, place: str, *, until: float, paced: bool, interval: float | None = None, ends: float | None = None
    ) -> Iterator[None]:
        """Wait for this host's turn and hold it.

        ``until``: monotonic time by which the turn must begin; ``ends``: by which it is over, given for turns that are
        shared with other processes. ``paced``: keep the interval from the paced request
        before, and make the next one keep it; ``interval`` (a Crawl-delay) replaces a shorter one of ours.
        Raises ``DoorError`` of kind ``BUSY`` at once when the pause would end too late, or when the turn does not come.
        """
        gate = self._enter(place)
        try:
            if not gate.lock.acquire(timeout=max(until - time.monotonic(), 0)):
                raise DoorError(f"{place}: another request to it is under way", kind=DoorErrorKind.BUSY)
            try:
                if paced:
                    left = gate.free_at - time.monotonic()
                    if time.monotonic() + left > until:
                        raise DoorError(
                            f"{place}: asked a moment ago, free in {left:.0f} s",
                            kind=DoorErrorKind.BUSY,
                            retry_after=left,
                        )
                    if left > 0:
                        time.sleep(left)
                    gate.free_at = time.monotonic() + max(self._interval, interval or 0.0)
                if self._turns is None or ends is None:
                    yield
                    return
                pause = max(self._interval, interval or 0.0) if paced else None
                self._share(self._turns, place, pause, until, ends)
                try:
                    yield
                finally:
                    self._turns.give_back(place)
            finally:
                gate.lock.release()
        finally:
            self._leave(gate)

    def _share(self, turns: Turns, place: str, pause: float | None, until: float, ends: float) -> None:
        """Wait for the turn that other processes may have. Raises ``DoorError`` of kind ``BUSY``."""
        while True:
            now = time.monotonic()
            wait = turns.take(place, max(ends - now, 0.0) + MARGIN, pause)
            if wait is None:
                return
            if now + max(wait, ASK_AGAIN) > until:
                raise DoorError(
                    f"{place}: another process is asking it or has just done so",
                    kind=DoorErrorKind.BUSY,
                    retry_after=max(wait, 1.0),
                )
            time.sleep(max(wait, ASK_AGAIN))

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
