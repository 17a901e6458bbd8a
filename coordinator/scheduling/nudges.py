"""Nudges to other processes: the thread that sends them. How they travel is in ``celery_queue`` and
``postgresql_notify``."""

import logging
import threading
from abc import ABC, abstractmethod

log = logging.getLogger(__name__)


class QueuedRunner(ABC):
    """Sends nudges from its own thread. ``errors``: what ``send`` raises when it cannot reach anybody.

    An unreachable or unresponsive broker or database delays work but blocks no caller: the row is in the ledger, and
    the clock nudges again.
    """

    def __init__(self, errors: tuple[type[Exception], ...]) -> None:
        self._errors = errors
        self._wanted: dict[str, None] = {}  # in order, each kind once, so that several nudges become one
        self._asked = threading.Condition()
        self._sender: threading.Thread | None = None
        self._sending = False
        self._reached = True  # whether the last nudge was sent

    @abstractmethod
    def send(self, kind: str) -> None:
        """Send one nudge. Called by the sender's thread only."""

    @abstractmethod
    def close(self) -> None:
        """Drop the connection after an error; the next ``send`` opens another."""

    def nudge(self, kind: str, key: str = "") -> None:
        """Ask the workers to look for work of this kind. Returns at once."""
        with self._asked:
            self._wanted[kind] = None
            if self._sender is None:  # started at the first use, since a thread does not survive a fork
                self._sender = threading.Thread(target=self._send_loop, name="nudges", daemon=True)
                self._sender.start()
            self._asked.notify()

    def idle(self) -> bool:
        """Whether every nudge was sent or discarded."""
        with self._asked:
            return not self._wanted and not self._sending

    def _send_loop(self) -> None:
        while True:
            with self._asked:
                self._sending = False
                self._asked.wait_for(lambda: self._wanted)
                kinds, self._wanted, self._sending = list(self._wanted), {}, True
            for kind in kinds:
                self._try(kind)

    def _try(self, kind: str) -> None:
        try:
            self.send(kind)
        except self._errors as error:
            if self._reached:
                log.warning("no nudge for %s: %s", kind, str(error).strip() or type(error).__name__)
            self.close()
            self._reached = False
        else:
            if not self._reached:
                log.warning("nudges are sent again")
            self._reached = True
