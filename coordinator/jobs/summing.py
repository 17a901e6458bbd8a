"""The sums kept: changes added up as they come, and everything made anew when asked."""

from collections.abc import Callable

from campaigns.partners import following
from campaigns.reporting import adding, noting, recounting
from coordinator.db import Database


def add_up(database: Database) -> int:
    """Add every change so far to the sums, some at a time so that nobody waits long; returns how many there were."""
    with database.read() as session:
        left = adding.waiting(session)
    done = 0
    while done < left:
        with database.write() as session:
            some = adding.add_up(session)
        if not some:
            break
        done += some
    return done


def rebuild(database: Database) -> int:
    """Put in place what notes changes, and make every sum anew from the rows; returns how many things are counted."""
    with database.write() as session:
        if noting.missing(session.connection()):
            noting.install(session.connection())
        if following.missing(session.connection()):
            following.install(session.connection())
        return adding.rebuild(session)


def compare(database: Database, found: Callable[[recounting.Difference], None]) -> tuple[int, list[str]]:
    """Recount everything in one view of the database and tell ``found`` of each difference; returns how many things are
    counted, and what should note their changes and is not in place."""
    with database.read() as session:
        for one in recounting.differences(session):
            found(one)
        connection = session.connection()
        return adding.counted(session), [*noting.missing(connection), *following.missing(connection)]
