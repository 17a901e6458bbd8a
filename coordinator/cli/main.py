"""The entry point: the group of commands, and the translation of errors into lines on stderr."""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

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


@dataclass(frozen=True)
class LazyGroup:
    """A group of commands, and its help."""

    summary: str
    commands: Mapping[str, LazyCommand]

    def load(self) -> click.Command:
        """Make the group, and import none of its commands."""
        return Commands(self.commands, help=self.summary)


# A command's module is imported when the command is used, since the processes import the whole web application:
# ``lantoa key add`` should not take as long as the start of a server, and the help of a group imports none of them.
COMMANDS: Mapping[str, LazyCommand | LazyGroup] = {
    "serve": LazyCommand("processes:serve", "Web, clock and workers in one process: the database is upgraded first."),
    "web": LazyCommand("processes:web", "Only the web."),
    "clock": LazyCommand("processes:clock", "Only the clock."),
    "work": LazyCommand("processes:work", "Only the work."),
    "render": LazyCommand("processes:render", "Look at pages that need a browser in Debian's Chromium, one at a time."),
    "demo": LazyCommand(
        "processes:demo", "A department's day on loopback: partner sites, a Zalo sandbox, a Lotus-style platform."
    ),
    "db": LazyGroup(
        "Upgrade the database, or say where it is.",
        {
            "upgrade": LazyCommand(
                "database:upgrade",
                "Bring the database to this program's tables, beside a running program on PostgreSQL.",
            ),
            "current": LazyCommand("database:current", "Say where the database is."),
            "grant": LazyCommand(
                "database:grant", "On PostgreSQL, as the owner of the tables: let ROLE run the program."
            ),
        },
    ),
    "staff": LazyGroup(
        "Add and list members of staff.",
        {
            "add": LazyCommand("people:add_member", "Add a member of staff."),
            "confirm": LazyCommand(
                "people:confirm_member",
                "Confirm a role that waits for a second person, where nobody in the office is left who may.",
            ),
            "list": LazyCommand("people:list_staff", "List members of staff."),
        },
    ),
    "people": LazyGroup(
        "Export or erase what is held about a person: an e-mail address, partner:CODE or case:ID.",
        {
            "export": LazyCommand(
                "people:export_person", "Write what is held about WHO: as JSON, or as a workbook to be read."
            ),
            "erase": LazyCommand(
                "people:erase_person",
                "Put a pseudonym in the place of WHO as far as the law allows; says what is kept and why.",
            ),
        },
    ),
    "key": LazyGroup(
        "Add, list and revoke keys.",
        {
            "add": LazyCommand("people:issue_key", "Make a key and print it, once, alone on stdout."),
            "confirm": LazyCommand(
                "people:confirm_waiting_key",
                "Confirm a key that waits for a second person, where nobody in the office is left who may.",
            ),
            "list": LazyCommand("people:list_keys", "List keys, without their secrets."),
            "revoke": LazyCommand("people:end_key", "End a key at once."),
            "rotate": LazyCommand(
                "people:rotate", "Change the secret key and seal everything again that is stored under the former one."
            ),
        },
    ),
    "import": LazyGroup(
        "Import partners, cases, bulletins or history. Nothing is half-imported.",
        {
            "partners": LazyCommand(
                "imports:import_partners",
                "Read the licence register from FILE (.xlsx, .csv or .json); every rejected row is reported.",
            ),
            "history": LazyCommand(
                "imports:import_history",
                "Read bulletins, copies and totals from before the product was in use from FILE "
                "(.xlsx, .csv or .json).",
            ),
            "cases": LazyCommand(
                "imports:import_cases",
                "Read cases with their decisions from FILE (.xlsx, .csv or .json); every rejected row is reported.",
            ),
            "bulletins": LazyCommand(
                "imports:import_bulletins",
                "Make a draft of every text in SOURCE (.docx, .md, .html, .json, or the address of a feed).",
            ),
        },
    ),
    "check": LazyCommand("check:check", "Match every page against every bulletin and judge how it names its source."),
    "site": LazyGroup(
        "List sites with their sources, look at one again, and look for the sources that it has.",
        {
            "list": LazyCommand(
                "sites:list_sites", "List every source of every site: when it was read, and what is the matter with it."
            ),
            "look": LazyCommand(
                "sites:look", "Look at every source of these sites again now, whatever was to be waited for."
            ),
            "survey": LazyCommand("sites:survey", "Look for the feeds, sitemaps and lists that these sites have."),
            "offers": LazyCommand(
                "sites:offers", "List what the latest search found on a site and is not watched yet."
            ),
        },
    ),
    "deliveries": LazyGroup(
        "Send deliveries again.",
        {
            "replay": LazyCommand(
                "deliveries:replay",
                "Send CHANNEL again what was settled from --since until --until, with the same keys.",
            ),
        },
    ),
    "report": LazyCommand("reports:report", "Write the report of PERIOD (2026-Q4, 2026-11, 2026, or A..B) to FILE."),
    "briefings": LazyGroup(
        "Frozen briefings.",
        {
            "list": LazyCommand("reports:listed", "Every frozen version: period, plan, number, moment."),
            "verify": LazyCommand(
                "reports:verify",
                "Derive every frozen version anew and name each figure that differs; exit 1 when any does.",
            ),
        },
    ),
    "rejudge": LazyCommand(
        "republications:rejudge", "Judge every kept page again by the running rules, and show what would change."
    ),
    "evidence": LazyGroup(
        "Hand over the proof of a copy, or seal what a process of an earlier release wrote.",
        {
            "seal": LazyCommand(
                "republications:seal",
                "List rows of evidence that no entry of the journal names; with --adopt, seal them as they are.",
            ),
            "export": LazyCommand(
                "republications:export",
                "Write everything kept of one copy into a zip file that anybody can check with sha256sum.",
            ),
        },
    ),
    "journal": LazyGroup(
        "Verify or read the journal.",
        {
            "verify": LazyCommand(
                "database:verify",
                "Walk the whole chain, and compare every text, author and approval of bulletins with its entries.",
            ),
            "accept": LazyCommand(
                "database:accept",
                "Accept a journal that ends before the entry noted beside the secret key, after a database was "
                "restored without lantoa restore.",
            ),
            "checkpoint": LazyCommand("database:checkpoint", "Print a signed line that names the journal's end."),
            "archive": LazyCommand(
                "database:archive",
                "Write the entries of a YEAR that is over to FILE, a JSON object a line, with a checkpoint at the end.",
            ),
            "show": LazyCommand("database:show", "Print the newest entries, oldest of them first."),
        },
    ),
    "search": LazyGroup(
        "Rebuild the search index, or compare it with the rows.",
        {
            "rebuild": LazyCommand("search:rebuild", "Index everything again, while the product runs."),
            "verify": LazyCommand("search:verify", "Compare the index with the rows."),
        },
    ),
    "tallies": LazyGroup(
        "Recount everything that the figures are read from, or make the sums anew.",
        {
            "rebuild": LazyCommand(
                "tallies:rebuild", "Make every sum anew from the rows, on PostgreSQL beside writers."
            ),
            "verify": LazyCommand(
                "tallies:verify",
                "Recount everything from the rows, and check that every counted copy has what it rests on.",
            ),
        },
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
        "alive:alive", "Whether a process of this part on this machine has signed in the last minute: exit 1 if not."
    ),
}


