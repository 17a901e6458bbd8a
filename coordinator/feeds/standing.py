"""How feeds stand within one second: what most readers ask, whether anything has changed, answered without a question
to the database."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from coordinator.feeds.conditional import Validators

_MOST = 20_000  # feeds remembered at once; each is some 500 bytes

Mark = Hashable
R = TypeVar("R")


@dataclass(frozen=True)
class Standing(Generic[R]):
    """A feed's validators, all that its bytes depend on, and whose it is."""

    validators: Validators
    parts: tuple[object, ...]
    reader: R


class Standings(Generic[R]):
    """Standings under one mark; another mark forgets them all. Safe between threads.

    The mark is for the caller to choose, and to read before what it remembers: the second, since a release falls on a
    second, and how often this process has written, since a recall does not.
    """

    def __init__(self) -> None:
        self._mark: Mark = None
        self._known: dict[Hashable, Standing[R]] = {}
        self._lock = threading.Lock()

    def find(self, mark: Mark, feed: Hashable) -> Standing[R] | None:
        """What was remembered under this mark, or None."""
        with self._lock:
            return self._known.get(feed) if mark == self._mark else None

    def keep(self, mark: Mark, feed: Hashable, standing: Standing[R]) -> None:
        """Remember one."""
        with self._lock:
            if mark != self._mark or len(self._known) >= _MOST:
                self._known.clear()
            self._mark = mark
            self._known[feed] = standing
