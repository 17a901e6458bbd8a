"""What a hostile server does to the door: every call ends in time, in words, with bounded memory."""

import resource
import socket
import time

import pytest

from coordinator.http import Door, DoorError, DoorErrorKind
from tests.coordinator.horrors import BROKEN, make_ready
from tests.coordinator.hostile import HostileServer

DEADLINE = 1.0  # seconds
GRACE = 2.0  # seconds; a bound on sanity, not a measurement


def refused(door: Door, url: str, *, cap: int = 1_000_000, deadline: float = DEADLINE) -> DoorError:
    """The error that getting ``url`` ends in, raised before the deadline and some grace are over."""
    began = time.monotonic()
    with pytest.raises(DoorError) as caught:
        door.get(url, cap=cap, deadline=deadline)
    assert time.monotonic() - began < deadline + GRACE
    return caught.value


@pytest.mark.parametrize("path", ["/drip-body", "/drip-headers", "/silence"])
def test_a_server_that_drips_or_says_nothing_holds_nobody_beyond_the_deadline(
    server: HostileServer, door: Door, path: str
) -> None:
    error = refused(door, server.url(path))
    assert error.kind is DoorErrorKind.TIMEOUT
    assert error.sent


@pytest.mark.parametrize("path", ["/endless", "/fifty", "/bomb", "/endless-header", "/many-headers", "/continue"])
def test_a_server_that_floods_is_left(server: HostileServer, door: Door, path: str) -> None:
    error = refused(door, server.url(path), deadline=20)
    assert error.kind in {DoorErrorKind.TOO_LARGE, DoorErrorKind.PROTOCOL}  # one endless line is no valid header
    assert error.sent


def test_a_chunk_size_that_never_ends_is_left(server: HostileServer, door: Door) -> None:
    error = refused(door, server.url("/chunk-line"), cap=10_000, deadline=20)
    assert error.kind in {DoorErrorKind.TOO_LARGE, DoorErrorKind.PROTOCOL}


def test_a_compression_bomb_does_not_fill_the_memory(server: HostileServer, door: Door) -> None:
    url = server.url("/bomb")
    refused(door, url, deadline=20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(door, url, cap=2_000_000, deadline=20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB; unpacked it is 300 MB


@pytest.mark.parametrize("path", ["/half", "/half-chunk", "/hang-up", "/reset", "/nonsense", "/bad-gzip"])
def test_half_an_answer_or_a_wrong_one_is_no_answer(server: HostileServer, door: Door, path: str) -> None:
    error = refused(door, server.url(path))
    assert error.kind is DoorErrorKind.PROTOCOL
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
def test_the_error_says_what_happened_in_words(server: HostileServer, door: Door, path: str, words: str) -> None:
    assert words in str(refused(door, server.url(path)))


@pytest.mark.parametrize("name", [name for name in BROKEN if not name.startswith(("status-", "switching"))])
def test_every_other_way_of_breaking_http_ends_in_words(server: HostileServer, door: Door, name: str) -> None:
    make_ready()
    server.ways["/broken"] = BROKEN[name]
    error = refused(door, server.url("/broken"), deadline=DEADLINE if name == "slow-headers" else 20)
    assert error.kind in {DoorErrorKind.PROTOCOL, DoorErrorKind.TOO_LARGE, DoorErrorKind.TIMEOUT}


def test_an_encoding_that_cannot_be_undone_is_said_to_be_one(server: HostileServer, door: Door) -> None:
    server.ways["/packed"] = BROKEN["invented-encoding"]
    assert "not asked for" in str(refused(door, server.url("/packed")))


def test_an_answer_that_sends_a_post_elsewhere_is_read_within_its_cap(server: HostileServer, door: Door) -> None:
    make_ready()
    server.ways["/packed"] = BROKEN["bomb-on-the-way"]
    with pytest.raises(DoorError) as caught:
        door.post(server.url("/packed"), body=b"{}", headers={}, deadline=20)
    assert caught.value.kind is DoorErrorKind.TOO_LARGE


def test_redirects_in_a_circle_end(server: HostileServer, door: Door) -> None:
    assert refused(door, server.url("/loop")).kind is DoorErrorKind.TOO_MANY_REDIRECTS
    assert len(server.calls) == 4  # the page asked for and three hops


def test_after_a_hostile_answer_the_next_good_one_is_read(server: HostileServer, door: Door) -> None:
    refused(door, server.url("/endless"))
    assert door.get(server.url("/")).body == b"fine"


def test_a_receiver_that_takes_a_post_and_says_nothing_leaves_its_outcome_unknown(
    server: HostileServer, door: Door
) -> None:
    with pytest.raises(DoorError) as caught:
        door.post(server.url("/silence"), body=b"{}", headers={}, deadline=DEADLINE)
    assert caught.value.sent
    assert server.calls[0].body == b"{}"


def test_a_large_request_that_nobody_takes_ends_in_time(server: HostileServer, door: Door) -> None:
    # The hostile server reads all of a body, so this one is asked of a socket that never reads.
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        own = Door(user_agent="LanToa/1.0", allow_hosts=frozenset({f"127.0.0.1:{port}"}))
        began = time.monotonic()
        with pytest.raises(DoorError) as caught:
            own.post(f"http://127.0.0.1:{port}/", body=bytes(50_000_000), headers={}, deadline=DEADLINE)
        assert time.monotonic() - began < DEADLINE + GRACE
    assert caught.value.kind is DoorErrorKind.TIMEOUT
    assert caught.value.sent
