"""Kept bodies as files in a folder."""

import os
from pathlib import Path
from secrets import token_hex

from coordinator.keeping.blobs import KEY, StoreError


class FolderStore:
    """One file a body, under ``<folder>/ab/abcdef….gz``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._folder)

    def put(self, key: str, body: bytes) -> None:
        """Keep a body, on disk before this returns."""
        path = self._path(key)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own until it is whole, so that a kill leaves no half page under the real name.
        part = path.with_name(f"{path.name}.{token_hex(8)}.part")
        try:
            with part.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _settle(path.parent)

    def get(self, key: str) -> bytes:
        """A kept body. One that is there and cannot be read is the folder's trouble; it is not called missing."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(f"{self.place}: {key} cannot be read: {error.strerror or error}") from error

    def has(self, key: str) -> bool:
        """Whether the file is there."""
        return self._path(key).is_file()

    def check(self) -> str:
        """The folder; it may not be there yet, then the nearest one above it must let us make it."""
        there = next(one for one in (self._folder, *self._folder.parents) if one.exists())
        if not os.access(there, os.W_OK | os.X_OK):
            raise StoreError(f"{there} may not be written to")
        return f"pages are kept in {self.place}"

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self._folder / key


def _settle(folder: Path) -> None:
    """Have the new name on disk too, where folders can be opened for that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders, and writes their entries through by itself
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
