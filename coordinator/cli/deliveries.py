"""``lantoa deliveries``: sending a channel again what it lost."""

from datetime import date, datetime, timedelta

import click

from campaigns.core.clock import CITY, day_start, utc_now
from campaigns.people.staff import Actor, Role
from campaigns.publishing import replaying
from campaigns.publishing.channels import find_channel
from coordinator.channels import registry
from coordinator.cli import place

ACTOR = Actor("cli", "cli", Role.ADMIN)


@click.group()
def deliveries() -> None:
    """Send deliveries again."""


@deliveries.command()
@click.argument("channel")
@click.option("--since", required=True, help="day or moment from which on: 2026-11-24, 2026-11-24T07:00 in the city")
@click.option("--until", default="", help="day (included) or moment before which; without it, now")
@click.option("--dry-run", is_flag=True, help="only say what would be sent")
@click.option("--json", "as_json", is_flag=True)
def replay(channel: str, since: str, until: str, dry_run: bool, as_json: bool) -> None:
    """Send CHANNEL again what was settled from --since until --until, with the same keys. The workers do it.

    For a receiver that has lost what it had. Refused for channels that can neither be asked nor recognise a repeat.
    """
    now = utc_now()
    first, last = _moment("--since", since, end=False), _moment("--until", until, end=True) if until else now
    database = place.database()
    with database.read() if dry_run else database.write() as session:
        row = find_channel(session, channel)
        can = registry.kind_of(row.kind).capabilities
        told = (
            replaying.foretell(session, row, can, first, last)
            if dry_run
            else replaying.replay(session, ACTOR, row, can, first, last, now=now)
        )
    if as_json:
        place.show_json(
            {"channel": channel, "arrived": told.arrived, "dead": told.dead, "stale": told.stale,
             "deliveries": list(told.deliveries), "dry_run": dry_run}
        )  # fmt: skip
        return
    for one in told.deliveries:
        click.echo(one)
    what = "would be sent" if dry_run else "are sent"
    click.echo(
        f"{channel}: {len(told.deliveries)} {what} again ({told.arrived} had arrived, {told.dead} had been given up), "
        f"{told.stale} left out as corrected or recalled since",
        err=True,
    )


def _moment(option: str, typed: str, *, end: bool) -> datetime:
    """A moment: without an offset it is the city's; a day alone is its beginning, or its end."""
    try:
        if len(typed) == len("2026-11-24"):
            return day_start(date.fromisoformat(typed) + timedelta(days=1 if end else 0))
        found = datetime.fromisoformat(typed)
    except ValueError:
        raise click.BadParameter(f"{typed!r} is no day or moment", param_hint=option) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=CITY)
