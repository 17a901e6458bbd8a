"""Jobs of the rollup tables: apply changes, rebuild, check."""

from collections.abc import Callable

from campaigns.reporting.rollups import change_log, rollup
from coordinator import schema
from coordinator.db import Database


def apply_changes(database: Database) -> int:
    """Add all logged changes to the sums, in batches so that other writers do not wait long; returns their number."""
    with database.read() as session:
        left = rollup.count_pending(session)
    done = 0
    while done < left:
        with database.write() as session:
            some = rollup.roll_up(session)
        if not some:
            break
        done += some
    return done


def rebuild_rollup(database: Database) -> int:
    """Install the triggers and compute every sum from the rows; returns the number of counted facts."""
    with database.write() as session:
        change_log.install_triggers(session.connection())
    return schema.rebuild_sums(database)


def check_rollup(database: Database, found: Callable[[rollup.FigureDifference], None]) -> tuple[int, list[str]]:
    """Recount everything in one snapshot of the database and call ``found`` with each difference; returns the number of
    counted facts, and the missing triggers."""
    with database.read() as session:
        for difference in rollup.find_differences(session):
            found(difference)
        return rollup.count_facts(session), change_log.missing_triggers(session.connection())
