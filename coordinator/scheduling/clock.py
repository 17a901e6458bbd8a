"""The clock: APScheduler with its memory store and a few fixed ticks; the work itself is rows in the ledger."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from concurrent import futures
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from campaigns.core import ledger
from campaigns.reporting import monitoring
from coordinator.jobs import clock_lease, incident_watch, search, upkeep
from coordinator.jobs.compliance import rule_evaluation
from coordinator.jobs.context import JobContext, Runner
from coordinator.jobs.discovery.upkeep import recheck_pending_pages
from coordinator.jobs.heartbeat import LifeSign
from coordinator.jobs.matching.fingerprint_indexing import index_released
from coordinator.jobs.matching.picture_fingerprinting import fingerprint_pictures
from coordinator.jobs.partners import sample_partner
from coordinator.jobs.release.release_tick import release_due
from coordinator.jobs.reporting import rollup, schedules
from coordinator.jobs.work_kinds import WORK_KINDS

log = logging.getLogger(__name__)

# Seconds between two ticks. With a copy every four minutes, five are lost at most, the time that it takes included.
EVERY = {"second": 1, "nudges": 5, "sums": 10, "sample": 10, "minute": 60, "rules": 60, "copy": 240, "hour": 3600}
CLOCK_JUMP = 2.0  # seconds: time servers shift a clock by far less in one


def _interval(seconds: int) -> IntervalTrigger:
    """Without a zone it would ask for the machine's, and fail where TZ names none."""
    return IntervalTrigger(seconds=seconds, timezone="UTC")


class Clock:
    """Ticks every second while it leads. Of two clocks, the second waits until the lease of the first has expired."""

    def __init__(self, context: JobContext, runner: Runner) -> None:
        self._context, self._runner = context, runner
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        # No persistent store and no job for a single bulletin: the next tick does the work of a missed one.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
            daemon=True,
        )
        # Outside the ticks: comparing a month of pages takes long, indexing all words after an upgrade takes
        # minutes, and releases must not wait for it. Not jobs of the scheduler either: adding one while it shuts
        # down waits for the lock it then holds.
        self._apart = futures.ThreadPoolExecutor(2, "apart")
        self._comparing: futures.Future[None] | None = None
        self._stopped = threading.Event()
        self.sign = LifeSign()
        self._watch = threading.Thread(target=self._watch_for_jumps, name="jumps", daemon=True)

    def start(self) -> None:
        """Begin to tick."""
        acts = {
            "second": self._second,
            "nudges": self._nudge_all,
            "sums": self._rollup,
            "sample": self._sample,
            "minute": self._minute,
            "rules": self._rules,
            "copy": self._copy,
            "hour": self._hour,
        }
        for name, seconds in EVERY.items():
            at_once = {"next_run_time": datetime.now(UTC)} if name == "hour" else {}
            self._scheduler.add_job(self._guarded(name, acts[name]), _interval(seconds), id=name, **at_once)
        self._scheduler.start()
        self._watch.start()

    def stop(self) -> None:
        """Stop ticking, wait for the ticks that are running, and let another clock lead."""
        self._stopped.set()
        self._watch.join()  # before the scheduler stops: see above
        self._scheduler.shutdown(wait=True)
        self._apart.shutdown(wait=True)
        try:
            clock_lease.release(self._context, self.holder)
        except SQLAlchemyError as error:
            log.warning("could not give up the lead, it will lapse: %s", error)

    def _guarded(self, name: str, run: Callable[[], None]) -> Callable[[], None]:
        def tick() -> None:
            try:
                if clock_lease.acquire(self._context, self.holder):
                    run()
                if name == "second":
                    self.sign.renew()
            except SQLAlchemyError as error:
                # The database may be restarting; the next tick tries again.
                log.error("tick %s: %s", name, error)
                if name == "second":
                    self.sign.turn()

        return tick

    def _watch_for_jumps(self) -> None:
        """Reschedule the ticks whenever the machine's clock is set. The scheduler uses that clock: set back by three
        hours, it would wait three hours for the next tick."""
        known = _clock_difference()
        while not self._stopped.wait(1):
            moved, known = _clock_difference() - known, _clock_difference()
            if abs(moved) > CLOCK_JUMP:
                log.warning("the machine's clock jumped by %+.0f s", moved)
                for name, seconds in EVERY.items():
                    self._scheduler.reschedule_job(name, trigger=_interval(seconds))
                self._guarded("unlock", self._unlock)()

    def _unlock(self) -> None:
        upkeep.end_overlong_claims(self._context)

    def _second(self) -> None:
        try:
            release_due(self._context)
            index_released(self._context)
            if self._comparing is None or self._comparing.done():
                self._comparing = self._apart.submit(self._recheck_pages)
                self._comparing.add_done_callback(_log_failure)
        finally:
            # An error with one text does not delay what is due.
            self._nudge_due()

    def _nudge_due(self) -> None:
        tables = {name: kind.table for name, kind in WORK_KINDS.items()}
        with self._context.database.read() as session:
            due = ledger.names_of_due(session, tables, now=self._context.now())
        for kind in due:
            self._runner.nudge(kind)

    def _nudge_all(self) -> None:
        """Nudge whether or not anything is due: workers that hear nothing for ten seconds look by themselves."""
        for kind in WORK_KINDS:
            self._runner.nudge(kind)

    def _recheck_pages(self) -> None:
        fingerprint_pictures(self._context)
        if recheck_pending_pages(self._context):
            self._runner.nudge("page_check")

    def _rollup(self) -> None:
        rollup.apply_changes(self._context.database)

    def _sample(self) -> None:
        if sample_partner.play(self._context):
            self._runner.nudge("source_check")

    def _minute(self) -> None:
        if schedules.open_due_reports(self._context):
            self._runner.nudge("scheduled_report")
        incident_watch.watch_work(self._context)
        with self._context.database.write() as session:
            monitoring.keep_counts(session, now=self._context.now())

    def _rules(self) -> None:
        rule_evaluation.sweep(self._context)

    def _copy(self) -> None:
        upkeep.copy_database(self._context)

    def _index(self) -> None:
        if search.ensure_index(self._context.database):
            log.info("the index of words was made anew")

    def _hour(self) -> None:
        upkeep.end_overlong_claims(self._context)
        upkeep.tidy(self._context)
        incident_watch.watch_targets(self._context)
        self._apart.submit(self._guarded("words", self._index)).add_done_callback(_log_failure)


def _clock_difference() -> float:
    """Return the difference of the machine's clock and the monotonic clock, in seconds."""
    return time.time() - time.monotonic()


def _log_failure(done: futures.Future[None]) -> None:
    error = done.exception()
    if isinstance(error, SQLAlchemyError):
        log.error("apart from the ticks: %s", error)
    elif error is not None:
        log.error("apart from the ticks", exc_info=error)
