"""The opaque ``after=`` of feeds: a position in the order of changes, ``(changed_at, id)``.

28 characters that need no escaping in an address: a version, the moment in microseconds, the row's number and a
checksum, in base64 (RFC 4648, section 5). The checksum detects a damaged or invented cursor. A cursor is no secret: it
only says where to continue; what is visible is decided when the page is read.
"""

import base64
import hashlib
import re
import struct
from datetime import UTC, datetime, timedelta

from campaigns.core.errors import FieldError, Invalid

_STRUCT = struct.Struct(">BqQ")
_VERSION = 1
_CHECKSUM_BYTES = 4
_CURSOR_PATTERN = re.compile(r"[A-Za-z0-9_-]{28}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_ID = 2**63 - 1  # the largest bigint of a database


def _checksum(payload: bytes) -> bytes:
    return hashlib.blake2s(payload, digest_size=_CHECKSUM_BYTES, person=b"cursor").digest()


def encode_cursor(changed_at: datetime, row_id: int) -> str:
    """The cursor after this row. Raises ``ValueError`` for a naive ``changed_at`` or a negative ``row_id``."""
    if changed_at.tzinfo is None:
        raise ValueError(f"{changed_at!r} has no time zone")
    if not 0 <= row_id <= _MAX_ID:
        raise ValueError(f"{row_id} is not a row's number")
    payload = _STRUCT.pack(_VERSION, (changed_at - _EPOCH) // _MICROSECOND, row_id)
    return base64.urlsafe_b64encode(payload + _checksum(payload)).decode()


def decode_cursor(text: str, field: str = "after") -> tuple[datetime, int] | None:
    """The position of a cursor, in UTC; None for an empty one, which means from the oldest.

    Raises ``Invalid`` naming ``field`` for everything that ``encode_cursor`` did not make.
    """
    if not text:
        return None
    try:
        # The decoder itself accepts surplus padding.
        if not _CURSOR_PATTERN.fullmatch(text):
            raise ValueError
        raw = base64.urlsafe_b64decode(text)
        payload, checksum = raw[:-_CHECKSUM_BYTES], raw[-_CHECKSUM_BYTES:]
        if checksum != _checksum(payload):
            raise ValueError
        version, microseconds, row_id = _STRUCT.unpack(payload)
        if version != _VERSION or row_id > _MAX_ID:
            raise ValueError
        return _EPOCH + microseconds * _MICROSECOND, row_id
    except (ValueError, OverflowError):
        message = "this is not a cursor of ours; use the one in a feed's next link, or leave it empty for the oldest"
        raise Invalid([FieldError(field, "cursor", message)]) from None
