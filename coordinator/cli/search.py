"""``lantoa search``: rebuild or verify the search index."""

import sys

import click

from campaigns.search import index_maintenance
from campaigns.search.index_maintenance import IndexDifference
from coordinator.cli import environment
from coordinator.jobs.search import rebuild_index

SHOWN = 20  # differences that are printed


@click.command()
def rebuild() -> None:
    """Index everything again, while the product runs. Writes nothing but the index."""
    database = environment.database()
    with database.read() as session:
        length = index_maintenance.count_subjects(session)
    with click.progressbar(length=length, label="indexing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        rebuild_index(database, bar.update)
    click.echo(f"indexed: {length} subjects")


@click.command()
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> int:
    """Compare the index with the rows. Exit 1 and the first differences if they differ."""
    database = environment.database()
    found: list[IndexDifference] = []
    with database.write() as session:
        damage = index_maintenance.integrity_errors(session)
    if damage is not None:
        found.append(damage)
    count = len(found)
    with database.read() as session:
        subjects = index_maintenance.count_subjects(session)
        for difference in index_maintenance.index_differences(session):
            count += 1
            if len(found) < SHOWN:
                found.append(difference)
    if as_json:
        first = [_difference_values(difference) for difference in found]
        environment.show_json({"subjects": subjects, "differences": count, "first": first})
        return 1 if count else 0
    for difference in found:
        subject = f"{difference.kind.code} {difference.number}" if difference.kind is not None else "the index"
        click.echo(f"{subject}\t{difference.wrong.value}" + (f"\t{difference.words}" if difference.words else ""))
    if count:
        click.echo(f"{count} differences; run: lantoa search rebuild")
        return 1
    click.echo(f"index whole: {subjects} subjects")
    return 0


def _difference_values(difference: IndexDifference) -> dict[str, object]:
    kind = difference.kind.code if difference.kind is not None else None
    return {"kind": kind, "number": difference.number, "wrong": difference.wrong.value, "words": difference.words}
