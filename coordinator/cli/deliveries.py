"""``lantoa deliveries``: sending lost deliveries to a channel again."""

from datetime import MAXYEAR, MINYEAR, datetime, timedelta

import click

from campaigns.channels.channels import find_channel
from campaigns.core.clock import CITY, day_start, utc_now
from campaigns.delivery import manual_actions
from campaigns.people.staff import Actor, Role
from coordinator.channels import registry
from coordinator.cli import environment

ACTOR = Actor("cli", "cli", Role.ADMIN)


@click.command()
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
    database = environment.database()
    with database.read() if dry_run else database.write() as session:
        row = find_channel(session, channel)
        can = registry.channel_kind(row.kind).capabilities
        preview = (
            manual_actions.preview_replay(session, row, can, first, last)
            if dry_run
            else manual_actions.replay_deliveries(session, ACTOR, row, can, first, last, now=now)
        )
    if as_json:
        environment.show_json(
            {"channel": channel, "arrived": preview.arrived, "dead": preview.dead, "stale": preview.stale,
             "deliveries": list(preview.deliveries), "dry_run": dry_run}
        )  # fmt: skip
        return
    for delivery in preview.deliveries:
        click.echo(delivery)
    what = "would be sent" if dry_run else "are sent"
    click.echo(
        f"{channel}: {len(preview.deliveries)} {what} again "
        f"({preview.arrived} had arrived, {preview.dead} had been given up), "
        f"{preview.stale} left out as corrected or recalled since",
        err=True,
    )


def _moment(option: str, typed: str, *, end: bool) -> datetime:
    """Parse a time; without an offset it is in the city's zone; a day means its beginning, or its end."""
    try:
        found = datetime.fromisoformat(typed)
        if not MINYEAR < found.year < MAXYEAR:  # its neighbours in UTC must be years, too
            raise ValueError
    except ValueError:
        raise click.BadParameter(f"{typed!r} is no day or moment", param_hint=option) from None
    if len(typed) == len("2026-11-24"):
        return day_start(found.date() + timedelta(days=1 if end else 0))
    return found if found.tzinfo is not None else found.replace(tzinfo=CITY)
