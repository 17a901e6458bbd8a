"""The web server against connections that never send a whole request, and against bodies without end."""

import contextlib
import ctypes
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
import requests
from flask import request

from coordinator import wsgi_server
from coordinator.db import Database
from coordinator.web.kit.body_limits import LARGE_BODY
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
    assert (wsgi_server.HEADER_SECONDS, wsgi_server.BODY_SECONDS) == (20, 300)  # as promised to who runs it
    monkeypatch.setattr(wsgi_server, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(wsgi_server, "BODY_SECONDS", 0.5)
    halves = [socket.create_connection(_address(outside), timeout=60) for _ in BEGINNINGS]
    for half, beginning in zip(halves, BEGINNINGS, strict=True):
        half.sendall(beginning)
    for half in halves:
        assert half.recv(1000) == b""
        half.close()


def test_what_is_no_request_is_refused_and_the_next_one_answered(outside: RunningApplication) -> None:
    for nonsense in (b"\x16\x03\x01\x02\r\n\r\n", b"GET http://[/ HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nA b\r\n\r\n"):
        with socket.create_connection(_address(outside), timeout=20) as client:
            client.sendall(nonsense)
            assert b" 400 " in client.recv(1000).partition(b"\r\n")[0]
    assert requests.get(f"{outside.app_context.settings.base_url}/healthz", timeout=20).status_code == 200


def test_bodies_that_never_end_take_no_thread(outside: RunningApplication) -> None:
    base = outside.app_context.settings.base_url
    with contextlib.ExitStack() as held:
        for _ in range(150):
            half = held.enter_context(socket.create_connection(_address(outside), timeout=20))
            half.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\na")
        for path in ("/healthz", "/feeds/rss.xml", "/login"):
            assert requests.get(f"{base}{path}", timeout=20).status_code == 200


@contextlib.contextmanager
def _every_thread_taken(
    sqlite: Database, tmp_path: Path
) -> Iterator[tuple[str, ThreadPoolExecutor, Callable[[], None]]]:
    """The base address of an application whose threads are all taken, clients for more requests, and what lets the
    threads go. At the end the requests that took them are answered, and so is another."""
    let_go, taken = threading.Event(), threading.Semaphore(0)
    with serving(sqlite, tmp_path, own=True) as outside, ThreadPoolExecutor(9) as people:
        base = outside.app_context.settings.base_url

        @outside.app.before_request
        def _() -> None:
            if request.path == "/login":
                taken.release()
                let_go.wait(60)

        slow = [people.submit(requests.get, f"{base}/login", timeout=60) for _ in range(8)]
        try:
            for _ in range(8):
                assert taken.acquire(timeout=30)
            yield base, people, let_go.set
        finally:
            let_go.set()
        assert [done.result().status_code for done in slow] == [200] * 8
        assert requests.get(f"{base}/feeds/rss.xml", timeout=30).status_code == 200


def test_when_every_thread_is_taken_who_waits_too_long_is_asked_to_come_again_and_monitors_are_answered(
    sqlite: Database, tmp_path: Path
) -> None:
    with _every_thread_taken(sqlite, tmp_path) as (base, _, _):
        for _ in range(2):  # whoever comes again waits again
            refused = requests.get(f"{base}/feeds/rss.xml", timeout=30)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert "quá tải" in refused.text
        assert requests.get(f"{base}/healthz", timeout=30).text == "ok\n"
        assert "no clock" in requests.get(f"{base}/readyz", timeout=30).text
        assert requests.get(f"{base}/metrics", timeout=30).status_code == 200


def test_a_request_that_came_just_before_the_whole_process_stood_still_is_answered(
    sqlite: Database, tmp_path: Path
) -> None:
    with _every_thread_taken(sqlite, tmp_path) as (base, people, let_go):
        waits = people.submit(requests.get, f"{base}/feeds/rss.xml", timeout=60)
        time.sleep(0.3)  # until it waits for a thread
        ctypes.PyDLL(None).usleep(3_500_000)  # with the interpreter's lock: no thread runs meanwhile
        time.sleep(0.3)  # the loop looks, and every thread is still taken
        let_go()
        assert waits.result().status_code == 200


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


def test_large_bodies_are_answered_by_a_few_threads_of_their_own(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wsgi_server, "LONGEST_LARGE_WAIT", 1.0)
    let_go, taken, threads = threading.Event(), threading.Semaphore(0), set()
    body, shown = b"x" * (LARGE_BODY + 1), {"Cookie": "session=x"}
    with serving(sqlite, tmp_path, own=True) as outside:
        base = outside.app_context.settings.base_url

        def hold() -> None:
            if request.method == "POST":
                threads.add(threading.current_thread())
                taken.release()
                let_go.wait(60)

        outside.app.before_request_funcs[None].insert(0, hold)  # before a body is refused
        with ThreadPoolExecutor(12) as people:
            sent = [
                people.submit(requests.post, f"{base}/login", data=body, headers=shown, timeout=60) for _ in range(12)
            ]
            try:
                for _ in range(wsgi_server.LARGE_THREADS):
                    assert taken.acquire(timeout=30)
                assert requests.get(f"{base}/feeds/rss.xml", timeout=30).status_code == 200
                assert next(as_completed(sent, timeout=30)).result().status_code == 503
                time.sleep(1.5)  # until all of the others are refused too
            finally:
                let_go.set()
            refused = [done.result().status_code for done in sent].count(503)
        assert refused == 12 - wsgi_server.LARGE_THREADS
        assert len(threads) == wsgi_server.LARGE_THREADS
