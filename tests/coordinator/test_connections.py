"""The web server against connections that never send a whole request, and against bodies without end."""

import contextlib
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from coordinator import wsgi_server
from coordinator.db import Database
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication

BEGINNINGS = (
    b"",
    b"GET / HT",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ",
    b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\na",
    b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
)


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))  # both ends are of this process
    with serving(sqlite, tmp_path) as made:
        yield made
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2000)), hard))


def _address(outside: RunningApplication) -> tuple[str, int]:
    host, _, port = outside.app_context.settings.base_url.removeprefix("http://").partition(":")
    return host, int(port)


@pytest.mark.long
@pytest.mark.parametrize("count", [500, 1500])
def test_half_open_connections_leave_the_web_answering(outside: RunningApplication, count: int) -> None:
    with contextlib.ExitStack() as held:
        for number in range(count):
            half = held.enter_context(socket.create_connection(_address(outside), timeout=20))
            half.sendall(BEGINNINGS[number % len(BEGINNINGS)])
            if number % 100 == 99:
                assert requests.get(f"{outside.app_context.settings.base_url}/healthz", timeout=20).status_code == 200
        for _ in range(5):
            assert requests.get(f"{outside.app_context.settings.base_url}/healthz", timeout=20).status_code == 200


@pytest.mark.long
def test_a_request_that_never_ends_is_closed_after_a_time(
    outside: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wsgi_server, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(wsgi_server, "BODY_SECONDS", 0.5)
    halves = [socket.create_connection(_address(outside), timeout=60) for _ in BEGINNINGS]
    for half, beginning in zip(halves, BEGINNINGS, strict=True):
        half.sendall(beginning)
    for half in halves:
        assert half.recv(1000) == b""
        half.close()


@pytest.mark.parametrize("head", ["Content-Length: 5000000", "Transfer-Encoding: chunked"])
def test_a_long_body_of_somebody_who_shows_nothing_is_refused_before_it_is_read(
    outside: RunningApplication, head: str
) -> None:
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n" if "chunked" in head else b"x" * 65536
    with socket.create_connection(_address(outside), timeout=20) as client:
        client.sendall(f"POST /login HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n".encode())
        sent = 0
        with contextlib.suppress(OSError):  # the server closes what it does not read
            while sent < 5_000_000:
                client.sendall(piece)
                sent += len(piece)
        with contextlib.suppress(OSError):
            answer = client.recv(1000)
            assert answer == b"" or b" 413 " in answer.partition(b"\r\n")[0]
    assert sent < 5_000_000
    assert requests.get(f"{outside.app_context.settings.base_url}/healthz", timeout=20).status_code == 200
