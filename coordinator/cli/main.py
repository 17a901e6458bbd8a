"""The entry point: one group of commands, and what every error becomes on stderr."""

import logging
import sys

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from campaigns import __version__
from campaigns.core.errors import CampaignError, Invalid
from coordinator.cli import check, data, database, health, importing, journal, keys, report, running, staff
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
    """Run a command and leave with its status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # It warns for every burst of more requests than threads, which is what a queue is for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    try:
        status = lantoa.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except Invalid as error:
        for one in error.errors:
            print(f"lantoa: {one.field}: {one.message}", file=sys.stderr)  # noqa: T201  # the command line's own words
        sys.exit(2)
    except (CampaignError, SettingsError, SealError) as error:
        print(f"lantoa: {error}", file=sys.stderr)  # noqa: T201  # the command line's own words
        sys.exit(2)
    except (OperationalError, ProgrammingError) as error:
        hint = (
            " (has `lantoa db upgrade` been run?)"
            if "no such table" in str(error) or "does not exist" in str(error)
            else ""
        )
        print(f"lantoa: the database: {str(error.orig).splitlines()[0]}{hint}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
