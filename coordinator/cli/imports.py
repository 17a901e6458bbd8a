"""``lantoa import``: the licence register, cases, history, and bulletins from files or a feed."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from campaigns.core.clock import utc_now
from campaigns.core.errors import CampaignError
from campaigns.core.import_runs import ImportKind, adds_anything
from campaigns.people.staff import Actor, Role, find_by_email
from coordinator.cli import environment
from coordinator.cli.main import BadInput
from coordinator.jobs.bulletins import text_import
from coordinator.jobs.context import AppContext, NullRunner
from coordinator.jobs.core.import_runs import ImportReport, import_file
from coordinator.jobs.core.import_undo import undo_import

# What a file adds, by its counts.
_ADDED: Final[Mapping[ImportKind, str]] = {
    ImportKind.REGISTER: "{companies} companies, {licences} licences, {sites} sites",
    ImportKind.CASES: "{cases} cases, {decisions} decisions, {amount} đồng of fines",
    ImportKind.HISTORY: (
        "{bulletins} bulletins, {copies} copies ({on_sites} on sites that are fetched), {totals} totals"
    ),
}
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_dry_run = click.option("--dry-run", is_flag=True, help="say what would happen, write nothing")
_skip_bad = click.option("--skip-bad", is_flag=True, help="import the good rows although others are bad")


_undo = click.option(
    "--undo", "run", metavar="RUN", help="take back an earlier import, by its id, instead of reading a FILE"
)
_file = click.argument("file", required=False, type=_FILE)


@click.command("partners")
@_file
@_undo
@_dry_run
@_skip_bad
def import_partners(**given: Any) -> int:
    """Read the licence register from FILE (.xlsx, .csv or .json); every rejected row is reported."""
    return _import_or_undo(ImportKind.REGISTER, "partners", **given)


@click.command("cases")
@_file
@_undo
@_dry_run
@_skip_bad
def import_cases(**given: Any) -> int:
    """Read cases with their decisions from FILE (.xlsx, .csv or .json); every rejected row is reported."""
    return _import_or_undo(ImportKind.CASES, "cases", **given)


@click.command("history")
@_file
@_undo
@_dry_run
@_skip_bad
def import_history(**given: Any) -> int:
    """Read bulletins, copies and totals from before the product was in use from FILE (.xlsx, .csv or .json).

    They are kept apart as reported; copies whose page still stands are fetched and proven like others.
    """
    return _import_or_undo(ImportKind.HISTORY, "history", **given)


def _import_or_undo(
    kind: ImportKind, command: str, *, file: Path | None, run: str | None, dry_run: bool, skip_bad: bool
) -> int:
    if run is not None and file is None and not dry_run and not skip_bad:
        return _undo_import(kind, run)
    if run is not None or file is None:
        raise click.UsageError("give a FILE to import, or --undo RUN alone")
    status, report = _import_table(kind, file, dry_run=dry_run, skip_bad=skip_bad)
    if report.run and adds_anything(report.outcome.counts):
        click.echo(f"to take it back: lantoa import {command} --undo {report.run}")
    return status


def _undo_import(kind: ImportKind, run: str) -> int:
    with environment.database().write() as session:
        taken = undo_import(session, Actor("cli", "lantoa", Role.ADMIN), kind, run, now=utc_now())
    kept = taken.get("kept", 0)
    stay = f"; {kept} bulletins stay, because something else rests on them" if kept else ""
    click.echo(f"took back {', '.join(f'{count} {name}' for name, count in taken.items() if name != 'kept')}{stay}")
    return 0


class _ReadingBar:
    """The progress of reading on a terminal; writing is the last step."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def opened(self, rows: int) -> None:
        self._bar.length = rows + 1

    def reached(self, checked: int) -> None:
        self._bar.update(checked - self._bar.pos)

    def read(self) -> None:
        self._bar.update(self._bar.length - 1 - self._bar.pos)


