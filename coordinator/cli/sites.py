"""``lantoa site``: partner sites, how their sources fare, looking again at once, and what else they offer."""

from dataclasses import asdict
from datetime import datetime

import click
import sqlalchemy as sa

from campaigns.core import journal
from campaigns.core.clock import CITY, utc_now
from campaigns.partners.directory import Site, find_site
from campaigns.tracking import surveys
from campaigns.tracking.watching import Source, look_now
from coordinator.cli import place


@click.group()
def site() -> None:
    """List sites with their sources, look at one again, and look for the sources that it has."""


@site.command("list")
@click.option("--failing", is_flag=True, help="only sources that fail or are silent")
@click.option("--json", "as_json", is_flag=True)
def list_sites(failing: bool, as_json: bool) -> None:
    """List every source of every site: when it was read, and what is the matter with it.

    --json says more of each: when it is read next, how often it has something new, since when it fails.
    """
    query = sa.select(Source, Site.code).join(Site, Site.id == Source.site_id).order_by(Site.code, Source.id)
    if failing:
        query = query.where(sa.or_(Source.failing_since.is_not(None), Source.silent_since.is_not(None)))
    with place.database().read() as session:
        rows = [
            {
                "site": code,
                "kind": row.kind.value,
                "url": row.url,
                "looked_at": _time(row.looked_at),
                "due_at": _time(row.due_at),
                "daily": round(row.daily, 2),
                "failures": row.failures,
                "failing_since": _time(row.failing_since),
                "silent_since": _time(row.silent_since),
                "error": row.error,
            }
            for row, code in session.execute(query)
        ]
    if as_json:
        place.show_json(rows)
        return
    for one in rows:
        standing = one["error"] or ("silent" if one["silent_since"] else "" if one["due_at"] else "ended")
        click.echo(f"{one['site']}\t{one['kind']}\t{one['looked_at'] or 'never'}\t{one['url']}\t{standing}")


def _time(moment: datetime | None) -> str | None:
    """The city's time to the second, as the API tells it."""
    return moment.astimezone(CITY).isoformat(timespec="seconds") if moment is not None else None


@site.command()
@click.argument("codes", metavar="CODE…", nargs=-1, required=True)
def look(codes: tuple[str, ...]) -> None:
    """Look at every source of these sites again now, whatever was to be waited for. The workers do it."""
    with place.database().write() as session:
        now = utc_now()
        for code in codes:
            row = find_site(session, code)
            count = look_now(session, [row.id], now=now)
            if count:
                journal.record(session, "cli", "site.looked", "site", row.code, {"sources": count}, now=now)
            click.echo(f"{code}\t{count}")


@site.command()
@click.argument("codes", metavar="CODE…", nargs=-1, required=True)
def survey(codes: tuple[str, ...]) -> None:
    """Look for the feeds, sitemaps and lists that these sites have. The workers do it; see ``lantoa site offers``."""
    with place.database().write() as session:
        now = utc_now()
        for code in codes:
            surveys.ask(session, find_site(session, code), now=now)
            click.echo(code)


@site.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True)
def offers(code: str, as_json: bool) -> int:
    """List what the latest search found on a site and is not watched yet. Exit 1 while there is nothing to tell."""
    with place.database().read() as session:
        found = find_site(session, code)
        row, told = surveys.survey_of(session, found), surveys.offers(session, found)
    if as_json:
        place.show_json([asdict(one) for one in told])
    else:
        for one in told:
            click.echo(f"{one.kind}\t{one.items}\t{one.newest or '-'}\t{one.url}\t{one.title}")
    if row is None:
        what = "nobody has looked for its sources; run: lantoa site survey"
    else:
        what = row.error if row.done_at is not None else "the search is under way"
    if what:
        click.echo(f"{code}: {what}", err=True)
    return 0 if row is not None and row.done_at is not None else 1
