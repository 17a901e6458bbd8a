"""Pages kept as evidence: a folder of compressed bodies, named by their hash."""

import gzip
import hashlib
import os
from pathlib import Path
from secrets import token_hex


class PageStore:
    """Bodies under ``<folder>/ab/abcdef….gz``. Writing the same body twice keeps one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, body: bytes) -> tuple[str, str]:
        """Keep a body; returns its SHA-256 in hex and the key to read it by. On disk before it returns."""
        digest = hashlib.sha256(body).hexdigest()
        key = f"{digest[:2]}/{digest}.gz"
        path = self._folder / key
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # A name of its own until it is whole, so that a kill leaves no half page under the real name.
            part = path.with_name(f"{path.name}.{token_hex(8)}.part")
            with part.open("wb") as file:
                file.write(gzip.compress(body, 6, mtime=0))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        return digest, key

    def read(self, key: str) -> bytes:
        """A kept body. Raises ``FileNotFoundError``; a key cannot lead out of the folder."""
        path = (self._folder / key).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise FileNotFoundError(key)
        return gzip.decompress(path.read_bytes())
