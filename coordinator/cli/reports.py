"""``lantoa report``: a period's figures as a file."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import click

from campaigns.core.clock import CITY, FIRST_YEAR, LAST_YEAR, day_start, parse_period, utc_now
from campaigns.core.errors import FieldError, Invalid
from campaigns.planning.campaigns import find_campaign
from campaigns.reporting.briefings import versions
from campaigns.reporting.briefings.canonical_text import FigureChange
from campaigns.reporting.briefings.versions import BriefingVersion
from coordinator.cli import environment
from coordinator.jobs.reporting.briefings import briefing_files
from coordinator.jobs.reporting.rendered_report import FORMATS

# ``lantoa briefings``: frozen versions, and whether their figures can be derived again.


def _version_name(version: BriefingVersion) -> str:
    plan = version.briefing.campaign.code if version.briefing.campaign else "-"
    moment = version.as_of.astimezone(CITY).isoformat(timespec="seconds")
    return f"{version.briefing.label} {plan} version {version.number} as of {moment}"


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout")
def listed(as_json: bool) -> None:
    """Every frozen version: period, plan, number, moment."""
    with environment.database().read() as session:
        found = versions.all_versions(session)
        lines = [
            {
                "period": version.briefing.label,
                "campaign": version.briefing.campaign.code if version.briefing.campaign else None,
                "version": version.number,
                "as_of": version.as_of.astimezone(CITY).isoformat(timespec="seconds"),
                "rule_version": version.rule_version,
                "hash": version.hash,
                "by": version.made_by,
            }
            for version in found
        ]
        names = [_version_name(version) for version in found]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    for name in names:
        click.echo(name)


@click.command()
def verify() -> int:
    """Derive every frozen version anew and name each figure that differs; exit 1 when any does."""
    wrong = 0
    with environment.database().read() as session:
        found = versions.all_versions(session)
        for version in found:
            derived = versions.rederive(session, version)
            if derived.equal:
                continue
            wrong += 1
            if not derived.sound:
                click.echo(f"{_version_name(version)}: the figures kept are not those that were hashed")
            for change in derived.changes:
                click.echo(
                    f"{_version_name(version)}: {_change_place(change)}: {change.before} frozen, {change.after} derived"
                )
    click.echo(f"{len(found)} versions derived anew, {wrong} differ")
    return 1 if wrong else 0


def _change_place(change: FigureChange) -> str:
    return " ".join(part for part in (change.part, change.key, change.figure) if part)


def _moment(typed: str) -> datetime:
    """Parse an ISO time; a day means its end, and a time without an offset is in the city's zone."""
    try:
        moment = datetime.fromisoformat(typed)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError
    except ValueError:
        expected = "2027-01-08T16:30:00+07:00 or 2027-01-08"
        raise Invalid([FieldError("as_of", "moment", f"{typed!r} is not a moment; expected {expected}")]) from None
    if len(typed) == len("2027-01-08"):
        return day_start(moment.date() + timedelta(days=1)) - timedelta(seconds=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=CITY)


@click.command()
@click.argument("period")
@click.option("--campaign", metavar="CODE", help="only this campaign's bulletins, with its targets")
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), required=True)
@click.option("--as-of", "as_of", metavar="MOMENT", help="as it stood then: 2027-01-08T16:30:00+07:00, or a day's end")
@click.option("--one-page", "one_page", is_flag=True, help="only the summary for a head: one page, docx or pdf")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE")
def report(period: str, campaign: str | None, form: str, as_of: str | None, one_page: bool, out: Path) -> None:
    """Write the report of PERIOD (2026-Q4, 2026-11, 2026, or A..B) to FILE."""
    wanted = parse_period(period)
    with environment.database().read() as session:
        chosen = find_campaign(session, campaign) if campaign else None
        moment = _moment(as_of) if as_of else None
        made = briefing_files.make_briefing_file(
            session, chosen, wanted, form, as_of=moment, one_page=one_page, now=utc_now()
        )
    out.write_bytes(made.body)
    click.echo(f"{out}: {len(made.body)} bytes")
