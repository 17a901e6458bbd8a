"""The rebuild of the search documents, one transaction for each batch, so that writers do not wait long."""

from collections.abc import Callable

from campaigns.search import index_maintenance
from campaigns.search.index import IndexedKind
from coordinator.db import Database


def rebuild_index(database: Database, progress: Callable[[int], None] = lambda _count: None) -> None:
    """Write all documents again and delete those without a subject. ``progress`` is called after each batch with the
    largest number of subjects it can have had. Rows written meanwhile are indexed by their own transactions."""
    for kind in IndexedKind:
        after: int | None = 0
        while after is not None:
            with database.write() as session:
                after = index_maintenance.rebuild_next(session, kind, after)
            progress(index_maintenance.BATCH)


def ensure_index(database: Database) -> bool:
    """Rebuild the documents if some are missing, as after a restore that was interrupted. Returns whether it did."""
    with database.read() as session:
        if index_maintenance.is_complete(session):
            return False
    rebuild_index(database)
    return True
