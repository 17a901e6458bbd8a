"""The web server of one process: waitress, started in a thread and stopped cleanly."""

import gc
import threading
import time
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

FLUSH_WITHIN = 2.0  # seconds for answers that are ready to reach their readers


def settle() -> None:
    """Begin to serve: what the program is made of (half a million objects) stays to the end, and the garbage collector
    need not look through it again while somebody waits for a page. Once in a process, when all is put together."""
    gc.collect()
    gc.freeze()


class WebServer:
    """Serves an application on one address until it is stopped. ``port`` 0 takes a free one.

    ``proxied``: a reverse proxy in front tells who asks, and the application believes it; without one those headers are
    taken away, since anybody can write them.
    """

    def __init__(self, app: Flask, host: str, port: int, threads: int, *, proxied: bool = False) -> None:
        self._sockets: dict[int, Any] = {}
        self._server: Any = create_server(
            app,
            host=host,
            port=port,
            threads=threads,
            clear_untrusted_proxy_headers=not proxied,
            ident="lantoa",
            map=self._sockets,
        )
        # A host name with two addresses gives two listeners; they share port, threads and sockets.
        listeners = [one for one in self._sockets.values() if isinstance(one, BaseWSGIServer)]
        self._listener: Any = listeners[0]
        self.port: int = self._listener.effective_port
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Let requests under way end (at most five seconds), send what is ready, then close every connection."""
        self._listener.task_dispatcher.shutdown()
        ends = time.monotonic() + FLUSH_WITHIN
        while self._unsent() and time.monotonic() < ends:
            time.sleep(0.02)
        # In the server's own thread: its sockets must not be closed while it waits on them.
        self._listener.trigger.pull_trigger(lambda: wasyncore.close_all(self._sockets, ignore_all=True))
        self._thread.join(timeout=10)

    def _unsent(self) -> bool:
        return any(getattr(one, "total_outbufs_len", 0) for one in list(self._sockets.values()))
