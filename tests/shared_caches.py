"""What is the same for every test of a process is made once and not once a test.

Nothing here is a stand-in: each piece is what the libraries make, kept because it would be made again letter for
letter. Every test still has an application, a database and a data folder of its own.
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

import coordinator
from coordinator.encryption import Encryption

TEMPLATING = Path(coordinator.__file__).parent / "web/kit/templating.py"
SECRET_KEY = "a key of tests, long enough to be one"


@cache
def encryption(secret_key: str = SECRET_KEY) -> Encryption:
    """The encryption of a key: to derive it is slow on purpose, and it never changes."""
    return Encryption(secret_key)


def install() -> None:
    """Before the first application is made. A compiled template depends on the filters, too: how each is called."""
    filters = hashlib.sha256(TEMPLATING.read_bytes()).hexdigest()[:12]
    compiled = FileSystemBytecodeCache(pattern=f"__jinja2_{filters}_%s.cache")
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": compiled}
