"""The result of cleaning an uploaded file: a clean file, or a refusal with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CleanedFile:
    """A file made anew. ``kind``: ``png``, ``jpeg`` or ``pdf``; ``measure``: ``1200x800`` or a number of pages."""

    kind: str
    measure: str
    body: bytes


class FileRejected(Exception):
    """The file is refused. ``code`` names the reason, the message says it in a sentence; ``command``: what makes a
    file that is taken of this one, where a command does."""

    def __init__(self, code: str, message: str, command: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.command = command
