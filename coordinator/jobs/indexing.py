"""The index of words made anew, a batch a transaction, so that nobody waits for the whole."""

from collections.abc import Callable

from campaigns.searching import rebuilding
from campaigns.searching.index import Kind
from coordinator.db import Database


def rebuild(database: Database, progress: Callable[[int], None] = lambda _count: None) -> None:
    """Index everything again and drop what belongs to nothing. ``progress`` is told after each batch how many more
    subjects were seen at most. What is written meanwhile is indexed by its own transaction."""
    for kind in Kind:
        after: int | None = 0
        while after is not None:
            with database.write() as session:
                after = rebuilding.some_more(session, kind, after)
            progress(rebuilding.BATCH)
    with database.write() as session:
        rebuilding.finish(session)


def bring_up(database: Database) -> bool:
    """Rebuild if the index was never made whole by this program's recipe: after an upgrade or a restore."""
    with database.read() as session:
        if rebuilding.is_whole(session):
            return False
    rebuild(database)
    return True
