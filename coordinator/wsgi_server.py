"""The web server of one process: waitress, started in a thread and stopped cleanly."""

import errno
import threading
import time
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

FLUSH_WITHIN = 2.0  # seconds for finished responses to be sent


class WebServer:
    """Serves an application on one address until it is stopped. ``port`` 0 chooses a free port.

    ``proxied``: a reverse proxy sets the headers of the client's address, and the application trusts them; without a
    proxy those headers are removed, since any client can send them. Raises ``OSError`` naming the address if it cannot
    be listened on.
    """

    def __init__(self, app: Flask, host: str, port: int, threads: int, *, proxied: bool = False) -> None:
        self._sockets: dict[int, Any] = {}
        try:
            self._server: Any = create_server(
                app,
                host=host,
                port=port,
                threads=threads,
                clear_untrusted_proxy_headers=not proxied,
                ident="lantoa",
                map=self._sockets,
            )
        except (OSError, ValueError) as error:
            wasyncore.close_all(self._sockets, ignore_all=True)
            # The library raises ``ValueError`` for a host name that has no address.
            number, words = errno.EADDRNOTAVAIL, "this host name has no address"
            if isinstance(error, OSError):
                number, words = error.errno or 0, error.strerror or str(error)
            message = f"{words}; choose another with --host or --port"
            raise OSError(number, message, f"{host}:{port}") from error
        # A host name with two addresses gives two listeners; they share port, threads and sockets.
        listeners = [socket for socket in self._sockets.values() if isinstance(socket, BaseWSGIServer)]
        self._listener: Any = listeners[0]
        self.port: int = self._listener.effective_port
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for running requests (at most five seconds), send finished responses, then close every connection."""
        self._listener.task_dispatcher.shutdown()
        ends = time.monotonic() + FLUSH_WITHIN
        while self._unsent() and time.monotonic() < ends:
            time.sleep(0.02)
        # The loop of the server's thread ends when it has no sockets left to wait on. They are closed here, after that:
        # the thread may run `leave_loop` before the trigger's pipe has been written to, so it must not close it.
        sockets = dict(self._sockets)

        def leave_loop() -> None:
            sockets.update(self._sockets)
            self._sockets.clear()

        self._listener.trigger.pull_trigger(leave_loop)
        self._thread.join(timeout=10)
        wasyncore.close_all(sockets, ignore_all=True)

    def _unsent(self) -> bool:
        return any(getattr(channel, "total_outbufs_len", 0) for channel in list(self._sockets.values()))
