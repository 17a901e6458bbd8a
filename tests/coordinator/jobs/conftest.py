"""One installation for each test, channels in memory, and a configurable server on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.db import Database
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness, MemoryChannels, Receiver


@pytest.fixture
def scene(tmp_path: Path, database: Database) -> JobHarness:
    """A scene on each kind of database."""
    return JobHarness(database, tmp_path)


@pytest.fixture
def stage(tmp_path: Path, sqlite: Database) -> JobHarness:
    """A scene for tests to which the kind of database makes no difference."""
    return JobHarness(sqlite, tmp_path)


@pytest.fixture
def memories(monkeypatch: pytest.MonkeyPatch) -> MemoryChannels:
    """Channels in memory that live as long as the test."""
    return MemoryChannels(monkeypatch)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """A server on loopback."""
    with HostileServer() as made:
        yield made


@pytest.fixture
def receiver(server: HostileServer) -> Receiver:
    """A webhook endpoint on it."""
    return Receiver(server)
