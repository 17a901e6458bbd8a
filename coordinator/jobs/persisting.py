"""Writing down what became of a delivery, as often as it takes while the database is away for a moment.

The message is out by then. Whoever gave up would leave a lease behind, and with it a repeat, or, where a channel takes
a message once, a question for a person.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from campaigns.core import ledger
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=ledger.Due)

PART_OF_LEASE = 0.25  # that may be spent on it: an outcome, and after it the failure to write it, are both tried
PAUSES = (0.1, 0.3, 1.0, 2.0)  # seconds, the last again and again


def settle(
    place: Workplace,
    kind: type[Row],
    taken: ledger.Claim,
    values: Mapping[str, Any],
    then: Callable[[Session], None] | None = None,
) -> None:
    """As ``ledger.settle``, in a transaction of its own with what ``then`` writes. Tries again while the database does
    not answer, for a quarter of the lease; then raises its error. Raises ``StaleFence``."""
    ends = time.monotonic() + place.pace.lease.total_seconds() * PART_OF_LEASE
    tries = 0
    while True:
        try:
            with place.database.write() as session:
                if tries and _settled(session, kind, taken):
                    return  # the commit had gone through, and only the answer to it was lost
                ledger.settle(session, kind, taken, values)
                if then is not None:
                    then(session)
            return
        except (OperationalError, InterfaceError) as error:
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            if time.monotonic() + pause > ends:
                raise
            log.warning("%s %d is to be written down again: %s", kind.__tablename__, taken.id, error.orig)
        tries += 1
        time.sleep(pause)


def _settled(session: Session, kind: type[Row], taken: ledger.Claim) -> bool:
    """Whether the row is as ``ledger.settle`` leaves it under this very fence: nobody has claimed it since."""
    query = sa.select(kind.fence, kind.lease_until).where(kind.id == taken.id)
    row = session.execute(query).one_or_none()
    return row is not None and row.fence == taken.fence and row.lease_until is None
