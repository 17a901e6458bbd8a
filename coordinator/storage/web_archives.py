"""One fetch as a web archive (WARC 1.1, ISO 28500): request, response, time and software.

The response has its headers as received, and its body as decoded: chunking and compression are undone, since the hash
that other records refer to is that of the page. The headers that described the transfer keep their values under
``X-Archive-Orig-…``, the usual name for that. A page with the same bytes as an earlier fetch is a ``revisit`` record
that names that fetch, without the body.

The same capture always gives the same bytes, so that a fetch that is written twice is stored once.
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

from coordinator.storage.blobs import DamagedBody

VERSION = "WARC/1.1"
Fields = Sequence[tuple[str, str]]

# Headers that describe the transfer of a body. They do not fit the decoded body.
_OF_SENDING = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True)
class EarlierCapture:
    """The first fetch with the same bytes: its address and time, and the key of its archive."""

    url: str
    at: datetime
    key: str


@dataclass(frozen=True)
class Capture:
    """One fetch. ``fields``: the response's headers in their order; ``asked``: the request's; ``address``: the IP
    address connected to; ``redirects``: the redirecting addresses, the requested one first; ``digest``: the body's
    SHA-256 in hex. ``earlier``: the fetch whose archive has the body."""

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
    earlier: EarlierCapture | None = None


class _Writer(WARCWriter):  # type: ignore[misc]  # the library has no types
    """The library's writer with SHA-256 for the digest of blocks in place of SHA-1."""

    @staticmethod
    def _create_digester() -> Any:
        return Digester("sha256")


def write_archive(capture: Capture) -> bytes:
    """Return the capture as a compressed web archive, one gzip member for each record: information, response, request,
    metadata."""
    out = io.BytesIO()
    writer = _Writer(out, gzip=True, warc_version=VERSION)
    answer = _write_response(writer, capture)
    about = {"Content-Type": "application/warc-fields", **_record_headers(capture, "warcinfo")}
    info = f"software: {capture.software}\r\nformat: WARC File Format 1.1\r\n"
    writer.write_record(_record(writer, "", "warcinfo", about, info.encode()))
    writer.write_record(answer)
    writer.write_record(_write_request(writer, capture))
    writer.write_record(_write_metadata(writer, capture))
    return out.getvalue()


def archived_body(archive: bytes) -> bytes:
    """Return the body of the response in a web archive. Raises ``DamagedBody`` when there is none or it fails its
    digest."""
    try:
        for record in ArchiveIterator(io.BytesIO(archive), check_digests="raise"):
            if record.rec_type == "response":
                return bytes(record.content_stream().read())
    except ArchiveLoadFailed as error:
        raise DamagedBody(f"the web archive cannot be read: {error}") from error
    raise DamagedBody("the web archive holds no answer with a body")


def _record_headers(capture: Capture, kind: str) -> dict[str, str]:
    """Return the headers of a record. The record's id follows from its content, so that it is always the same."""
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


def _write_response(writer: _Writer, capture: Capture) -> Any:
    fields = []
    for name, value in capture.fields:
        kept = f"X-Archive-Orig-{name}" if name.lower() in _OF_SENDING else name
        fields.append((_clean(kept), _clean(value)))
    fields.append(("Content-Length", str(len(capture.body))))
    http = StatusAndHeaders(f"{capture.status} {_clean(capture.reason)}".rstrip(), fields, protocol="HTTP/1.1")
    marks = _record_headers(capture, "answer")
    if capture.address:
        marks["WARC-IP-Address"] = capture.address
    digest = f"sha256:{capture.digest}"
    if capture.earlier is None:
        return _record(writer, capture.url, "response", marks | {"WARC-Payload-Digest": digest}, capture.body, http)
    return writer.create_revisit_record(
        capture.url, digest, capture.earlier.url, _date(capture.earlier.at), http_headers=http, warc_headers_dict=marks
    )


def _write_request(writer: _Writer, capture: Capture) -> Any:
    _, _, rest = capture.url.partition("://")
    host, slash, path = rest.partition("/")
    fields = [("Host", _clean(host)), *((_clean(name), _clean(value)) for name, value in capture.asked)]
    http = StatusAndHeaders(f"GET {_clean(slash + path) or '/'} HTTP/1.1", fields, is_http_request=True)
    marks = _record_headers(capture, "request") | {
        "WARC-Concurrent-To": _record_headers(capture, "answer")["WARC-Record-ID"]
    }
    return _record(writer, capture.url, "request", marks, b"", http)


def _write_metadata(writer: _Writer, capture: Capture) -> Any:
    """Write the redirects, the IP address, and the archive with the body where this one has none."""
    lines = [f"via: {_clean(url)}" for url in capture.redirects]
    lines += [f"final: {_clean(capture.url)}"] if capture.redirects else []
    lines.append(f"payload-sha256: {capture.digest}")
    if capture.earlier is not None:
        lines.append(f"payload-kept-in: {capture.earlier.key}")
    marks = _record_headers(capture, "way") | {
        "WARC-Concurrent-To": _record_headers(capture, "answer")["WARC-Record-ID"]
    }
    payload = "".join(f"{line}\r\n" for line in lines).encode()
    return _record(writer, capture.url, "metadata", marks | {"Content-Type": "application/warc-fields"}, payload)


def _clean(text: str) -> str:
    """Return the value without line breaks, which would begin another header or end the header block."""
    return text.replace("\r", " ").replace("\n", " ").replace("\0", " ").strip()
