"""Counting views and reads: requests only remember them; a thread writes what was remembered every few seconds, once.

A crash loses what was not written, a few seconds of it. A batch whose write failed keeps its id and goes again, so that
one whose acknowledgement alone was lost is not counted twice. One that no database takes is given up, and said so: what
comes after it would never be written.
"""

import logging
import threading
from datetime import timedelta

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from campaigns.core.errors import CampaignError
from campaigns.publishing import fetches
from campaigns.tracking import pointing, views
from campaigns.tracking.views import Load, Written
from coordinator.jobs.workplace import Nudges, Workplace

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=2)


def flush(place: Workplace, runner: Nudges) -> int:
    """Write every load that waits; returns how many were counted raw. Raises what the database raises; the batch that
    failed is kept. Called by one thread of a process at a time."""
    counted = 0
    while (batch := place.loads.take()) is not None:
        written, fresh = _write(place, *batch)
        place.loads.done()
        counted += written.raw
        if fresh:
            runner.nudge("check")
    return counted


def _write(place: Workplace, ident: str, loads: list[Load]) -> tuple[Written, int]:
    now = place.now()
    with place.database.write() as session:
        written = views.write_batch(session, ident, loads, now=now)
        fresh = pointing.point_at(session, written.candidates, now=now)
    return written, fresh


def note_reads(place: Workplace) -> int:
    """Write every read of a feed that carried nothing new; returns how many. Raises what the database raises; the reads
    are kept then, but for those that no database takes. One whose acknowledgement alone was lost stands in the log
    twice: it proves nothing and counts nothing."""
    taken = place.reads.take()
    if not taken:
        return 0
    try:
        with place.database.write() as session:
            return fetches.record_quiet(
                session, [(one.reader.key_id, one.reader.company_id, one.feed, one.status, one.at) for one in taken]
            )
    except (IntegrityError, DataError):
        log.error("%d reads of feeds are lost, they cannot be written", len(taken))
        raise
    except SQLAlchemyError:
        place.reads.put_back(taken)
        raise


class CountingThread:
    """Writes every few seconds until it is stopped, and once more then."""

    def __init__(self, place: Workplace, runner: Nudges) -> None:
        self._place, self._runner = place, runner
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="views", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end. Called after the last request."""
        self._stopped.set()
        self._place.loads.many.set()
        self._thread.join(timeout=30)
        if left := len(self._place.reads):
            log.error("%d reads of feeds are lost: the database could not be written", left)
        if left := len(self._place.loads):
            log.error("%d loads of counter images are lost: the database could not be written", left)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._place.loads.many.wait(EVERY.total_seconds())
            self._try()
        self._try()

    def _try(self) -> None:
        try:
            note_reads(self._place)
        except SQLAlchemyError as error:
            log.error("reads of feeds could not be written: %s", type(error).__name__)
        try:
            flush(self._place, self._runner)
        except (SQLAlchemyError, CampaignError, ValueError) as error:
            # What strangers send must not end the thread, or every view from then on would be lost. The error may hold
            # it, so only its kind is for a log.
            kind = type(error).__name__
            if isinstance(error, SQLAlchemyError) and not isinstance(error, DataError):
                # The database may be restarting; the batch is kept and goes again.
                log.error("views could not be written: %s", kind)
            else:
                lost = self._place.loads.give_up()
                log.error("%d loads of counter images are lost, they cannot be written: %s", lost, kind)
            self._stopped.wait(EVERY.total_seconds())
