"""The message for an error of one kind of channel."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorMessage:
    """One error in the reader's language. ``text``: what happened; ``advice``: what to do; ``code``: the platform's."""

    code: int
    text: str
    advice: str
