"""A blob store in a folder."""

import os
import re
import shutil
from pathlib import Path
from secrets import token_hex

from coordinator.storage.blobs import KEY, StoreError

# Free space on the disk of a folder.


def disk_space(folder: Path) -> tuple[int, int]:
    """Return the free and the total bytes of the disk of ``folder``. For a folder that does not exist yet, the disk of
    its nearest existing parent is read. Raises ``OSError`` where the disk cannot be read."""
    nearest = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    found = shutil.disk_usage(nearest)
    return found.free, found.total


class FolderStore:
    """One file for each body, under ``<folder>/ab/abcdef….gz``. ``keys``: the form of its keys; ``create``: whether a
    missing folder is made, which it is not where another machine's folder is mounted."""

    def __init__(self, folder: Path, *, keys: re.Pattern[str] = KEY, create: bool = True) -> None:
        self._folder, self._keys, self._create = folder, keys, create

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._folder)

    def put(self, key: str, body: bytes) -> None:
        """Store a body on disk before returning."""
        path = self._path(key)
        if path.exists():
            return
        if self._create:
            path.parent.mkdir(parents=True, exist_ok=True)
        # A temporary name until the file is complete, so that a kill leaves no partial page under the final name.
        part = path.with_name(f"{path.name}.{token_hex(8)}.part")
        try:
            with part.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def get(self, key: str) -> bytes:
        """Return a stored body. A file that exists but cannot be read raises another error than a missing one."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(f"{self.place}: {key} cannot be read: {error.strerror or error}") from error

    def has(self, key: str) -> bool:
        """Whether the file exists."""
        return self._path(key).is_file()

    def check(self) -> None:
        """Where the folder does not exist yet, its nearest existing parent must be writable."""
        there = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        if not os.access(there, os.W_OK | os.X_OK):
            raise StoreError(f"{there} may not be written to")

    def _path(self, key: str) -> Path:
        if not self._keys.fullmatch(key):
            raise FileNotFoundError(key)
        return self._folder / key


def _sync_folder(folder: Path) -> None:
    """Write the directory entry to disk, where the system can open folders for that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows cannot open folders, and writes directory entries through by itself
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
