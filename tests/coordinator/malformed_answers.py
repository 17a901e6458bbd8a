"""Responses that violate HTTP, security or deadlines: each is a behaviour of ``HostileServer``.

Beside the ways that ``hostile`` has of its own; ``monsters`` has the bodies that do so by what they hold.
"""

import socket
from functools import cache, reduce

from tests.coordinator import oversized_bodies
from tests.coordinator.hostile_server import Call, HostileServer, Line

HTML = "text/html; charset=utf-8"
UNPACKED = 400  # megabytes that a bomb unpacks to


@cache
def _made(what: str) -> bytes:
    """A body that takes a while to make, made once a process."""
    return {
        "gzip": lambda: oversized_bodies.zeros(UNPACKED),
        "deflate": lambda: oversized_bodies.deflated_zeros(UNPACKED),
        "nested": lambda: oversized_bodies.packed(oversized_bodies.zeros(UNPACKED)),
        "five-deep": lambda: reduce(
            lambda data, _: oversized_bodies.packed(data), range(4), oversized_bodies.zeros(UNPACKED)
        ),
    }[what]()


def make_ready() -> None:
    """Make what takes a while, so that nobody's patience ends before the answer begins."""
    for what in ("gzip", "deflate", "nested", "five-deep"):
        _made(what)


def _packed(what: str, encoding: str) -> Line:
    return lambda call: call.answer(_made(what), Content_Encoding=encoding, Content_Type=HTML)


def _claimed_brotli(call: Call) -> None:
    # Nobody asked for it, and nobody may take what was not unpacked for a page without our text.
    call.answer(bytes(range(256)) * 200, Content_Encoding="br", Content_Type=HTML)


def _claimed_zstd(call: Call) -> None:
    call.answer(b"\x28\xb5\x2f\xfd" + bytes(range(256)) * 200, Content_Encoding="zstd", Content_Type=HTML)


def _invented_encoding(call: Call) -> None:
    call.answer(b"\x01\x02\x03" * 9000, Content_Encoding="x-bi-mat", Content_Type=HTML)


def _http_09(call: Call) -> None:
    call.send(b"<html><body><p>Khong co dong trang thai</p></body></html>")


