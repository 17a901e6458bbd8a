"""``lantoa tallies``: the rollup tables that every figure is read from."""

import click

from campaigns.reporting.rollups.rollup import FigureDifference
from coordinator.cli import environment
from coordinator.jobs.reporting import rollup

SHOWN = 20  # differences that are printed


@click.group()
def tallies() -> None:
    """Recount everything that the figures are read from, or make the sums anew."""


@tallies.command()
def rebuild() -> None:
    """Make every sum anew from the rows. Writers of what is counted wait meanwhile."""
    click.echo(f"summed: {rollup.rebuild_rollup(environment.database())} copies, teasers and arrivals")


@tallies.command()
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> int:
    """Recount everything from the rows. Exit 1 and each figure that is not what they say."""
    found: list[FigureDifference] = []
    counted, missing = rollup.check_rollup(environment.database(), found.append)
    if as_json:
        differences = [
            {
                "table": difference.table,
                **difference.key,
                "figure": difference.figure,
                "kept": difference.kept,
                "counted": difference.counted,
            }
            for difference in found
        ]
        environment.show_json({"counted": counted, "missing": missing, "differences": differences})
        return 1 if found or missing else 0
    for difference in found[:SHOWN]:
        key = " ".join(f"{name}={value}" for name, value in difference.key.items())
        click.echo(
            f"{difference.table}\t{key}\t{difference.figure}: kept {difference.kept}, counted {difference.counted}"
        )
    for name in missing:
        click.echo(f"{name}\tnot in place: changes are not noted")
    if found or missing:
        click.echo(f"{len(found)} differences; run: lantoa tallies rebuild")
        return 1
    click.echo(f"sums hold: {counted} copies, teasers and arrivals")
    return 0
