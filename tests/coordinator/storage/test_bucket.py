"""Pages in a bucket of a real S3-compatible service that checks signatures and rights."""

import signal
import subprocess
import sys
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

from coordinator import composition
from coordinator.config import Settings, SettingsError
from coordinator.storage.blobs import DamagedBody, StoreError
from coordinator.storage.bucket import BucketAddress, BucketStore
from coordinator.storage.folder import FolderStore
from coordinator.storage.pages import PageStore
from tests.coordinator.storage.conftest import Service

BODY = "<html><body>Lịch tiêm vắc xin</body></html>".encode()
KEY = f"ab/{'ab' * 32}.gz"

pytestmark = pytest.mark.peer


def behind(service: Service, bucket: str = "bang-chung", prefix: str = "lan-toa/2026") -> S3Store:
    """The same bucket, past our own code."""
    key, secret = service.keeper
    return S3Store(
        bucket,
        prefix=prefix,
        endpoint=service.url,
        region="us-east-1",
        access_key_id=key,
        secret_access_key=secret,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


def test_a_page_is_kept_once_and_read_back(service: Service) -> None:
    store = PageStore(service.store(prefix="mot"))
    digest, key = store.keep(BODY)
    assert store.keep(BODY) == (digest, key)
    assert store.read(key) == BODY
    assert [one["path"] for one in obstore.list(behind(service, prefix="mot")).collect()] == [key]


def test_a_bucket_with_a_dot_and_no_prefix_will_do(service: Service) -> None:
    store = PageStore(service.store("kho.thu-hai", ""))
    _, key = store.keep(BODY)
    assert store.read(key) == BODY


def test_what_is_not_there_is_not_found(service: Service) -> None:
    store = service.store()
    assert not store.has(KEY)
    with pytest.raises(FileNotFoundError):
        store.get(KEY)


@pytest.mark.parametrize("key", ["../secret.key", "/etc/passwd", "", "ab/none.gz"])
def test_only_a_key_is_asked_for(service: Service, key: str) -> None:
    with pytest.raises(FileNotFoundError):
        service.store().get(key)


def test_a_page_that_was_changed_there_is_not_taken_for_the_page(service: Service) -> None:
    store = PageStore(service.store(prefix="hai"))
    _, key = store.keep(BODY)
    obstore.put(behind(service, prefix="hai"), key, b"something else")
    with pytest.raises(DamagedBody, match="decompressed"):
        store.read(key)


def test_every_refusal_says_what_to_look_at(service: Service) -> None:
    key_id, secret = service.keeper

    def refused(address: str, key: str = key_id, word: str = secret) -> str:
        with pytest.raises(StoreError) as exception_info:
            BucketStore(BucketAddress.parse(address), key, word).put(KEY, b"x")
        with pytest.raises(StoreError):
            BucketStore(BucketAddress.parse(address), key, word).check()
        assert secret not in str(exception_info.value)
        assert "Debug source" not in str(exception_info.value)
        return str(exception_info.value)

    assert "no such bucket" in refused(service.address("khong-co"))
    assert "may not do this" in refused(service.address(), word="wrong")
    assert "may not do this" in refused(service.address(), key="AKIAUNKNOWN")
    assert "does not answer" in refused("s3://bang-chung/x?endpoint=http://127.0.0.1:9")


def test_the_check_tells_a_wrong_secret_from_a_wrong_key(service: Service) -> None:
    key_id, secret = service.keeper
    address = BucketAddress.parse(service.address())
    BucketStore(address, key_id, secret).check()
    with pytest.raises(StoreError, match="LANTOA_EVIDENCE_SECRET"):
        BucketStore(address, key_id, "wrong").check()
    with pytest.raises(StoreError, match="LANTOA_EVIDENCE_KEY_ID"):
        BucketStore(address, "AKIAUNKNOWN", secret).check()


def test_who_may_only_read_gets_an_error(service: Service) -> None:
    store = BucketStore(BucketAddress.parse(service.address()), *service.reader)
    store.check()
    with pytest.raises(StoreError, match="read and write"):
        store.put(f"cd/{'cd' * 32}.gz", b"x")


def test_a_killed_writer_leaves_whole_pages_only(service: Service) -> None:
    script = (
        "import sys, os\n"
        "from coordinator.storage.pages import PageStore\n"
        "from coordinator.storage.bucket import BucketAddress, BucketStore\n"
        "store = PageStore(BucketStore(BucketAddress.parse(sys.argv[1]), sys.argv[2], sys.argv[3]))\n"
        "while True:\n    print(store.keep(os.urandom(2_000_000))[1], flush=True)\n"
    )
    command = [sys.executable, "-c", script, service.address(prefix="giet"), *service.keeper]
    values = []
    for pages in (1, 2, 3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        values += [process.stdout.readline().strip() for _ in range(pages)]
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()
    store = PageStore(service.store(prefix="giet"))
    there = [str(one["path"]) for one in obstore.list(behind(service, prefix="giet")).collect()]
    assert set(values) <= set(there)
    assert all(len(store.read(key)) == 2_000_000 for key in there)


def test_what_was_kept_in_the_folder_before_is_still_read(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, old = PageStore(tmp_path / "pages").keep(BODY)
    monkeypatch.setenv("LANTOA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LANTOA_EVIDENCE_STORE", service.address(prefix="ba"))
    monkeypatch.setenv("LANTOA_EVIDENCE_KEY_ID", service.keeper[0])
    monkeypatch.setenv("LANTOA_EVIDENCE_SECRET", service.keeper[1])
    store = composition.page_store(Settings.read())
    assert store.read(old) == BODY
    _, new = store.keep(b"another")
    assert not FolderStore(tmp_path / "pages").has(new)
    assert service.store(prefix="ba").has(new)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("https://bucket", "names no bucket"),
        ("s3://", "names no bucket"),
        ("s3://UPPER/x", "names no bucket"),
        ("s3://good/x?endpoint=ftp://h", "endpoint"),
        ("s3://good/x?endpoint=http://user:pass@h", "endpoint"),
        ("s3://good/x?endpont=http://h", "endpont"),
        ("s3://good/x?ca=/none.pem", "no file"),
        ("s3://good/a//b", "prefix"),
    ],
)
def test_a_bad_address_is_named(monkeypatch: pytest.MonkeyPatch, text: str, word: str) -> None:
    monkeypatch.setenv("LANTOA_EVIDENCE_STORE", text)
    monkeypatch.setenv("LANTOA_EVIDENCE_KEY_ID", "a")
    monkeypatch.setenv("LANTOA_EVIDENCE_SECRET", "b")
    with pytest.raises(SettingsError, match=word):
        composition.page_store(Settings.read())


def test_an_address_without_its_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTOA_EVIDENCE_STORE", "s3://good/x")
    with pytest.raises(SettingsError, match="evidence_key_id"):
        composition.page_store(Settings.read())
    assert "b" * 20 not in repr(Settings.read(evidence_secret="b" * 20))


class _Boaster(BaseHTTPRequestHandler):
    """Announces far more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in (("Content-Length", "40000000000"), ("ETag", '"a"'), ("Last-Modified", formatdate(0))):
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_body_that_is_announced_too_long_is_refused_before_it_is_read() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Boaster) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = BucketAddress.parse(f"s3://kho/mot?endpoint=http://127.0.0.1:{server.server_port}")
        with pytest.raises(StoreError, match="announces 40,000,000,000 bytes"):
            BucketStore(address, "id", "secret").get(KEY)
        server.shutdown()
