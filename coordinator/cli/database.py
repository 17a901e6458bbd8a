"""``lantoa db``: the history of the tables."""

import click

from coordinator import schema
from coordinator.cli import place
from coordinator.db import Database
from coordinator.jobs.indexing import bring_up


@click.group()
def db() -> None:
    """Upgrade the database, or say where it is."""


@db.command()
def upgrade() -> None:
    """Bring the database to this program's tables. Safe from several processes at once."""
    database = Database.of(place.settings())
    before = schema.current(database)
    schema.upgrade(database)
    bring_up(database)
    click.echo(f"{before or 'empty'} -> {schema.current(database)}")


@db.command()
def current() -> None:
    """Say where the database is. Exit 1 when it is not where this program needs it."""
    settings, head = place.settings(), schema.head()
    at = schema.current(Database.of(settings)) if settings.is_set_up else None
    click.echo(at or "empty")
    if at != head:
        click.echo(f"this program needs {head}; {schema.remedy(at)}", err=True)
        raise SystemExit(1)