def _import_table(kind: ImportKind, file: Path, *, dry_run: bool, skip_bad: bool) -> tuple[int, ImportReport]:
    """Import a table; print every bad row, how the file was read, and what was done. Return the exit status too."""
    with click.progressbar(length=1, label=file.name, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        try:
            report = import_file(
                environment.database(), kind, "cli", file.name, file.read_bytes(),
                dry_run=dry_run, skip_bad=skip_bad, progress=_ReadingBar(bar),
            )  # fmt: skip
        except CampaignError as error:
            raise BadInput(f"{file}:1: {error}") from error
        bar.finish()
    letters = report.file.notes.get("letters", {})
    for row in report.rejected:
        letter = letters.get(f"{row.sheet}.{row.field}" if row.sheet else row.field)
        field = f"{row.field} (column {letter})" if letter else row.field
        where = f"{row.sheet}: {field}" if row.sheet else field
        click.echo(f"{file}:{row.row}: {where}: {row.message}", err=True)
    for line in _reading_notes(report.file.notes):
        click.echo(f"{file}: {line}", err=True)
    counts = report.outcome.counts
    if report.rejected and not skip_bad and not dry_run:
        summary = f"nothing imported; {report.bad} bad rows, {report.outcome.good} good (--skip-bad takes those)"
        click.echo(f"{file}: {summary}", err=True)
        return 2, report
    verb, added = "would import" if dry_run else "imported", _ADDED[kind].format(**counts)
    click.echo(f"{verb} {added}; {counts['unchanged']} rows were there already; {report.bad} bad rows")
    return 2 if report.rejected else 0, report


def _reading_notes(notes: Mapping[str, Any]) -> Iterator[str]:
    """Print how the file's cells were prepared, and which were left out."""
    if notes["spread"]:
        yield f"{notes['spread']} cells were filled from the merged cell they belong to"
    if notes["groups"]:
        yield f"{len(notes['groups'])} rows are headings of a group, one merged cell, and were left out"
    if notes["others"] or notes["hidden"]:
        names = ", ".join([*notes["others"], *(f"{name} (hidden)" for name in notes["hidden"])])
        yield f"these sheets were not read: {names}"
    if notes["unknown"]:
        yield f"these columns are not known and were not read: {', '.join(notes['unknown'])}"
    if notes["unvalued"]:
        yield f"{notes['unvalued']} formulas have no value or came to an error; no row that needs one is taken"
    if notes["heads"]:
        yield f"{len(notes['heads'])} rows are the headings once more or number the columns, and were left out"
    if notes["sums"]:
        yield f"{len(notes['sums'])} rows are totals of the table, and were left out"
    if notes["concealed"]:
        yield f"{notes['concealed']} rows are hidden in Excel; they were read as all others"
    for row, code, message in notes.get("notes", ()):
        if code in {"tax_code", "spelled", "renamed", "repeated"}:
            yield f"{row}: {message}"


@click.command("bulletins")
@click.argument("source", metavar="FILE|FEED-URL")
@click.option("--topic", default="kinh-te-xa-hoi", show_default=True, help="for texts that do not name one")
@click.option("--as", "email", metavar="EMAIL", help="the writer; else the drafts are the command line's own")
@click.option("--skip-bad", is_flag=True, help="import the good texts although others are bad")
def import_bulletins(source: str, topic: str, email: str | None, skip_bad: bool) -> int:
    """Make a draft of every text in SOURCE (.docx, .md, .html, .json, or the address of a feed)."""
    settings, work_place = environment.settings(), environment.job_context()
    app = AppContext(work_place, NullRunner(), settings)
    actor = Actor("cli", "lantoa", Role.WRITER)
    if email is not None:
        with work_place.database.read() as session:
            person = find_by_email(session, email)
            if person is None:
                raise click.ClickException(f"{email} is not a member of staff")
            actor = person.actor
    try:
        found = text_import.read_source(work_place, source)
    except CampaignError as error:
        raise BadInput(f"{source}:1: {error}") from error
    bad = [*found.rejected, *text_import.without_topic(app, found.texts, topic)]
    for problem in bad:
        click.echo(f"{source}:{problem.row}: {problem.field}: {problem.message}", err=True)
    rows = {problem.row for problem in bad}
    good = [text for text in found.texts if text.row not in rows]
    if bad and not skip_bad:
        summary = f"nothing imported; {len(rows)} bad texts, {len(good)} good (--skip-bad takes those)"
        click.echo(f"{source}: {summary}", err=True)
        return 2
    for draft in text_import.import_texts(app, actor, good, topic):
        click.echo(draft.code)
    return 2 if bad else 0
