"""The real application behind the real server on a free port of loopback."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coordinator.db import Database
from coordinator.wsgi_server import WebServer
from tests.coordinator.web.application import RunningApplication, open_application

# Seconds by which every answer comes late where the browser is to be slow: what a press brings takes a while then.
LATE = 0.3 if os.environ.get("LANTOA_TEST_SLOW_BROWSER") else 0.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    database: Database, folder: Path, host: str = "127.0.0.1", *, own: bool = False, **settings: Any
) -> Iterator[RunningApplication]:
    """The application, reachable at its own base address until the end of the block. ``own``: not the one that other
    tests of this process use as well, for what is settled when an application is built."""
    port = free_port()
    outside = open_application(database, folder, f"http://{host}:{port}", own=own or LATE > 0, **settings)
    if LATE:
        outside.app.before_request(lambda: time.sleep(LATE))
    server = WebServer(outside.app, "127.0.0.1", port, 8)
    server.start()
    try:
        yield outside
    finally:
        server.stop()
