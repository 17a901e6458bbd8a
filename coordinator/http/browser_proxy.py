"""The proxy through which a browser of ours reaches the web, for one visit of one page.

Every connection of the browser is checked as those of ``HttpClient`` are: the address by its text and again on the IP
address that is connected to, a deadline for everything, caps on bytes, connections and hosts. TLS passes through
unread, so that the browser verifies certificates itself.
"""

import base64
import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_urlsafe
from types import TracebackType
from typing import Self

from coordinator.http.addresses import DEFAULT_PORT, AllowList, Target, parse_target
from coordinator.http.connections import MAX_HEADER_BYTES, ConnectionGuard, Resolver
from coordinator.http.errors import RequestError, RequestErrorKind

_PIECE = 65_536  # bytes
_WAIT = 0.5  # seconds between two looks at the deadline
_HEAD_SECONDS = 10.0  # seconds for the browser to send a request's head
_OF_ONE_HOP = frozenset({"connection", "proxy-connection", "proxy-authorization", "keep-alive", "te", "upgrade"})


@dataclass(frozen=True)
class VisitLimits:
    """The limits of one visit. ``at_once``: connections open at the same time."""

    received: int = 40_000_000  # bytes
    sent: int = 2_000_000  # bytes
    connections: int = 300
    hosts: int = 60
    at_once: int = 24


NORMAL_LIMITS = VisitLimits()


class BrowserProxy:
    """An HTTP proxy on loopback, open from ``__enter__`` to ``__exit__``, for who knows its name and password.

    ``refused``: what the browser asked for and did not get, each with its reason, for the log and for tests.
    """

    def __init__(
        self, allowed: AllowList, resolver: Resolver, ends: float, limits: VisitLimits = NORMAL_LIMITS
    ) -> None:
        """``ends``: ``time.monotonic()`` value after which nothing is relayed."""
        self.user, self.password = "lantoa", token_urlsafe(24)
        self.refused: list[tuple[str, str]] = []
        self._allowed, self._resolver, self._ends, self._limits = allowed, resolver, ends, limits
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_WAIT)
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(limits.at_once)
        self._connections = self._received = self._sent = 0
        self._hosts: set[str] = set()
        self._open: set[socket.socket] = set()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="browser-proxy", daemon=True)

    @property
    def address(self) -> str:
        """The proxy's address for a browser."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def received(self) -> int:
        """The number of bytes received from the web."""
        return self._received

    @property
    def overflowed(self) -> bool:
        """Whether the web sent more bytes than a visit may receive."""
        return self._received > self._limits.received

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if not self._slots.acquire(timeout=_HEAD_SECONDS):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), name="browser-request", daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        try:
            with browser, self._registered(browser):
                self._relay_request(browser)
        except (OSError, ValueError):
            return  # the browser left, or spoke no HTTP
        finally:
            self._slots.release()

    @contextlib.contextmanager
    def _registered(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)

    def _relay_request(self, browser: socket.socket) -> None:
        browser.settimeout(_HEAD_SECONDS)
        head, rest = _read_head(browser)
        lines = head.decode("latin-1").split("\r\n")
        method, address, _version = lines[0].split(" ", 2)
        fields = [
            (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)
        ]
        if not self._knows_password(fields):
            browser.sendall(_answer(407, "Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="lantoa"'))
            return
        tunnel = method.upper() == "CONNECT"
        try:
            target = parse_target(f"https://{address}/" if tunnel else address, self._allowed)
            if not tunnel and target.scheme != "http":
                raise RequestError(f"{target.host}: not asked through a tunnel", kind=RequestErrorKind.BAD_URL)
            self._count_connection(target)
            guard = ConnectionGuard(
                target.host, ends=self._ends, cap=self._limits.received, allowed=self._allowed, resolver=self._resolver
            )
            web = guard.connect(target.host, target.port)
        except RequestError as error:
            self._refuse(browser, address, str(error))
            return
        with web, self._registered(web):
            if tunnel:
                browser.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._send(web, rest)
                self._relay(browser, web, None)
            else:
                self._send(web, _forwarded_head(method, target, fields) + rest)
                length = next((value for name, value in fields if name.lower() == "content-length"), "0")
                self._relay(browser, web, max(int(length) - len(rest), 0))

    def _knows_password(self, fields: list[tuple[str, str]]) -> bool:
        wanted = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return any(name.lower() == "proxy-authorization" and value == f"Basic {wanted}" for name, value in fields)

    def _count_connection(self, target: Target) -> None:
        """Raises ``RequestError`` beyond the limits of the visit."""
        with self._lock:
            self._connections += 1
            self._hosts.add(target.host)
            if (
                self._connections > self._limits.connections
                or len(self._hosts) > self._limits.hosts
                or self._received > self._limits.received
            ):
                raise RequestError(f"{target.host}: the page asks for too much", kind=RequestErrorKind.TOO_LARGE)

    def _refuse(self, browser: socket.socket, address: str, reason: str) -> None:
        with self._lock:
            self.refused.append((address[:300], reason))
        browser.sendall(_answer(403, "Forbidden", "X-Lan-Toa: refused"))

    def _send(self, web: socket.socket, data: bytes) -> None:
        with self._lock:
            self._sent += len(data)
        if self._sent > self._limits.sent:
            raise OSError("the page sends too much")
        web.settimeout(max(self._ends - time.monotonic(), 0.01))
        web.sendall(data)

    def _relay(self, browser: socket.socket, web: socket.socket, body: int | None) -> None:
        """Relay both ways until a side closes, a limit is reached or the time is over. ``body``: the bytes that the
        browser may still send; None for any number."""
        while time.monotonic() < self._ends and not self._closed.is_set():
            ready, _, _ = select.select([browser, web], [], [], _WAIT)
            if web in ready:
                data = web.recv(_PIECE)
                with self._lock:
                    self._received += len(data)
                if not data or self._received > self._limits.received:
                    return
                browser.settimeout(max(self._ends - time.monotonic(), 0.01))
                browser.sendall(data)
            if browser in ready:
                data = browser.recv(_PIECE)
                if not data:
                    return
                if body is not None:
                    if len(data) > body:
                        return  # another request on the same connection: the browser repeats it on a new one
                    body -= len(data)
                self._send(web, data)


def _read_head(browser: socket.socket) -> tuple[bytes, bytes]:
    """The head of a request and what follows it. Raises ``ValueError`` for one that is too long or does not end."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = browser.recv(_PIECE)
        data += piece
        if not piece or len(data) > MAX_HEADER_BYTES:
            raise ValueError("no head of a request")
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _forwarded_head(method: str, target: Target, fields: list[tuple[str, str]]) -> bytes:
    path = target.url.partition("://")[2].partition("/")
    asked = f"/{path[2]}" if path[1] else "/"
    if not path[1] and "?" in path[0]:
        asked = f"/?{path[0].partition('?')[2]}"
    host = f"[{target.host}]" if ":" in target.host else target.host
    host = host if target.port == DEFAULT_PORT[target.scheme] else target.place
    kept = [(name, value) for name, value in fields if name.lower() not in _OF_ONE_HOP | {"host"}]
    lines = [f"{method} {asked} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in kept)]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


def _answer(status: int, reason: str, field: str) -> bytes:
    return f"HTTP/1.1 {status} {reason}\r\n{field}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("latin-1")
