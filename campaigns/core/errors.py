"""The one exception tree of the domain.

Each error carries a stable ``code`` (a word other programs may test), an English sentence for the API and the log, and
``params`` with the values in it, so that a page can show the message in its reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One error of one input field.

    ``field`` is the name in the input (``body_html``, ``targets.0.quota``); ``code`` is stable; ``message`` states the
    error and the expected value in English; ``expected``: the accepted values, where they are few and named.
    """

    field: str
    code: str
    message: str
    expected: str = ""


class CampaignError(Exception):
    """Root of every error the domain raises on purpose."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params
        if code is not None:
            self.code = code


class NotFound(CampaignError):
    """The object does not exist, or the caller may not see it."""

    code = "not_found"


class Forbidden(CampaignError):
    """The acting person's role does not permit the action."""

    code = "forbidden"


class Conflict(CampaignError):
    """The object's state does not permit the action, or another person changed it first."""

    code = "conflict"


class Invalid(CampaignError):
    """Invalid input; ``errors`` lists every invalid field, never only the first."""

    code = "invalid"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = tuple(errors)
