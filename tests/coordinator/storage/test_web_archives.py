"""A fetch as a web archive that other programs read, verify and index."""

import dataclasses
import gzip
import hashlib
import io
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from coordinator.storage.blobs import DamagedBody
from coordinator.storage.pages import PageStore
from coordinator.storage.web_archives import Capture, EarlierCapture, archived_body, write_archive

BODY = "<html><body><p>Lịch tiêm vắc xin</p></body></html>".encode() * 40
DIGEST = hashlib.sha256(BODY).hexdigest()
AT = datetime(2026, 11, 24, 7, 30, 0, 123456, tzinfo=UTC)
CAPTURE = Capture(
    url="https://tin.example/y-te/lich-tiem?trang=1",
    at=AT,
    status=200,
    reason="OK",
    fields=[
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("X-Bad", "one\r\nInjected: two"),
    ],
    asked=[("User-Agent", "LanToa/0.1"), ("Accept-Encoding", "gzip")],
    body=BODY,
    digest=DIGEST,
    address="203.0.113.7",
    redirects=("https://tin.example/cu",),
)


def records(archive: bytes) -> dict[str, Any]:
    """By type: headers of the record, HTTP headers, and what is in it."""
    found = {}
    for item in ArchiveIterator(io.BytesIO(archive), check_digests="raise"):
        found[item.rec_type] = (item.rec_headers, item.http_headers, item.content_stream().read())
    return found


def warcio(*words: str) -> str:
    """The tool that comes with the library, run as anybody would run it."""
    done = subprocess.run([sys.executable, "-m", "warcio.cli", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_everything_about_a_fetch_is_in_it() -> None:
    found = records(write_archive(CAPTURE))
    marks, http, body = found["response"]
    assert body == BODY
    assert marks.get_header("WARC-Target-URI") == CAPTURE.url
    assert marks.get_header("WARC-Date") == "2026-11-24T07:30:00.123456Z"
    assert marks.get_header("WARC-IP-Address") == "203.0.113.7"
    assert marks.get_header("WARC-Payload-Digest") == f"sha256:{DIGEST}"
    assert http.statusline == "200 OK"
    assert [value for name, value in http.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert http.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert http.get_header("Content-Encoding") is None
    assert http.get_header("Injected") is None
    request = found["request"][1]
    assert request.statusline == "/y-te/lich-tiem?trang=1 HTTP/1.1"
    assert request.get_header("Host") == "tin.example"
    assert request.get_header("User-Agent") == "LanToa/0.1"
    assert b"via: https://tin.example/cu" in found["metadata"][2]


def test_another_program_finds_every_digest_right_and_lists_the_records(tmp_path: Path) -> None:
    again = dataclasses.replace(
        CAPTURE, at=AT + timedelta(days=1), earlier=EarlierCapture(CAPTURE.url, AT, "ab/cd.warc.gz")
    )
    for name, capture in {"first": CAPTURE, "again": again}.items():
        (tmp_path / f"{name}.warc.gz").write_bytes(write_archive(capture))
    files = [str(tmp_path / "first.warc.gz"), str(tmp_path / "again.warc.gz")]
    assert "digest pass" in warcio("check", "-v", *files)
    kinds = [json.loads(line)["warc-type"] for line in warcio("index", *files).splitlines()]
    assert kinds == ["warcinfo", "response", "request", "metadata", "warcinfo", "revisit", "request", "metadata"]


def test_the_same_bytes_again_are_a_revisit_that_names_the_first_fetch() -> None:
    again = dataclasses.replace(
        CAPTURE, at=AT + timedelta(days=1), earlier=EarlierCapture(CAPTURE.url, AT, "ab/cd.warc.gz")
    )
    archive = write_archive(again)
    marks, http, body = records(archive)["revisit"]
    assert body == b""
    assert http.statusline == "200 OK"
    assert marks.get_header("WARC-Payload-Digest") == f"sha256:{DIGEST}"
    assert marks.get_header("WARC-Refers-To-Date") == "2026-11-24T07:30:00.123456Z"
    assert marks.get_header("WARC-Refers-To-Target-URI") == CAPTURE.url
    assert b"payload-kept-in: ab/cd.warc.gz" in records(archive)["metadata"][2]
    with pytest.raises(DamagedBody, match="no answer"):
        archived_body(archive)


def test_the_same_fetch_gives_the_same_bytes_and_is_kept_once(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    key = store.keep_capture(CAPTURE)
    assert store.keep_capture(CAPTURE) == key
    assert store.read(key) == BODY
    assert hashlib.sha256(store.archive(key)).hexdigest() == Path(key).name.removesuffix(".warc.gz")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_one_letter_changed_is_noticed(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    key = store.keep_capture(CAPTURE)
    letters = gzip.decompress((tmp_path / key).read_bytes())
    changed = gzip.compress(letters.replace("Lịch".encode(), "Lịhc".encode(), 1))
    with pytest.raises(DamagedBody):
        archived_body(changed)
    (tmp_path / key).write_bytes(changed)
    with pytest.raises(DamagedBody, match="has the hash"):
        store.read(key)
