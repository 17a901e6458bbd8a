"""``lantoa rejudge``: what the running rules make of the pages that were kept."""

import json
import sys
from datetime import date, datetime
from typing import Any

import click

from campaigns.tracking.fingerprints import FP_VERSION
from campaigns.tracking.matching import RULE_VERSION
from campaigns.tracking.rejudging import Change, Scope, Stands
from coordinator.cli import place
from coordinator.jobs.rejudging import Tally, Telling, size
from coordinator.jobs.rejudging import rejudge as judge_again

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--bulletin", metavar="CODE", default="", help="only the copies of this bulletin")
@click.option("--from", "first", type=_DAY, metavar="DATE", help="only copies counted on this day or later")
@click.option("--to", "last", type=_DAY, metavar="DATE", help="only copies counted on this day or earlier")
@click.option("--adopt", is_flag=True, help="write what changes; without it nothing is written")
@click.option("--json", "as_json", is_flag=True)
def rejudge(bulletin: str, first: datetime | None, last: datetime | None, adopt: bool, as_json: bool) -> int:
    """Judge every kept page again by the running rules, and show what would change.

    A person's conclusion stands; a counted copy that no kept page bears out any more goes to review. Frozen reports
    keep their figures. Exit 1 when a kept page is missing or damaged.
    """
    scope = Scope(bulletin, _day(first), _day(last))
    if scope.first is not None and scope.last is not None and scope.first > scope.last:
        raise click.UsageError("--from is after --to; expected the earlier day first")
    work_place = place.workplace()
    copies, _ = size(work_place, scope)
    told = _Json() if as_json else _Lines()
    with click.progressbar(length=copies, label="judging", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def unreadable(copy: str, why: str) -> None:
            click.echo(f"{copy}: {why}", err=True)

        told.begin()
        tally = judge_again(
            work_place, scope, Telling(told.change, unreadable, bar.update), adopt="cli" if adopt else ""
        )
    told.end(tally, adopt)
    return 1 if tally.unreadable else 0


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


class _Lines:
    """One line a change, then the counts."""

    def begin(self) -> None:
        """Nothing yet."""

    def change(self, one: Change) -> None:
        """``copy  bulletin  what changed  address``."""
        parts = [f"{name} {was} -> {will}" for name, was, will in _differences(one.before, one.after)]
        by = " (a person's conclusion stands)" if one.by_person else ""
        click.echo(f"{one.republication}\t{one.bulletin}\t{'; '.join(parts)}{by}\t{one.url}")

    def end(self, tally: Tally, adopted: bool) -> None:
        """How many of each kind."""
        for name, counts in tally.changes.items():
            for (was, will), count in sorted(counts.items()):
                if was != will:
                    click.echo(f"{name}: {was} -> {will}: {count}")
        words = [f"{tally.judged} copies judged by rules {RULE_VERSION}, {tally.changed} differ"]
        words += [f"{tally.adopted} adopted"] if adopted else ["nothing written"]
        words += [f"{tally.moved} concluded on meanwhile, left alone"] if tally.moved else []
        words += [f"{tally.bare} without a kept page stand as they are"] if tally.bare else []
        words += [f"{tally.unreadable} kept pages missing or damaged"] if tally.unreadable else []
        click.echo("; ".join(words))


class _Json:
    """One JSON object, written as it comes, so that a long list takes no memory."""

    def __init__(self) -> None:
        self._any = False

    def begin(self) -> None:
        """Its head."""
        click.echo(json.dumps({"rules": RULE_VERSION, "fingerprint": FP_VERSION})[:-1] + ', "changes": [', nl=False)

    def change(self, one: Change) -> None:
        """One of its rows."""
        row = {
            "id": one.republication, "bulletin": one.bulletin, "url": one.url, "kept_at": one.kept_at.isoformat(),
            "judged_by": {"rules": one.rules[0], "fingerprint": one.rules[1]}, "by_person": one.by_person,
            "before": _stands(one.before), "after": _stands(one.after), "reasons": one.reasons,
        }  # fmt: skip
        click.echo(("," if self._any else "") + "\n" + json.dumps(row, ensure_ascii=False), nl=False)
        self._any = True

    def end(self, tally: Tally, adopted: bool) -> None:
        """Its counts."""
        counts = {
            name: [{"before": was, "after": will, "copies": count} for (was, will), count in sorted(one.items())]
            for name, one in tally.changes.items()
        }
        click.echo(
            '\n], "counts": ' + json.dumps(counts) + ", " + json.dumps(tally.numbers() | {"written": adopted})[1:]
        )


def _differences(before: Stands, after: Stands) -> list[tuple[str, str, str]]:
    pairs: list[tuple[str, Any, Any]] = [
        ("status", before.status.value, after.status.value),
        ("match", before.match.value, after.match.value),
        ("attribution", before.attribution.value, after.attribution.value),
        ("revision", before.revision, after.revision),
    ]
    return [(name, str(was), str(will)) for name, was, will in pairs if was != will]


def _stands(one: Stands) -> dict[str, Any]:
    return {
        "status": one.status.value, "match": one.match.value, "attribution": one.attribution.value,
        "share": round(one.share, 4), "revision": one.revision,
    }  # fmt: skip
