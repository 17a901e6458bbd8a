"""A proxy to a service that breaks connections after some bytes, a configurable number of times."""

import contextlib
import socket
import socketserver
import threading
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

PIECE = 65_536


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    way: "BreakingProxy"


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        way = cast(_Server, self.server).way
        with contextlib.suppress(OSError), socket.create_connection(way.there) as beyond:
            back = threading.Thread(target=self._back, args=(beyond,), daemon=True)
            back.start()
            passed = 0
            while data := self.request.recv(PIECE):
                passed += len(data)
                if passed > way.after and way.breaks():
                    # Linger of zero makes both ends see a reset, in the middle of what they were saying.
                    for one in (self.request, beyond):
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                    self.request.close()
                    return
                beyond.sendall(data)
            back.join(5)

    def _back(self, beyond: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := beyond.recv(PIECE):
                self.request.sendall(data)


class BreakingProxy:
    """``with BreakingWay(url, times=1) as way: … way.url``. ``after``: bytes of one connection that pass; ``times``:
    how many connections are cut. ``broken`` counts them."""

    def __init__(self, url: str, *, times: int, after: int = 200_000) -> None:
        parts = urlsplit(url)
        self.there, self.after, self.broken = (parts.hostname or "", parts.port or 80), after, 0
        self._left, self._lock = times, threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.way = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The service, by this way."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def breaks(self) -> bool:
        """Whether this one is to be cut."""
        with self._lock:
            self._left -= 1
            self.broken += self._left >= 0
            return self._left >= 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
