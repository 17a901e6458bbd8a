"""Bodies sent as gzip to readers that accept it: feeds, public pages and static files.

Pages of the desk and of the portal are not compressed here: they hold what a visitor typed beside secrets of the
session, and the length of a compressed page would tell of them (BREACH).
"""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Response, request

MIN_GZIP_BYTES: Final = 500  # bytes; below it the frame and the work are not worth it
_TEXTS = frozenset((".css", ".js", ".svg", ".json", ".map", ".txt"))


def accepts_gzip() -> bool:
    """Whether the reader accepts gzip and does not prefer the plain form."""
    quality = request.accept_encodings.quality("gzip")
    return 0 < quality >= request.accept_encodings.quality("identity")


def set_body(response: Response, body: bytes) -> None:
    """Set the body, as gzip where the reader accepts it."""
    if len(body) >= MIN_GZIP_BYTES and accepts_gzip():
        body = gzip.compress(body, 6, mtime=0)
        response.content_encoding = "gzip"
    response.data = body


def compress_file(response: Response, path: Path) -> None:
    """Send a static file as gzip where it is a text and the reader accepts it; each file is compressed once."""
    if path.suffix not in _TEXTS:
        return
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or not accepts_gzip():
        return
    packed = _packed(path, path.stat().st_mtime_ns)
    response.close()  # the file that would have been sent
    response.direct_passthrough = False
    response.data = packed
    response.content_encoding = "gzip"
    etag, _weak = response.get_etag()
    if etag is not None:
        response.set_etag(f"{etag}-gzip")


@lru_cache(maxsize=256)
def _packed(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)
