"""The entry point: the group of commands, and the translation of errors into lines on stderr."""

import os
import sys
from importlib import import_module

import click
from sqlalchemy.exc import SQLAlchemyError

from campaigns import __version__
from campaigns.core.errors import CampaignError, Invalid
from coordinator import logs
from coordinator.config import SettingsError
from coordinator.encryption import DecryptionError
from coordinator.schema import NewerTables

# Errors of a command's input, in a module of few imports, unlike ``environment``.


class BadInput(click.ClickException):
    """A file or a feed is invalid; the message is printed unchanged: ``FILE:ROW: what is wrong``."""


# Errors of the input or the environment, not of the program: one line without a traceback.
EXPECTED_ERRORS = (
    click.ClickException,
    CampaignError,
    SettingsError,
    DecryptionError,
    NewerTables,
    SQLAlchemyError,
    OSError,
)

# Name -> module and attribute. A command's module is imported when the command is used, since the processes import the
# whole web application, and ``lantoa key add`` should not take as long as the start of a server.
COMMANDS = {
    "serve": "processes:serve",
    "web": "processes:web",
    "clock": "processes:clock",
    "work": "processes:work",
    "render": "processes:render",
    "demo": "processes:demo",
    "db": "database:db",
    "staff": "staff:staff",
    "key": "keys:key",
    "import": "imports:imports",
    "check": "republications:check",
    "site": "sites:site",
    "deliveries": "deliveries:deliveries",
    "report": "reports:report",
    "briefings": "reports:briefings",
    "rejudge": "republications:rejudge",
    "evidence": "republications:evidence",
    "journal": "journal:journal",
    "search": "search:search",
    "tallies": "tallies:tallies",
    "backup": "database:backup",
    "restore": "database:restore",
    "doctor": "doctor:doctor",
    "alive": "doctor:alive",
}


class Commands(click.Group):
    """The group of the commands in ``COMMANDS``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"coordinator.cli.{module}"), attribute)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lantoa")
def lantoa() -> None:
    """Publish a city's bulletins, find where they were republished, prove it and report it."""


def main() -> None:
    """Run a command and exit with its status; an error is one line on stderr and status 2."""
    logs.configure()
    try:
        status = lantoa.main(standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of the pipe has closed it; the interpreter must not report that at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        sys.exit(2)
    except EXPECTED_ERRORS as error:
        for line in error_messages(error):
            print(line, file=sys.stderr)  # noqa: T201  # output of the command line
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def error_messages(error: Exception) -> list[str]:
    """Return the lines for an error on stderr: one, or one for each invalid field."""
    if isinstance(error, BadInput):
        return [_one_line(error.format_message())]
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx is not None else "lantoa"
        return [f"{path}: {_one_line(error.format_message())} (see {path} --help)"]
    if isinstance(error, click.ClickException):
        return [f"lantoa: {_one_line(error.format_message())}"]
    if isinstance(error, Invalid):
        return [f"lantoa: {error.field}: {_one_line(error.message)}" for error in error.errors]
    if isinstance(error, SQLAlchemyError):
        words = str(getattr(error, "orig", None) or error)
        old = "no such table" in words or "does not exist" in words
        hint = " (has `lantoa db upgrade` been run?)" if old else ""
        return [f"lantoa: the database: {words.splitlines()[0]}{hint}"]
    if isinstance(error, OSError):
        return [f"{error.filename or 'lantoa'}: {error.strerror or error}"]
    return [f"lantoa: {_one_line(str(error))}"]


def _one_line(text: str) -> str:
    return " ".join(text.split())
