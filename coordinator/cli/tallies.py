"""``lantoa tallies``: the sums that every figure is read from."""

import click

from campaigns.reporting.recounting import Difference
from coordinator.cli import place
from coordinator.jobs import summing

SHOWN = 20  # differences that are told one by one


@click.group()
def tallies() -> None:
    """Recount everything that the figures are read from, or make the sums anew."""


@tallies.command()
def rebuild() -> None:
    """Make every sum anew from the rows. Whoever writes what is counted waits meanwhile."""
    click.echo(f"summed: {summing.rebuild(place.database())} copies, teasers and arrivals")


@tallies.command()
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> int:
    """Recount everything from the rows. Exit 1 and each figure that is not what they say."""
    found: list[Difference] = []
    counted, missing = summing.compare(place.database(), found.append)
    if as_json:
        differences = [
            {"table": one.table, **one.key, "figure": one.figure, "kept": one.kept, "counted": one.counted}
            for one in found
        ]
        place.show_json({"counted": counted, "missing": missing, "differences": differences})
        return 1 if found or missing else 0
    for one in found[:SHOWN]:
        key = " ".join(f"{name}={value}" for name, value in one.key.items())
        click.echo(f"{one.table}\t{key}\t{one.figure}: kept {one.kept}, counted {one.counted}")
    for name in missing:
        click.echo(f"{name}\tnot in place: changes are not noted")
    if found or missing:
        click.echo(f"{len(found)} differences; run: lantoa tallies rebuild")
        return 1
    click.echo(f"sums hold: {counted} copies, teasers and arrivals")
    return 0
