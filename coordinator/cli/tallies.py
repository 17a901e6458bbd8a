"""``lantoa tallies``: the rollup tables that every figure is read from, and the proof of what they count."""

import json
import sys
from typing import Any

import click

from campaigns.reporting import count_proof
from campaigns.reporting.count_proof import UnprovenCopy
from campaigns.reporting.rollups.rollup import FigureDifference
from coordinator.cli import environment
from coordinator.jobs.reporting import count_check, rollup
from coordinator.jobs.reporting.count_check import CountCheck

SHOWN = 20  # differences that are printed


@click.command()
def rebuild() -> None:
    """Make every sum anew from the rows, on PostgreSQL beside writers."""
    click.echo(f"summed: {rollup.rebuild_rollup(environment.database())} copies, teasers and arrivals")


@click.command()
@click.option("--without-files", is_flag=True, help="do not read the stored pages and uploads")
@click.option("--json", "as_json", is_flag=True)
def verify(without_files: bool, as_json: bool) -> int:
    """Recount everything from the rows, and check that every counted copy has what it rests on.

    Exit 1, and each figure that is not what the rows say, and each copy without its evidence or decision, its entry in
    the journal, or its stored page. Every row of evidence is compared with the hash in the journal's entry.
    """
    context = environment.job_context()
    found: list[FigureDifference] = []
    counted, missing = rollup.check_rollup(context.database, found.append)
    listing = _JsonOutput() if as_json else _TextOutput()
    listing.sums(counted, missing, found)
    with context.database.read() as session:
        copies = count_proof.count_copies(session)
    store = None if without_files else context.store
    with click.progressbar(length=copies, label="checking", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        check = count_check.check_count(context.database, store, listing.copy, context.noted_head, bar.update)
    listing.end(check)
    return 1 if found or missing or check.unproven or check.journal is not None else 0


class _TextOutput:
    """Prints a line for each difference and each copy, then the results."""

    def sums(self, counted: int, missing: list[str], found: list[FigureDifference]) -> None:
        """Print the comparison of the sums."""
        for difference in found[:SHOWN]:
            key = " ".join(f"{name}={value}" for name, value in difference.key.items())
            click.echo(
                f"{difference.table}\t{key}\t{difference.figure}: kept {difference.kept}, counted {difference.counted}"
            )
        for name in missing:
            click.echo(f"{name}\tnot in place: changes are not noted")
        if found or missing:
            click.echo(f"{len(found)} differences; run: lantoa tallies rebuild")
        else:
            click.echo(f"sums hold: {counted} copies, teasers and arrivals")

    def copy(self, copy: UnprovenCopy) -> None:
        """Print ``copy  address  what is missing``."""
        click.echo(f"{copy.copy}\t{copy.url or '-'}\t{'; '.join(fault.why for fault in copy.faults)}")

    def end(self, check: CountCheck) -> None:
        """Print the result of the walk."""
        if check.journal is not None:
            click.echo(f"journal broken at entry {check.journal.seq}: {check.journal.why}")
        if check.unproven:
            click.echo(f"{check.unproven} copies are not proven, of {check.counted} counted and {check.copies} in all")
        elif check.journal is None:
            compared = f"{check.files} stored files compared, {check.kept} pages and archives of all looks"
            click.echo(f"count proven: {check.counted} counted copies, {compared}")
            click.echo(f"evidence is what the journal names: {check.evidence} rows")


class _JsonOutput:
    """Prints one JSON object copy by copy, so that a long list takes no memory."""

    def __init__(self) -> None:
        self._any = False

    def sums(self, counted: int, missing: list[str], found: list[FigureDifference]) -> None:
        """Print the beginning of the object: the comparison of the sums."""
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
        head = {"counted": counted, "missing": missing, "differences": differences}
        click.echo(json.dumps(head, ensure_ascii=False)[:-1] + ', "unproven": [', nl=False)

    def copy(self, copy: UnprovenCopy) -> None:
        """Print one copy."""
        faults = [{"code": fault.code, "why": fault.why} for fault in copy.faults]
        row = {"id": copy.copy, "url": copy.url or None, "faults": faults}
        click.echo(("," if self._any else "") + "\n" + json.dumps(row, ensure_ascii=False), nl=False)
        self._any = True

    def end(self, check: CountCheck) -> None:
        """Print the end of the object."""
        broken = check.journal
        result: dict[str, Any] = {
            "copies": {"walked": check.copies, "counted": check.counted, "unproven": check.unproven},
            "files_compared": check.files,
            "kept_files_compared": check.kept,
            "evidence_compared": check.evidence,
            "journal": None if broken is None else {"seq": broken.seq, "why": broken.why},
        }
        click.echo("\n], " + json.dumps(result, ensure_ascii=False)[1:])
