"""The clock's hourly upkeep of each feature and of the database."""

import logging
import sqlite3

from campaigns.core import leases, ledger
from campaigns.delivery import outbox_claims
from coordinator.jobs import checkpoints, retention
from coordinator.jobs.compliance import inspections
from coordinator.jobs.context import JobContext
from coordinator.jobs.discovery import upkeep as discovery_upkeep
from coordinator.jobs.people import task_mail, web_push
from coordinator.logs import event_fields

log = logging.getLogger(__name__)


def tidy(context: JobContext) -> None:
    """The upkeep of every feature, the morning's mails and messages, the journal's checkpoint, then of the database:
    heartbeats, statistics, its log."""
    discovery_upkeep.tidy(context)
    retention.apply_retention(context)
    inspections.enrol_sites(context)
    task_mail.queue_task_mails(context)
    web_push.queue_task_pushes(context)
    checkpoints.keep_checkpoint(context)
    with context.database.write() as session:
        leases.forget_dead_processes(session, now=context.now())
        ledger.forget_given_up(session)
    if analysed := context.database.update_statistics():
        log.info("counted anew for the planner: %s", ", ".join(analysed))
    # Deleted salts must not remain in the log of the database.
    context.database.truncate_log()


def copy_database(context: JobContext) -> None:
    """Copy SQLite's database, where a folder for copies is set. One that fails is logged, and tried again at the next
    call."""
    if context.database_copy is None:
        return
    try:
        made = context.database_copy.make(context.now())
        log.info("copied the database to %s", made, extra=event_fields("copied", work="clock"))
    except (OSError, sqlite3.Error) as error:
        log.error("could not copy the database to %s: %s", context.database_copy.folder, error)


def end_overlong_claims(context: JobContext) -> None:
    """End leases and waits that were written while the machine's clock was ahead."""
    with context.database.write() as session:
        ended = ledger.end_overlong_leases(session, now=context.now())
        ended += outbox_claims.clamp_future_waits(session, now=context.now())
    if ended:
        log.warning("%d claims and rests ran on for too long and were ended: was the clock wrong?", ended)
