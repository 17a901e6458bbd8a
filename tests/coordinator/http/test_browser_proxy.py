"""The proxy of our browser: the address check of the HTTP client, limits, and nobody else's requests."""

import base64
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from coordinator.http.browser_proxy import BrowserProxy, VisitLimits
from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError, RequestErrorKind
from tests.coordinator.hostile_server import HostileServer


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as made:
        made.text("/robots.txt", "", "404 Not Found")
        yield made


def client(server: HostileServer, names: dict[str, str] | None = None) -> HttpClient:
    def resolve(host: str, port: int) -> Sequence[str]:
        return [(names or {}).get(host, "127.0.0.1")]

    return HttpClient(
        user_agent="LanToa/1", allow_hosts=frozenset({f"127.0.0.1:{server.port}"}), resolver=resolve, pace=0.0
    )


@contextmanager
def visiting(server: HostileServer, limits: VisitLimits | None = None, seconds: float = 10.0) -> Iterator[BrowserProxy]:
    with client(server, {"hop.example": "127.0.0.1"}).visit(
        server.url("/"), deadline=seconds, limits=limits or VisitLimits()
    ) as proxy:
        yield proxy


def said(proxy: BrowserProxy, request: str, password: str | None = None) -> bytes:
    """What the proxy answers to a request, whole."""
    mark = base64.b64encode(f"{proxy.user}:{password or proxy.password}".encode()).decode()
    host, port = proxy.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as talk:
        talk.sendall(request.replace("\r\n", f"\r\nProxy-Authorization: Basic {mark}\r\n", 1).encode())
        answer = b""
        try:
            while piece := talk.recv(65_536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


def test_a_page_is_relayed_with_the_path_and_without_the_proxys_own_fields(server: HostileServer) -> None:
    server.text("/bai", "xin chào")
    with visiting(server) as proxy:
        answer = said(
            proxy, f"GET {server.url('/bai?a=1')} HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n"
        )
    assert answer.endswith("xin chào".encode())
    call = server.calls[-1]
    assert (call.path, call.headers["connection"]) == ("/bai?a=1", "close")
    assert call.headers["host"] == f"127.0.0.1:{server.port}"
    assert not any(name.startswith("proxy-") for name in call.headers)


def test_a_tunnel_is_relayed_both_ways(server: HostileServer) -> None:
    server.text("/bai", "trong ống")
    with visiting(server) as proxy:
        host, port = proxy.address.removeprefix("http://").split(":")
        mark = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        with socket.create_connection((host, int(port)), 5) as talk:
            talk.sendall(
                f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\nProxy-Authorization: Basic {mark}\r\n\r\n".encode()
            )
            assert talk.recv(100).startswith(b"HTTP/1.1 200")
            talk.sendall(b"GET /bai HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := talk.recv(65_536):
                answer += piece
    assert answer.endswith("trong ống".encode())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:1", "[::1]:443", "10.0.0.1:443", "169.254.169.254:80", "localhost:443", "0x7f.1:443",
        "2130706433:80", "hop.example:443", "user@hop.example:443", "192.168.1.1:8080", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("tunnel", [True, False])
def test_addresses_that_are_never_called_are_refused_in_both_forms(
    server: HostileServer, address: str, tunnel: bool
) -> None:
    first = f"CONNECT {address}" if tunnel else f"GET http://{address}/"
    with visiting(server) as proxy:
        before = len(server.calls)
        assert b" 403 " in said(proxy, f"{first} HTTP/1.1\r\nHost: x\r\n\r\n")[:20]
        assert len(proxy.refused) == 1
    assert len(server.calls) == before


def test_who_does_not_know_the_password_is_not_served(server: HostileServer) -> None:
    with visiting(server) as proxy:
        before = len(server.calls)
        assert b" 407 " in said(proxy, f"GET {server.url('/')} HTTP/1.1\r\n\r\n", "wrong")[:20]
    assert len(server.calls) == before


def test_beyond_the_limits_of_a_visit_nothing_is_relayed(server: HostileServer) -> None:
    server.text("/bai", "x" * 1000)
    request = f"GET {server.url('/bai')} HTTP/1.1\r\n\r\n"
    with visiting(server, VisitLimits(connections=3)) as proxy:
        answers = [said(proxy, request)[:20] for _ in range(5)]
    assert [b" 200 " in answer for answer in answers] == [True, True, True, False, False]
    with visiting(server, VisitLimits(received=5000)) as proxy:
        for _ in range(20):
            said(proxy, request)
        assert proxy.received < 12_000


def test_a_slow_answer_ends_with_the_visit(server: HostileServer) -> None:
    server.ways["/slow"] = lambda call: call.drip(b"HTTP/1.1 200 OK\r\n\r\n")
    began = time.monotonic()
    with visiting(server, seconds=2.0) as proxy:
        said(proxy, f"GET {server.url('/slow')} HTTP/1.1\r\n\r\n")
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("request_", ["\r\n\r\n", "GET\r\n\r\n", "x" * 100_000, "GET ftp://a/ HTTP/1.1\r\n\r\n"])
def test_what_is_no_request_ends_the_connection_alone(server: HostileServer, request_: str) -> None:
    server.text("/bai", "fine")
    with visiting(server) as proxy:
        said(proxy, request_)
        assert b"fine" in said(proxy, f"GET {server.url('/bai')} HTTP/1.1\r\n\r\n")


def test_nothing_is_served_after_the_visit(server: HostileServer) -> None:
    with visiting(server) as proxy:
        address = proxy.address
    host, port = address.removeprefix("http://").split(":")
    with pytest.raises(OSError):
        socket.create_connection((host, int(port)), 1)
    assert not [thread for thread in threading.enumerate() if thread.name == "browser-proxy"]


def test_a_visit_obeys_robots_txt_and_the_address_check(server: HostileServer) -> None:
    server.text("/robots.txt", "User-agent: *\nDisallow: /kin/\n")
    with pytest.raises(RequestError) as caught, client(server).visit(server.url("/kin/1"), deadline=5):
        pass
    assert caught.value.kind is RequestErrorKind.ROBOTS
    with pytest.raises(RequestError) as caught, client(server).visit("http://hop.example/", deadline=5):
        pass
    assert caught.value.kind is RequestErrorKind.REFUSED_ADDRESS
