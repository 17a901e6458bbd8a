"""A hostile server, and a door that may call it."""

from collections.abc import Iterator

import pytest

from coordinator.http.client import HttpClient
from tests.coordinator.hostile_server import HostileServer


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


@pytest.fixture
def http_client(server: HostileServer) -> HttpClient:
    return HttpClient(user_agent="LanToa/1.0", allow_hosts=frozenset({f"127.0.0.1:{server.port}"}), pace=0)
