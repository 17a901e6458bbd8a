"""Connections of ``requests``: each is new, checked when it is made, and bound to a deadline by ``ConnectionGuard``.

Connections are not kept open. A kept one would be used again without a check, and if the other side had closed it
already, whether a request was received would be unknown; at one request per host and second little would be saved.
"""

import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

from coordinator.http.addresses import DEFAULT_PORT, AllowList, check_ip_addresses
from coordinator.http.errors import RequestError, RequestErrorKind

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer  # exists for type checkers only

MAX_HEADER_BYTES = 64 * 1024  # bytes of status line and headers, interim answers included
FRAMING_SLACK_BYTES = 1024 * 1024  # bytes that framing may add to a body…
FRAMING_FACTOR = 8  # …beyond this many times its cap: one-byte chunks cost six bytes each
SEND_CHUNK_BYTES = 64 * 1024  # bytes handed to the kernel at a time
MAX_ADDRESSES = 4  # tried for one host; each gets its share of the remaining time

Resolver = Callable[[str, int], Sequence[str]]


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a host by the system's resolver, each once, in its order. Raises ``OSError``."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class ConnectionGuard:
    """The limits and the state of one request: its deadline, the addresses that it may connect to, what was received.

    Used by one thread for one request. ``ends``: ``time.monotonic()`` value of the deadline, name lookup included.
    ``cap``: the most decoded bytes the caller wants, from which the cap on received bytes follows.
    """

    def __init__(self, host: str, *, ends: float, cap: int, allowed: AllowList, resolver: Resolver) -> None:
        self.host = host
        self.sent = False
        self.headers_read = False
        self.ip_address = ""  # the IP address connected to
        self._ends = ends
        self._raw_cap = MAX_HEADER_BYTES + FRAMING_FACTOR * cap + FRAMING_SLACK_BYTES
        self._received = 0
        self._allowed = allowed
        self._resolver = resolver
        self._socket: socket.socket | None = None

    def remaining(self) -> float:
        """The remaining seconds, always above zero. Raises ``RequestError`` past the deadline."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise self.error("no complete answer in time", RequestErrorKind.TIMEOUT)
        return left

    def error(self, what: str, kind: RequestErrorKind) -> RequestError:
        """A ``RequestError`` that names the host and says whether the request was sent."""
        return RequestError(f"{self.host}: {what}", kind=kind, sent=self.sent)

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to a checked address of ``host``: resolved once, refused if any of its addresses is not public.

        Raises ``RequestError``.
        """
        ip_addresses = self.vet(host, port)[:MAX_ADDRESSES]
        reason = ""
        for position, ip_address in enumerate(ip_addresses):
            share = self.remaining() / (len(ip_addresses) - position)
            try:
                # The IP address, not the name: nothing is resolved a second time.
                connected = socket.create_connection((ip_address, port), timeout=share)
            except TimeoutError:
                reason = "took no connection in time"
            except OSError as error:
                reason = error.strerror or "takes no connection"
            else:
                connected.settimeout(self.remaining())
                self.ip_address = ip_address
                return connected
        self.remaining()
        raise self.error(reason, RequestErrorKind.UNREACHABLE)

    def vet(self, host: str, port: int) -> list[str]:
        """The IP addresses of ``host``, all of them allowed. Raises ``RequestError``."""
        ip_addresses = self._look_up(host, port)
        check_ip_addresses(host, port, ip_addresses, self._allowed)
        return ip_addresses

    def keep(self, connected: socket.socket) -> None:
        """Set the socket that ``close`` closes."""
        self._socket = connected

    def count(self, received: int) -> None:
        """Count received bytes. Raises ``RequestError`` beyond the caps."""
        self._received += received
        if not self.headers_read and self._received > MAX_HEADER_BYTES + io.DEFAULT_BUFFER_SIZE:
            raise self.error("headers are too large", RequestErrorKind.TOO_LARGE)
        if self._received > self._raw_cap:
            raise self.error("answer is too large", RequestErrorKind.TOO_LARGE)

    def close(self) -> None:
        """Close the connection in any state."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _look_up(self, host: str, port: int) -> list[str]:
        """All IP addresses of a host, within the remaining time."""
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass  # a name
        results: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def resolve() -> None:
            try:
                results.put(list(self._resolver(host, port)))
            except (OSError, ValueError) as error:  # ValueError: a label too long or empty for IDNA
                results.put(error)

        # A name lookup cannot be interrupted; its thread ends by the resolver's own timeouts.
        threading.Thread(target=resolve, name=f"look-up-{host}", daemon=True).start()
        try:
            addresses = results.get(timeout=self.remaining())
        except queue.Empty:
            raise self.error("its name was not resolved in time", RequestErrorKind.TIMEOUT) from None
        if isinstance(addresses, Exception):
            raise self.error("no such host", RequestErrorKind.UNREACHABLE) from addresses
        if not addresses:
            raise self.error("has no address", RequestErrorKind.UNREACHABLE)
        return addresses


class DeadlineSocket:
    """A connected socket whose every operation has the remaining time of its guard as timeout.

    A timeout on the socket alone starts anew with each byte, so that a slow server could block a thread for ever.
    """

    def __init__(self, connected: socket.socket, guard: ConnectionGuard) -> None:
        self._socket, self._guard = connected, guard

    def sendall(self, data: "ReadableBuffer") -> None:
        """Send all of it before the deadline. Raises ``RequestError`` or ``OSError``."""
        view = memoryview(data).cast("B")
        for start in range(0, len(view), SEND_CHUNK_BYTES):
            self._socket.settimeout(self._guard.remaining())
            try:
                self._socket.sendall(view[start : start + SEND_CHUNK_BYTES])
            except TimeoutError:
                raise self._guard.error("did not take the request in time", RequestErrorKind.TIMEOUT) from None

    def makefile(self, mode: str) -> io.BufferedReader:  # http.client asks for "rb" only
        """The stream that an HTTP response is read from."""
        return io.BufferedReader(_DeadlineReader(self._socket, self._guard))

    def settimeout(self, seconds: float | None) -> None:
        """Ignored: the guard decides how long each operation may take."""

    def close(self) -> None:
        """Ignored: the response may be read after the HTTP library closes; ``ConnectionGuard.close`` really closes."""

    def shutdown(self, how: int) -> None:
        """End reading or writing, or both."""
        self._socket.shutdown(how)

    def fileno(self) -> int:
        """The file descriptor."""
        return self._socket.fileno()


class _DeadlineReader(io.RawIOBase):
    def __init__(self, connected: socket.socket, guard: ConnectionGuard) -> None:
        super().__init__()
        self._socket, self._guard = connected, guard

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        self._socket.settimeout(self._guard.remaining())
        try:
            received = self._socket.recv_into(buffer)
        except TimeoutError:
            raise self._guard.error("no complete answer in time", RequestErrorKind.TIMEOUT) from None
        self._guard.count(received)
        return received


class _GuardedConnection(HTTPConnection):
    """A connection whose socket is made by a guard."""

    def __init__(self, *args: Any, guard: ConnectionGuard, **options: Any) -> None:
        self.guard = guard
        super().__init__(*args, **options)

    def _new_conn(self) -> Any:
        connected = self.guard.connect(self._dns_host, self.port)
        self.guard.keep(connected)
        return connected

    def connect(self) -> None:
        super().connect()
        _bind_to_deadline(self)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.guard.sent = True
        super().send(data)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 overrides it
        response = super().getresponse()
        self.guard.headers_read = True
        return response


class _GuardedTLSConnection(_GuardedConnection, HTTPSConnection):
    """The same over TLS; the certificate is verified for the host name, not for the IP address."""

    def connect(self) -> None:
        try:
            HTTPSConnection.connect(self)
        except TimeoutError:
            raise self.guard.error("no TLS connection in time", RequestErrorKind.TIMEOUT) from None
        except ssl.SSLCertVerificationError as error:
            raise self.guard.error(f"certificate: {error.verify_message}", RequestErrorKind.PROTOCOL) from error
        except (ssl.SSLError, ssl.CertificateError) as error:
            raise self.guard.error("no TLS connection", RequestErrorKind.PROTOCOL) from error
        except OSError as error:
            raise self.guard.error(error.strerror or "broke the connection", RequestErrorKind.UNREACHABLE) from error
        _bind_to_deadline(self)


def _bind_to_deadline(connection: HTTPConnection) -> None:
    guard = cast(_GuardedConnection, connection).guard
    guard.keep(connection.sock)
    connection.sock = DeadlineSocket(connection.sock, guard)


class _GuardedPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class _GuardedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTLSConnection


class GuardedAdapter(HTTPAdapter):
    """Gives each request a pool of its own, with one connection that uses ``guard``.

    Not shared between threads: ``guard`` is set before each request.
    """

    guard: ConnectionGuard

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """The pool for one request; proxies are not used."""
        key, _ = self.build_connection_pool_key_attributes(request, verify, cert)
        scheme, host = str(key["scheme"]), str(key["host"])
        port = key["port"] or DEFAULT_PORT[scheme]  # without one, http.client parses the end of an IPv6 address as port
        if scheme == "https":
            return _GuardedTLSPool(host, port, ssl_context=self._tls, cert_reqs="CERT_REQUIRED", guard=self.guard)
        return _GuardedPool(host, port, guard=self.guard)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Ignored: the pool's context verifies, and loading the same authorities again costs 20 ms each time."""


class _Session(requests.Session):
    """A session without redirects: the library would read the whole body of each, decoded and without any cap, and
    parse its ``Location``, before it checks whether to follow."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Always None; the caller reads the header."""
        return None


def new_session(tls: ssl.SSLContext) -> tuple[requests.Session, GuardedAdapter]:
    """A session for one thread: no cookies, no proxy or password from the environment, no default headers."""
    session = _Session()
    session.trust_env = False
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = GuardedAdapter(tls)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session, adapter
