"""The entry point: the group of commands, and the translation of errors into lines on stderr."""

import os
import sys
from importlib import import_module

import click

from campaigns import __version__
from coordinator import logs
from coordinator.storage.file_modes import create_private_files

# Errors of a command's input, in a module of few imports, unlike ``environment``.


class BadInput(click.ClickException):
    """A file or a feed is invalid; the message is printed unchanged: ``FILE:ROW: what is wrong``."""


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
    "staff": "people:staff",
    "people": "people:people",
    "key": "people:key",
    "import": "imports:imports",
    "check": "check:check",
    "site": "sites:site",
    "deliveries": "deliveries:deliveries",
    "report": "reports:report",
    "briefings": "reports:briefings",
    "rejudge": "republications:rejudge",
    "evidence": "republications:evidence",
    "journal": "database:journal",
    "search": "search:search",
    "tallies": "tallies:tallies",
    "backup": "database:backup",
    "restore": "database:restore",
    "doctor": "doctor:doctor",
    "alive": "doctor:alive",
    "alarm": "doctor:alarm",
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
    create_private_files()
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
    except expected_errors() as error:
        from coordinator.cli.error_messages import error_messages  # noqa: PLC0415

        for line in error_messages(error):
            print(line, file=sys.stderr)  # noqa: T201  # output of the command line
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def expected_errors() -> tuple[type[Exception], ...]:
    """Return the errors that are lines on stderr. Called when something was raised, since their modules import the
    database, which takes longer than a command without one."""
    from coordinator.cli.error_messages import EXPECTED_ERRORS  # noqa: PLC0415

    return EXPECTED_ERRORS
