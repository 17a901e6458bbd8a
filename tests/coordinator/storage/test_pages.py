"""Stored pages: found by their hash, whole or not at all, and never outside their folder."""

import gzip
import hashlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from coordinator.storage.blobs import DamagedBody, StoreError
from coordinator.storage.pages import PageStore

BODY = "<html><body>Lịch tiêm</body></html>".encode()


def test_a_kept_page_is_read_back_by_its_key(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "pages")
    digest, key = store.keep(BODY)
    assert digest == hashlib.sha256(BODY).hexdigest()
    assert key == f"{digest[:2]}/{digest}.gz"
    assert store.read(key) == BODY
    assert gzip.decompress((tmp_path / "pages" / key).read_bytes()) == BODY


def test_the_same_page_is_kept_once(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    assert store.keep(BODY) == store.keep(BODY)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_many_at_once_keep_one_whole_file(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    body = BODY * 20_000
    threads = [threading.Thread(target=store.keep, args=(bytes(body),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert gzip.decompress(kept.read_bytes()) == body


@pytest.mark.parametrize("key", ["../secret.key", "/etc/passwd", "ab/../../secret.key", "ab/none.gz", ""])
def test_a_key_leads_nowhere_else(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret.key").write_text("secret")
    store = PageStore(tmp_path / "pages")
    store.keep(BODY)
    with pytest.raises((FileNotFoundError, IsADirectoryError)):
        store.read(key)


def test_a_page_that_was_changed_on_disk_is_not_taken_for_the_page(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    _, key = store.keep(BODY)
    (tmp_path / key).write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DamagedBody, match="has the hash"):
        store.read(key)
    (tmp_path / key).write_bytes(b"no gzip")
    with pytest.raises(DamagedBody, match="decompressed"):
        store.read(key)


def test_a_killed_writer_leaves_whole_pages_only(tmp_path: Path) -> None:
    script = (
        "import sys, os, pathlib\n"
        "from coordinator.storage.pages import PageStore\n"
        "store = PageStore(pathlib.Path(sys.argv[1]))\n"
        "while True:\n    print(store.keep(os.urandom(1_000_000))[1], flush=True)\n"
    )
    values = []
    for pages in (1, 3, 6):
        command = [sys.executable, "-c", script, str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        values += [process.stdout.readline().strip() for _ in range(pages)]
        process.kill()
        process.wait(10)
        process.stdout.close()
    store = PageStore(tmp_path)
    there = [path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("??/*.gz")]
    assert set(values) <= set(there)
    assert all(len(store.read(key)) == 1_000_000 for key in there)


def test_a_full_or_closed_place_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file where the folder should be")
    store = PageStore(tmp_path / "pages")
    with pytest.raises(OSError, match="pages"):
        store.keep(BODY)
    with pytest.raises(StoreError, match="written to"):
        store.blobs.check()


def test_asking_how_it_stands_makes_nothing(tmp_path: Path) -> None:
    PageStore(tmp_path / "none" / "pages").blobs.check()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_now_is_not_called_missing(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    _digest, key = store.keep(BODY)
    (tmp_path / key[:2]).rename(tmp_path / "aside")
    (tmp_path / key[:2]).write_bytes(b"")
    with pytest.raises(StoreError) as exception_info:
        store.read(key)
    assert not isinstance(exception_info.value, DamagedBody)
    assert str(tmp_path) in str(exception_info.value)
