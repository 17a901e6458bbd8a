"""Schema migrations on SQLite and PostgreSQL: each in one transaction, under a lock of this program's own, beside a
running program."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.reporting.rollups import change_log, rollup
from coordinator.db import Database

# The key of the lock: any constant that is the same in every version.
_LOCK = 5_417_400_174
# On PostgreSQL: a step that waits for a lock makes everybody behind it wait, so that it gives up early and tries again.
LOCK_WAIT_MS = 800
LOCK_TRIES = 60
LOCK_PAUSE = 2.0  # seconds between tries, for those who waited
# Between tries for the lock of this program's own. An index made beside writers waits for every running statement, one
# that waited for this lock too, so that both would wait for ever.
LOCK_POLL = 0.2  # seconds
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code
BULLETINS_AT_ONCE = 50  # whose counts are corrected in one transaction

log = logging.getLogger(__name__)


class TablesInUse(Exception):
    """The locks that a migration needs could not be had; the message says what to do."""


class NewerTables(Exception):
    """The tables were created by a newer version of this program; the message says which and what to do."""


def configuration() -> Config:
    """Alembic's configuration; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(files("coordinator.migrations")))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _migrating(database: Database) -> Iterator[sa.Connection]:
    with database.engine.connect() as connection:
        if database.on_sqlite:
            driver = connection.connection.driver_connection
            assert driver is not None, "a checked-out connection has a driver's one"  # noqa: S101  # a bug, not input
            # A batch step copies and drops the table; with foreign keys on the drop would delete the children.
            driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin() if database.on_sqlite else _locked_transaction(connection):
            if not database.on_sqlite:
                # After the lock of this program's own, for which it may wait as long as it takes.
                connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_WAIT_MS}ms'"))
            yield connection
            if database.on_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise RuntimeError("the migration left dangling references; nothing was changed")
        if database.on_sqlite:
            connection.invalidate()  # a connection with foreign keys off must not return to the pool


