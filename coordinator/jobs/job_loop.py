"""The job loop: the only place that catches every exception, so that no single row can stop the others."""

import logging
import random
import threading

from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.errors import Conflict
from campaigns.core.ledger import Claim, StaleFence
from coordinator.jobs.context import JobContext
from coordinator.jobs.heartbeat import LifeSign
from coordinator.jobs.work_kinds import WORK_KINDS
from coordinator.logs import event_fields

log = logging.getLogger(__name__)


def carry_out(context: JobContext, kind: str, taken: Claim) -> None:
    """Run the job of one claimed row. Raises nothing: errors are logged and settled."""
    work = WORK_KINDS[kind]
    try:
        work.run(context, taken)
    except StaleFence as stale:
        # The lease expired and another worker has claimed the row: its outcome counts, this one is dropped.
        log.warning("%s %d: %s", kind, taken.id, stale, extra=event_fields("stale", work=kind, row=taken.id))
    except Exception as error:  # the job loop: a bug in one row must not stop the rest
        log.exception("%s %d failed", kind, taken.id, extra=event_fields("broken", work=kind, row=taken.id))
        try:
            work.record_crash(context, taken, error)
        except Conflict as stale:
            log.warning("%s %d: %s", kind, taken.id, stale)
        except Exception:  # not even the crash could be written: the lease will expire
            fields = event_fields("not_settled", work=kind, row=taken.id)
            log.exception("%s %d could not be settled; its lease will expire", kind, taken.id, extra=fields)


def drain(context: JobContext, kind: str, batch: int, most: int = 1000) -> int:
    """Claim and run jobs one after another until nothing is due or ``most`` rows are done; returns their number.

    A row waits while those claimed with it are run: with ``batch`` above one its lease may run out. For ``lantoa
    render``, which claims one at a time, and for tests."""
    done = 0
    while done < most:
        claims = WORK_KINDS[kind].claim(context, batch)
        if not claims:
            break
        for taken in claims:
            carry_out(context, kind, taken)
        done += len(claims)
    return done


def drain_until(context: JobContext, kind: str, stop: threading.Event, sign: LifeSign | None = None) -> None:
    """Claim and run jobs of one kind, one at a time, until ``stop`` is set: a process or thread of its own."""
    # A random pause, so that processes do not poll in step and one of them finds everything claimed each time.
    while not stop.wait(random.uniform(0.8, 1.2)):  # noqa: S311  # a pause, not a secret
        try:
            drain(context, kind, 1, most=1)
            if sign is not None:
                sign.renew()
        except SQLAlchemyError as error:
            log.error("could not claim %s: %s", kind, error)
            if sign is not None:
                sign.turn()
