"""``lantoa report``: a period's figures as a file."""

from pathlib import Path

import click

from campaigns.core.clock import parse_period, utc_now
from campaigns.planning.campaigns import find_campaign
from coordinator.cli import place
from coordinator.jobs import reporting


@click.command()
@click.argument("period")
@click.option("--campaign", metavar="CODE", help="only this campaign's bulletins, with its targets")
@click.option("--format", "form", type=click.Choice(sorted(reporting.FORMATS)), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE")
def report(period: str, campaign: str | None, form: str, out: Path) -> None:
    """Write the report of PERIOD (2026-Q4, 2026-11, 2026, or A..B) to FILE."""
    wanted = parse_period(period)
    with place.database().read() as session:
        chosen = find_campaign(session, campaign) if campaign else None
        made = reporting.make(session, chosen, wanted, form, now=utc_now())
    out.write_bytes(made.body)
    click.echo(f"{out}: {len(made.body)} bytes")
