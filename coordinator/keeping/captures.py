"""One fetch written down as a web archive (WARC 1.1, ISO 28500): what was asked, what was answered, when and by whom.

The response stands with its headers as they were received, and its body as it was read: with chunking and compression
undone, since the hash that everything else refers to is that of the page and not of a way to send it. The headers that
described the sending keep their values under ``X-Archive-Orig-…``, the usual name for that. A page that came with the
very bytes of an earlier fetch is a ``revisit`` record that names that fetch, without the body.

The same capture always gives the same bytes, so a fetch written down twice is kept once.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from coordinator.keeping.blobs import Damaged

VERSION = "WARC/1.1"
Fields = Sequence[tuple[str, str]]

# Headers that say how a body was sent. They no longer fit the body as it stands here.
_OF_SENDING = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True)
class Earlier:
    """The fetch that brought the same bytes first: its address and moment, and the key of its archive."""

    url: str
    at: datetime
    key: str


@dataclass(frozen=True)
class Capture:
    """One fetch. ``fields``: the answer's headers in their order; ``asked``: the request's; ``address``: the number
    that was called; ``redirects``: the addresses that sent us on, the one asked for first; ``digest``: the body's
    SHA-256 in hex. ``earlier`` set: the body is kept there."""

    url: str
    at: datetime
    status: int
    reason: str
    fields: Fields
    asked: Fields
    body: bytes
    digest: str
    address: str = ""
    redirects: tuple[str, ...] = ()
    software: str = "LanToa"
    earlier: Earlier | None = None


class _Writer(WARCWriter):  # type: ignore[misc]  # the library has no types
    """The library's writer, but for the digest of blocks: SHA-1 no longer convinces anybody."""

    @staticmethod
    def _create_digester() -> Any:
        return Digester("sha256")


def written(capture: Capture) -> bytes:
    """The capture as a compressed web archive, one gzip member a record: information, answer, request, way there."""
    out = io.BytesIO()
    writer = _Writer(out, gzip=True, warc_version=VERSION)
    answer = _answer(writer, capture)
    about = {"Content-Type": "application/warc-fields", **_marks(capture, "warcinfo")}
    info = f"software: {capture.software}\r\nformat: WARC File Format 1.1\r\n"
    writer.write_record(_record(writer, "", "warcinfo", about, info.encode()))
    writer.write_record(answer)
    writer.write_record(_request(writer, capture))
    writer.write_record(_way(writer, capture))
    return out.getvalue()


def body_of(archive: bytes) -> bytes:
    """The body of the answer in a web archive. Raises ``Damaged`` when there is none or it fails its digest."""
    try:
        for record in ArchiveIterator(io.BytesIO(archive), check_digests="raise"):
            if record.rec_type == "response":
                return bytes(record.content_stream().read())
    except ArchiveLoadFailed as error:
        raise Damaged(f"the web archive cannot be read: {error}") from error
    raise Damaged("the web archive holds no answer with a body")


def _marks(capture: Capture, kind: str) -> dict[str, str]:
    """What every record says of itself; the names of records follow from what they hold, so they are always the
    same."""
    seed = f"{kind} {capture.url} {capture.at.astimezone(UTC).isoformat()} {capture.digest}"
    marks = {"WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, seed)}>", "WARC-Date": _date(capture.at)}
    return marks


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _record(writer: _Writer, url: str, kind: str, headers: dict[str, str], payload: bytes, http: Any = None) -> Any:
    return writer.create_warc_record(
        url, kind, payload=io.BytesIO(payload), length=len(payload), warc_headers_dict=headers, http_headers=http,
        warc_content_type=headers.pop("Content-Type", ""),
    )  # fmt: skip


def _answer(writer: _Writer, capture: Capture) -> Any:
    fields = []
    for name, value in capture.fields:
        kept = f"X-Archive-Orig-{name}" if name.lower() in _OF_SENDING else name
        fields.append((_clean(kept), _clean(value)))
    fields.append(("Content-Length", str(len(capture.body))))
    http = StatusAndHeaders(f"{capture.status} {_clean(capture.reason)}".rstrip(), fields, protocol="HTTP/1.1")
    marks = _marks(capture, "answer")
    if capture.address:
        marks["WARC-IP-Address"] = capture.address
    digest = f"sha256:{capture.digest}"
    if capture.earlier is None:
        return _record(writer, capture.url, "response", marks | {"WARC-Payload-Digest": digest}, capture.body, http)
    return writer.create_revisit_record(
        capture.url, digest, capture.earlier.url, _date(capture.earlier.at), http_headers=http, warc_headers_dict=marks
    )


def _request(writer: _Writer, capture: Capture) -> Any:
    _, _, rest = capture.url.partition("://")
    host, slash, path = rest.partition("/")
    fields = [("Host", _clean(host)), *((_clean(name), _clean(value)) for name, value in capture.asked)]
    http = StatusAndHeaders(f"GET {_clean(slash + path) or '/'} HTTP/1.1", fields, is_http_request=True)
    marks = _marks(capture, "request") | {"WARC-Concurrent-To": _marks(capture, "answer")["WARC-Record-ID"]}
    return _record(writer, capture.url, "request", marks, b"", http)


def _way(writer: _Writer, capture: Capture) -> Any:
    """How the answering address was reached, and where the bytes are when they are not here."""
    lines = [f"via: {_clean(url)}" for url in capture.redirects]
    lines += [f"final: {_clean(capture.url)}"] if capture.redirects else []
    lines.append(f"payload-sha256: {capture.digest}")
    if capture.earlier is not None:
        lines.append(f"payload-kept-in: {capture.earlier.key}")
    marks = _marks(capture, "way") | {"WARC-Concurrent-To": _marks(capture, "answer")["WARC-Record-ID"]}
    payload = "".join(f"{line}\r\n" for line in lines).encode()
    return _record(writer, capture.url, "metadata", marks | {"Content-Type": "application/warc-fields"}, payload)


def _clean(text: str) -> str:
    """Without line breaks: a header that holds one would make another header, or end them all."""
    return text.replace("\r", " ").replace("\n", " ").replace("\0", " ").strip()
