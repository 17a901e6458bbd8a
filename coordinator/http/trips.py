"""One request on its way: the time it has left, the address it may connect to, and how far it got."""

import io
import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from coordinator.http.addresses import AllowList, check_numbers
from coordinator.http.errors import DoorError, DoorErrorKind

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer  # exists for type checkers only

HEADER_CAP = 64 * 1024  # bytes of status line and headers, interim answers included
RAW_SLACK = 1024 * 1024  # bytes that framing may add to a body…
RAW_FACTOR = 8  # …beyond this many times its cap: one-byte chunks cost six bytes each
PIECE = 64 * 1024  # bytes handed to the kernel at a time
MOST_ADDRESSES = 4  # tried for one host; each gets its share of the time left

Resolver = Callable[[str, int], Sequence[str]]


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses the system knows for a host, each once, in its order. Raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Trip:
    """Carried by the connection of one request; used by one thread and thrown away.

    ``ends``: ``time.monotonic()`` value at which everything is over, name lookup included. ``cap``: the most decoded
    bytes the caller wants; what may come over the wire follows from it.
    """

    def __init__(self, host: str, *, ends: float, cap: int, allowed: AllowList, resolver: Resolver) -> None:
        self.host = host
        self.sent = False
        self.headers_read = False
        self.number = ""  # that of the address connected to
        self._ends = ends
        self._raw_cap = HEADER_CAP + RAW_FACTOR * cap + RAW_SLACK
        self._received = 0
        self._allowed = allowed
        self._resolver = resolver
        self._socket: socket.socket | None = None

    def remaining(self) -> float:
        """Seconds left, always above zero. Raises ``DoorError`` when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise self.error("no complete answer in time", DoorErrorKind.TIMEOUT)
        return left

    def error(self, what: str, kind: DoorErrorKind) -> DoorError:
        """A ``DoorError`` that names the host and knows whether the request was sent."""
        return DoorError(f"{self.host}: {what}", kind=kind, sent=self.sent)

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to a checked address of ``host``: resolved once, refused if ANY of its addresses is not public.

        Raises ``DoorError``.
        """
        numbers = self.vet(host, port)[:MOST_ADDRESSES]
        reason = ""
        for position, number in enumerate(numbers):
            share = self.remaining() / (len(numbers) - position)
            try:
                # The number, not the name: nothing is looked up a second time.
                connected = socket.create_connection((number, port), timeout=share)
            except TimeoutError:
                reason = "took no connection in time"
            except OSError as error:
                reason = error.strerror or "takes no connection"
            else:
                connected.settimeout(self.remaining())
                self.number = number
                return connected
        self.remaining()
        raise self.error(reason, DoorErrorKind.UNREACHABLE)

    def vet(self, host: str, port: int) -> list[str]:
        """The addresses of ``host``, all of them fit to be called. Raises ``DoorError``."""
        numbers = self._look_up(host, port)
        check_numbers(host, port, numbers, self._allowed)
        return numbers

    def keep(self, connected: socket.socket) -> None:
        """Note the socket that ``close`` will close."""
        self._socket = connected

    def count(self, received: int) -> None:
        """Account for bytes from the wire. Raises ``DoorError`` beyond the caps."""
        self._received += received
        if not self.headers_read and self._received > HEADER_CAP + io.DEFAULT_BUFFER_SIZE:
            raise self.error("headers are too large", DoorErrorKind.TOO_LARGE)
        if self._received > self._raw_cap:
            raise self.error("answer is too large", DoorErrorKind.TOO_LARGE)

    def close(self) -> None:
        """Let go of the connection, whatever state it is in."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _look_up(self, host: str, port: int) -> list[str]:
        """All addresses of a host within the time left."""
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass  # a name
        box: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                box.put(list(self._resolver(host, port)))
            except (OSError, ValueError) as error:  # ValueError: a label too long or empty for IDNA
                box.put(error)

        # A name lookup cannot be interrupted; left behind, it ends by the resolver's own timeouts.
        threading.Thread(target=ask, name=f"look-up-{host}", daemon=True).start()
        try:
            found = box.get(timeout=self.remaining())
        except queue.Empty:
            raise self.error("its name was not resolved in time", DoorErrorKind.TIMEOUT) from None
        if isinstance(found, Exception):
            raise self.error("no such host", DoorErrorKind.UNREACHABLE) from found
        if not found:
            raise self.error("has no address", DoorErrorKind.UNREACHABLE)
        return found


class TimedSocket:
    """A connected socket that gives every single operation only what is left of the trip's time.

    A timeout on the socket alone starts anew with each byte, so a partner that drips would hold a thread for ever.
    """

    def __init__(self, connected: socket.socket, trip: Trip) -> None:
        self._socket, self._trip = connected, trip

    def sendall(self, data: "ReadableBuffer") -> None:
        """Send all of it before the deadline. Raises ``DoorError`` or ``OSError``."""
        view = memoryview(data).cast("B")
        for start in range(0, len(view), PIECE):
            self._socket.settimeout(self._trip.remaining())
            try:
                self._socket.sendall(view[start : start + PIECE])
            except TimeoutError:
                raise self._trip.error("did not take the request in time", DoorErrorKind.TIMEOUT) from None

    def makefile(self, mode: str) -> io.BufferedReader:  # http.client asks for "rb" only
        """What an HTTP answer is read from."""
        return io.BufferedReader(_TimedReader(self._socket, self._trip))

    def settimeout(self, seconds: float | None) -> None:
        """Nothing: the trip decides how long each operation may take."""

    def close(self) -> None:
        """Nothing: the answer may still be read after the HTTP library let go; ``Trip.close`` closes for real."""

    def shutdown(self, how: int) -> None:
        """End reading or writing, or both."""
        self._socket.shutdown(how)

    def fileno(self) -> int:
        """The operating system's number for it."""
        return self._socket.fileno()


class _TimedReader(io.RawIOBase):
    def __init__(self, connected: socket.socket, trip: Trip) -> None:
        super().__init__()
        self._socket, self._trip = connected, trip

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        self._socket.settimeout(self._trip.remaining())
        try:
            received = self._socket.recv_into(buffer)
        except TimeoutError:
            raise self._trip.error("no complete answer in time", DoorErrorKind.TIMEOUT) from None
        self._trip.count(received)
        return received
