"""One request to a host at a time, and a pause between pages."""

import threading
import time

import pytest

from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.pacing import HostPacing
from tests.coordinator.hostile_server import Call, HostileServer


def paced(server: HostileServer, pace: float) -> HttpClient:
    return HttpClient(user_agent="LanToa/1.0", allow_hosts=frozenset({"127.0.0.1", "localhost"}), pace=pace)


def test_two_pages_of_one_host_are_asked_for_with_a_pause_between(server: HostileServer) -> None:
    http_client = paced(server, 0.4)
    began = time.monotonic()
    http_client.get(server.url("/"))
    http_client.get(server.url("/"))
    assert time.monotonic() - began >= 0.4


def test_a_redirect_within_the_host_and_a_post_need_no_pause(server: HostileServer) -> None:
    http_client = paced(server, 60)
    http_client.get(server.redirect("/first", "/"), deadline=10)
    assert http_client.post(server.url("/"), body=b"", headers={}).status == 200


def test_a_pause_that_would_end_too_late_is_reported_at_once(server: HostileServer) -> None:
    http_client = paced(server, 60)
    http_client.get(server.url("/"))
    began = time.monotonic()
    with pytest.raises(RequestError) as exception_info:
        http_client.get(server.url("/"), deadline=20)
    assert time.monotonic() - began < 5
    assert exception_info.value.kind is RequestErrorKind.BUSY
    assert exception_info.value.sent is False
    assert exception_info.value.retry_after == pytest.approx(60, abs=5)
    assert len(server.calls) == 1


def test_another_host_is_not_kept_waiting(server: HostileServer) -> None:
    http_client = paced(server, 60)
    http_client.get(server.url("/"))
    assert http_client.get(f"http://localhost:{server.port}/").status == 200


def test_a_host_never_has_two_requests_at_once(server: HostileServer) -> None:
    inside, most = [0], [0]
    lock = threading.Lock()

    def slow(call: Call) -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        time.sleep(0.05)
        with lock:
            inside[0] -= 1
        call.answer(b"done")

    server.ways["/slow"] = slow
    http_client = paced(server, 0)
    threads = [threading.Thread(target=http_client.get, args=(server.url("/slow"),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1
    assert len(server.calls) == 6


def test_a_host_that_hangs_makes_the_next_request_give_up_unsent(server: HostileServer) -> None:
    http_client = paced(server, 0)

    def hang() -> None:
        with pytest.raises(RequestError):
            http_client.get(server.url("/silence"), deadline=3)

    hanging = threading.Thread(target=hang)
    hanging.start()
    while not server.calls:
        time.sleep(0.01)
    with pytest.raises(RequestError) as exception_info:
        http_client.post(server.url("/"), body=b"x", headers={}, deadline=0.5)
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.BUSY, False)
    hanging.join()


def test_a_failed_request_gives_its_turn_back() -> None:
    pacing = HostPacing(0)
    with pytest.raises(ZeroDivisionError), pacing.turn("a.test:80", until=time.monotonic() + 1, paced=True):
        raise ZeroDivisionError
    with pacing.turn("a.test:80", until=time.monotonic() + 1, paced=True):
        pass


def test_a_million_hosts_do_not_fill_the_memory() -> None:
    pacing = HostPacing(0)
    for number in range(10_000):
        with pacing.turn(f"h{number}.test:80", until=time.monotonic() + 1, paced=True):
            pass
    assert len(pacing._gates) < 5000
