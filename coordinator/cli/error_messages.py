"""What an error of a command's input or environment says on stderr."""

import click
from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.errors import CampaignError, Invalid
from coordinator.cli import environment
from coordinator.cli.main import BadInput
from coordinator.config import SettingsError
from coordinator.encryption import DecryptionError
from coordinator.schema import NewerTables

# One line each, without a traceback; any other error is one of the program.
EXPECTED_ERRORS = (
    click.ClickException,
    CampaignError,
    SettingsError,
    DecryptionError,
    NewerTables,
    SQLAlchemyError,
    OSError,
)


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
        return [f"lantoa: the database: {environment.database_error(error)}"]
    if isinstance(error, OSError):
        return [f"{error.filename or 'lantoa'}: {error.strerror or error}"]
    return [f"lantoa: {_one_line(str(error))}"]


def _one_line(text: str) -> str:
    return " ".join(text.split())