class Commands(click.Group):
    """A group whose commands are in a table, and are imported when they are used."""

    def __init__(self, table: Mapping[str, LazyCommand | LazyGroup], **given: Any) -> None:
        super().__init__(**given)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the table's order."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, or None."""
        command = self._table.get(cmd_name)
        return None if command is None else command.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in self._table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin so, without importing the commands, and the group's own options."""
        found = [
            CompletionItem(name, help=command.summary)
            for name, command in self._table.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(cls=Commands, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
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
    except click.ClickException as error:
        _fail(usage_messages(error))
    except SystemExit:  # of completion; the clause below would import the database to compare it
        raise
    except expected_errors() as error:
        from coordinator.cli.environment import error_messages  # noqa: PLC0415

        _fail(error_messages(error))
    sys.exit(status if isinstance(status, int) else 0)


def _fail(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201  # output of the command line
    sys.exit(2)


def usage_messages(error: click.ClickException) -> list[str]:
    """Return the line for an error of a command's words or input on stderr."""
    words = one_line(error.format_message())
    if isinstance(error, BadInput):
        return [words]
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx is not None else "lantoa"
        return [f"{path}: {words} (see {path} --help)"]
    return [f"lantoa: {words}"]


def one_line(text: str) -> str:
    """Return the text with every run of white space as one blank."""
    return " ".join(text.split())


def expected_errors() -> tuple[type[Exception], ...]:
    """Return the errors of the domain, the database and the settings that are lines on stderr. Called when something
    was raised, since their modules import the database, which takes longer than a command without one."""
    from coordinator.cli.environment import EXPECTED_ERRORS  # noqa: PLC0415

    return EXPECTED_ERRORS
