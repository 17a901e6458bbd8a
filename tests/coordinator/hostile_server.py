"""A server on loopback that behaves as badly as a careless or malicious one can, a path for each way of doing it."""

import gzip
import io
import socket
import socketserver
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self, cast

Line = Callable[["Call"], None]

PIECE = b"x" * 65_536
DRIP = 0.2  # seconds between two bytes: far below any timeout per read
SOON = 0.01  # seconds within which a server that is stopped has noticed it


class Call:
    """One request that came in, and the connection to misuse."""

    def __init__(self, connection: socket.socket, stopped: threading.Event) -> None:
        self.connection = connection
        self.stopped = stopped
        self.headers: dict[str, str] = {}
        with connection.makefile("rb") as reader:
            self.method, self.path, _ = reader.readline().decode("latin-1").split(" ", 2)
            while (line := reader.readline().decode("latin-1").strip()) != "":
                name, _, value = line.partition(":")
                self.headers[name.lower()] = value.strip()
            self.body = reader.read(int(self.headers.get("content-length", 0)))

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def head(self, status: str = "200 OK", **fields: object) -> None:
        lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    def answer(self, body: bytes, status: str = "200 OK", **fields: object) -> None:
        self.head(status, Content_Length=len(body), **fields)
        self.send(body)

    def drip(self, data: bytes) -> None:
        """One byte at a time until the server is stopped."""
        while True:
            for number in data:
                self.send(bytes([number]))
                if self.stopped.wait(DRIP):
                    return

    def flood(self, data: bytes) -> None:
        """The same again and again, as fast as it is taken."""
        while not self.stopped.is_set():
            self.send(data)


def _ok(call: Call) -> None:
    call.answer(b"fine", Content_Type="text/plain")


def _drip_body(call: Call) -> None:
    call.head(Content_Length=1_000_000)
    call.drip(b"x")


def _drip_headers(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\n")
    call.drip(b"X-A: b\r\n")


def _endless(call: Call) -> None:
    call.head()
    call.flood(PIECE)


def _endless_header(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    call.flood(PIECE)


def _many_headers(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(90):
        call.send(f"X-{number}: {'y' * 8_000}\r\n".encode())
    call.send(b"Content-Length: 0\r\n\r\n")


def _continue(call: Call) -> None:
    call.flood(b"HTTP/1.1 100 Continue\r\n\r\n")


def _chunk_line(call: Call) -> None:
    call.head(Transfer_Encoding="chunked")
    call.flood(b"1" * 65_536)


def bomb(megabytes: int) -> bytes:
    """Zeros, packed about a thousandfold."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(megabytes):
            file.write(bytes(1_000_000))
    return packed.getvalue()


def _bomb(call: Call) -> None:
    call.answer(bomb(300), Content_Encoding="gzip", Content_Type="text/html")


def _bad_gzip(call: Call) -> None:
    call.answer(b"this is not gzip", Content_Encoding="gzip")


def _fifty(call: Call) -> None:
    call.head(Content_Length=50_000_000, Content_Type="text/html")
    for _ in range(50_000_000 // len(PIECE)):
        call.send(PIECE)


def _silence(call: Call) -> None:
    call.stopped.wait()


def _half(call: Call) -> None:
    call.head(Content_Length=1000)
    call.send(b"half of it")


def _half_chunk(call: Call) -> None:
    call.head(Transfer_Encoding="chunked")
    call.send(b"400\r\nhalf of it")


def _hang_up(call: Call) -> None:
    call.connection.shutdown(socket.SHUT_RDWR)


def _reset(call: Call) -> None:
    # Linger of zero makes close send a reset instead of an orderly end.
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    call.connection.close()


def _nonsense(call: Call) -> None:
    call.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")


def _loop(call: Call) -> None:
    call.answer(b"", "302 Found", Location="/loop")


def _wrong_charset(call: Call) -> None:
    call.answer("Hà Nội đẩy mạnh tiêm chủng".encode(), Content_Type="text/html; charset=iso-8859-1")


def _conditional(call: Call) -> None:
    if call.headers.get("if-none-match") == '"v1"':
        call.head("304 Not Modified", ETag='"v1"')
    else:
        call.answer(b"first", ETag='"v1"', Last_Modified="Tue, 24 Nov 2026 00:00:00 GMT")


def _cookie(call: Call) -> None:
    call.answer(call.headers.get("cookie", "no cookie").encode(), Set_Cookie="id=1; Path=/")


WAYS: dict[str, Line] = {
    "/": _ok,
    "/drip-body": _drip_body,
    "/drip-headers": _drip_headers,
    "/endless": _endless,
    "/endless-header": _endless_header,
    "/many-headers": _many_headers,
    "/continue": _continue,
    "/chunk-line": _chunk_line,
    "/bomb": _bomb,
    "/bad-gzip": _bad_gzip,
    "/fifty": _fifty,
    "/silence": _silence,
    "/half": _half,
    "/half-chunk": _half_chunk,
    "/hang-up": _hang_up,
    "/reset": _reset,
    "/nonsense": _nonsense,
    "/loop": _loop,
    "/wrong-charset": _wrong_charset,
    "/conditional": _conditional,
    "/cookie": _cookie,
}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    hostile: "HostileServer"


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        hostile = cast(_Server, self.server).hostile
        try:
            call = Call(self.request, hostile.stopped)
            hostile.calls.append(call)
            hostile.ways[call.path.partition("?")[0]](call)
        except (OSError, ValueError, KeyError):
            pass  # the client went away, as it should from most of these


class HostileServer:
    """``with HostileServer() as server: … server.url("/drip-body")``. ``calls``: all that came in, in order.

    ``ways`` may be given more paths by a test.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.ways = dict(WAYS)
        self.stopped = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.hostile = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(SOON,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def redirect(self, path: str, location: str, status: str = "302 Found") -> str:
        """Make ``path`` send everybody to ``location``; its URL."""
        self.ways[path] = lambda call: call.answer(b"", status, Location=location)
        return self.url(path)

    def text(self, path: str, body: str, status: str = "200 OK", **fields: object) -> str:
        """Make ``path`` answer ``body``; its URL."""
        self.ways[path] = lambda call: call.answer(body.encode(), status, **fields)
        return self.url(path)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
