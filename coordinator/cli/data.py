"""``lantoa backup`` and ``restore``: the whole installation in one file, taken while it runs."""

from pathlib import Path

import click

from coordinator import archiving, composing, schema
from coordinator.cli import place
from coordinator.db import Database
from coordinator.jobs.indexing import rebuild


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write every row and every kept page to FILE, as they are at one moment."""
    settings = place.settings()
    elsewhere = composing.store(settings).blobs.place if settings.evidence_store else ""
    count = archiving.backup(place.database(), settings.data_dir, file, elsewhere=elsewhere)
    click.echo(f"{file}: {count.rows} rows of {count.tables} tables, {count.pages} kept pages")
    if count.elsewhere:
        click.echo(f"not in it: what is kept in {count.elsewhere}; that place needs a backup of its own")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an empty database and data folder from FILE. Refused when there is anything in them."""
    settings = place.settings()
    database = Database.of(settings)
    schema.upgrade(database)
    count = archiving.restore(database, settings.data_dir, file)
    rebuild(database)  # the index is not in the file: it is made of the rows, in the way of this database
    click.echo(f"{file}: {count.rows} rows of {count.tables} tables, {count.pages} kept pages restored")
    if count.elsewhere:
        click.echo(f"not in it: what is kept in {count.elsewhere}; set LANTOA_EVIDENCE_STORE to that place")
