"""The number of calls of one key in one minute, and the headers that tell a client where it stands.

The header fields are those of draft-ietf-httpapi-ratelimit-headers-03, which clients know best. The count is kept in
the memory of one process: a key may make as many calls again in each further process. The limit protects the database
from a client in a loop, and is no quota.
"""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from flask import Response, g

from coordinator.api.problems import RequestRefused

LIMIT, REMAINING, RESET = "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"
WINDOW = 60  # seconds


@dataclass(frozen=True)
class Standing:
    """Where a key stands after a call: ``limit`` and ``remaining`` in calls, ``reset`` in whole seconds from now."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> Iterator[tuple[str, str]]:
        """The three header fields."""
        yield LIMIT, str(self.limit)
        yield REMAINING, str(self.remaining)
        yield RESET, str(self.reset)


@dataclass
class CallCounter:
    """The calls of each key within the current minute of the clock."""

    _minute: int = 0
    _calls: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, key_id: int, *, limit: int, now: datetime) -> Standing:
        """Count one call of ``limit`` a minute. Raises ``RequestRefused`` (429, with ``Retry-After``) beyond them."""
        at = now.timestamp()
        minute = int(at // WINDOW)
        with self._lock:
            if minute != self._minute:
                self._minute, self._calls = minute, {}
            calls = self._calls[key_id] = self._calls.get(key_id, 0) + 1
        standing = Standing(limit, max(limit - calls, 0), math.ceil((minute + 1) * WINDOW - at))
        if calls > limit:
            raise RequestRefused(
                HTTPStatus.TOO_MANY_REQUESTS, "too_many_calls", f"this key may make {limit} calls a minute",
                headers={"Retry-After": str(standing.reset), **dict(standing.headers())},
            )  # fmt: skip
        return standing


def add_headers(response: Response) -> Response:
    """Say in an answer where the caller's key stands. An answer without a valid key says nothing."""
    standing: Standing | None = g.get("api_standing")
    if standing is not None:
        for name, value in standing.headers():
            response.headers[name] = value
    return response
