"""Kept pages: found by their hash, whole or not at all, and never outside their folder."""

import gzip
import hashlib
import threading
from pathlib import Path

import pytest

from coordinator.keeping import PageStore

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
