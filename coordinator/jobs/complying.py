"""Comply: go through the pages that were read since last time and put what looks wrong before a person."""

import logging

from campaigns.compliance import sweeping
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)

AT_ONCE = 100  # pages in one transaction, so that no writer waits for long
MOST = 50  # turns in one tick


def sweep(place: Workplace) -> int:
    """Hold what is new against the rules; how many findings were proposed."""
    proposed = 0
    for _turn in range(MOST):
        with place.database.write() as session:
            done = sweeping.sweep(session, AT_ONCE, now=place.now())
        proposed += done.proposed
        if not done.more or place.stopping.is_set():
            break
    if proposed:
        log.info("%d findings proposed", proposed, extra=about("proposed", work="comply"))
    return proposed
