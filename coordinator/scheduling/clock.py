"""The clock: APScheduler with its memory store and a handful of fixed ticks; the work itself is rows in the ledger."""

import logging
import os
import secrets
import socket
from collections.abc import Callable
from concurrent import futures

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from coordinator.jobs import indexing, summing, ticking
from coordinator.jobs.kinds import KINDS
from coordinator.jobs.workplace import Workplace
from coordinator.scheduling.runner import Runner

log = logging.getLogger(__name__)


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

    def start(self) -> None:
        """Begin to tick."""
        for name, seconds, act in (
            ("second", 1, self._second),
            ("sums", 10, self._sums),
            ("hour", 3600, self._hour),
        ):
            self._scheduler.add_job(self._guarded(name, act), IntervalTrigger(seconds=seconds), id=name)
        self._scheduler.start()
        self._guarded("hour", self._hour)()

    def stop(self) -> None:
        """Stop ticking, wait for what is under way, and let another clock lead."""
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

    def _words(self) -> None:
        if indexing.bring_up(self._place.database):
            log.info("the index of words was made anew")

    def _hour(self) -> None:
        ticking.tidy(self._place)
        self._apart.submit(self._guarded("words", self._words)).add_done_callback(_log_failure)


def _log_failure(done: futures.Future[None]) -> None:
    error = done.exception()
    if isinstance(error, SQLAlchemyError):
        log.error("apart from the ticks: %s", error)
    elif error is not None:
        log.error("apart from the ticks", exc_info=error)
