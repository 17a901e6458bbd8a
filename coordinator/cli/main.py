"""The entry point: one group of commands, and what every error becomes on stderr."""

import gc
import os
import sys
from importlib import import_module

import click
from sqlalchemy.exc import SQLAlchemyError

from campaigns import __version__
from campaigns.core.errors import CampaignError, Invalid
from coordinator import logs
from coordinator.cli.bad_input import BadInput
from coordinator.config import SettingsError
from coordinator.schema import NewerTables
from coordinator.sealing import SealError

# What is wrong with what was given or with where we are, and no fault of the program: one line, no traceback.
OURS = (click.ClickException, CampaignError, SettingsError, SealError, NewerTables, SQLAlchemyError, OSError)

# Name -> module and attribute: a command's module is imported when the command is used, since the processes bring the
# whole web along, and a key should not take as long to make as a server to start.
COMMANDS = {
    "serve": "running:serve",
    "web": "running:web",
    "clock": "running:clock",
    "work": "running:work",
    "demo": "running:demo",
    "db": "database:db",
    "staff": "staff:staff",
    "key": "keys:key",
    "import": "importing:imports",
    "check": "check:check",
    "site": "sites:site",
    "deliveries": "deliveries:deliveries",
    "report": "report:report",
    "briefings": "briefings:briefings",
    "rejudge": "rejudging:rejudge",
    "evidence": "evidence:evidence",
    "journal": "journal:journal",
    "search": "searching:search",
    "tallies": "tallies:tallies",
    "backup": "data:backup",
    "restore": "data:restore",
    "doctor": "health:doctor",
    "alive": "health:alive",
}


class Commands(click.Group):
    """The table above as a group."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        # What is imported stays to the end. To look through it for garbage again and again while it comes took a
        # quarter of the time to start, and there is none.
        gc.disable()
        try:
            command: click.Command = getattr(import_module(f"coordinator.cli.{module}"), attribute)
        finally:
            gc.freeze()
            gc.enable()
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lantoa")
def lantoa() -> None:
    """Publish a city's bulletins, find where they were republished, prove it and report it."""


def main() -> None:
    """Run a command and leave with its status: whatever is wrong is one line on stderr, and 2."""
    logs.begin()
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
    except OURS as error:
        for line in complaints(error):
            print(line, file=sys.stderr)  # noqa: T201  # the command line's own words
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def complaints(error: Exception) -> list[str]:
    """What an error is on stderr: one line, or one for each bad field."""
    if isinstance(error, BadInput):
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
