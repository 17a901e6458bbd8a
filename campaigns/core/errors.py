"""The one exception tree of the domain.

Each error carries a stable ``code`` (a word other programs may test), an English sentence for the API and the log, and
``params`` with the values in it, so that a page can say the same thing in its reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of somebody's input.

    ``field`` is the name the reader used (``body_html``, ``targets.0.quota``); ``code`` is stable; ``message`` says
    what is wrong and what was expected, in English.
    """

    field: str
    code: str
    message: str


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
    """There is no such thing, or it is not the caller's to see."""

    code = "not_found"


class Forbidden(CampaignError):
    """The acting person's role does not allow this act."""

    code = "forbidden"


class Conflict(CampaignError):
    """The thing is not in a state in which this act makes sense, or somebody was faster."""

    code = "conflict"


class Invalid(CampaignError):
    """Input that cannot be taken; ``errors`` names every bad field, never only the first."""

    code = "invalid"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = tuple(errors)
