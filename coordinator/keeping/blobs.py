"""The port: what a place for kept bodies must be able to do."""

import re
from typing import Protocol

# Two letters of the hash, a slash, the hash, and what kind of file it is. Nothing else is ever a key, so none can lead
# out of a folder or mean something to a server.
KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}(\.[a-z0-9]{1,8}){1,2}")


class StoreError(OSError):
    """The place cannot be reached or does not let us in; the message says which, and what to look at."""


class Damaged(StoreError):
    """What was read back is not what its name says: it was changed or broken since it was kept."""


class BlobStore(Protocol):
    """Bodies under keys that are made from their content, so that one key never means two bodies.

    Nothing is ever changed or removed. Safe to use from many threads and processes at once.
    """

    @property
    def place(self) -> str:
        """Where it is, in words without secrets."""
        ...

    def put(self, key: str, body: bytes) -> None:
        """Keep a body; it will outlive a crash once this returns. Known keys are left alone. Raises ``OSError``."""
        ...

    def get(self, key: str) -> bytes:
        """A kept body. Raises ``FileNotFoundError`` when there is none, ``OSError`` when it cannot be read."""
        ...

    def has(self, key: str) -> bool:
        """Whether there is a body under this key. Raises ``OSError`` when that cannot be told."""
        ...

    def check(self) -> str:
        """How it stands, in words. Makes nothing. Raises ``OSError`` when bodies could not be kept or read now."""
        ...
