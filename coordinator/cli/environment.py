"""The settings and the database that most commands begin with."""

import json
from typing import Any

import click

from campaigns.core.journal import SealState, key_state
from coordinator import composition, logs, schema
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.jobs.context import JobContext


def settings() -> Settings:
    """Return this process's settings."""
    read = Settings.read()
    logs.configure(read.log_format)
    return read


def database(*, newer: bool = False) -> Database:
    """Return the database. Its tables must be at this program's revision, or at a newer one where ``newer`` allows it.

    Raises ``click.ClickException`` that says what to run. Creates no database.
    """
    read = settings()
    if not read.is_set_up:
        raise click.ClickException("the database is not set up; run: lantoa db upgrade")
    found = Database.from_settings(read)
    at = schema.current(found)
    if at != schema.head() and not (newer and schema.is_newer(at)):
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
