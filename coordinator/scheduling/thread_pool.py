"""The pool of threads in a process that works on the ledger, the same with and without a broker; and the fallback that
polls the ledger while no nudge arrives."""

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy.exc import SQLAlchemyError

from coordinator.jobs.context import JobContext
from coordinator.jobs.heartbeat import LifeSign
from coordinator.jobs.job_loop import carry_out
from coordinator.jobs.work_kinds import WORK_KINDS
from coordinator.jobs.work_shares import free_threads

log = logging.getLogger(__name__)

PASS_ON_INTERVAL = 0.2  # seconds; the broker may hand a nudge back to the process that passed it on


class ThreadPoolRunner:
    """Claims as many due rows as there are free threads, and again whenever a thread becomes free.

    How many threads a kind may use is decided by ``work_shares``. When a thread becomes free, the kind that was served
    least recently is asked first, so that a kind with a thousand due rows takes turns with the others. ``pass_on`` is
    called with a kind of which this process has taken as many rows as it has threads for, so that another process
    looks for more.
    """

    def __init__(self, context: JobContext, workers: int, pass_on: Callable[[str], None] = lambda _kind: None) -> None:
        self._context, self._pass_on = context, pass_on
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="work")
        # Memory remains with the thread that took it, so that one thread does all work that takes much.
        self._large = ThreadPoolExecutor(1, thread_name_prefix="large-work")
        self._dispatcher = ThreadPoolExecutor(1, thread_name_prefix="dispatch")
        self._workers = workers
        self._busy = dict.fromkeys(WORK_KINDS, 0)
        self._asked: set[str] = set()
        self._held: set[str] = set()  # kinds with more due rows than there were threads
        self._passed_on = dict.fromkeys(WORK_KINDS, -PASS_ON_INTERVAL)  # when each kind was last passed on
        self._served = dict.fromkeys(WORK_KINDS, 0)  # the number of the last dispatch that gave the kind a thread
        self._dispatches = 0
        self._lock = threading.Lock()
        self._stopped = False
        self.sign = LifeSign()

    def nudge(self, kind: str, key: str = "") -> None:
        """Look for due work of this kind soon. Several nudges while one waits become one."""
        with self._lock:
            if self._stopped or kind in self._asked:
                return
            self._asked.add(kind)
            # Under the lock: the dispatcher cannot have been shut down since ``_stopped`` was read.
            self._dispatcher.submit(self._dispatch, kind)

    def nudge_all(self) -> None:
        """Look for due work of every kind."""
        for kind in WORK_KINDS:
            self.nudge(kind)

    def stop(self) -> None:
        """Take no more work and wait for running work."""
        with self._lock:
            self._stopped = True
        self._context.stopping.set()
        self._dispatcher.shutdown(wait=True)
        self._pool.shutdown(wait=True)
        self._large.shutdown(wait=True)

    def idle(self) -> bool:
        """Whether no work is running or requested at this moment."""
        with self._lock:
            return not self._asked and not any(self._busy.values())

    def _free(self, kind: str) -> int:
        with self._lock:
            self._asked.discard(kind)
            if self._stopped:
                return 0
            shares = {name: known.share for name, known in WORK_KINDS.items()}
            free = free_threads(kind, self._busy, shares, self._workers)
            if WORK_KINDS[kind].large:  # what waited for their one thread would lose its lease
                free = min(free, 1 - sum(count for name, count in self._busy.items() if WORK_KINDS[name].large))
            return free

    def _dispatch(self, kind: str) -> None:
        free = self._free(kind)
        try:
            claims = WORK_KINDS[kind].claim(self._context, free) if free > 0 else []
            self.sign.renew()
        except SQLAlchemyError as error:
            log.error("could not claim %s: %s", kind, error)
            self.sign.turn()
            return
        with self._lock:
            # A thread that ends nudges the kinds that waited for one.
            (self._held.add if len(claims) >= free else self._held.discard)(kind)
            if claims:
                self._dispatches += 1
                self._served[kind] = self._dispatches
        if claims and len(claims) >= free and time.monotonic() - self._passed_on[kind] >= PASS_ON_INTERVAL:
            self._passed_on[kind] = time.monotonic()
            self._pass_on(kind)
        for taken in claims:
            with self._lock:
                self._busy[kind] += 1
            pool = self._large if WORK_KINDS[kind].large else self._pool
            pool.submit(carry_out, self._context, kind, taken).add_done_callback(self._after(kind))

    def _after(self, kind: str) -> Callable[[Future[None]], None]:
        def done(_future: Future[None]) -> None:
            with self._lock:
                self._busy[kind] -= 1
                held = sorted({kind, *self._held}, key=self._served.__getitem__)
            # Kinds that waited for a thread are dispatched now rather than at the next tick, and so is work that may
            # have waited for the settled row.
            for text in held:
                self.nudge(text)

        return done


NUDGE_SILENCE = 10.0  # seconds without a nudge; the leading clock nudges every second


class PollingFallback:
    """Hands nudges to a thread pool, and nudges it every second while none arrive."""

    def __init__(self, runner: ThreadPoolRunner, silence: float = NUDGE_SILENCE) -> None:
        self._runner, self._silence = runner, silence
        self._heard_at = time.monotonic()
        self.sign = LifeSign()  # renewed by nudges
        self._alone = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="polling", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait for the runner's work."""
        self._stopped.set()
        self._thread.join()
        self._runner.stop()

    def hear(self, kind: str) -> None:
        """Hand on a nudge that arrived; so a clock works, and the way from it."""
        self._heard_at = time.monotonic()
        self.sign.renew()
        self._runner.nudge(kind)

    def _watch(self) -> None:
        # A random pause, so that workers do not poll in step and one of them finds everything claimed each time.
        while not self._stopped.wait(random.uniform(0.8, 1.2)):  # noqa: S311  # a pause, not a secret
            self.sign.turn()
            alone = time.monotonic() - self._heard_at > self._silence
            if alone != self._alone:
                self._alone = alone
                log.warning("no nudges, looking every second" if alone else "nudges come again")
            if alone:
                self._runner.nudge_all()
