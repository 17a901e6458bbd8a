"""``lantoa search``: the index that everything is found by."""

import sys

import click

from campaigns.searching import rebuilding
from campaigns.searching.rebuilding import Difference
from coordinator.cli import place
from coordinator.jobs.indexing import rebuild as index_again

SHOWN = 20  # differences that are told one by one


@click.group()
def search() -> None:
    """Make the index of words anew, or compare it with what it was made from."""


@search.command()
def rebuild() -> None:
    """Index everything again, while the product runs. Nothing but the index is written."""
    database = place.database()
    with database.read() as session:
        length = rebuilding.subjects(session)
    with click.progressbar(length=length, label="indexing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        index_again(database, bar.update)
    click.echo(f"indexed: {length} subjects")


@search.command()
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> int:
    """Compare the index with the rows. Exit 1 and the first differences if it is not what they say."""
    database = place.database()
    found: list[Difference] = []
    with database.write() as session:
        broken = rebuilding.soundness(session)
    if broken is not None:
        found.append(broken)
    count = len(found)
    with database.read() as session:
        subjects = rebuilding.subjects(session)
        for one in rebuilding.differences(session):
            count += 1
            if len(found) < SHOWN:
                found.append(one)
    if as_json:
        place.show_json({"subjects": subjects, "differences": count, "first": [_row(one) for one in found]})
        return 1 if count else 0
    for one in found:
        subject = f"{one.kind.code} {one.number}" if one.kind is not None else "the index"
        click.echo(f"{subject}\t{one.wrong.value}" + (f"\t{one.words}" if one.words else ""))
    if count:
        click.echo(f"{count} differences; run: lantoa search rebuild")
        return 1
    click.echo(f"index whole: {subjects} subjects")
    return 0


def _row(one: Difference) -> dict[str, object]:
    kind = one.kind.code if one.kind is not None else None
    return {"kind": kind, "number": one.number, "wrong": one.wrong.value, "words": one.words}
