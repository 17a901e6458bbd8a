"""``lantoa check``: judge pages from files. Needs no database, and imports it only where there is an installation."""

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import click

from campaigns.people.default_name import DEFAULT_NAME
from campaigns.republications.attribution.source_lines import SourceName
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

    What counts as naming us, for a bulletin without source_names, are the names of the office of this installation;
    its abbreviations hold for every bulletin. Without an installation it is the name that the product begins with.
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
        return check_files(bulletins, pages, verdicts, sys.stderr, workers, _office_names(), bar.update)


def _office_names() -> Sequence[SourceName]:
    """The names and abbreviations of the office in this installation's database, where there is one."""
    # The settings of an installation are in its environment, in lantoa.toml, or all as shipped with the data in ./var.
    configured = any(name.startswith("LANTOA_") for name in os.environ) or Path("lantoa.toml").exists()
    if not configured and not Path("var").exists():
        return [SourceName(DEFAULT_NAME)]
    # The database and its migrations take longer to import than a page takes to be judged.
    from campaigns.people.office import current_office  # noqa: PLC0415
    from campaigns.republications.attribution.office_spellings import office_source_names  # noqa: PLC0415
    from coordinator.cli import environment  # noqa: PLC0415

    if not environment.settings().is_set_up:
        return [SourceName(DEFAULT_NAME)]
    with environment.database().read() as session:
        return office_source_names(current_office(session))
