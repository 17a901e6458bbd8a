"""Files that are being written, and what is left of them when their process was killed.

A file that is being written is locked by its process, so that the next one can tell it from a leftover.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # not on Windows: leftovers stay there
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked_part(folder: Path, prefix: str) -> Iterator[tuple[IO[bytes], Path]]:
    """Give an open, locked, empty file (mode 0600) and its path. It is removed at the end unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=".part")
    path = Path(name)
    with os.fdopen(handle, "wb") as file:
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield file, path
        finally:
            path.unlink(missing_ok=True)


def remove_leftovers(folder: Path, prefix: str) -> int:
    """Remove the parts with this prefix that no process writes any more; returns their number."""
    removed = 0
    for path in folder.glob(f"{prefix}*.part") if fcntl is not None else ():
        with suppress(FileNotFoundError):
            handle = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                removed += 1
            except BlockingIOError:
                pass  # somebody writes it
            finally:
                os.close(handle)
    return removed
