"""OpenID Connect: what is asked of an issuer and how its answer is judged. Every request goes through the house's door.

The protocol is Authlib's: the address that one is sent to, the exchange of a code, the rules of an ID token. Signatures
are joserfc's, by algorithms that are named here, so that none and shared secrets are not among them.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from campaigns.people.identities import Proven
from coordinator.http import Answer, Door, DoorError

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY = 120  # seconds that the issuer's clock may be off
KEPT = 600.0  # seconds for which what an issuer publishes is not asked for again
PATIENCE = 10.0  # seconds for one answer
LARGEST = 256 * 1024  # bytes
FRESH = 300  # seconds since the password was typed there, where it has to be typed again


class SignOnError(Exception):
    """Why signing on did not come about. ``code``: down, refused or token."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Reply:
    """An answer in the shape that the protocol's library reads."""

    status_code: int
    text: str

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)

    def raise_for_status(self) -> None:
        """An answer that cannot be read is the issuer's trouble."""
        raise SignOnError("down", f"the issuer answered {self.status_code}")


@dataclass(frozen=True)
class Through:
    """What the protocol's library takes for a session: the door."""

    door: Door

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Reply:
        """Exchange a code."""
        _url, fields, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        answer = _asked(lambda: self.door.post(url, body=body.encode(), headers=fields, deadline=PATIENCE, cap=LARGEST))
        return Reply(answer.status, answer.text())


@dataclass
class Issuer:
    """One issuer and ourselves as it knows us."""

    door: Door
    url: str
    client_id: str
    secret: str
    back: str
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict)

    def begin(self, *, state: str, nonce: str, verifier: str, again: bool) -> str:
        """The address at the issuer that somebody is sent to. ``again``: who is signed in there types it once more."""
        more = {"prompt": "login", "max_age": "0"} if again else {}
        url, _state = self._client().create_authorization_url(
            self._said("authorization_endpoint"), state=state, code_verifier=verifier, nonce=nonce, **more
        )
        return str(url)

    def finish(self, code: str, *, nonce: str, verifier: str, again: bool, now: datetime) -> Proven:
        """Who it is, by the code that the issuer sent them back with. Raises ``SignOnError``."""
        try:
            tokens = self._client().fetch_token(
                self._said("token_endpoint"), grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except OAuth2Error as error:
            raise SignOnError("refused", f"the issuer refused the code: {error.error}") from error
        except ValueError as error:
            raise SignOnError("down", "the issuer's answer cannot be read") from error
        claims = self._judge(str(tokens.get("id_token") or ""), nonce, again, int(now.timestamp()))
        return Proven(
            issuer=self.url,
            subject=str(claims["sub"])[:255],
            email=str(claims.get("email") or "").strip().lower(),
            verified=claims.get("email_verified") is True,
            name=str(claims.get("name") or ""),
            claims=dict(claims),
        )

    def leave(self, back: str) -> str | None:
        """The address that ends the session there as well; None where the issuer has none."""
        url = self._published().get("end_session_endpoint")
        return f"{url}?{urlencode({'client_id': self.client_id, 'post_logout_redirect_uri': back})}" if url else None

    def check(self) -> None:
        """Raise ``SignOnError`` unless the issuer answers, and with keys."""
        self._keys()

    def _judge(self, text: str, nonce: str, again: bool, now: int) -> CodeIDToken:
        options: dict[str, Any] = {
            "iss": {"essential": True, "value": self.url},
            "aud": {"essential": True, "value": self.client_id},
        }
        params: dict[str, Any] = {"nonce": nonce, "client_id": self.client_id, "max_age": FRESH if again else None}
        try:
            read = self._decode(text)
            token = CodeIDToken(read.claims, read.header, options, params)
            token.validate(now, LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignOnError("token", f"the ID token does not hold: {error}") from error
        if not token.get("sub"):
            raise SignOnError("token", "the ID token names nobody")
        if again and now - token["auth_time"] > FRESH + LEEWAY:
            raise SignOnError("token", "the password was not typed again")
        return token

    def _decode(self, text: str) -> jwt.Token:
        try:
            return jwt.decode(text, self._keys(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The issuer may have new keys; they are asked for once more, and then the token stands or falls.
            self._kept.pop("keys", None)
            return jwt.decode(text, self._keys(), algorithms=ALGORITHMS)

    def _keys(self) -> KeySet:
        return KeySet.import_key_set(self._fetched("keys", self._said("jwks_uri")))

    def _published(self) -> dict[str, Any]:
        found: dict[str, Any] = self._fetched(
            "configuration", f"{self.url.rstrip('/')}/.well-known/openid-configuration"
        )
        if found.get("issuer") != self.url:
            raise SignOnError("down", f"the issuer calls itself {found.get('issuer')!r}")
        return found

    def _said(self, name: str) -> str:
        value = self._published().get(name)
        if not isinstance(value, str):
            raise SignOnError("down", f"the issuer publishes no {name}")
        return value

    def _fetched(self, name: str, url: str) -> Any:
        at, found = self._kept.get(name, (0.0, None))
        if found is None or time.monotonic() - at > KEPT:
            answer = _asked(lambda: self.door.get(url, deadline=PATIENCE, cap=LARGEST, max_redirects=0))
            try:
                found = json.loads(answer.text()) if answer.ok else None
            except ValueError:
                found = None
            if not isinstance(found, dict):
                raise SignOnError("down", f"{name} of the issuer cannot be read: status {answer.status}")
            self._kept[name] = (time.monotonic(), found)
        return found

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            Through(self.door), self.client_id, self.secret or None, scope="openid email profile",
            redirect_uri=self.back, code_challenge_method="S256",
        )  # fmt: skip


def _asked(ask: Any) -> Answer:
    try:
        answer: Answer = ask()
    except DoorError as error:
        raise SignOnError("down", str(error)) from error
    return answer
