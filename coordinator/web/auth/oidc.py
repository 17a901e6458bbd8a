"""The OpenID Connect client: requests to the issuer and the validation of its responses. Every request uses the shared
HTTP client. Authlib implements the protocol: the authorization address, the exchange of a code and the rules for an ID
token. joserfc verifies signatures; the algorithms are listed here, so that ``none`` and shared secrets are excluded."""

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

from campaigns.people.external_identities import VerifiedClaims
from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError
from coordinator.http.responses import HttpResponse

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLOCK_LEEWAY_SECONDS = 120  # seconds of tolerance for the issuer's clock
CACHE_SECONDS = 600.0  # seconds for which the issuer's configuration and keys are cached
TIMEOUT_SECONDS = 10.0  # seconds for one answer
MAX_RESPONSE_BYTES = 256 * 1024  # bytes
REAUTHENTICATION_SECONDS = 300  # maximum age in seconds of a sign-in that has to be repeated


class SignOnError(Exception):
    """Single sign-on failed. ``code``: ``down``, ``refused`` or ``token``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class TokenReply:
    """A response with the attributes that Authlib reads."""

    status_code: int
    text: str

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.text)

    def raise_for_status(self) -> None:
        """Raise ``SignOnError`` for a server error."""
        raise SignOnError("down", f"the issuer answered {self.status_code}")


@dataclass(frozen=True)
class TokenClient:
    """The session object that Authlib expects, over the shared HTTP client."""

    http_client: HttpClient

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> TokenReply:
        """Exchange a code for tokens."""
        _url, fields, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        answer = _answer_of(
            lambda: self.http_client.post(
                url, body=body.encode(), headers=fields, deadline=TIMEOUT_SECONDS, cap=MAX_RESPONSE_BYTES
            )
        )
        return TokenReply(answer.status, answer.text())


@dataclass
class OidcIssuer:
    """One issuer, with our registration as its client."""

    http_client: HttpClient
    url: str
    client_id: str
    secret: str
    back: str
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict)

    def begin(self, *, state: str, nonce: str, verifier: str, again: bool) -> str:
        """Return the issuer's authorization address. ``again``: the issuer must ask for the password even if the person
        has a session."""
        more = {"prompt": "login", "max_age": "0"} if again else {}
        url, _state = self._client().create_authorization_url(
            self._endpoint("authorization_endpoint"), state=state, code_verifier=verifier, nonce=nonce, **more
        )
        return str(url)

    def finish(self, code: str, *, nonce: str, verifier: str, again: bool, now: datetime) -> VerifiedClaims:
        """Exchange the code that the issuer sent and return the person's identity. Raises ``SignOnError``."""
        try:
            tokens = self._client().fetch_token(
                self._endpoint("token_endpoint"), grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except OAuth2Error as error:
            raise SignOnError("refused", f"the issuer refused the code: {error.error}") from error
        except ValueError as error:
            raise SignOnError("down", "the issuer's answer cannot be read") from error
        claims = self._judge(str(tokens.get("id_token") or ""), nonce, again, int(now.timestamp()))
        return VerifiedClaims(
            issuer=self.url,
            subject=str(claims["sub"])[:255],
            email=str(claims.get("email") or "").strip().lower(),
            verified=claims.get("email_verified") is True,
            name=str(claims.get("name") or ""),
            claims=dict(claims),
        )

    def leave(self, back: str) -> str | None:
        """Return the address that ends the issuer's session; None if the issuer has none."""
        url = self._published().get("end_session_endpoint")
        return f"{url}?{urlencode({'client_id': self.client_id, 'post_logout_redirect_uri': back})}" if url else None

    def check(self) -> None:
        """Raise ``SignOnError`` unless the issuer answers and publishes keys."""
        self._keys()

    def _judge(self, text: str, nonce: str, again: bool, now: int) -> CodeIDToken:
        options: dict[str, Any] = {
            "iss": {"essential": True, "value": self.url},
            "aud": {"essential": True, "value": self.client_id},
        }
        params: dict[str, Any] = {
            "nonce": nonce,
            "client_id": self.client_id,
            "max_age": REAUTHENTICATION_SECONDS if again else None,
        }
        try:
            read = self._decode(text)
            token = CodeIDToken(read.claims, read.header, options, params)
            token.validate(now, CLOCK_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignOnError("token", f"the ID token does not hold: {error}") from error
        if not token.get("sub"):
            raise SignOnError("token", "the ID token names nobody")
        if again and now - token["auth_time"] > REAUTHENTICATION_SECONDS + CLOCK_LEEWAY_SECONDS:
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
        return KeySet.import_key_set(self._fetched("keys", self._endpoint("jwks_uri")))

    def _published(self) -> dict[str, Any]:
        found: dict[str, Any] = self._fetched(
            "configuration", f"{self.url.rstrip('/')}/.well-known/openid-configuration"
        )
        if found.get("issuer") != self.url:
            raise SignOnError("down", f"the issuer calls itself {found.get('issuer')!r}")
        return found

    def _endpoint(self, name: str) -> str:
        value = self._published().get(name)
        if not isinstance(value, str):
            raise SignOnError("down", f"the issuer publishes no {name}")
        return value

    def _fetched(self, name: str, url: str) -> Any:
        at, found = self._kept.get(name, (0.0, None))
        if found is None or time.monotonic() - at > CACHE_SECONDS:
            answer = _answer_of(
                lambda: self.http_client.get(url, deadline=TIMEOUT_SECONDS, cap=MAX_RESPONSE_BYTES, max_redirects=0)
            )
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
            TokenClient(self.http_client), self.client_id, self.secret or None, scope="openid email profile",
            redirect_uri=self.back, code_challenge_method="S256",
        )  # fmt: skip


def _answer_of(ask: Any) -> HttpResponse:
    try:
        answer: HttpResponse = ask()
    except RequestError as error:
        raise SignOnError("down", str(error)) from error
    return answer