def _locked_transaction(connection: sa.Connection) -> sa.RootTransaction:
    """Begin a transaction on PostgreSQL that has the lock of this program's own."""
    while True:
        transaction = connection.begin()
        if connection.scalar(sa.text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
            return transaction
        transaction.rollback()
        time.sleep(LOCK_POLL)


@contextmanager
def _migrating_outside_transaction(database: Database) -> Iterator[sa.Connection]:
    """On PostgreSQL, for a migration that cannot be in a transaction: every statement is one of its own, under the same
    lock of this program's. It waits as long as it takes for what others hold, since nobody waits behind it."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(sa.text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            time.sleep(LOCK_POLL)
        try:
            yield connection
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})


def upgrade(database: Database, revision: str = "head", config: Config | None = None) -> None:
    """Migrate up to ``revision``, each migration in a transaction of its own, beside a running program. Safe to call
    from several processes at once.

    On PostgreSQL one that makes an index beside writers is in none (``is_outside_transaction``).

    A migration that cannot have its locks within ``LOCK_WAIT_MS`` is undone and tried again, so that nobody waits
    longer behind it. The triggers of the change log stay; those whose text is another one are replaced. Where that was
    so, or a migration changed what is counted, the sums are computed anew afterwards, beside the running program too.
    Raises ``NewerTables`` before anything is changed, and ``TablesInUse`` when the locks could not be had.
    """
    config = config or configuration()
    while _retried(lambda: _apply_next(database, config, revision)):
        pass
    _retried(lambda: _complete_triggers(database, config))
    with database.read() as session:
        if current(database) != head(config) or not rollup.are_stale(session):
            return
    rebuild_sums(database)


def _retried(act: Callable[[], bool]) -> bool:
    for number in range(LOCK_TRIES):
        try:
            return act()
        except sa.exc.OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            log.warning("tables are in use, trying again (%d of %d)", number + 1, LOCK_TRIES)
            time.sleep(LOCK_PAUSE)
    raise TablesInUse(f"the tables were in use for {LOCK_TRIES} tries; what is done is kept, run it again")


def _apply_next(database: Database, config: Config, revision: str) -> bool:
    """Apply the next migration on the way to ``revision``; whether there was one."""
    at = current(database)
    following = [] if is_newer(at, config) else _pending(config, at, revision)
    alone = bool(following) and not database.on_sqlite and is_outside_transaction(following[0])
    with _migrating_outside_transaction(database) if alone else _migrating(database) as connection:
        config.attributes["connection"] = connection
        before = MigrationContext.configure(connection).get_current_revision()
        if is_newer(before, config):
            raise NewerTables(f"the database is at {before}; {remedy(before, config)}")
        pending = _pending(config, before, revision)
        if not pending:
            return False
        if not following or pending[0].revision != following[0].revision:
            return True  # another process has applied it; the next may need the other kind of connection
        marks = change_log.installed_marks(connection)
        if database.on_sqlite:
            # Some steps copy a table and drop it; triggers elsewhere that name it would stop them. Nobody else writes.
            change_log.remove_triggers(connection)
        command.upgrade(config, pending[0].revision)
        at_head = MigrationContext.configure(connection).get_current_revision() == head(config)
        stale = before is not None and changes_counts(pending[0])
        if database.on_sqlite and at_head:
            change_log.install_triggers(connection)
            stale |= change_log.installed_marks(connection) != marks
        if stale:
            rollup.mark_stale(connection)
    return True


def _complete_triggers(database: Database, config: Config) -> bool:
    """Install triggers that are missing or have another text; whether there were any."""
    with _migrating(database) as connection:
        at_head = MigrationContext.configure(connection).get_current_revision() == head(config)
        if not at_head or not change_log.missing_triggers(connection):
            return False
        change_log.install_triggers(connection)
        rollup.mark_stale(connection)
    return True


def pending(database: Database, config: Config | None = None) -> list[Script]:
    """The migrations that ``upgrade`` would apply, in their order. Raises ``NewerTables``."""
    config = config or configuration()
    at = current(database)
    if is_newer(at, config):
        raise NewerTables(f"the database is at {at}; {remedy(at, config)}")
    return _pending(config, at, "head")


def _pending(config: Config, at: str | None, revision: str) -> list[Script]:
    return list(reversed(list(ScriptDirectory.from_config(config).iterate_revisions(revision, at or "base"))))


def is_outside_transaction(script: Script) -> bool:
    """Whether a migration says (``OUTSIDE_TRANSACTION``) that on PostgreSQL it is in no transaction: one that makes an
    index of a large table ``CONCURRENTLY``. It can be repeated after it was cut off."""
    return bool(getattr(script.module, "OUTSIDE_TRANSACTION", False))


def changes_counts(script: Script) -> bool:
    """Whether a migration says (``CHANGES_COUNTS``) that it changes rows that are counted."""
    return bool(getattr(script.module, "CHANGES_COUNTS", False))


def rebuild_sums(database: Database) -> int:
    """Compute every sum from the rows, beside a running program; returns the number of counted facts.

    On PostgreSQL nobody waits longer than the counts of some bulletins take: what is committed meanwhile is in the
    change log and is added to the new sums. On SQLite writers wait.
    """
    if database.on_sqlite:
        with database.write() as session:
            return rollup.rebuild_sums(session)
    with database.read() as session:
        last = session.scalar(sa.select(sa.func.max(Bulletin.id))) or 0
    for first in range(0, last + 1, BULLETINS_AT_ONCE):
        with database.write() as session:
            rollup.correct_counts(session, first, first + BULLETINS_AT_ONCE - 1)
    one_snapshot = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with database.write() as lock:
        # By a session of its own: a snapshot that began while it waits would be older than the last sums.
        acquire_until_commit(lock, AdvisoryLock.ROLLUP)
        with database.writers(bind=one_snapshot) as session, session.begin():
            return rollup.recompute_sums(session)


# Tables to which rows are only ever added.
APPEND_ONLY = ("journal", "evidence")


# The triggers of the first migration that refuse to change kept rows.
KEEPING_TRIGGERS = {
    "sqlite": (
        "evidence_no_update", "evidence_no_delete", "briefing_versions_no_update", "briefing_versions_no_delete",
    ),
    "postgresql": ("evidence_is_kept", "evidence_is_not_emptied", "briefing_versions_are_kept"),
}  # fmt: skip


def missing_append_only(connection: sa.Connection) -> list[str]:
    """Return the triggers that keep evidence and frozen briefings and are not there, or are off."""
    on_sqlite = connection.dialect.name == "sqlite"
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if on_sqlite
        else "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
    )
    there = set(connection.execute(sa.text(query)).scalars())
    return [name for name in KEEPING_TRIGGERS[connection.dialect.name] if name not in there]


def grant(database: Database, role: str) -> None:
    """On PostgreSQL: let ``role`` run the program on tables that the present role owns. It may not change or remove an
    entry of the journal or evidence, nor alter a table; ``lantoa db upgrade`` stays with the owner, and tables of a
    later upgrade are granted by the same call.

    Raises ``ValueError`` on SQLite, whose file has no roles, ``sqlalchemy.exc.ProgrammingError`` for an unknown role.
    """
    if database.on_sqlite:
        raise ValueError("SQLite has no roles; the file's owner can change everything in it")
    with database.engine.begin() as connection:
        name = connection.dialect.identifier_preparer.quote(role)
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {name}",
            *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}" for table in APPEND_ONLY),
            f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {name}",
        ):
            connection.exec_driver_sql(statement)


def downgrade(database: Database, revision: str) -> None:
    """Migrate down to ``revision`` (``base`` empties the database). For tests and emergencies."""
    config = configuration()
    with _migrating(database) as connection:
        config.attributes["connection"] = connection
        change_log.remove_triggers(connection)
        command.downgrade(config, revision)


def current(database: Database) -> str | None:
    """The revision the database is at, None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head(config: Config | None = None) -> str | None:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(config or configuration()).get_current_head()


def is_newer(at: str | None, config: Config | None = None) -> bool:
    """Whether tables at this revision were created by a newer program: this one does not have the revision."""
    history = ScriptDirectory.from_config(config or configuration()).walk_revisions()
    return at is not None and at not in {script.revision for script in history}


def remedy(at: str | None, config: Config | None = None) -> str:
    """Return what to do about tables at a revision that is not this program's head, as the end of a sentence."""
    if is_newer(at, config):
        return f"this program knows {head(config)} at most: run the version that made these tables"
    return "run: lantoa db upgrade"


def autogenerate(database: Database, message: str) -> None:
    """Write the next migration from the difference between the rows and the database (for developers)."""
    config = configuration()
    with _migrating(database) as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)
