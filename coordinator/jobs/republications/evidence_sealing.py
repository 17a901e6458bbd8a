"""Evidence of earlier releases comes under the journal when the tables are upgraded or restored."""

from collections.abc import Iterator

from campaigns.core.clock import utc_now
from campaigns.republications.evidence import evidence_seals
from campaigns.republications.evidence.evidence_seals import EvidenceFault
from coordinator.db import Database


def seal_earlier_evidence(database: Database) -> int:
    """Seal the rows that a release wrote that recorded no hashes, some in each transaction, and return how many were.
    Once done it reads the ranges in the journal. A run that was cut off is continued by the next."""
    sealed, progress = 0, None
    while True:
        with database.write() as session:
            progress = evidence_seals.seal_next_range(session, progress, now=utc_now())
        if progress is None:
            return sealed
        sealed += progress.rows


def unnamed_evidence(database: Database) -> Iterator[EvidenceFault]:
    """The copies with rows of evidence that no entry of the journal names, and none that is missing or was changed."""
    with database.read() as session:
        ranges = evidence_seals.sealed_ranges(session)
    after: int | None = 0
    while after is not None:
        with database.read() as session:
            batch = evidence_seals.check_evidence(session, ranges, after)
        yield from (fault for fault in batch.faults if fault.unnamed and not fault.changed)
        after = batch.last


def adopt_evidence(database: Database, fault: EvidenceFault, actor: str) -> None:
    """Seal the unnamed rows of a copy as they are."""
    with database.write() as session:
        for ident in fault.idents:
            evidence_seals.seal_row(session, actor, ident, now=utc_now())
