"""Keep the fingerprint index complete."""

from campaigns.matching import fingerprint_index
from coordinator.jobs.context import JobContext


def index_released(context: JobContext) -> int:
    """Fingerprint every released text that is not in the index yet; returns how many."""
    with context.database.read() as session:
        if not fingerprint_index.has_unindexed(session):
            return 0
    with context.database.write() as session:
        return fingerprint_index.index_missing(session, now=context.now())
