"""Secrets at rest: channel tokens, webhook secrets, second factors, under keys that are not in the database."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class DecryptionError(Exception):
    """An encrypted value cannot be decrypted: it was encrypted with another key, or the row is damaged."""


def derived_key(purpose: str, secret_key: str) -> bytes:
    """Return a Fernet key for one named purpose; neither the secret key nor another key can be derived from it."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"lantoa.{purpose}".encode())
    return base64.urlsafe_b64encode(derived.derive(secret_key.encode()))


class Encryption:
    """Authenticated encryption (Fernet) under a key derived from the secret key, for one purpose."""

    def __init__(self, secret_key: str) -> None:
        digest = hashlib.scrypt(secret_key.encode(), salt=b"lantoa.seal.1", n=2**12, r=8, p=1, dklen=32)
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        self._marks = derived_key("marks", secret_key)

    def __repr__(self) -> str:
        return "Encryption(…)"

    def encrypt(self, secrets: Mapping[str, str]) -> str:
        """Encrypt a set of named secrets."""
        return self._fernet.encrypt(json.dumps(dict(secrets), ensure_ascii=False).encode()).decode()

    def sign(self, text: str) -> str:
        """Return a signature of a text in an address, made by this installation: 32 letters and digits."""
        return hmac.digest(self._marks, text.encode(), "sha256").hex()[:32]

    def decrypt(self, encrypted: str | None) -> dict[str, str]:
        """Decrypt a set of secrets; None gives an empty set. Raises ``DecryptionError``."""
        if not encrypted:
            return {}
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(encrypted.encode()))
        except InvalidToken:
            raise DecryptionError("a stored secret does not open with this secret key") from None
        return opened
