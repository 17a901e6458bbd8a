"""``lantoa report``: a period's figures as a file."""

from datetime import date, datetime, timedelta
from pathlib import Path

import click

from campaigns.core.clock import CITY, day_start, parse_period, utc_now
from campaigns.core.errors import FieldError, Invalid
from campaigns.planning.campaigns import find_campaign
from coordinator.cli import place
from coordinator.jobs import reporting


def _moment(typed: str) -> datetime:
    """A moment as programs write it; a day means its end, a moment without a zone the city's clock."""
    try:
        if len(typed) == len("2027-01-08"):
            return day_start(date.fromisoformat(typed) + timedelta(days=1)) - timedelta(seconds=1)
        moment = datetime.fromisoformat(typed)
    except ValueError:
        expected = "2027-01-08T16:30:00+07:00 or 2027-01-08"
        raise Invalid([FieldError("as_of", "moment", f"{typed!r} is not a moment; expected {expected}")]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CITY)


@click.command()
@click.argument("period")
@click.option("--campaign", metavar="CODE", help="only this campaign's bulletins, with its targets")
@click.option("--format", "form", type=click.Choice(sorted(reporting.FORMATS)), required=True)
@click.option("--as-of", "as_of", metavar="MOMENT", help="as it stood then: 2027-01-08T16:30:00+07:00, or a day's end")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE")
def report(period: str, campaign: str | None, form: str, as_of: str | None, out: Path) -> None:
    """Write the report of PERIOD (2026-Q4, 2026-11, 2026, or A..B) to FILE."""
    wanted = parse_period(period)
    with place.database().read() as session:
        chosen = find_campaign(session, campaign) if campaign else None
        moment = _moment(as_of) if as_of else None
        made = reporting.make(session, chosen, wanted, form, as_of=moment, now=utc_now())
    out.write_bytes(made.body)
    click.echo(f"{out}: {len(made.body)} bytes")
