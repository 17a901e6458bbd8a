"""Pages kept as evidence: compressed bodies and web archives, named by their own hash."""

import gzip
import hashlib
import zlib
from pathlib import Path

from coordinator.keeping import captures
from coordinator.keeping.blobs import BlobStore, Damaged
from coordinator.keeping.captures import Capture
from coordinator.keeping.folder import FolderStore

ARCHIVE = ".warc.gz"


class PageStore:
    """What jobs and pages keep and read. Keeping the same body twice keeps one.

    ``before``: where bodies were kept until now; it is still read, never written, so that changing the place loses
    nothing.
    """

    def __init__(self, blobs: BlobStore | Path, *, before: BlobStore | None = None) -> None:
        self._blobs: BlobStore = FolderStore(blobs) if isinstance(blobs, Path) else blobs
        self._before = before

    @property
    def blobs(self) -> BlobStore:
        """Where new bodies go."""
        return self._blobs

    def keep(self, body: bytes) -> tuple[str, str]:
        """Keep a body; returns its SHA-256 in hex and the key to read it by. Safe before it returns.

        Raises ``OSError`` when it cannot be kept.
        """
        digest = hashlib.sha256(body).hexdigest()
        key = f"{digest[:2]}/{digest}.gz"
        self._blobs.put(key, gzip.compress(body, 6, mtime=0))
        return digest, key

    def keep_capture(self, capture: Capture) -> str:
        """Keep a fetch as a web archive of its own; returns its key. Raises ``OSError``."""
        archive = captures.written(capture)
        digest = hashlib.sha256(archive).hexdigest()
        key = f"{digest[:2]}/{digest}{ARCHIVE}"
        self._blobs.put(key, archive)
        return key

    def read(self, key: str) -> bytes:
        """A kept body, by the key of a body or of the web archive it is in; checked against its name.

        Raises ``FileNotFoundError``, ``Damaged``, or another ``OSError`` when the place cannot be reached.
        """
        raw = self._raw(key)
        if key.endswith(ARCHIVE):
            _check(key, raw)
            return captures.body_of(raw)
        body = _unpacked(key, raw)
        _check(key, body)
        return body

    def archive(self, key: str) -> bytes:
        """A kept web archive, byte for byte, checked against its name. Raises as ``read`` does."""
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
        raise Damaged(f"{key}: what is kept there cannot be decompressed") from error


def _check(key: str, named: bytes) -> None:
    """Raise ``Damaged`` unless the key was made from these bytes."""
    found = hashlib.sha256(named).hexdigest()
    if Path(key).name.partition(".")[0] != found:
        raise Damaged(f"{key}: what is kept there has the hash {found}")
