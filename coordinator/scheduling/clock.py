"""The clock: APScheduler with its memory store and a handful of fixed ticks; the work itself is rows in the ledger."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from concurrent import futures

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from coordinator.jobs import alarming, complying, indexing, schedules, summing, ticking
from coordinator.jobs.kinds import KINDS
from coordinator.jobs.workplace import Workplace
from coordinator.scheduling.runner import Runner

log = logging.getLogger(__name__)

EVERY = {"second": 1, "sums": 10, "minute": 60, "rules": 60, "hour": 3600}  # seconds between two ticks
JUMP = 2.0  # seconds: time servers shift a clock by far less in one


class Clock:
    """Ticks every second while it leads. Two clocks at once: the second waits for the first to fall silent."""

    def __init__(self, place: Workplace, runner: Runner) -> None:
        self._place, self._runner = place, runner
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        # Never a persistent store and never a job a bulletin: a fixed tick that is missed is simply the next one's.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
            daemon=True,
        )
        # Apart from the ticks: reading through a month of pages takes a while, indexing all words after an upgrade
        # takes minutes, and releases must not wait for it. No jobs of the scheduler's either: whoever adds one while it
        # shuts down waits for the lock it then holds.
        self._apart = futures.ThreadPoolExecutor(2, "apart")
        self._comparing: futures.Future[None] | None = None
        self._stopped = threading.Event()
        self._watch = threading.Thread(target=self._watch_for_jumps, name="jumps", daemon=True)

    def start(self) -> None:
        """Begin to tick."""
        acts = {
            "second": self._second,
            "sums": self._sums,
            "minute": self._minute,
            "rules": self._rules,
            "hour": self._hour,
        }
        for name, seconds in EVERY.items():
            self._scheduler.add_job(self._guarded(name, acts[name]), IntervalTrigger(seconds=seconds), id=name)
        self._scheduler.start()
        self._watch.start()
        self._guarded("hour", self._hour)()

    def stop(self) -> None:
        """Stop ticking, wait for what is under way, and let another clock lead."""
        self._stopped.set()
        self._watch.join()  # before the scheduler is asked to end: see above
        self._scheduler.shutdown(wait=True)
        self._apart.shutdown(wait=True)
        try:
            ticking.step_down(self._place, self.holder)
        except SQLAlchemyError as error:
            log.warning("could not give up the lead, it will lapse: %s", error)

    def _guarded(self, name: str, act: Callable[[], None]) -> Callable[[], None]:
        def tick() -> None:
            try:
                if ticking.lead(self._place, self.holder):
                    act()
            except SQLAlchemyError as error:
                # The database may be restarting; the next tick tries again.
                log.error("tick %s: %s", name, error)

        return tick

    def _watch_for_jumps(self) -> None:
        """Begin to tick anew whenever the machine's clock is set. The scheduler goes by that clock: were it set back by
        three hours, the next tick would be three hours away."""
        known = _difference()
        while not self._stopped.wait(1):
            moved, known = _difference() - known, _difference()
            if abs(moved) > JUMP:
                log.warning("the machine's clock jumped by %+.0f s", moved)
                for name, seconds in EVERY.items():
                    self._scheduler.reschedule_job(name, trigger=IntervalTrigger(seconds=seconds))
                self._guarded("unlock", self._unlock)()

    def _unlock(self) -> None:
        ticking.unlock(self._place)

    def _second(self) -> None:
        try:
            ticking.release(self._place)
            ticking.index(self._place)
            if self._comparing is None or self._comparing.done():
                self._comparing = self._apart.submit(self._held)
                self._comparing.add_done_callback(_log_failure)
        finally:
            # Whatever went wrong with one text, what is due goes out.
            for kind in KINDS:
                self._runner.nudge(kind)

    def _held(self) -> None:
        if ticking.compare_held(self._place):
            self._runner.nudge("check")

    def _sums(self) -> None:
        summing.add_up(self._place.database)

    def _minute(self) -> None:
        if schedules.come_round(self._place):
            self._runner.nudge("report")
        alarming.watch_work(self._place)

    def _rules(self) -> None:
        complying.sweep(self._place)

    def _words(self) -> None:
        if indexing.bring_up(self._place.database):
            log.info("the index of words was made anew")

    def _hour(self) -> None:
        ticking.unlock(self._place)
        ticking.tidy(self._place)
        alarming.watch_targets(self._place)
        self._apart.submit(self._guarded("words", self._words)).add_done_callback(_log_failure)


def _difference() -> float:
    """How far the machine's clock is from the one that cannot be set, seconds."""
    return time.time() - time.monotonic()


def _log_failure(done: futures.Future[None]) -> None:
    error = done.exception()
    if isinstance(error, SQLAlchemyError):
        log.error("apart from the ticks: %s", error)
    elif error is not None:
        log.error("apart from the ticks", exc_info=error)
