"""What an uploaded file becomes: a clean one, or a refusal with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clean:
    """A file made anew. ``kind``: ``png``, ``jpeg`` or ``pdf``; ``measure``: ``1200x800`` or a number of pages."""

    kind: str
    measure: str
    body: bytes


class Refused(Exception):
    """The file is not taken. ``code`` is one word for the reason, the message says it in a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
