"""Pace per host: one request at a time, and a pause before the next page is requested.

The gates here belong to one process. Where several processes or machines work for one installation they also share
locks (``HostLocks``), so that no two of them request from one host at once.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from coordinator.http.errors import RequestError, RequestErrorKind

MAX_HOSTS = 4096  # gates kept at once; beyond it the idle ones are dropped
LOCK_MARGIN = 30.0  # seconds that a lock outlives the deadline of its request when it is not released: clocks differ
LOCK_RETRY_INTERVAL = 0.1  # seconds between two attempts for a lock that another process holds


class HostLocks(Protocol):
    """Locks on hosts that several processes share."""

    def take(self, place: str, lease: float, pause: float | None) -> float | None:
        """Lock ``place`` for ``lease`` seconds at most, and start a ``pause`` (None: no pause is kept or started).

        None when it is locked, else the seconds to wait. Raises ``RequestError`` when the state is unknown.
        """
        ...

    def give_back(self, place: str) -> None:
        """Release our lock."""
        ...


@dataclass
class _HostGate:
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0  # threads inside or waiting; a gate in use is never forgotten
    free_at: float = 0.0  # monotonic time before which no paced request begins


class HostPacing:
    """The gates of all hosts of one process, and the locks that it shares with other processes, if any."""

    def __init__(self, interval: float, locks: HostLocks | None = None) -> None:
        """``interval``: seconds between the starts of two paced requests to one host, at least."""
        self._interval = interval
        self._locks = locks
        self._gates: dict[str, _HostGate] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(
        self, place: str, *, until: float, paced: bool, interval: float | None = None, ends: float | None = None
    ) -> Iterator[None]:
        """Wait for this host to be free and hold it.

        ``until``: monotonic time by which the request must begin; ``ends``: by which it is over, given where the host
        is also locked for other processes. ``paced``: keep the interval after the paced request before, and make the
        next one keep it; ``interval`` (a Crawl-delay) replaces a shorter one of ours. Raises ``RequestError`` of kind
        ``BUSY`` at once when the pause would end too late, or when the host does not become free.
        """
        gate = self._enter(place)
        try:
            if not gate.lock.acquire(timeout=max(until - time.monotonic(), 0)):
                raise RequestError(f"{place}: another request to it is under way", kind=RequestErrorKind.BUSY)
            try:
                if paced:
                    left = gate.free_at - time.monotonic()
                    if time.monotonic() + left > until:
                        raise RequestError(
                            f"{place}: asked a moment ago, free in {left:.0f} s",
                            kind=RequestErrorKind.BUSY,
                            retry_after=left,
                        )
                    if left > 0:
                        time.sleep(left)
                    gate.free_at = time.monotonic() + max(self._interval, interval or 0.0)
                if self._locks is None or ends is None:
                    yield
                    return
                pause = max(self._interval, interval or 0.0) if paced else None
                self._share(self._locks, place, pause, until, ends)
                try:
                    yield
                finally:
                    self._locks.give_back(place)
            finally:
                gate.lock.release()
        finally:
            self._leave(gate)

    def _share(self, locks: HostLocks, place: str, pause: float | None, until: float, ends: float) -> None:
        """Wait for the lock that other processes may hold. Raises ``RequestError`` of kind ``BUSY``."""
        while True:
            now = time.monotonic()
            wait = locks.take(place, max(ends - now, 0.0) + LOCK_MARGIN, pause)
            if wait is None:
                return
            if now + max(wait, LOCK_RETRY_INTERVAL) > until:
                raise RequestError(
                    f"{place}: another process is asking it or has just done so",
                    kind=RequestErrorKind.BUSY,
                    retry_after=max(wait, 1.0),
                )
            time.sleep(max(wait, LOCK_RETRY_INTERVAL))

    def _enter(self, place: str) -> _HostGate:
        with self._lock:
            if len(self._gates) >= MAX_HOSTS:
                now = time.monotonic()
                self._gates = {name: gate for name, gate in self._gates.items() if gate.users or gate.free_at > now}
            gate = self._gates.setdefault(place, _HostGate())
            gate.users += 1
            return gate

    def _leave(self, gate: _HostGate) -> None:
        with self._lock:
            gate.users -= 1
