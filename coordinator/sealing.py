"""Secrets at rest: channel tokens, webhook secrets, second factors, under keys that are not in the database."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealError(Exception):
    """A sealed value that this installation's key does not open: another key, or a damaged row."""


def key_for(purpose: str, secret_key: str) -> bytes:
    """A Fernet key for one purpose, told by its name; from it neither the secret key nor another one can be found."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"lantoa.{purpose}".encode())
    return base64.urlsafe_b64encode(derived.derive(secret_key.encode()))


class Seal:
    """Authenticated encryption (Fernet) under a key derived from the secret key, for one purpose."""

    def __init__(self, secret_key: str) -> None:
        digest = hashlib.scrypt(secret_key.encode(), salt=b"lantoa.seal.1", n=2**12, r=8, p=1, dklen=32)
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        self._marks = key_for("marks", secret_key)

    def __repr__(self) -> str:
        return "Seal(…)"

    def close(self, secrets: Mapping[str, str]) -> str:
        """Seal a set of named secrets."""
        return self._fernet.encrypt(json.dumps(dict(secrets), ensure_ascii=False).encode()).decode()

    def mark(self, text: str) -> str:
        """What shows that a text in an address was put there by this installation: 32 letters and digits."""
        return hmac.digest(self._marks, text.encode(), "sha256").hex()[:32]

    def open(self, sealed: str | None) -> dict[str, str]:
        """The secrets again; an empty set for None. Raises ``SealError``."""
        if not sealed:
            return {}
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise SealError("a stored secret does not open with this secret key") from None
        return opened
