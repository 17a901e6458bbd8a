"""Runs of scheduled reports: make the files, store them, and create a mail for each address."""

import logging
from collections.abc import Sequence

from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.base import public_id
from campaigns.core.errors import CampaignError, Invalid
from campaigns.reporting.schedules import report_mail
from campaigns.reporting.schedules.report_mail import (
    MOMENTS_AT_ONCE,
    ReportFile,
    ReportRun,
    ReportRunState,
    create_mails,
)
from campaigns.reporting.schedules.schedules import Schedule
from coordinator.jobs.context import JobContext
from coordinator.jobs.reporting import crontab, scheduled_reports
from coordinator.jobs.reporting.rendered_report import RenderedReport
from coordinator.logs import event_fields

# Each due time of a schedule becomes one run; missed times are caught up.


log = logging.getLogger(__name__)


def open_due_reports(context: JobContext) -> int:
    """Open the runs of every due schedule; returns the number to be made.

    Each schedule has its own transaction, under the lock of its row: a concurrent clock finds the next time written
    already, or the run itself (both are unique).
    """
    with context.database.read() as session:
        due = report_mail.due_schedules(session, now=context.now())
    made = 0
    for ident in due:
        with context.database.write() as session:
            row = report_mail.lock_due_schedule(session, ident, now=context.now())
            if row is not None:
                made += _open_reports(context, session, row)
    return made


def _open_reports(context: JobContext, session: Session, row: Schedule) -> int:
    now, first = context.now(), row.next_at
    if first is None:
        return 0
    try:
        moments = crontab.times_until(row.cron, first, now, MOMENTS_AT_ONCE)
        following = crontab.next_after(row.cron, now)
    except Invalid as error:
        # A cron line is checked before it is stored; a schedule with an invalid one stops, and its page shows it as
        # ended.
        log.error("schedule %s: %s", row.public, error)
        moments, following = [], None
    made = report_mail.open_runs(session, row, moments, following, now=now)
    log.info("schedule %s came round %d times", row.public, len(moments),
             extra=event_fields("came_round", work="scheduled_report", row=row.id))  # fmt: skip
    return made


def claim(context: JobContext, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` runs to make."""
    with context.database.write() as session:
        return ledger.claim(session, ReportRun, limit, context.intervals.lease, now=context.now())


def make_report_files(context: JobContext, taken: ledger.Claim) -> None:
    """Make the files with the present figures. A permanent error is recorded in the history."""
    base, now = context.addresses.base, context.now()
    try:
        with context.database.read() as session:
            row = session.get(ReportRun, taken.id)
            if row is None:
                return
            made = scheduled_reports.make_scheduled_report(
                session, context.delivery_modes, base, row.schedule, row.at, now=now
            )
    except CampaignError as error:
        _give_up(context, taken, str(error))
        return
    # Files are stored before the rows name them, outside any transaction: the store may be a remote bucket.
    kept = [(report, context.store.keep(report.body)[1]) for report in made.files]
    with context.database.write() as session:
        if not ledger.still_holds(session, ReportRun, taken):
            return
        row = session.get_one(ReportRun, taken.id)
        row.files = [_sent_file(report, key) for report, key in kept]
        row.title, row.summary, row.page = made.title[:300], list(made.lines), made.page[:500]
        session.flush()
        letters = create_mails(session, row, now=now)
        values = {"state": ReportRunState.MADE, "made_at": now, "due_at": None, "last_error": ""}
        ledger.settle(session, ReportRun, taken, values)
    fields = event_fields("made", work="scheduled_report", row=taken.id, attempt=taken.attempt)
    log.info("report %d made, %d letters", taken.id, letters, extra=fields)


def _sent_file(report: RenderedReport, key: str) -> ReportFile:
    return ReportFile(
        public=public_id("rfl"), name=report.name, media_type=report.media_type, length=len(report.body), key=key
    )


def record_crash(context: JobContext, taken: ledger.Claim, error: BaseException) -> None:
    """Retry a run on the usual schedule after a program error or a failure of the store."""
    waits: Sequence[object] = context.intervals.retries
    why = f"the program failed: {error}"
    if taken.attempt > len(waits):
        _give_up(context, taken, why)
        return
    due = context.now() + context.intervals.retries[taken.attempt - 1]
    with context.database.write() as session:
        ledger.settle(session, ReportRun, taken, {"due_at": due, "last_error": why[:2000]})


def _give_up(context: JobContext, taken: ledger.Claim, why: str) -> None:
    with context.database.write() as session:
        values = {"state": ReportRunState.FAILED, "due_at": None, "last_error": why[:2000]}
        ledger.settle(session, ReportRun, taken, values)
    log.warning("report %d: %s", taken.id, why, extra=event_fields("dead", work="scheduled_report", row=taken.id))
