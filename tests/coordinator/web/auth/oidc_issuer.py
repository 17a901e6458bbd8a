"""A sandbox OpenID Connect issuer on loopback, for invalid responses. Valid ones are tested with a third-party
provider."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "lan-toa", "s3cret"


@dataclass
class SandboxIssuer:
    """The issuer. ``says``: the claims by code; ``key``: its signing key; ``published``: its configuration."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig"}))
    published: RSAKey | None = None
    says: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    calls_itself: str = ""
    forged: str = ""
    asked: list[str] = field(default_factory=list)

    def code(self, there: str, claims: dict[str, Any]) -> str:
        """Return the code for a person redirected to ``there`` who agreed; ``claims`` override the usual ones."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
        code = secrets.token_urlsafe(8)
        usual = {"iss": self.url, "aud": query["client_id"], "nonce": query["nonce"], "sub": "p-1"}
        self.says[code] = (usual | claims, query["code_challenge"])
        return code

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        """Answer with the configuration or the keys."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            places = {
                f"{name}_endpoint": f"{self.url}/{name}" for name in ("authorization", "token", "end_session")
            }  # fmt: skip
            return 200, {"issuer": self.calls_itself or self.url, "jwks_uri": f"{self.url}/keys", **places}
        if path == "/keys":
            return 200, KeySet([self.published or self.key]).as_dict(private=False)  # type: ignore[return-value]
        return 404, {}

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Exchange a code for tokens, once, for the owner of the verifier."""
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        claims, challenge = self.says.pop(form.get("code", ""), ({}, ""))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proved = base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
        if authorization != f"Basic {basic}" or not claims or not proved:
            return 400, {"error": "invalid_grant"}
        token = self.forged or jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}


def unsigned(claims: dict[str, Any]) -> str:
    """Return an unsigned token."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


@contextmanager
def sandbox_issuer() -> Iterator[SandboxIssuer]:
    """Run the issuer until the end of the block."""
    made = SandboxIssuer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Log nothing."""

        def do_GET(self) -> None:
            self._say(*made.answer(urlsplit(self.path).path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*made.exchange(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, what: dict[str, Any]) -> None:
            body = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
