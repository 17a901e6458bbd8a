"""``lantoa check``: judge pages without a server."""

import signal
import sys
from pathlib import Path

import click

from campaigns.people.office import DEFAULT_NAME
from coordinator.jobs.check import check as judge


@click.command()
@click.option(
    "--bulletins", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="B.jsonl"
)
@click.option("--pages", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="P.jsonl")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="V.jsonl", help="else standard output")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="processes that judge")
def check(bulletins: Path, pages: Path, out: Path | None, workers: int) -> int:
    """Match every page against every bulletin and judge how it names its source.

    A bad line is reported with its number and left out; the exit status is then 2.
    """
    if out is not None and out.is_file() and any(out.samefile(one) for one in (bulletins, pages)):
        # Opening it to write would empty it before it is read.
        raise click.BadParameter(f"{str(out)!r} is what is to be read, expected another file", param_hint="'--out'")
    # As Ctrl-C does, it ends the processes that judge before this one; by itself it would leave them waiting.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        if out is None:
            return judge(bulletins, pages, sys.stdout, sys.stderr, workers, [DEFAULT_NAME])
        with out.open("w", encoding="utf-8") as file:
            return judge(bulletins, pages, file, sys.stderr, workers, [DEFAULT_NAME])
    finally:
        signal.signal(signal.SIGTERM, before)
