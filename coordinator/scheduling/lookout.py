"""A worker's lookout: while no nudge comes, it looks at the ledger by itself, so that a broker is never waited for."""

import logging
import random
import threading
import time

from coordinator.scheduling.embedded import EmbeddedRunner

log = logging.getLogger(__name__)

SILENCE = 10.0  # seconds without a nudge; a clock that leads nudges every second


class Lookout:
    """Nudges an embedded runner every second while nobody else nudges. ``heard`` whenever somebody does."""

    def __init__(self, runner: EmbeddedRunner, silence: float = SILENCE) -> None:
        self._runner, self._silence = runner, silence
        self._heard_at = time.monotonic()
        self._alone = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lookout", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for what the runner has under way."""
        self._stopped.set()
        self._thread.join()
        self._runner.stop()

    def heard(self) -> None:
        """A nudge came through: the broker and a clock are there."""
        self._heard_at = time.monotonic()

    def _watch(self) -> None:
        # Not in step with other workers: the one a moment behind would find everything taken, every time.
        while not self._stopped.wait(random.uniform(0.8, 1.2)):  # noqa: S311  # a pause, not a secret
            alone = time.monotonic() - self._heard_at > self._silence
            if alone != self._alone:
                self._alone = alone
                log.warning("no nudges, looking every second" if alone else "nudges come again")
            if alone:
                self._runner.nudge_all()
