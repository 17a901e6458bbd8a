"""The settings and the database that most commands begin with, and what their errors say on stderr."""

import json
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

import campaigns.rows  # noqa: F401  # every table, since a row of one names others
from campaigns.core.errors import CampaignError, Invalid
from campaigns.core.journal import SealState, key_state
from coordinator import composition, logs, schema
from coordinator.cli.main import one_line
from coordinator.config import Settings, SettingsError
from coordinator.db import Database
from coordinator.encryption import DecryptionError
from coordinator.jobs.context import JobContext
from coordinator.schema import NewerTables


def settings() -> Settings:
    """Return this process's settings."""
    read = Settings.read()
    logs.configure(read.log_format)
    return read


def open_database(read: Settings) -> Database:
    """Return the database that the settings name, whatever its tables; it is disposed of at the command's end."""
    return click.get_current_context().with_resource(Database.from_settings(read))


def database() -> Database:
    """Return the database, which is disposed of at the command's end. Its tables must be at this program's revision.

    Raises ``click.ClickException`` that says what to run. Creates no database.
    """
    read = settings()
    if not read.is_set_up:
        raise click.ClickException("the database is not set up; run: lantoa db upgrade")
    found = open_database(read)
    at = schema.current(found)
    if at != schema.head():
        raise click.ClickException(f"the database is at {at or 'nothing'}; {schema.remedy(at)}")
    with found.read() as session:
        if key_state(session) is SealState.OTHER_KEY:
            raise click.ClickException("the database was sealed with another secret key; put that one back")
    return found


def job_context() -> JobContext:
    """Return the context that jobs get, for commands that run jobs themselves."""
    return composition.job_context(settings(), database())


def show_json(value: Any) -> None:
    """Print a listing as JSON on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def database_error(error: Exception) -> str:
    """The first line of the database's own words, with what to do where that is known."""
    words = str(getattr(error, "orig", None) or error).strip()
    hint = ""
    if "no such table" in words or "does not exist" in words:
        hint = " (has `lantoa db upgrade` been run?)"
    elif "permission denied for schema" in words:
        hint = " (the role must own the database: ALTER DATABASE … OWNER TO …)"
    elif "permission denied for" in words:
        hint = " (as the owner of the tables, run: lantoa db grant ROLE)"
    return f"{words.splitlines()[0]}{hint}"


# One line each, without a traceback; any other error is one of the program.
EXPECTED_ERRORS = (
    CampaignError,
    SettingsError,
    DecryptionError,
    NewerTables,
    SQLAlchemyError,
    OSError,
)


def error_messages(error: Exception) -> list[str]:
    """Return the lines for an error on stderr: one, or one for each invalid field."""
    if isinstance(error, Invalid):
        return [f"lantoa: {error.field}: {one_line(error.message)}" for error in error.errors]
    if isinstance(error, SQLAlchemyError):
        return [f"lantoa: the database: {database_error(error)}"]
    if isinstance(error, OSError):
        return [f"{error.filename or 'lantoa'}: {error.strerror or error}"]
    return [f"lantoa: {one_line(str(error))}"]
