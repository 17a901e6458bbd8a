"""The port of a blob store."""

import re
from typing import Protocol

# A key is two letters of the hash, a slash, the hash and the kind of file. No key can therefore lead out of a folder
# or have a meaning for a server.
KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}(\.[a-z0-9]{1,8}){1,2}")

# Checkpoints of the journal and their time stamps are named by the day.
DAY_KEY = re.compile(r"\d{4}-\d\d-\d\d\.(txt|tsr)")


class StoreError(OSError):
    """The store cannot be reached or refuses access; the message says which, and what to check."""


class DamagedBody(StoreError):
    """A body does not match the hash in its key: it was changed or damaged after it was stored."""


class BlobStore(Protocol):
    """Stores bodies under keys that are derived from their content or name a day, so that one key never names two
    bodies.

    Nothing is ever changed or removed. Safe to use from many threads and processes at once.
    """

    @property
    def place(self) -> str:
        """The location of the store, for messages, without secrets."""
        ...

    def put(self, key: str, body: bytes) -> None:
        """Store a body durably before returning. An existing key is left unchanged. Raises ``OSError``."""
        ...

    def get(self, key: str) -> bytes:
        """Return a stored body. Raises ``FileNotFoundError`` when there is none, ``OSError`` when it cannot be read."""
        ...

    def has(self, key: str) -> bool:
        """Whether there is a body under this key. Raises ``OSError`` when that cannot be determined."""
        ...

    def check(self) -> None:
        """Raise ``OSError`` when bodies cannot be stored or read now. Creates nothing."""
        ...
