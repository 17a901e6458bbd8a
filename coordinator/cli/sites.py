"""``lantoa site``: partner sites, the state of their sources, immediate checks, and the discovery of sources."""

from dataclasses import asdict
from datetime import datetime

import click
import sqlalchemy as sa

from campaigns.core import journal
from campaigns.core.clock import CITY, utc_now
from campaigns.discovery import surveys
from campaigns.discovery.site_sources import Source, make_due
from campaigns.partners.directory import Site, find_site
from coordinator.cli import environment


@click.command("list")
@click.option("--failing", is_flag=True, help="only sources that fail or are silent")
@click.option("--json", "as_json", is_flag=True)
def list_sites(failing: bool, as_json: bool) -> None:
    """List every source of every site: when it was read, and what is the matter with it.

    --json says more of each: when it is read next, how often it has something new, since when it fails.
    """
    query = sa.select(Source, Site.code).join(Site, Site.id == Source.site_id).order_by(Site.code, Source.id)
    if failing:
        query = query.where(sa.or_(Source.failing_since.is_not(None), Source.silent_since.is_not(None)))
    with environment.database().read() as session:
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
        environment.show_json(rows)
        return
    for values in rows:
        standing = values["error"] or ("silent" if values["silent_since"] else "" if values["due_at"] else "ended")
        click.echo(f"{values['site']}\t{values['kind']}\t{values['looked_at'] or 'never'}\t{values['url']}\t{standing}")


def _time(moment: datetime | None) -> str | None:
    """Return the city's time to the second, as in the API."""
    return moment.astimezone(CITY).isoformat(timespec="seconds") if moment is not None else None


@click.command()
@click.argument("codes", metavar="CODE…", nargs=-1, required=True)
def look(codes: tuple[str, ...]) -> None:
    """Look at every source of these sites again now, whatever was to be waited for. The workers do it."""
    with environment.database().write() as session:
        now = utc_now()
        for code in codes:
            row = find_site(session, code)
            count = make_due(session, [row.id], now=now)
            if count:
                journal.record(session, "cli", "site.looked", "site", row.code, {"sources": count}, now=now)
            click.echo(f"{code}\t{count}")


@click.command()
@click.argument("codes", metavar="CODE…", nargs=-1, required=True)
def survey(codes: tuple[str, ...]) -> None:
    """Look for the feeds, sitemaps and lists that these sites have. The workers do it; see ``lantoa site offers``."""
    with environment.database().write() as session:
        now = utc_now()
        for code in codes:
            surveys.request_survey(session, find_site(session, code), now=now)
            click.echo(code)


@click.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True)
def offers(code: str, as_json: bool) -> int:
    """List what the latest search found on a site and is not watched yet. Exit 1 while there is nothing to tell."""
    with environment.database().read() as session:
        found = find_site(session, code)
        row, sources = surveys.survey_of(session, found), surveys.open_offers(session, found)
    if as_json:
        environment.show_json([asdict(source) for source in sources])
    else:
        for source in sources:
            click.echo(f"{source.kind}\t{source.items}\t{source.newest or '-'}\t{source.url}\t{source.title}")
    if row is None:
        what = "nobody has looked for its sources; run: lantoa site survey"
    else:
        what = row.error if row.done_at is not None else "the search is under way"
    if what:
        click.echo(f"{code}: {what}", err=True)
    return 0 if row is not None and row.done_at is not None else 1
