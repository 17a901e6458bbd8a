"""Signatures of Standard Webhooks 1.0: the symmetric scheme, ``v1``.

The signed text is ``{id}.{timestamp}.{body}``; the header has one ``v1,<base64>`` for each secret in force,
separated by spaces, so that a receiver can change its secret without losing a message.
Source: the Standard Webhooks specification 1.0.0, section "Signature scheme".
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import timedelta

PREFIX = "whsec_"
MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64  # what the specification allows for a secret
NEW_SECRET_BYTES = 32
OLD_SECRET_GRACE = timedelta(hours=24)  # how long a former secret signs beside a new one


def new_secret() -> str:
    """Return a new secret: ``whsec_`` and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(NEW_SECRET_BYTES)).decode()


def key_bytes(secret: str) -> bytes:
    """Return the key in a ``whsec_…`` secret. Raises ``ValueError``, without the secret, when it is not one."""
    if not secret.startswith(PREFIX):
        raise ValueError(f"a webhook secret begins with {PREFIX}")
    encoded = secret.removeprefix(PREFIX)
    try:
        # Some tools write base64 without its padding, which is unambiguous.
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"a webhook secret is {PREFIX} followed by base64") from None
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        raise ValueError(f"a webhook secret holds {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes, this one {len(key)}")
    return key


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return ``v1,<base64 HMAC-SHA256>`` of one message. ``timestamp``: Unix seconds of this attempt.

    Raises ``ValueError`` for an id with a dot in it (the signed text would be ambiguous) or a malformed secret.
    """
    if "." in message_id or not message_id:
        raise ValueError(f"{message_id!r} cannot be a webhook id: it is empty or contains a dot")
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_bytes(secret), signed, hashlib.sha256).digest()).decode()
