"""The schedules' clock: each moment that has come becomes one sending, and what was missed is caught up."""

import logging

from sqlalchemy.orm import Session

from campaigns.core.errors import Invalid
from campaigns.reporting import sendings
from campaigns.reporting.schedules import Schedule
from campaigns.reporting.sendings import MOST_AT_ONCE
from coordinator.jobs import crontab
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)


def come_round(place: Workplace) -> int:
    """Open the sendings of every schedule whose moment has come; returns how many are to be made.

    Each schedule in a transaction of its own, under its row's lock: a clock that looks at the same moment finds the
    next one written already, or the sending itself there (both are unique).
    """
    with place.database.read() as session:
        due = sendings.due_schedules(session, now=place.now())
    made = 0
    for ident in due:
        with place.database.write() as session:
            row = sendings.locked(session, ident, now=place.now())
            if row is not None:
                made += _open(place, session, row)
    return made


def _open(place: Workplace, session: Session, row: Schedule) -> int:
    now, first = place.now(), row.next_at
    if first is None:
        return 0
    try:
        moments = crontab.times_until(row.cron, first, now, MOST_AT_ONCE)
        following = crontab.next_after(row.cron, now)
    except Invalid as error:
        # A line is checked before it is kept; one that was changed by hand rests, and its page says that it is over.
        log.error("schedule %s: %s", row.public, error)
        moments, following = [], None
    made = sendings.come_round(session, row, moments, following, now=now)
    log.info("schedule %s came round %d times", row.public, len(moments),
             extra=about("came_round", work="report", row=row.id))  # fmt: skip
    return made
