"""Serves a sandbox on loopback. Zalo's header names have underscores, which WSGI servers drop unless they are told."""

import threading
from types import TracebackType
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

# Servers drop such headers because ``access_token`` and ``access-token`` look alike in WSGI; here nobody sends both.
UNDERSCORED = ("access_token", "secret_key")
STOP_WITHIN = 5.0  # seconds


class _Handler(WSGIRequestHandler):
    def make_environ(self) -> Any:
        environ = super().make_environ()
        for name in UNDERSCORED:
            if (value := self.headers.get(name)) is not None:
                environ[f"HTTP_{name.upper()}"] = value
        return environ

    def log(self, type: str, message: str, *args: Any) -> None:
        """Says nothing: the demo tells its own story on the terminal."""


class SandboxServer:
    """One application on 127.0.0.1, from ``start`` (or ``with``) to ``stop``. ``port`` 0 takes a free one."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> str:
        """Begin to serve; returns the base address."""
        self._thread.start()
        return self.base

    def stop(self) -> None:
        """Stop serving and close the port."""
        self._server.shutdown()
        self._thread.join(STOP_WITHIN)
        self._server.server_close()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
