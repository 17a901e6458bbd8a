"""The writer of buffered views and feed reads: requests add to a buffer; a thread writes it every few seconds.

A crash loses at most the last few seconds. A batch whose write failed keeps its id and is written again, so that one
whose acknowledgement was lost is not counted twice. A batch that the database rejects is dropped and logged, since it
would block all later ones.
"""

import logging
import threading
from datetime import timedelta

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from campaigns.core.errors import CampaignError
from campaigns.delivery import feed_fetches
from campaigns.republications import views
from campaigns.republications.views import ImageLoad, WrittenBatch
from coordinator.jobs.context import JobContext, Runner

log = logging.getLogger(__name__)

FLUSH_INTERVAL = timedelta(seconds=2)


def flush_views(context: JobContext, runner: Runner) -> int:
    """Write all buffered loads; returns the raw count. Raises the database's errors and keeps the failed batch. Called
    by one thread of a process at a time."""
    counted = 0
    while (batch := context.view_buffer.take()) is not None:
        written, fresh = _write_views(context, *batch)
        context.view_buffer.done()
        counted += written.raw
        if fresh:
            runner.nudge("page_check")
    return counted


def _write_views(context: JobContext, ident: str, loads: list[ImageLoad]) -> tuple[WrittenBatch, int]:
    now = context.now()
    with context.database.write() as session:
        written = views.write_batch(session, ident, loads, now=now)
        fresh = views.record_image_pages(session, written.candidates, now=now)
    return written, fresh


def flush_feed_reads(context: JobContext) -> int:
    """Write all buffered reads of unchanged feeds; returns their number. Raises the database's errors and keeps the
    reads, except rejected ones. A read whose acknowledgement was lost is logged twice, which affects no count."""
    taken = context.feed_reads.take()
    if not taken:
        return 0
    try:
        with context.database.write() as session:
            return feed_fetches.record_unchanged(
                session,
                [
                    (
                        empty_read.reader.key_id,
                        empty_read.reader.company_id,
                        empty_read.feed,
                        empty_read.status,
                        empty_read.at,
                    )
                    for empty_read in taken
                ],
            )
    except (IntegrityError, DataError):
        log.error("%d reads of feeds are lost, they cannot be written", len(taken))
        raise
    except SQLAlchemyError:
        context.feed_reads.put_back(taken)
        raise


class CountingThread:
    """Writes the buffers every few seconds until it is stopped, and once more then."""

    def __init__(self, context: JobContext, runner: Runner) -> None:
        self._context, self._runner = context, runner
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="views", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Write the rest and end the thread. Called after the last request."""
        self._stopped.set()
        self._context.view_buffer.many.set()
        self._thread.join(timeout=30)
        if left := len(self._context.feed_reads):
            log.error("%d reads of feeds are lost: the database could not be written", left)
        if left := len(self._context.view_buffer):
            log.error("%d loads of counter images are lost: the database could not be written", left)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._context.view_buffer.many.wait(FLUSH_INTERVAL.total_seconds())
            self._try()
        self._try()

    def _try(self) -> None:
        try:
            flush_feed_reads(self._context)
        except SQLAlchemyError as error:
            log.error("reads of feeds could not be written: %s", type(error).__name__)
        try:
            flush_views(self._context, self._runner)
        except (SQLAlchemyError, CampaignError, ValueError) as error:
            # The content of a request must not end the thread, or every later view would be lost. The error may
            # contain it, so that only its type is logged.
            kind = type(error).__name__
            if isinstance(error, SQLAlchemyError) and not isinstance(error, DataError):
                # The database may be restarting; the batch is kept and written again.
                log.error("views could not be written: %s", kind)
            else:
                lost = self._context.view_buffer.give_up()
                log.error("%d loads of counter images are lost, they cannot be written: %s", lost, kind)
            self._stopped.wait(FLUSH_INTERVAL.total_seconds())
