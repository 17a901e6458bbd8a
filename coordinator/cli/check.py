"""``lantoa check``: judge pages from files. Needs no database, and imports nothing that does."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from campaigns.people.default_name import DEFAULT_NAME
from coordinator.jobs.matching.offline_check import check_files

MAX_WORKERS = 256


@click.command()
@click.option(
    "--bulletins", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="B.jsonl"
)
@click.option("--pages", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="P.jsonl")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="V.jsonl", help="else standard output")
@click.option(
    "--workers",
    default=lambda: min(os.cpu_count() or 1, MAX_WORKERS),
    show_default="all cores",
    type=click.IntRange(1, MAX_WORKERS),
    help="processes that judge",
)
def check(bulletins: Path, pages: Path, out: Path | None, workers: int) -> int:
    """Match every page against every bulletin and judge how it names its source.

    A bad line is reported with its number and left out; the exit status is then 2.
    """
    if out is not None and out.is_file() and any(out.samefile(path) for path in (bulletins, pages)):
        # Opening it for writing would truncate it before it is read.
        raise click.BadParameter(f"{str(out)!r} is what is to be read, expected another file", param_hint="'--out'")
    # A pipe has no length to measure progress by.
    hidden = not sys.stderr.isatty() or not pages.is_file()
    size = max(1, pages.stat().st_size)
    with (
        nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8") as verdicts,
        click.progressbar(length=size, label="judging", file=sys.stderr, hidden=hidden) as bar,
    ):
        return check_files(bulletins, pages, verdicts, sys.stderr, workers, [DEFAULT_NAME], bar.update)
