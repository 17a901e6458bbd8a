"""``lantoa evidence``: the proof of one copy as a file for somebody who does not trust us."""

import hashlib
from pathlib import Path
from secrets import token_hex

import click

from campaigns.tracking.republications import find_republication
from coordinator.cli import place
from coordinator.web.desk.evidence_bundle import dossier


@click.group()
def evidence() -> None:
    """Hand over the proof of a copy."""


@evidence.command()
@click.argument("republication")
@click.option("--out", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE.zip")
def export(republication: str, out: Path) -> int:
    """Write everything kept of one copy into a zip file that anybody can check with sha256sum.

    REPUBLICATION is its id (rep_…). Prints the file's own SHA-256 and its name, as sha256sum does. Exit 1 when a kept
    page is missing or damaged: the rest is written all the same, and the file says what is missing. Exit 2, and no
    file, when the place they are kept in cannot be reached.
    """
    work_place = place.workplace()
    with work_place.database.read() as session:
        made = dossier(session, find_republication(session, republication), now=work_place.now())
    # Whole or not at all: a half file under the real name would be handed on.
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
