"""The entry point: one group of commands, and what every error becomes on stderr."""

import logging
import os
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from campaigns import __version__
from campaigns.core.errors import CampaignError, Invalid
from coordinator.cli import check, data, database, health, importing, journal, keys, place, report, running, staff
from coordinator.config import SettingsError
from coordinator.sealing import SealError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lantoa")
def lantoa() -> None:
    """Publish a city's bulletins, find where they were republished, prove it and report it."""


for command in (
    running.serve,
    running.web,
    running.clock,
    running.work,
    running.demo,
    database.db,
    staff.staff,
    keys.key,
    importing.imports,
    check.check,
    report.report,
    journal.journal,
    data.backup,
    data.restore,
    health.doctor,
):
    lantoa.add_command(command)


def main() -> None:
    """Run a command and leave with its status: whatever is wrong is one line on stderr, and 2."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # It warns for every burst of more requests than threads, which is what a queue is for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    for talkative in ("apscheduler", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        status = lantoa.main(standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has had enough; the interpreter must not complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        sys.exit(2)
    except (click.ClickException, CampaignError, SettingsError, SealError, SQLAlchemyError, OSError) as error:
        for line in complaints(error):
            print(line, file=sys.stderr)  # noqa: T201  # the command line's own words
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def complaints(error: Exception) -> list[str]:
    """What an error is on stderr: one line, or one for each bad field."""
    if isinstance(error, place.BadInput):
        return [_line(error.format_message())]
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx is not None else "lantoa"
        return [f"{path}: {_line(error.format_message())} (see {path} --help)"]
    if isinstance(error, click.ClickException):
        return [f"lantoa: {_line(error.format_message())}"]
    if isinstance(error, Invalid):
        return [f"lantoa: {one.field}: {_line(one.message)}" for one in error.errors]
    if isinstance(error, SQLAlchemyError):
        words = str(getattr(error, "orig", None) or error)
        old = "no such table" in words or "does not exist" in words
        hint = " (has `lantoa db upgrade` been run?)" if old else ""
        return [f"lantoa: the database: {words.splitlines()[0]}{hint}"]
    if isinstance(error, OSError):
        return [f"{error.filename or 'lantoa'}: {error.strerror or error}"]
    return [f"lantoa: {_line(str(error))}"]


def _line(text: str) -> str:
    return " ".join(text.split())
