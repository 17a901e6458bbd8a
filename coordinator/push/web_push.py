"""One Web Push message as a request: its body is readable by one browser alone, and its signature names who sends it.

Encryption is that of ``http_ece`` (RFC 8188 and 8291); the token (RFC 8292) is a JWT, signed with ES256 by ``joserfc``.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

MISSING = "the package http-ece is not installed; run: pip install 'lantoa[push]'"
TOKEN_LASTS = timedelta(hours=12)  # RFC 8292 §2: at most a day
MAX_BODY = 3990  # bytes of a message, so that a body has at most 4096 (RFC 8030 §7.2)
_POINT, _AUTH = 65, 16  # bytes: an uncompressed point on P-256, and the browser's secret


def is_installed() -> bool:
    """Whether messages can be encrypted here."""
    return find_spec("http_ece") is not None


@dataclass(frozen=True)
class PushTarget:
    """A browser: its address at the vendor's service, and its keys in base64url."""

    endpoint: str
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


@dataclass(frozen=True)
class PushRequest:
    """A message ready to be posted."""

    url: str = field(repr=False)
    body: bytes
    headers: Mapping[str, str] = field(repr=False)


def new_key_pair() -> tuple[str, str]:
    """Return a new key pair: the private key as PEM, the public point in base64url."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return private.decode(), _base64url(point)


def wrong_part(target: PushTarget, *, allow_http: bool = False) -> str | None:
    """Return the name of the first part that no browser gives: ``endpoint``, ``p256dh`` or ``auth``; None where all are
    right."""
    try:
        parts = urlsplit(target.endpoint)
        host = parts.hostname
    except ValueError:
        return "endpoint"
    schemes = {"https", "http"} if allow_http else {"https"}
    if parts.scheme not in schemes or not host or len(target.endpoint) > 2000 or not target.endpoint.isascii():
        return "endpoint"
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(target.p256dh, _POINT))
    except ValueError:
        return "p256dh"
    try:
        _bytes(target.auth, _AUTH)
    except ValueError:
        return "auth"
    return None


def push_request(
    target: PushTarget, message: bytes, *, private_key: str, public_key: str, contact: str, topic: str, ttl: timedelta,
    now: datetime,
) -> PushRequest:  # fmt: skip
    """Return the request that brings a message to a browser.

    ``topic``: a later message of the same topic replaces one that the browser has not got yet; ``ttl``: how long the
    service keeps it for a browser that is off; ``contact``: the address under which the sender is reached.
    """
    if len(message) > MAX_BODY:
        raise ValueError(f"a message has at most {MAX_BODY} bytes")
    http_ece = import_module("http_ece")  # of the push extra
    body: bytes = http_ece.encrypt(
        message,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(target.p256dh, _POINT),
        auth_secret=_bytes(target.auth, _AUTH),
        version="aes128gcm",
    )
    parts = urlsplit(target.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + TOKEN_LASTS).timestamp()),
        "sub": contact,
    }
    token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, ECKey.import_key(private_key), algorithms=["ES256"])
    headers = {
        "Authorization": f"vapid t={token}, k={public_key}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(int(ttl.total_seconds()), 0)),
        "Topic": _base64url(hashlib.sha256(topic.encode()).digest())[:32],
        "Urgency": "normal",
    }
    return PushRequest(target.endpoint, body, headers)


def _bytes(text: str, length: int) -> bytes:
    """Decode base64url of so many bytes. Raises ``ValueError``."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64url") from error
    if len(found) != length:
        raise ValueError(f"expected {length} bytes")
    return found


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
