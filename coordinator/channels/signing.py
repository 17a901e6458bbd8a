"""Signatures of Standard Webhooks 1.0: the symmetric scheme, ``v1``.

The signed text is ``{id}.{timestamp}.{body}``; the header carries one ``v1,<base64>`` for each secret in force,
separated by spaces, so that a receiver can change its secret without losing a message.
Source: the Standard Webhooks specification 1.0.0, sections "Signature scheme" and "Verifying webhook authenticity".
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64  # what the specification allows for a secret
NEW_BYTES = 32
OVERLAP = timedelta(hours=24)  # how long a former secret signs beside a new one
TOLERANCE = timedelta(minutes=5)  # how far a timestamp may lie from the receiver's clock


def new_secret() -> str:
    """A fresh secret in the form partners are given: ``whsec_`` and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(NEW_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The key in a ``whsec_…`` secret. Raises ``ValueError`` (which never repeats the secret) when it is not one."""
    if not secret.startswith(PREFIX):
        raise ValueError(f"a webhook secret begins with {PREFIX}")
    encoded = secret.removeprefix(PREFIX)
    try:
        # Some tools write base64 without its padding; what is meant is still unambiguous.
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"a webhook secret is {PREFIX} followed by base64") from None
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"a webhook secret holds {LEAST_BYTES} to {MOST_BYTES} bytes, this one {len(key)}")
    return key


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """``v1,<base64 HMAC-SHA256>`` of one message. ``timestamp``: Unix seconds of this attempt.

    Raises ``ValueError`` for an id with a dot in it (the signed text would be ambiguous) or a malformed secret.
    """
    if "." in message_id or not message_id:
        raise ValueError(f"{message_id!r} cannot be a webhook id: it is empty or contains a dot")
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def verify(
    secrets_in_force: Iterable[str], message_id: str, timestamp: str, signatures: str, body: bytes, *, now: datetime
) -> bool:
    """Whether a received message is from a holder of one of the secrets and was signed within five minutes of ``now``.

    ``timestamp`` and ``signatures`` are the headers as received; anything malformed in them is simply not genuine.
    """
    if not (timestamp.isascii() and timestamp.isdigit()) or not message_id or "." in message_id:
        return False
    if abs(int(now.timestamp()) - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    received = [part.encode() for part in signatures.split(" ") if part.startswith("v1,")]
    genuine = False
    for secret in secrets_in_force:
        expected = sign(secret, message_id, int(timestamp), body).encode()
        # Every pair is compared, whatever came before, so that the time taken tells nothing.
        for signature in received:
            genuine |= hmac.compare_digest(expected, signature)
    return genuine
