"""What most commands begin with: the settings and a database that is up to date."""

import json
from typing import Any

import click

from coordinator import composing, logs, schema
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.jobs.workplace import Workplace


def settings() -> Settings:
    """This process's settings."""
    read = Settings.read()
    logs.begin(read.log_format)
    return read


def database(*, newer: bool = False) -> Database:
    """The database, refused unless its tables are those of this program, or ``newer`` ones where that is allowed.

    Raises ``click.ClickException`` with what to run; where there is no database it makes none.
    """
    read = settings()
    if not read.is_set_up:
        raise click.ClickException("the database is not set up; run: lantoa db upgrade")
    found = Database.of(read)
    at = schema.current(found)
    if at != schema.head() and not (newer and schema.is_newer(at)):
        raise click.ClickException(f"the database is at {at or 'nothing'}; {schema.remedy(at)}")
    return found


def workplace() -> Workplace:
    """Everything a job needs, for commands that act by themselves."""
    return composing.workplace(settings(), database())


def show_json(value: Any) -> None:
    """A listing as JSON on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