def _slow_headers(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Cho: ")
    call.drip(b"a")


def _endless_headers(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\n")
    call.flood(b"".join(f"X-{number}: {number}\r\n".encode() for number in range(1000)))


def _long_status(call: Call) -> None:
    call.send(b"HTTP/1.1 200 " + b"O" * 1_000_000 + b"\r\n\r\n")


def _no_number(call: Call) -> None:
    call.send(b"HTTP/1.1 ok fine\r\n\r\n<p>x")


def _no_length(call: Call) -> None:
    call.head(Content_Type=HTML, Content_Length="nhieu")
    call.send(b"<p>x")


def _length_below_zero(call: Call) -> None:
    call.head(Content_Type=HTML, Content_Length="-1")
    call.flood(b"<p>x</p>" * 1000)


def _two_lengths(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5000\r\n\r\n<p>x</p>")


def _length_too_large(call: Call) -> None:
    call.head(Content_Type=HTML, Content_Length="9" * 30)
    call.send(b"<p>x</p>")


def _length_and_chunks(call: Call) -> None:
    call.head(Content_Type=HTML, Content_Length=4, Transfer_Encoding="chunked")
    call.send(b"400\r\n<p>x</p>")


def _chunk_nonsense(call: Call) -> None:
    call.head(Content_Type=HTML, Transfer_Encoding="chunked")
    call.send(b"nhieu\r\n<p>x</p>\r\n0\r\n\r\n")


def _chunk_below_zero(call: Call) -> None:
    call.head(Content_Type=HTML, Transfer_Encoding="chunked")
    call.send(b"-8\r\n<p>x</p>\r\n0\r\n\r\n")


def _chunk_too_large(call: Call) -> None:
    call.head(Content_Type=HTML, Transfer_Encoding="chunked")
    call.send(b"F" * 16 + b"\r\n<p>x</p>\r\n")


def _chunks_of_one(call: Call) -> None:
    call.head(Content_Type=HTML, Transfer_Encoding="chunked")
    call.flood(b"1\r\nx\r\n" * 10_000)


def _chunk_notes(call: Call) -> None:
    call.head(Content_Type=HTML, Transfer_Encoding="chunked")
    call.flood(b"1;" + b"a" * 60_000 + b"\r\nx\r\n")


def _trailers(call: Call) -> None:
    call.head(Content_Type=HTML, Transfer_Encoding="chunked")
    call.send(b"0\r\n")
    call.flood(b"X-A: b\r\n" * 1000)


def _reset_in_body(call: Call) -> None:
    call.head(Content_Type=HTML, Content_Length=100_000)
    call.send(b"<p>x</p>" * 100)
    # Linger of zero makes close send a reset instead of an orderly end.
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    call.connection.close()


def _switching(call: Call) -> None:
    call.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
    call.drip(b"\x81")


def _cookies(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\n" + b"Set-Cookie: a=b\r\n" * 3000 + b"\r\n<p>x")


def _folded(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\nX-A: b\r\n" + b" c\r\n" * 15_000 + b"\r\n<p>x")


def _bomb_on_the_way(call: Call) -> None:
    # Nobody needs the body of a redirect, and some libraries read it all.
    call.answer(_made("gzip"), "302 Found", Location=call.path, Content_Encoding="gzip")


def _flood_on_the_way(call: Call) -> None:
    call.head("302 Found", Location=call.path)
    call.flood(b"x" * 65_536)


def _status(line: str, **fields: object) -> Line:
    return lambda call: call.answer(b"<p>x</p>", line, Content_Type=HTML, **fields)


# No answer that could be read as anything; ``hostile`` has more of the kind.
BROKEN: dict[str, Line] = {
    "http-0.9": _http_09,
    "slow-headers": _slow_headers,
    "endless-headers": _endless_headers,
    "status-line-of-a-megabyte": _long_status,
    "status-without-a-number": _no_number,
    "length-below-zero": _length_below_zero,
    "length-too-large": _length_too_large,
    "length-and-chunks": _length_and_chunks,
    "two-lengths": _two_lengths,
    "chunk-nonsense": _chunk_nonsense,
    "chunk-below-zero": _chunk_below_zero,
    "chunk-too-large": _chunk_too_large,
    "chunks-of-one": _chunks_of_one,
    "chunk-notes": _chunk_notes,
    "trailers-without-end": _trailers,
    "reset-in-body": _reset_in_body,
    "switching-protocols": _switching,
    "cookies-3000": _cookies,
    "header-folded-15000-times": _folded,
    "gzip-bomb": _packed("gzip", "gzip"),
    "deflate-bomb": _packed("deflate", "deflate"),
    "gzip-in-gzip-bomb": _packed("nested", "gzip, gzip"),
    "gzip-five-deep": _packed("five-deep", ", ".join(["gzip"] * 5)),
    "gzip-named-200-times": _packed("gzip", ", ".join(["gzip"] * 200)),
    "deflate-that-is-gzip": _packed("gzip", "deflate"),
    "bomb-on-the-way": _bomb_on_the_way,
    "flood-on-the-way": _flood_on_the_way,
    "claimed-brotli": _claimed_brotli,
    "claimed-zstd": _claimed_zstd,
    "invented-encoding": _invented_encoding,
    "status-000": _status("000 Khong"),
    "status-206": _status("206 Partial Content", Content_Range="bytes 0-7/9000"),
    "status-304-unasked": _status("304 Not Modified"),
    "status-401": _status("401 Unauthorized", WWW_Authenticate="Basic " + "a" * 30_000),
    "status-429": _status("429 Too Many Requests", Retry_After="9" * 5000),
    "status-503": _status("503 Service Unavailable", Retry_After="Mon, 99 Foo 99999 99:99:99 GMT"),
    "status-999": _status("999 Request denied"),
}

# Where nobody is to be sent, as redirects write it. ``{port}``: the server's own, which only its own name may use.
TRAPS = (
    "http://10.0.0.1/",
    "http://192.168.1.1:80/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://2130706433/",  # 127.0.0.1 in one number
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1%25eth0]/",
    "http://tin.example@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@10.0.0.1/",
    "http://127.0.0.1:{port}\\@10.0.0.1/",
    "http://localhost.localdomain:22/",
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",  # circled digits, which some resolvers take for digits
    "http://127\u30020\u30020\u30021/",  # ideographic full stops
    "http://internal.example/",  # a name that answers with a private address
    "http://internal.example.:80/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:6379/_INFO",
    "data:text/html,<p>x",
    "javascript:alert(1)",
    "http://[::1",
    "http://tin.example:99999/",
    "http://tin.example:0/",
    "/\u0000",
    "//" + "a" * 300 + "/",
    "/" + "a" * 50_000,
    "http://" + "a." * 200 + "example/",
)


def trap(server: HostileServer, path: str, where: str) -> str:
    """Make ``path`` send everybody to one of ``TRAPS``; its URL."""
    location = where.replace("{port}", str(server.port))

    def answer(call: Call) -> None:
        # As bytes: redirects hold letters that no header may.
        call.send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location.encode() + b"\r\n\r\n")

    server.ways[path] = answer
    return server.url(path)
