"""Access to a Zalo Official Account: OAuth v4 with PKCE, and refresh tokens that can be used once.

The steps: ``new_code_verifier`` is stored in the administrator's session; the browser goes to ``permission_url``; the
callback passes ``code`` and ``oa_id`` to ``ZaloAccess.accept``. From then on ``ZaloAccess.token`` renews the access.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from campaigns.channels.transport import ChannelNeed, ExclusiveSecrets, Secrets, TransportError
from coordinator.channels.http_calls import (
    CurrentTime,
    HttpRequester,
    json_object,
    redact,
    send_request,
    shorten,
    status_error,
)
from coordinator.channels.zalo.errors import TOO_FAST, TOO_FAST_WAIT
from coordinator.channels.zalo.settings import ZaloSettings

# Renewal this long before the end leaves hours to notice a failure. A short-lived token is renewed half-way.
# One delivery may need a renewal, three pages of the list and two tries of the call itself; together they must stay
# below the lease of a delivery.
ZALO_DEADLINE = 10.0  # seconds
RENEW_BEFORE = timedelta(hours=6)
ERROR_FIELDS = ("error_name", "error_reason", "error_description")
TOKEN_SECRETS = ("app_secret", "access_token", "refresh_token", "previous_refresh_token", "webhook_secret")


def new_code_verifier() -> str:
    """Return a new PKCE verifier: 32 random bytes as 43 characters of unpadded base64url."""
    return _base64url(secrets.token_bytes(32))


def code_challenge(verifier: str) -> str:
    """Return the PKCE challenge: SHA-256 of the verifier, unpadded base64url (RFC 7636, S256)."""
    return _base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def permission_url(settings: ZaloSettings, *, redirect_uri: str, verifier: str, state: str) -> str:
    """Return the address where an administrator grants access. The callback must check that ``state`` is unchanged."""
    query = {
        "app_id": settings.app_id,
        "redirect_uri": redirect_uri,
        "code_challenge": code_challenge(verifier),
        "state": state,
    }
    return f"{settings.oauth_base}/v4/oa/permission?{urlencode(query)}"


@dataclass(frozen=True)
class AccessStatus:
    """The state of the access, for pages and the doctor: the expiry of the token; None where there is no token."""

    expires_at: datetime | None
    renewed_at: datetime | None


class ZaloAccess:
    """The access token of one account, renewed when it is due. New tokens are saved before they are used."""

    def __init__(self, settings: ZaloSettings, vault: Secrets, http_client: HttpRequester, now: CurrentTime) -> None:
        self._settings = settings
        self._vault = vault
        self._http_client = http_client
        self._now = now
        self.warning = ""  # why a due renewal failed while the present token still works

    def standing(self) -> AccessStatus:
        """Return when the present token expires and when it was issued."""
        kept = self._vault.load()
        return AccessStatus(_timestamp(kept.get("expires_at")), _timestamp(kept.get("renewed_at")))

    def accept(self, *, code: str, verifier: str, oa_id: str) -> None:
        """Exchange the code of the callback. Raises ``TransportError``, also when another account granted access."""
        if oa_id != self._settings.oa_id:
            message = f"access was granted for account {shorten(oa_id)!r}, but this channel is {self._settings.oa_id}"
            raise TransportError(message, permanent=True, needs=ChannelNeed.AUTHORISATION)
        form = {
            "code": code,
            "app_id": self._settings.app_id,
            "grant_type": "authorization_code",
            "code_verifier": verifier,
        }
        with _locked(self._vault):
            kept = self._vault.load()
            self._exchange(form, kept, hide=(code, verifier))

    def token(self) -> str:
        """Return a valid access token, renewed first when it is due. Raises ``TransportError``."""
        kept = self._vault.load()
        token, expires_at = kept.get("access_token"), _timestamp(kept.get("expires_at"))
        if token is None or expires_at is None:
            return self.renew(token)
        now = self._now()
        if now < expires_at - _renewal_margin(kept):
            return token
        try:
            return self.renew(token)
        except TransportError as error:
            if now >= expires_at:
                raise
            # The old token works for some hours: the bulletin is sent, and the receipt has the warning.
            self.warning = f"access could not be renewed ({error}); it ends at {expires_at.isoformat()}"
            return token

    def renew(self, used: str | None) -> str:
        """Exchange the refresh token for a new pair, unless another worker has replaced ``used`` meanwhile.

        Raises ``TransportError``, with ``ChannelNeed.AUTHORISATION`` when an administrator must grant access again.
        """
        with _locked(self._vault):
            kept = self._vault.load()
            if (theirs := kept.get("access_token")) is not None and theirs != used:
                return theirs
            refresh = kept.get("refresh_token")
            if not refresh:
                raise TransportError("access has not been granted yet", needs=ChannelNeed.AUTHORISATION)
            form = {"refresh_token": refresh, "app_id": self._settings.app_id, "grant_type": "refresh_token"}
            try:
                return self._exchange(form, kept)
            except TransportError as error:
                # Another machine's worker may have used this refresh token just before; then its new pair is stored,
                # and the refusal has no meaning.
                fresh = self._vault.load()
                theirs = fresh.get("access_token")
                if error.needs is ChannelNeed.AUTHORISATION and theirs and fresh.get("refresh_token") != refresh:
                    return theirs
                raise

    def _exchange(self, form: Mapping[str, str], kept: Mapping[str, str], hide: tuple[str, ...] = ()) -> str:
        app_secret = kept.get("app_secret")
        if not app_secret:
            raise TransportError("the channel has no application secret", permanent=True)
        hidden = [kept[name] for name in TOKEN_SECRETS if kept.get(name)] + list(hide)
        answer = send_request(
            self._http_client,
            "POST",
            f"{self._settings.oauth_base}/v4/oa/access_token",
            body=urlencode(form).encode(),
            headers={"secret_key": app_secret, "Content-Type": "application/x-www-form-urlencoded"},
            # A lost answer may have used up the refresh token, but nothing was published: the next try shows it.
            repeatable=True,
            deadline=ZALO_DEADLINE,
        )
        if not 200 <= answer.status < 300:
            raise status_error(answer, repeatable=True)
        values = json_object(answer.body)
        if values is None:
            raise TransportError("the answer to an exchange of tokens was not JSON", status=answer.status)
        access, refresh, lasts = values.get("access_token"), values.get("refresh_token"), values.get("expires_in")
        if not access or not isinstance(access, str):
            words = " ".join(str(values[name]) for name in ERROR_FIELDS if name in values)
            if str(values.get("error")) == str(TOO_FAST):
                raise TransportError("Zalo asks for patience while renewing access", retry_after=TOO_FAST_WAIT)
            message = f"Zalo refused to renew access (error {values.get('error')}): {redact(shorten(words), hidden)}"
            raise TransportError(message, needs=ChannelNeed.AUTHORISATION)
        now = self._now()
        seconds = int(str(lasts)) if str(lasts).isdigit() else 3600  # the shortest documented lifetime
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


def _locked(vault: Secrets) -> AbstractContextManager[object]:
    return vault.hold() if isinstance(vault, ExclusiveSecrets) else nullcontext()


def _renewal_margin(kept: Mapping[str, str]) -> timedelta:
    lasts = kept.get("lasts", "")
    return min(RENEW_BEFORE, timedelta(seconds=int(lasts) / 2)) if lasts.isdigit() else RENEW_BEFORE


def _timestamp(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
