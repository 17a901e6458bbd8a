"""snac, a small server of the Fediverse with the Mastodon API, on a free port of loopback."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.conftest import need
from tests.coordinator.installation import free_port, until

USER, READER = "sotttt", "bandoc"
NOWHERE = "urn:ietf:wg:oauth:2.0:oob"


@dataclass(frozen=True)
class Snac:
    """A server with an account of the department's and one of a reader who follows it, and their access tokens."""

    url: str
    token: str
    reader: str

    def asks(self, method: str, path: str, token: str = "", **given: Any) -> Any:
        """One call of the interface, as a program of the reader's would make it."""
        headers = {"Authorization": f"Bearer {token or self.reader}"}
        answer = requests.request(method, f"{self.url}{path}", headers=headers, timeout=30, **given)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.json()

    def posts(self) -> list[dict[str, Any]]:
        """What the department's account shows."""
        me = self.asks("GET", "/api/v1/accounts/verify_credentials", self.token)
        found: list[dict[str, Any]] = self.asks("GET", f"/api/v1/accounts/{me['id']}/statuses", self.token)
        return found


@contextmanager
def running() -> Iterator[Snac]:
    """A new server with two accounts, gone with everything of it at the end of the block."""
    if shutil.which("snac") is None:
        need("snac", "install the package snac2")
    port = free_port()
    # It refuses to run as root, and nobody else may be here.
    whom: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="lantoa-snac-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        if whom:
            shutil.chown(folder, **{name: whom[name] for name in ("user", "group")})
            folder.chmod(0o755)
        data = folder / "data"

        def run(*arguments: str, text: str = "") -> str:
            done = subprocess.run(
                ["snac", *arguments], input=text, capture_output=True, text=True, check=True, timeout=60, **whom
            )
            return done.stdout + done.stderr

        run("init", str(data), text=f"127.0.0.1\n{port}\n127.0.0.1:{port}\n\n\n")
        settings = data / "server.json"
        settings.write_text(settings.read_text().replace('"protocol": "https"', '"protocol": "http"'))
        passwords = {
            name: str(_found(r"password is (\S+)", run("adduser", str(data), name, text=f"{name}\n")))
            for name in (USER, READER)
        }
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                ["snac", "httpd", str(data)], stdout=log, stderr=log, start_new_session=True, **whom
            )
            try:
                url = f"http://127.0.0.1:{port}"
                until("snac answers", lambda: _answers(url))
                yield Snac(url, *(_token(url, name, passwords[name]) for name in (USER, READER)))
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                try:
                    server.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    os.killpg(server.pid, signal.SIGKILL)
                    server.wait()


def _token(url: str, name: str, password: str) -> str:
    """An access token, by the steps that an administrator takes in a browser."""

    def post(path: str, fields: Mapping[str, str]) -> requests.Response:
        answer = requests.post(f"{url}{path}", data=dict(fields), timeout=30)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer

    app = post("/api/v1/apps", {"client_name": "tests", "redirect_uris": NOWHERE, "scopes": "read write"}).json()
    entered = {"login": name, "passwd": password, "redir": NOWHERE, "cid": app["client_id"], "state": ""}
    code = post("/oauth/x-snac-login", entered).text.strip()
    grant = {
        "grant_type": "authorization_code", "code": code, "client_id": app["client_id"],
        "client_secret": app["client_secret"], "redirect_uri": NOWHERE,
    }  # fmt: skip
    return str(post("/oauth/token", grant).json()["access_token"])


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match[1]


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/v1/instance", timeout=10).status_code == 200
    except requests.RequestException:
        return False
