"""Sending: the common steps of every message or request to another system: claim, begin, send, settle.

A row is claimed (lease and fence, committed), composed, sent outside any transaction, and settled under its fence. A
crash in between leaves an expired lease, and the next claim takes the row again:

- a row that may be repeated is sent again, with the same key;
- a row that can be looked up at the receiver is looked up first;
- for any other row ``ledger.begin`` has committed that the send began, and the outcome is *unknown*: a person decides.

A subclass of ``SendKind`` defines what to claim, how to compose and send it, and what each outcome writes.
"""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from campaigns.channels.transport import TransportError
from campaigns.core import ledger
from campaigns.core.ledger import Claim, SendItem, WorkItem
from coordinator.jobs.context import JobContext

log = logging.getLogger(__name__)

Content = TypeVar("Content")

# A share of the lease: an outcome and, if it cannot be written, the crash must both be tried within the lease.
SETTLE_PART_OF_LEASE = 0.25
SETTLE_PAUSES = (0.1, 0.3, 1.0, 2.0)  # seconds between tries, the last one repeatedly


@dataclass(frozen=True)
class Outcome:
    """The outcome of a try. ``values``: as for ``ledger.settle``; ``also``: further writes in the same transaction;
    ``report``: writes the log line after the commit."""

    values: Mapping[str, Any]
    also: Callable[[Session], None] | None = None
    report: Callable[[], None] | None = None


class SendKind(ABC, Generic[Content]):
    """One kind of sending. ``table``: the rows that are claimed. ``Content``: one row with everything that the send
    needs, detached from the session."""

    table: type[WorkItem]

    def is_available(self, context: JobContext) -> bool:
        """Whether this installation can send this kind."""
        return True

    def select_claims(self, context: JobContext, session: Session, limit: int, now: datetime) -> list[Claim]:
        """Lease up to ``limit`` due rows."""
        return ledger.claim(session, self.table, limit, context.intervals.lease, now=now)

    @abstractmethod
    def compose(self, context: JobContext, taken: Claim) -> Content | Outcome | None:
        """Read a claimed row. Returns an ``Outcome`` when nothing is to be sent, None when the row no longer exists."""

    @abstractmethod
    def send(self, context: JobContext, taken: Claim, content: Content) -> Outcome:
        """Send, outside any transaction, and return the outcome. Calls ``begin`` immediately before a send that can
        neither be repeated nor looked up. Raises ``TransportError``."""

    @abstractmethod
    def failed(self, context: JobContext, taken: Claim, content: Content, error: TransportError) -> Outcome:
        """Return the outcome after ``send`` raised ``error``."""

    def crashed(self, context: JobContext, taken: Claim, error: BaseException) -> Outcome | None:
        """Return the outcome after a program error: a failed try. For kinds whose ``compose`` only reads."""
        content = self.compose(context, taken)
        if content is None or isinstance(content, Outcome):
            return content
        return self.failed(context, taken, content, TransportError(crash_message(error)))

    def claim(self, context: JobContext, limit: int) -> list[Claim]:
        """Lease up to ``limit`` due rows, committed; none where this kind is not available."""
        if not self.is_available(context):
            return []
        with context.database.write() as session:
            return self.select_claims(context, session, limit, context.now())

    def run(self, context: JobContext, taken: Claim) -> None:
        """Run one claimed row. Raises ``StaleFence`` when another worker has claimed it since."""
        content = self.compose(context, taken)
        if content is None:
            return
        if isinstance(content, Outcome):
            outcome = content
        else:
            # A process may have been suspended since it claimed the row, and another may be sending it.
            with context.database.read() as session:
                ledger.check_claim(session, self.table, taken)
            try:
                outcome = self.send(context, taken, content)
            except TransportError as error:
                outcome = self.failed(context, taken, content, error)
        settle(context, self.table, taken, outcome)

    def record_crash(self, context: JobContext, taken: Claim, error: BaseException) -> None:
        """Settle a row whose job raised a program error."""
        outcome = self.crashed(context, taken, error)
        if outcome is not None:
            settle(context, self.table, taken, outcome)


def crash_message(error: BaseException) -> str:
    """Return the message of a program error that a row stores."""
    return f"the program failed: {error}"


def next_try_at(context: JobContext, taken: Claim) -> datetime | None:
    """Return the time of the next try by the usual schedule; None when all tries are used up."""
    waits = context.intervals.retries
    return context.now() + waits[taken.attempt - 1] if taken.attempt <= len(waits) else None


def begin(context: JobContext, table: type[SendItem], taken: Claim) -> None:
    """Commit that a send begins. Raises ``StaleFence``."""
    with context.database.write() as session:
        ledger.begin(session, table, taken)


def settle(context: JobContext, table: type[WorkItem], taken: Claim, outcome: Outcome) -> None:
    """Write an outcome under the fence, in its own transaction.

    Tries again while the database does not answer, for a quarter of the lease; then raises its error. Raises
    ``StaleFence``.
    """
    ends = time.monotonic() + context.intervals.lease.total_seconds() * SETTLE_PART_OF_LEASE
    tries = 0
    while True:
        try:
            with context.database.write() as session:
                # A failed commit may have succeeded, with only its acknowledgement lost.
                if not (tries and _is_settled(session, table, taken)):
                    ledger.settle(session, table, taken, outcome.values)
                    if outcome.also is not None:
                        outcome.also(session)
            break
        except (OperationalError, InterfaceError) as error:
            pause = SETTLE_PAUSES[min(tries, len(SETTLE_PAUSES) - 1)]
            if time.monotonic() + pause > ends:
                raise
            log.warning("%s %d is to be settled again: %s", table.__tablename__, taken.id, error.orig)
        tries += 1
        time.sleep(pause)
    if outcome.report is not None:
        outcome.report()


def _is_settled(session: Session, table: type[WorkItem], taken: Claim) -> bool:
    """Whether the row is as ``ledger.settle`` leaves it under this fence: no other worker has claimed it since."""
    row = session.execute(sa.select(table.fence, table.lease_until).where(table.id == taken.id)).one_or_none()
    return row is not None and row.fence == taken.fence and row.lease_until is None
