"""What a hostile server does to the door: every call ends in time, in words, with bounded memory."""

import resource
import socket
import time

import pytest

from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError, RequestErrorKind
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.malformed_answers import BROKEN, make_ready

pytestmark = pytest.mark.long

DEADLINE = 1.0  # seconds
GRACE = 2.0  # seconds; a bound on sanity, not a measurement


def refused(http_client: HttpClient, url: str, *, cap: int = 1_000_000, deadline: float = DEADLINE) -> RequestError:
    """The error that getting ``url`` ends in, raised before the deadline and some grace are over."""
    began = time.monotonic()
    with pytest.raises(RequestError) as exception_info:
        http_client.get(url, cap=cap, deadline=deadline)
    assert time.monotonic() - began < deadline + GRACE
    return exception_info.value


@pytest.mark.parametrize("path", ["/drip-body", "/drip-headers", "/silence"])
def test_a_server_that_drips_or_says_nothing_holds_nobody_beyond_the_deadline(
    server: HostileServer, http_client: HttpClient, path: str
) -> None:
    error = refused(http_client, server.url(path))
    assert error.kind is RequestErrorKind.TIMEOUT
    assert error.sent


@pytest.mark.parametrize("path", ["/endless", "/fifty", "/bomb", "/endless-header", "/many-headers", "/continue"])
def test_a_server_that_floods_is_left(server: HostileServer, http_client: HttpClient, path: str) -> None:
    error = refused(http_client, server.url(path), deadline=20)
    assert error.kind in {RequestErrorKind.TOO_LARGE, RequestErrorKind.PROTOCOL}  # one endless line is no valid header
    assert error.sent


def test_a_chunk_size_that_never_ends_is_left(server: HostileServer, http_client: HttpClient) -> None:
    error = refused(http_client, server.url("/chunk-line"), cap=10_000, deadline=20)
    assert error.kind in {RequestErrorKind.TOO_LARGE, RequestErrorKind.PROTOCOL}


def test_a_compression_bomb_does_not_fill_the_memory(server: HostileServer, http_client: HttpClient) -> None:
    url = server.url("/bomb")
    refused(http_client, url, deadline=20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(http_client, url, cap=2_000_000, deadline=20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB; unpacked it is 300 MB


@pytest.mark.parametrize("path", ["/half", "/half-chunk", "/hang-up", "/reset", "/nonsense", "/bad-gzip"])
def test_half_an_answer_or_a_wrong_one_is_no_answer(server: HostileServer, http_client: HttpClient, path: str) -> None:
    error = refused(http_client, server.url(path))
    assert error.kind is RequestErrorKind.PROTOCOL
    assert error.sent


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/half", "cut short"),
        ("/half-chunk", "cut short"),
        ("/hang-up", "without an answer"),
        ("/reset", "broke the connection"),
        ("/nonsense", "not valid HTTP"),
        ("/bad-gzip", "cannot be decompressed"),
    ],
)
def test_the_error_says_what_happened_in_words(
    server: HostileServer, http_client: HttpClient, path: str, words: str
) -> None:
    assert words in str(refused(http_client, server.url(path)))


@pytest.mark.parametrize("name", [name for name in BROKEN if not name.startswith(("status-", "switching"))])
def test_every_other_way_of_breaking_http_ends_in_words(
    server: HostileServer, http_client: HttpClient, name: str
) -> None:
    make_ready()
    server.ways["/broken"] = BROKEN[name]
    error = refused(http_client, server.url("/broken"), deadline=DEADLINE if name == "slow-headers" else 20)
    assert error.kind in {RequestErrorKind.PROTOCOL, RequestErrorKind.TOO_LARGE, RequestErrorKind.TIMEOUT}


def test_an_encoding_that_cannot_be_undone_is_reported_to_be_one(
    server: HostileServer, http_client: HttpClient
) -> None:
    server.ways["/packed"] = BROKEN["invented-encoding"]
    assert "not asked for" in str(refused(http_client, server.url("/packed")))


def test_an_answer_that_sends_a_post_elsewhere_is_read_within_its_cap(
    server: HostileServer, http_client: HttpClient
) -> None:
    make_ready()
    server.ways["/packed"] = BROKEN["bomb-on-the-way"]
    with pytest.raises(RequestError) as exception_info:
        http_client.post(server.url("/packed"), body=b"{}", headers={}, deadline=20)
    assert exception_info.value.kind is RequestErrorKind.TOO_LARGE


def test_redirects_in_a_circle_end(server: HostileServer, http_client: HttpClient) -> None:
    assert refused(http_client, server.url("/loop")).kind is RequestErrorKind.TOO_MANY_REDIRECTS
    assert len(server.calls) == 4  # the page asked for and three hops


def test_after_a_hostile_answer_the_next_good_one_is_read(server: HostileServer, http_client: HttpClient) -> None:
    refused(http_client, server.url("/endless"))
    assert http_client.get(server.url("/")).body == b"fine"


def test_a_receiver_that_takes_a_post_and_says_nothing_leaves_its_outcome_unknown(
    server: HostileServer, http_client: HttpClient
) -> None:
    with pytest.raises(RequestError) as exception_info:
        http_client.post(server.url("/silence"), body=b"{}", headers={}, deadline=DEADLINE)
    assert exception_info.value.sent
    assert server.calls[0].body == b"{}"


def test_a_large_request_that_nobody_takes_ends_in_time(server: HostileServer, http_client: HttpClient) -> None:
    # The hostile server reads all of a body, so this one is asked of a socket that never reads.
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        own = HttpClient(user_agent="LanToa/1.0", allow_hosts=frozenset({f"127.0.0.1:{port}"}))
        began = time.monotonic()
        with pytest.raises(RequestError) as exception_info:
            own.post(f"http://127.0.0.1:{port}/", body=bytes(50_000_000), headers={}, deadline=DEADLINE)
        assert time.monotonic() - began < DEADLINE + GRACE
    assert exception_info.value.kind is RequestErrorKind.TIMEOUT
    assert exception_info.value.sent
