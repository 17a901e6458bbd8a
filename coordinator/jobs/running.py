"""The job loop: the one place that catches everything, so that no single row can stop the others."""

import logging

from campaigns.core.errors import Conflict
from campaigns.core.ledger import Claim, StaleFence
from coordinator.jobs.kinds import KINDS
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)


def carry_out(place: Workplace, kind: str, taken: Claim) -> None:
    """Carry one claimed row through. Nothing is raised: what goes wrong is logged and settled."""
    work = KINDS[kind]
    try:
        work.act(place, taken)
    except StaleFence as stale:
        # Another worker has the row since our lease ran out; its outcome counts, ours is dropped.
        log.warning("%s %d: %s", kind, taken.id, stale, extra=about("stale", work=kind, row=taken.id))
    except Exception as error:  # the job loop: a bug in one row must not stop the rest
        log.exception("%s %d failed", kind, taken.id, extra=about("broken", work=kind, row=taken.id))
        try:
            work.broken(place, taken, error)
        except Conflict as stale:
            log.warning("%s %d: %s", kind, taken.id, stale)
        except Exception:  # not even that could be written: the lease will run out by itself
            told = about("not_settled", work=kind, row=taken.id)
            log.exception("%s %d could not be settled; its lease will expire", kind, taken.id, extra=told)


def drain(place: Workplace, kind: str, batch: int, most: int = 1000) -> int:
    """Claim and carry out until nothing is due or ``most`` rows are done; returns how many. For a queue's workers."""
    done = 0
    while done < most:
        claims = KINDS[kind].claim(place, min(batch, KINDS[kind].at_once))
        if not claims:
            break
        for taken in claims:
            carry_out(place, kind, taken)
        done += len(claims)
    return done
