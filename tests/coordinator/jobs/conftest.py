"""One scene a test, channels in memory, and a server on loopback that behaves as it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.db import Database
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.scene import Memories, Receiver, Scene


@pytest.fixture
def scene(tmp_path: Path, database: Database) -> Scene:
    """A scene on each kind of database."""
    return Scene(database, tmp_path)


@pytest.fixture
def stage(tmp_path: Path, sqlite: Database) -> Scene:
    """A scene for tests to which the kind of database makes no difference."""
    return Scene(sqlite, tmp_path)


@pytest.fixture
def memories(monkeypatch: pytest.MonkeyPatch) -> Memories:
    """Channels in memory that live as long as the test."""
    return Memories(monkeypatch)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """A server on loopback."""
    with HostileServer() as made:
        yield made


@pytest.fixture
def receiver(server: HostileServer) -> Receiver:
    """A webhook endpoint on it."""
    return Receiver(server)
