"""The embedded engine: one pool of threads in the web's own process, fed from the ledger."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy.exc import SQLAlchemyError

from coordinator.jobs.kinds import KINDS
from coordinator.jobs.running import carry_out
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)


class EmbeddedRunner:
    """Claims as many due rows as there are free threads, and again whenever one is done.

    Half of the threads are left for deliveries: looking at slow partner sites must not hold up a release. Of the other
    half no kind takes the last thread, so that slow looks do not hold up the checks.
    """

    def __init__(self, place: Workplace, workers: int) -> None:
        self._place = place
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="work")
        self._dispatcher = ThreadPoolExecutor(1, thread_name_prefix="dispatch")
        self._workers = workers
        self._aside = workers - workers // 2  # threads for everything but deliveries
        self._single = max(self._aside - 1, 1)
        self._busy = dict.fromkeys(KINDS, 0)
        self._asked: set[str] = set()
        self._held: set[str] = set()  # kinds that may have more to do than there were threads for
        self._lock = threading.Lock()
        self._stopped = False

    def nudge(self, kind: str, key: str = "") -> None:
        """Look for due work of this kind soon. Many nudges while one waits are one."""
        with self._lock:
            if self._stopped or kind in self._asked:
                return
            self._asked.add(kind)
            # Under the lock: nobody can have shut the dispatcher down since we saw that it is open.
            self._dispatcher.submit(self._dispatch, kind)

    def nudge_all(self) -> None:
        """Look for due work of every kind."""
        for kind in KINDS:
            self.nudge(kind)

    def stop(self) -> None:
        """Take no more work and wait for what is under way."""
        with self._lock:
            self._stopped = True
        self._place.stopping.set()
        self._dispatcher.shutdown(wait=True)
        self._pool.shutdown(wait=True)

    def idle(self) -> bool:
        """Whether nothing is under way or asked for at this moment."""
        with self._lock:
            return not self._asked and not any(self._busy.values())

    def _free(self, kind: str) -> int:
        with self._lock:
            self._asked.discard(kind)
            if self._stopped:
                return 0
            busy = sum(self._busy.values())
            if kind == "deliver":
                return self._workers - busy
            beside = busy - self._busy["deliver"]
            return min(self._workers - busy, self._aside - beside, self._single - self._busy[kind])

    def _dispatch(self, kind: str) -> None:
        free = self._free(kind)
        try:
            claims = KINDS[kind].claim(self._place, free) if free > 0 else []
        except SQLAlchemyError as error:
            log.error("could not claim %s: %s", kind, error)
            return
        with self._lock:
            # A thread that ends will nudge again whom it kept waiting.
            (self._held.add if len(claims) >= free else self._held.discard)(kind)
        for taken in claims:
            with self._lock:
                self._busy[kind] += 1
            self._pool.submit(carry_out, self._place, kind, taken).add_done_callback(self._after(kind))

    def _after(self, kind: str) -> Callable[[Future[None]], None]:
        def done(_future: Future[None]) -> None:
            with self._lock:
                self._busy[kind] -= 1
                held = [kind, *(self._held - {kind})]
            # What was held back for want of a thread is looked for now rather than at the next tick, and so is what may
            # have waited for the one that is done.
            for one in held:
                self.nudge(one)

        return done
