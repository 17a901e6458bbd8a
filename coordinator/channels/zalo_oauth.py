"""Access to a Zalo Official Account: OAuth v4 with PKCE, and refresh tokens that are good for one use.

The steps: ``new_verifier`` is kept with the administrator's session; ``permission_url`` is where the browser goes; the
callback brings ``code`` and ``oa_id`` to ``ZaloAccess.accept``. From then on ``ZaloAccess.token`` renews by itself.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from campaigns.publishing.transport import Exclusive, Needs, TransportError, Vault
from coordinator.channels.calls import Door, Now, call, json_object, redact, shorten, status_error
from coordinator.channels.zalo_errors import TOO_FAST, TOO_FAST_WAIT
from coordinator.channels.zalo_settings import ZaloSettings

# Renewing this long before the end leaves hours to notice that it fails. A token of short life is renewed half-way.
# One delivery may need a renewal, three pages of the list and two tries of the call itself; together that must stay
# below the lease of a delivery.
ZALO_DEADLINE = 10.0  # seconds
RENEW_BEFORE = timedelta(hours=6)
ERROR_WORDS = ("error_name", "error_reason", "error_description")
SECRETS = ("app_secret", "access_token", "refresh_token", "previous_refresh_token", "webhook_secret")


def new_verifier() -> str:
    """A fresh PKCE verifier: 32 random bytes as 43 characters of unpadded base64url."""
    return _base64url(secrets.token_bytes(32))


def challenge_of(verifier: str) -> str:
    """The challenge Zalo is shown first: SHA-256 of the verifier, unpadded base64url (RFC 7636, S256)."""
    return _base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def permission_url(settings: ZaloSettings, *, redirect_uri: str, verifier: str, state: str) -> str:
    """Where an administrator of the account is sent to grant access. ``state`` comes back unchanged; check it there."""
    query = {
        "app_id": settings.app_id,
        "redirect_uri": redirect_uri,
        "code_challenge": challenge_of(verifier),
        "state": state,
    }
    return f"{settings.oauth_base}/v4/oa/permission?{urlencode(query)}"


@dataclass(frozen=True)
class Standing:
    """How access stands, for pages and the doctor: until when the token is good; None where there is none."""

    expires_at: datetime | None
    renewed_at: datetime | None


class ZaloAccess:
    """The access token of one account, renewed when it is due. New tokens are saved before anybody uses them."""

    def __init__(self, settings: ZaloSettings, vault: Vault, door: Door, now: Now) -> None:
        self._settings = settings
        self._vault = vault
        self._door = door
        self._now = now
        self.warning = ""  # why a renewal that was due failed, while the present token still works

    def standing(self) -> Standing:
        """When the present token ends and when it was made."""
        kept = self._vault.load()
        return Standing(_moment(kept.get("expires_at")), _moment(kept.get("renewed_at")))

    def accept(self, *, code: str, verifier: str, oa_id: str) -> None:
        """Exchange the code of the callback. Raises ``TransportError``, also when another account granted access."""
        if oa_id != self._settings.oa_id:
            message = f"access was granted for account {shorten(oa_id)!r}, but this channel is {self._settings.oa_id}"
            raise TransportError(message, permanent=True, needs=Needs.AUTHORISATION)
        form = {
            "code": code,
            "app_id": self._settings.app_id,
            "grant_type": "authorization_code",
            "code_verifier": verifier,
        }
        with _held(self._vault):
            kept = self._vault.load()
            self._exchange(form, kept, hide=(code, verifier))

    def token(self) -> str:
        """An access token that is good now, renewed first when it is due. Raises ``TransportError``."""
        kept = self._vault.load()
        token, expires_at = kept.get("access_token"), _moment(kept.get("expires_at"))
        if token is None or expires_at is None:
            return self.renew(token)
        now = self._now()
        if now < expires_at - _margin(kept):
            return token
        try:
            return self.renew(token)
        except TransportError as error:
            if now >= expires_at:
                raise
            # The old token works for hours yet: the bulletin goes out, and the receipt tells what is wrong.
            self.warning = f"access could not be renewed ({error}); it ends at {expires_at.isoformat()}"
            return token

    def renew(self, used: str | None) -> str:
        """Exchange the refresh token for a new pair, unless somebody else has replaced ``used`` meanwhile.

        Raises ``TransportError``; with ``Needs.AUTHORISATION`` when only an administrator can help.
        """
        with _held(self._vault):
            kept = self._vault.load()
            if (theirs := kept.get("access_token")) is not None and theirs != used:
                return theirs
            refresh = kept.get("refresh_token")
            if not refresh:
                raise TransportError("access has not been granted yet", needs=Needs.AUTHORISATION)
            form = {"refresh_token": refresh, "app_id": self._settings.app_id, "grant_type": "refresh_token"}
            try:
                return self._exchange(form, kept)
            except TransportError as error:
                # Without a lock across machines another worker may have spent this refresh token a moment ago;
                # then its new pair is in the vault, and the refusal means nothing.
                fresh = self._vault.load()
                theirs = fresh.get("access_token")
                if error.needs is Needs.AUTHORISATION and theirs and fresh.get("refresh_token") != refresh:
                    return theirs
                raise

    def _exchange(self, form: Mapping[str, str], kept: Mapping[str, str], hide: tuple[str, ...] = ()) -> str:
        app_secret = kept.get("app_secret")
        if not app_secret:
            raise TransportError("the channel has no application secret", permanent=True)
        hidden = [kept[name] for name in SECRETS if kept.get(name)] + list(hide)
        answer = call(
            self._door,
            "POST",
            f"{self._settings.oauth_base}/v4/oa/access_token",
            body=urlencode(form).encode(),
            headers={"secret_key": app_secret, "Content-Type": "application/x-www-form-urlencoded"},
            # A lost answer may have burnt the refresh token, but nothing was published: the next try will tell.
            repeatable=True,
            deadline=ZALO_DEADLINE,
        )
        if not 200 <= answer.status < 300:
            raise status_error(answer, repeatable=True)
        told = json_object(answer.body)
        if told is None:
            raise TransportError("the answer to an exchange of tokens was not JSON", status=answer.status)
        access, refresh, lasts = told.get("access_token"), told.get("refresh_token"), told.get("expires_in")
        if not access or not isinstance(access, str):
            words = " ".join(str(told[name]) for name in ERROR_WORDS if name in told)
            if str(told.get("error")) == str(TOO_FAST):
                raise TransportError("Zalo asks for patience while renewing access", retry_after=TOO_FAST_WAIT)
            message = f"Zalo refused to renew access (error {told.get('error')}): {redact(shorten(words), hidden)}"
            raise TransportError(message, needs=Needs.AUTHORISATION)
        now = self._now()
        seconds = int(str(lasts)) if str(lasts).isdigit() else 3600  # the shortest life ever documented
        saved = {
            **kept,
            "access_token": access,
            "expires_at": (now + timedelta(seconds=seconds)).isoformat(),
            "lasts": str(seconds),
            "renewed_at": now.isoformat(),
        }
        if isinstance(refresh, str) and refresh:
            saved["refresh_token"] = refresh
            if kept.get("refresh_token"):
                saved["previous_refresh_token"] = kept["refresh_token"]
        self._vault.save(saved)
        return access


def _held(vault: Vault) -> AbstractContextManager[object]:
    return vault.hold() if isinstance(vault, Exclusive) else nullcontext()


def _margin(kept: Mapping[str, str]) -> timedelta:
    lasts = kept.get("lasts", "")
    return min(RENEW_BEFORE, timedelta(seconds=int(lasts) / 2)) if lasts.isdigit() else RENEW_BEFORE


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
