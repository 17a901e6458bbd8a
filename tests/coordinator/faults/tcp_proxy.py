"""A cable to a server that may not be stopped: it can be cut, hold its bytes back, and be mended."""

import contextlib
import selectors
import socket
import threading
from typing import Self

PIECE = 65_536  # bytes read at once


class TcpProxy:
    """``with Cable(5432) as cable: …`` A port of its own whose every connection leads to ``port`` on loopback.

    *Cut*: open connections are reset and new ones refused, as by a server that stopped. *Held*: connections stay open,
    new ones are taken, and nothing comes through, as with a server whose machine has frozen.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self._listener: socket.socket | None = None
        self._listen(0)
        self._ended = threading.Event()
        self.port = self._bound.getsockname()[1]

    @property
    def _bound(self) -> socket.socket:
        assert self._listener is not None
        return self._listener

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._flowing.set()
        if self._listener is not None:
            self.cut()

    def cut(self) -> None:
        """Reset what is open and refuse what is new."""
        listener, self._listener = self._bound, None
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a connection
        listener.close()
        self.reset()

    def reset(self) -> None:
        """Reset what is open; new connections are taken."""
        with self._lock:
            ends, self._pairs = list(self._pairs), {}
        for end in ends:
            with contextlib.suppress(OSError):
                # A linger of zero makes it a reset and no orderly end.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def hold(self) -> None:
        """Let nothing through any more, and nobody know."""
        self._flowing.clear()

    def mend(self) -> None:
        """Be a good cable again."""
        self._flowing.set()
        if self._listener is None:
            self._listen(self.port)

    def _listen(self, port: int) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return  # cut
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._pairs |= {near: far, far: near}
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as ready:
            try:
                ready.register(near, selectors.EVENT_READ, far)
                ready.register(far, selectors.EVENT_READ, near)
                while not self._ended.is_set():
                    for key, _ in ready.select(timeout=1):
                        piece = key.fileobj.recv(PIECE)  # type: ignore[union-attr]  # they are sockets
                        self._flowing.wait()
                        if not piece:
                            return
                        key.data.sendall(piece)
            except (OSError, ValueError):
                return  # cut from outside, or one end is gone
            finally:
                with self._lock:
                    self._pairs.pop(near, None)
                    self._pairs.pop(far, None)
                near.close()
                far.close()
