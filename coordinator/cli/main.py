"""The entry point: the group of commands, and the translation of errors into lines on stderr."""

import os
import sys
from dataclasses import dataclass
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from campaigns import __version__
from coordinator import logs
from coordinator.storage.file_modes import create_private_files

# Errors of a command's input, in a module of few imports, unlike ``environment``.


class BadInput(click.ClickException):
    """A file or a feed is invalid; the message is printed unchanged: ``FILE:ROW: what is wrong``."""


@dataclass(frozen=True)
class LazyCommand:
    """Where a command is, as ``module:attribute``, and the first sentence of its help, which a test holds equal."""

    place: str
    summary: str

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.place.partition(":")
        command: click.Command = getattr(import_module(f"coordinator.cli.{module}"), attribute)
        return command


# A command's module is imported when the command is used, since the processes import the whole web application:
# ``lantoa key add`` should not take as long as the start of a server, and ``lantoa --help`` imports none of them.
COMMANDS = {
    "serve": LazyCommand("processes:serve", "Web, clock and workers in one process: the database is upgraded first."),
    "web": LazyCommand("processes:web", "Only the web."),
    "clock": LazyCommand("processes:clock", "Only the clock."),
    "work": LazyCommand("processes:work", "Only the work."),
    "render": LazyCommand("processes:render", "Look at pages that need a browser in Debian's Chromium, one at a time."),
    "demo": LazyCommand(
        "processes:demo", "A department's day on loopback: partner sites, a Zalo sandbox, a Lotus-style platform."
    ),
    "db": LazyCommand("database:db", "Upgrade the database, or say where it is."),
    "staff": LazyCommand("people:staff", "Add and list members of staff."),
    "people": LazyCommand(
        "people:people", "Export or erase what is held about a person: an e-mail address, partner:CODE or case:ID."
    ),
    "key": LazyCommand("people:key", "Add, list and revoke keys."),
    "import": LazyCommand("imports:imports", "Import partners, cases, bulletins or history."),
    "check": LazyCommand("check:check", "Match every page against every bulletin and judge how it names its source."),
    "site": LazyCommand(
        "sites:site", "List sites with their sources, look at one again, and look for the sources that it has."
    ),
    "deliveries": LazyCommand("deliveries:deliveries", "Send deliveries again."),
    "report": LazyCommand("reports:report", "Write the report of PERIOD (2026-Q4, 2026-11, 2026, or A..B) to FILE."),
    "briefings": LazyCommand("reports:briefings", "Frozen briefings."),
    "rejudge": LazyCommand(
        "republications:rejudge", "Judge every kept page again by the running rules, and show what would change."
    ),
    "evidence": LazyCommand("republications:evidence", "Hand over the proof of a copy."),
    "journal": LazyCommand("database:journal", "Verify or read the journal."),
    "search": LazyCommand("search:search", "Rebuild the search index, or compare it with the rows."),
    "tallies": LazyCommand(
        "tallies:tallies", "Recount everything that the figures are read from, or make the sums anew."
    ),
    "backup": LazyCommand(
        "database:backup", "Write every row, every kept page and the secret key to FILE, as they are at one moment."
    ),
    "restore": LazyCommand(
        "database:restore",
        "Fill an empty database and data folder from FILE, or from the folder of LANTOA_COPY_FOLDER.",
    ),
    "alarm": LazyCommand("doctor:alarm", "Raise an alarm to the administrators: UNIT of this machine failed."),
    "doctor": LazyCommand("doctor:doctor", "Look at configuration, database, clock, queue, channels and disk."),
    "alive": LazyCommand(
        "doctor:alive", "Whether a process of this part on this machine has signed in the last minute: exit 1 if not."
    ),
}


class Commands(click.Group):
    """The group of the commands in ``COMMANDS``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, or None."""
        command = COMMANDS.get(cmd_name)
        return None if command is None else command.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin so, without importing the commands, and the group's own options."""
        found = [
            CompletionItem(name, help=command.summary)
            for name, command in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


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
