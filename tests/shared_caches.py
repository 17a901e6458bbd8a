"""What is the same for every test of a process is made once and not once a test.

Nothing here is a stand-in: each piece is what the libraries make, kept because it would be made again letter for
letter. Every test still has an application, a database and a data folder of its own.
"""

from functools import cache
from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from coordinator.encryption import Encryption

SECRET_KEY = "a key of tests, long enough to be one"


class SharedBytecodeCache(BytecodeCache):
    """What templates compile to, for all the applications of a process: each test makes its own."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was kept for the same text of the same template."""
        bucket.code = self._codes.get(f"{bucket.key} {bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._codes[f"{bucket.key} {bucket.checksum}"] = bucket.code


@cache
def encryption(secret_key: str = SECRET_KEY) -> Encryption:
    """The encryption of a key: to derive it is slow on purpose, and it never changes."""
    return Encryption(secret_key)


def install() -> None:
    """Before the first application is made."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": SharedBytecodeCache()}
