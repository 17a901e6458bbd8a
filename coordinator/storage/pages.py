"""Pages stored as evidence: compressed bodies and web archives, named by their hash."""

import gzip
import hashlib
import zlib
from pathlib import Path

from coordinator.storage import web_archives
from coordinator.storage.blobs import BlobStore, DamagedBody
from coordinator.storage.folder import FolderStore
from coordinator.storage.web_archives import Capture

ARCHIVE = ".warc.gz"


class PageStore:
    """Stores and reads bodies for jobs and web pages. A body that is stored twice takes the space of one.

    ``before``: the store used before this one; it is read and never written, so that a change of store loses no
    body.
    """

    def __init__(self, blobs: BlobStore | Path, *, before: BlobStore | None = None) -> None:
        self._blobs: BlobStore = FolderStore(blobs) if isinstance(blobs, Path) else blobs
        self._before = before

    @property
    def blobs(self) -> BlobStore:
        """The store of new bodies."""
        return self._blobs

    def keep(self, body: bytes) -> tuple[str, str]:
        """Store a body durably; returns its SHA-256 in hex and the key to read it by.

        Raises ``OSError`` when it cannot be stored.
        """
        digest = hashlib.sha256(body).hexdigest()
        key = f"{digest[:2]}/{digest}.gz"
        self._blobs.put(key, gzip.compress(body, 6, mtime=0))
        return digest, key

    def keep_capture(self, capture: Capture) -> str:
        """Store a fetch as its own web archive; returns its key. Raises ``OSError``."""
        archive = web_archives.write_archive(capture)
        digest = hashlib.sha256(archive).hexdigest()
        key = f"{digest[:2]}/{digest}{ARCHIVE}"
        self._blobs.put(key, archive)
        return key

    def has(self, key: str) -> bool:
        """Whether a body is stored under this key. Raises ``OSError`` when that cannot be determined."""
        return self._blobs.has(key) or (self._before is not None and self._before.has(key))

    def read(self, key: str) -> bytes:
        """Return a stored body, by its own key or the key of its web archive; its hash is checked against the key.

        Raises ``FileNotFoundError``, ``DamagedBody``, or another ``OSError`` when the store cannot be reached.
        """
        raw = self._raw(key)
        if key.endswith(ARCHIVE):
            _check(key, raw)
            return web_archives.archived_body(raw)
        body = _unpacked(key, raw)
        _check(key, body)
        return body

    def archive(self, key: str) -> bytes:
        """Return the bytes of a stored web archive, checked against its key. Raises as ``read`` does."""
        raw = self._raw(key)
        _check(key, raw)
        return raw

    def _raw(self, key: str) -> bytes:
        try:
            return self._blobs.get(key)
        except FileNotFoundError:
            if self._before is None:
                raise
            return self._before.get(key)


def _unpacked(key: str, raw: bytes) -> bytes:
    try:
        return gzip.decompress(raw)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedBody(f"{key}: what is kept there cannot be decompressed") from error


def _check(key: str, named: bytes) -> None:
    """Raise ``DamagedBody`` unless the key was made from these bytes."""
    found = hashlib.sha256(named).hexdigest()
    if Path(key).name.partition(".")[0] != found:
        raise DamagedBody(f"{key}: what is kept there has the hash {found}")
