"""The web server of one process: waitress, started in a thread and stopped cleanly."""

import threading
from typing import Any

from flask import Flask
from waitress.server import create_server


class WebServer:
    """Serves an application on one address until it is stopped. ``port`` 0 takes a free one."""

    def __init__(self, app: Flask, host: str, port: int, threads: int) -> None:
        self._server: Any = create_server(
            app, host=host, port=port, threads=threads, clear_untrusted_proxy_headers=True, ident="lantoa"
        )
        self.port: int = self._server.effective_port
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests and let those under way end (waitress waits up to five seconds)."""
        self._server.close()
        self._thread.join(timeout=10)
        self._server.task_dispatcher.shutdown()
