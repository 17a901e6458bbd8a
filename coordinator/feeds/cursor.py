"""The opaque ``after=`` of feeds: a place in the order of changes, ``(changed_at, id)``.

28 characters that need no escaping in an address: a version, the moment in microseconds, the row's number and a check
sum, in base64 (RFC 4648, section 5). The check sum tells a damaged or invented cursor from a real one. It is no
secret and need not be: a cursor only says where to go on; what is visible is decided when the page is read.
"""

import base64
import hashlib
import re
import struct
from datetime import UTC, datetime, timedelta

from campaigns.core.errors import FieldError, Invalid

_FORM = struct.Struct(">BqQ")
_VERSION = 1
_CHECK = 4
_SHAPE = re.compile(r"[A-Za-z0-9_-]{28}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_ID = 2**63 - 1  # what a database's bigint holds


def _check(payload: bytes) -> bytes:
    return hashlib.blake2s(payload, digest_size=_CHECK, person=b"cursor").digest()


def encode(changed_at: datetime, ident: int) -> str:
    """The cursor after this row. ``changed_at`` must be aware, ``ident`` not negative; else ``ValueError``."""
    if changed_at.tzinfo is None:
        raise ValueError(f"{changed_at!r} has no time zone")
    if not 0 <= ident <= _MOST_ID:
        raise ValueError(f"{ident} is not a row's number")
    payload = _FORM.pack(_VERSION, (changed_at - _EPOCH) // _MICROSECOND, ident)
    return base64.urlsafe_b64encode(payload + _check(payload)).decode()


def decode(text: str, field: str = "after") -> tuple[datetime, int] | None:
    """The place a cursor names, in UTC; None for an empty one, which means from the oldest.

    Raises ``Invalid`` naming ``field`` for everything that ``encode`` did not make.
    """
    if not text:
        return None
    try:
        # The decoder itself lets surplus padding pass.
        if not _SHAPE.fullmatch(text):
            raise ValueError
        raw = base64.urlsafe_b64decode(text)
        payload, check = raw[:-_CHECK], raw[-_CHECK:]
        if check != _check(payload):
            raise ValueError
        version, microseconds, ident = _FORM.unpack(payload)
        if version != _VERSION or ident > _MOST_ID:
            raise ValueError
        return _EPOCH + microseconds * _MICROSECOND, ident
    except (ValueError, OverflowError):
        message = "this is not a cursor of ours; use the one in a feed's next link, or leave it empty for the oldest"
        raise Invalid([FieldError(field, "cursor", message)]) from None
