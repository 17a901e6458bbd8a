"""``lantoa briefings``: what was frozen, and whether it can still be derived to the figure."""

import json

import click

from campaigns.core.clock import CITY
from campaigns.reporting import versions
from campaigns.reporting.canonical import Change
from campaigns.reporting.versions import BriefingVersion
from coordinator.cli import place


@click.group()
def briefings() -> None:
    """Frozen briefings."""


def _name(one: BriefingVersion) -> str:
    plan = one.briefing.campaign.code if one.briefing.campaign else "-"
    moment = one.as_of.astimezone(CITY).isoformat(timespec="seconds")
    return f"{one.briefing.label} {plan} version {one.number} as of {moment}"


@briefings.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout")
def listed(as_json: bool) -> None:
    """Every frozen version: period, plan, number, moment."""
    with place.database().read() as session:
        found = versions.all_versions(session)
        lines = [
            {
                "period": one.briefing.label,
                "campaign": one.briefing.campaign.code if one.briefing.campaign else None,
                "version": one.number,
                "as_of": one.as_of.astimezone(CITY).isoformat(timespec="seconds"),
                "rule_version": one.rule_version,
                "hash": one.hash,
                "by": one.made_by,
            }
            for one in found
        ]
        names = [_name(one) for one in found]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    for name in names:
        click.echo(name)


@briefings.command()
def verify() -> int:
    """Derive every frozen version anew and name each figure that differs; exit 1 when any does."""
    wrong = 0
    with place.database().read() as session:
        found = versions.all_versions(session)
        for one in found:
            derived = versions.derive(session, one)
            if derived.equal:
                continue
            wrong += 1
            if not derived.sound:
                click.echo(f"{_name(one)}: the figures kept are not those that were hashed")
            for change in derived.changes:
                click.echo(f"{_name(one)}: {_place(change)}: {change.before} frozen, {change.after} derived")
    click.echo(f"{len(found)} versions derived anew, {wrong} differ")
    return 1 if wrong else 0


def _place(change: Change) -> str:
    return " ".join(part for part in (change.part, change.key, change.figure) if part)
