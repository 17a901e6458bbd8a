"""``lantoa evidence`` and ``lantoa rejudge``: export the evidence of a copy, and judge kept pages again."""

import hashlib
import json
import sys
from datetime import date, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import click

from campaigns.matching.fingerprints import FP_VERSION
from campaigns.matching.matcher import RULE_VERSION
from campaigns.republications.evidence.rejudgement import CopyStanding, RejudgementChange, RejudgementScope
from campaigns.republications.republications import find_republication
from coordinator.cli import environment
from coordinator.jobs.republications.evidence_sealing import adopt_evidence, unnamed_evidence
from coordinator.jobs.republications.rejudgement import RejudgeListener, RejudgeTally, scope_size
from coordinator.jobs.republications.rejudgement import rejudge as rejudge_copies
from coordinator.web.desk.republications.evidence_export import evidence_dossier

SHOWN_PARTNERS = 10  # partners of a rejudgement that are printed

# ``lantoa evidence``: the evidence of one copy as a file that can be verified independently.


@click.command()
@click.argument("republication")
@click.option("--out", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE.zip")
def export(republication: str, out: Path) -> int:
    """Write everything kept of one copy into a zip file that anybody can check with sha256sum.

    REPUBLICATION is its id (rep_…). Prints the file's own SHA-256 and its name, as sha256sum does. Exit 1 when a kept
    page is missing or damaged: the rest is written all the same, and the file says what is missing. Exit 2, and no
    file, when the place they are kept in cannot be reached.
    """
    work_place = environment.job_context()
    with work_place.database.read() as session:
        made = evidence_dossier(session, find_republication(session, republication), now=work_place.now())
    # Written under a temporary name, so that no partial file gets the final name.
    part = out.with_name(f"{out.name}.{token_hex(4)}.part")
    try:
        with part.open("w+b") as file:
            missing = made.write(file, work_place.store)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    for line in missing:
        click.echo(f"{republication}: {line}", err=True)
    click.echo(f"{digest}  {out}")
    return 1 if missing else 0


@click.command()
@click.option("--adopt", is_flag=True, help="seal them; without it nothing is written")
def seal(adopt: bool) -> int:
    """List rows of evidence that no entry of the journal names; with --adopt, seal them as they are.

    A process of an earlier release that ran on during an upgrade writes such rows; so does a hand in the database. Look
    at each before it is adopted: the journal then says that the command line did so. Exit 1 while there are any.
    """
    database, rows = environment.database(), 0
    for fault in unnamed_evidence(database):
        for at in fault.unnamed:
            click.echo(f"{fault.copy}\t{at}\t{fault.url}")
        rows += len(fault.unnamed)
        if adopt:
            adopt_evidence(database, fault, "cli")
    click.echo(f"{rows} rows of evidence that nothing names" + (", sealed as they are" if adopt and rows else ""))
    return 1 if rows and not adopt else 0


_DAY_OPTION = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--bulletin", metavar="CODE", default="", help="only the copies of this bulletin")
@click.option("--from", "first", type=_DAY_OPTION, metavar="DATE", help="only copies counted on this day or later")
@click.option("--to", "last", type=_DAY_OPTION, metavar="DATE", help="only copies counted on this day or earlier")
@click.option("--adopt", is_flag=True, help="write what changes; without it nothing is written")
@click.option("--json", "as_json", is_flag=True)
def rejudge(bulletin: str, first: datetime | None, last: datetime | None, adopt: bool, as_json: bool) -> int:
    """Judge every kept page again by the running rules, and show what would change.

    A person's conclusion stands; a counted copy that no kept page bears out any more goes to review. Frozen reports
    keep their figures. Exit 1 when a kept page is missing or damaged.
    """
    scope = RejudgementScope(bulletin, _day(first), _day(last))
    if scope.first is not None and scope.last is not None and scope.first > scope.last:
        raise click.UsageError("--from is after --to; expected the earlier day first")
    work_place = environment.job_context()
    copies, _ = scope_size(work_place, scope)
    listing = _JsonOutput() if as_json else _TextOutput()
    with click.progressbar(length=copies, label="judging", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def unreadable(copy: str, why: str) -> None:
            click.echo(f"{copy}: {why}", err=True)

        listing.begin()
        tally = rejudge_copies(
            work_place, scope, RejudgeListener(listing.change, unreadable, bar.update), adopt="cli" if adopt else ""
        )
    listing.end(tally, adopt)
    return 1 if tally.unreadable else 0


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


class _TextOutput:
    """Prints one line for each change, then the counts."""

    def begin(self) -> None:
        """Print nothing."""

    def change(self, change: RejudgementChange) -> None:
        """Print ``copy  bulletin  what changed  address``."""
        parts = [f"{name} {was} -> {will}" for name, was, will in _differences(change.before, change.after)]
        by = " (a person's conclusion stands)" if change.by_person else ""
        click.echo(f"{change.republication}\t{change.bulletin}\t{'; '.join(parts)}{by}\t{change.url}")

    def end(self, tally: RejudgeTally, adopted: bool) -> None:
        """Print the number of each kind, the partners that it concerns most, and what becomes of the count."""
        for name, counts in tally.changes.items():
            for (was, will), count in sorted(counts.items()):
                if was != will:
                    click.echo(f"{name}: {was} -> {will}: {count}")
        for (old, new), count in tally.moves.most_common():
            click.echo(f"move: {' '.join(old)} -> {' '.join(new)}: {count}")
        for partner, (count, grown) in _most_concerned(tally)[:SHOWN_PARTNERS]:
            click.echo(f"partner: {partner}: {count} differ, counted {grown:+d}")
        if len(tally.partners) > SHOWN_PARTNERS:
            click.echo(f"and {len(tally.partners) - SHOWN_PARTNERS} partners more; --json names all")
        for rules, (judged, changed) in sorted(tally.rules.items()):
            click.echo(f"rules: {rules} -> {RULE_VERSION}: {judged} judged, {changed} differ")
        click.echo(f"counted: {tally.counted_before} -> {tally.counted_after}")
        words = [f"{tally.judged} copies judged by rules {RULE_VERSION}, {tally.changed} differ"]
        words += [f"{tally.adopted} adopted"] if adopted else ["nothing written"]
        words += [f"{tally.moved} concluded on meanwhile, left alone"] if tally.moved else []
        words += [f"{tally.bare} without a kept page stand as they are"] if tally.bare else []
        words += [f"{tally.unreadable} kept pages missing or damaged"] if tally.unreadable else []
        click.echo("; ".join(words))


class _JsonOutput:
    """Prints one JSON object row by row, so that a long list takes no memory."""

    def __init__(self) -> None:
        self._any = False

    def begin(self) -> None:
        """Print the beginning of the object."""
        click.echo(json.dumps({"rules": RULE_VERSION, "fingerprint": FP_VERSION})[:-1] + ', "changes": [', nl=False)

    def change(self, change: RejudgementChange) -> None:
        """Print one row."""
        row = {
            "id": change.republication,
            "bulletin": change.bulletin,
            "partner": change.partner,
            "url": change.url,
            "kept_at": change.kept_at.isoformat(),
            "judged_by": {"rules": change.rules[0], "fingerprint": change.rules[1]},
            "by_person": change.by_person,
            "before": _standing_words(change.before),
            "after": _standing_words(change.after),
            "reasons": change.reasons,
        }
        click.echo(("," if self._any else "") + "\n" + json.dumps(row, ensure_ascii=False), nl=False)
        self._any = True

    def end(self, tally: RejudgeTally, adopted: bool) -> None:
        """Print the counts and the end of the object."""
        counts = {
            name: [{"before": was, "after": will, "copies": count} for (was, will), count in sorted(one.items())]
            for name, one in tally.changes.items()
        }
        names = ("status", "match", "attribution")
        tables: dict[str, Any] = {
            "counts": counts,
            "moves": [
                {
                    "before": dict(zip(names, old, strict=True)),
                    "after": dict(zip(names, new, strict=True)),
                    "copies": count,
                }
                for (old, new), count in tally.moves.most_common()
            ],
            "partners": [
                {"partner": partner, "changed": count, "counted": grown}
                for partner, (count, grown) in _most_concerned(tally)
            ],
            "earlier_rules": [
                {"rules": rules, "judged": judged, "changed": changed}
                for rules, (judged, changed) in sorted(tally.rules.items())
            ],
        }
        click.echo("\n], " + json.dumps(tables | tally.numbers() | {"written": adopted}, ensure_ascii=False)[1:])


def _most_concerned(tally: RejudgeTally) -> list[tuple[str, tuple[int, int]]]:
    """The partners with changes, those with the most first."""
    return sorted(tally.partners.items(), key=lambda item: (-item[1][0], item[0]))


def _differences(before: CopyStanding, after: CopyStanding) -> list[tuple[str, str, str]]:
    pairs: list[tuple[str, Any, Any]] = [
        ("status", before.status.value, after.status.value),
        ("match", before.match.value, after.match.value),
        ("attribution", before.attribution.value, after.attribution.value),
        ("revision", before.revision, after.revision),
    ]
    return [(name, str(was), str(will)) for name, was, will in pairs if was != will]


def _standing_words(standing: CopyStanding) -> dict[str, Any]:
    return {
        "status": standing.status.value, "match": standing.match.value, "attribution": standing.attribution.value,
        "share": round(standing.share, 4), "revision": standing.revision,
    }  # fmt: skip
