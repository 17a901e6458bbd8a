"""Schema migrations: run under a lock, in one transaction, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from campaigns.reporting.rollups import change_log, rollup
from coordinator.db import Database

# The key of the lock: any constant that is the same in every version.
_LOCK = 5_417_400_174


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
        with connection.begin():
            if not database.on_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection
            if database.on_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise RuntimeError("the migration left dangling references; nothing was changed")
        if database.on_sqlite:
            connection.invalidate()  # a connection with foreign keys off must not return to the pool


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate up to ``revision``. Safe to call from several processes at once.

    The triggers of the change log are removed meanwhile, since they name tables that a migration may be rebuilding;
    afterwards they are installed, and the sums are computed from the rows. Raises ``NewerTables`` before anything is
    changed.
    """
    config = configuration()
    with _migrating(database) as connection:
        config.attributes["connection"] = connection
        before = MigrationContext.configure(connection).get_current_revision()
        if is_newer(before):
            raise NewerTables(f"the database is at {before}; {remedy(before)}")
        if before != head():
            change_log.remove_triggers(connection)
        command.upgrade(config, revision)
        at_head = MigrationContext.configure(connection).get_current_revision() == head()
        if at_head and change_log.missing_triggers(connection):
            change_log.install_triggers(connection)
            with Session(connection, join_transaction_mode="rollback_only") as session:
                rollup.rebuild_sums(session)
                session.flush()


# Tables to which rows are only ever added.
APPEND_ONLY = ("journal", "evidence")


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


def head() -> str | None:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def is_newer(at: str | None) -> bool:
    """Whether tables at this revision were created by a newer program: this one does not have the revision."""
    history = ScriptDirectory.from_config(configuration()).walk_revisions()
    return at is not None and at not in {script.revision for script in history}


def remedy(at: str | None) -> str:
    """Return what to do about tables at a revision that is not this program's head, as the end of a sentence."""
    if is_newer(at):
        return f"this program knows {head()} at most: run the version that made these tables"
    return "run: lantoa db upgrade"


def autogenerate(database: Database, message: str) -> None:
    """Write the next migration from the difference between the rows and the database (for developers)."""
    config = configuration()
    with _migrating(database) as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)
