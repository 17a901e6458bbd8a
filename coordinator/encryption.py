"""Secrets at rest: channel tokens, webhook secrets, second factors, under keys that are not in the database."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from campaigns.core.journal import SealState
from coordinator.config import SECRET_KEY_FILE, Settings, secret_keys


class DecryptionError(Exception):
    """An encrypted value cannot be decrypted: it was encrypted with another key, or the row is damaged."""


def derived_key(purpose: str, secret_key: str) -> bytes:
    """Return a Fernet key for one named purpose; neither the secret key nor another key can be derived from it."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"lantoa.{purpose}".encode())
    return base64.urlsafe_b64encode(derived.derive(secret_key.encode()))


def key_id(secret_key: str) -> str:
    """Return eight letters and digits that name a secret key and tell nothing about it."""
    return hashlib.sha256(derived_key("id", secret_key)).hexdigest()[:8]


class KeyRing:
    """The secret keys of a running process, the current one first.

    ``read`` returns them and ``stamp`` a value that changes with them, so that a process goes on while its key is
    changed: what it meets next is sealed with the new key.
    """

    def __init__(self, read: Callable[[], Sequence[str]], stamp: Callable[[], object] = lambda: None) -> None:
        self._read, self._stamp = read, stamp
        self._kept: tuple[object, dict[str, str]] | None = None

    @classmethod
    def of_settings(cls, settings: Settings) -> "KeyRing":
        """Return the keys of the settings. Raises ``SettingsError``."""
        path = settings.data_dir / SECRET_KEY_FILE

        def stamp() -> object:
            return path.stat().st_mtime_ns if path.exists() else None

        in_file = not settings.secret_key.get_secret_value()
        secret_keys(settings)  # raises here and not at the first use
        return cls(lambda: secret_keys(settings), stamp if in_file else lambda: None)

    @property
    def by_id(self) -> dict[str, str]:
        """Return the keys by their id, the current one first."""
        stamp = self._stamp()
        if self._kept is None or self._kept[0] != stamp:
            self._kept = (stamp, {key_id(key): key for key in self._read()})
        return self._kept[1]

    @property
    def current(self) -> str:
        """The id of the current key."""
        return next(iter(self.by_id))


def totp_keys(ring: KeyRing) -> dict[str, str]:
    """Return the keys of the persons' secrets by id, the current one first."""
    return {ident: derived_key("codes", key).decode() for ident, key in ring.by_id.items()}


def recovery_code_keys(ring: KeyRing) -> list[bytes]:
    """Return the keys of recovery codes, the current one first."""
    return [derived_key("recovery-codes", key) for key in ring.by_id.values()]


class JournalKeys:
    """Seals of the journal: HMAC-SHA-256 under a key derived from the secret key, after the id of that key."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._derived: dict[str, bytes] = {}

    def seal(self, text: str) -> str:
        """Return a seal under the current key."""
        ident = self._ring.current
        return f"{ident}.{self._mark(ident, text)}"

    def check(self, text: str, seal: str) -> SealState:
        """Check a seal."""
        ident, _, mark = seal.partition(".")
        if len(mark) != hashlib.sha256().digest_size * 2:
            return SealState.BROKEN
        if ident not in self._ring.by_id:
            return SealState.OTHER_KEY
        return (
            SealState.FITS if hmac.compare_digest(self._mark(ident, text).encode(), mark.encode()) else SealState.BROKEN
        )

    def _mark(self, ident: str, text: str) -> str:
        if ident not in self._derived:
            self._derived[ident] = derived_key("journal", self._ring.by_id[ident])
        return hmac.digest(self._derived[ident], text.encode(), "sha256").hex()


class Encryption:
    """Authenticated encryption (Fernet) under a key derived from the secret key, for one purpose.

    An encrypted value names its key: ``<id of the key>.<Fernet token>``.
    """

    def __init__(self, keys: str | KeyRing) -> None:
        self._ring = KeyRing(lambda: (keys,)) if isinstance(keys, str) else keys
        self._fernets: dict[str, Fernet] = {}
        self._marks: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "Encryption(…)"

    def encrypt(self, secrets: Mapping[str, str]) -> str:
        """Encrypt a set of named secrets."""
        ident = self._ring.current
        return f"{ident}.{self._fernet(ident).encrypt(json.dumps(dict(secrets), ensure_ascii=False).encode()).decode()}"

    def sign(self, text: str) -> str:
        """Return a signature of a text in an address, made by this installation: 32 letters and digits."""
        return self._signature(self._ring.current, text)

    def signed(self, text: str, signature: str) -> bool:
        """Whether ``signature`` was made for the text, under the current key or a former one."""
        given = signature.encode()
        return any(hmac.compare_digest(self._signature(ident, text).encode(), given) for ident in self._ring.by_id)

    def decrypt(self, encrypted: str | None) -> dict[str, str]:
        """Decrypt a set of secrets; None gives an empty set. Raises ``DecryptionError``."""
        if not encrypted:
            return {}
        ident, _, token = encrypted.partition(".")
        if ident not in self._ring.by_id:
            raise DecryptionError("a stored secret was encrypted with another secret key")
        try:
            opened: dict[str, str] = json.loads(self._fernet(ident).decrypt(token.encode()))
        except InvalidToken:
            raise DecryptionError("a stored secret does not open with this secret key") from None
        return opened

    def is_current(self, encrypted: str) -> bool:
        """Whether a value was encrypted with the current key."""
        return encrypted.partition(".")[0] == self._ring.current

    def _fernet(self, ident: str) -> Fernet:
        if ident not in self._fernets:
            key = self._ring.by_id[ident]
            digest = hashlib.scrypt(key.encode(), salt=b"lantoa.seal.1", n=2**12, r=8, p=1, dklen=32)
            self._fernets[ident] = Fernet(base64.urlsafe_b64encode(digest))
        return self._fernets[ident]

    def _signature(self, ident: str, text: str) -> str:
        if ident not in self._marks:
            self._marks[ident] = derived_key("marks", self._ring.by_id[ident])
        return hmac.digest(self._marks[ident], text.encode(), "sha256").hex()[:32]
