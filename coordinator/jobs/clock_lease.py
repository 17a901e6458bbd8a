"""The lease of the clock: one of several clocks ticks, and another takes over when it is silent."""

from datetime import timedelta

from campaigns.core import leases
from coordinator.jobs.context import JobContext

CLOCK_LEASE = timedelta(seconds=15)  # how long a clock may be silent before another takes over


def acquire(context: JobContext, holder: str) -> bool:
    """Whether this clock may tick; False while another holds the lease."""
    with context.database.write() as session:
        return leases.acquire_lease(session, "clock", holder, CLOCK_LEASE, now=context.now())


def release(context: JobContext, holder: str) -> None:
    """Let another clock take over at once."""
    with context.database.write() as session:
        leases.release_lease(session, "clock", holder, now=context.now())
