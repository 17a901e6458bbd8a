"""Scans of agreements in their store: in a folder and in a bucket, backed up and restored, on both databases."""

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from campaigns.core.errors import Forbidden, Invalid
from campaigns.partners.agreements import AgreementContent, add_agreement, find_scan, remove_scan, scan_counts
from coordinator import schema
from coordinator.db import Database
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.upload_inspection import MAX_SCAN_BYTES, check_scan
from coordinator.jobs.partners.agreement_scans import file_scan
from coordinator.storage import backup
from coordinator.storage.pages import PageStore
from tests import factories
from tests.coordinator.imports.files.test_upload_inspection import paper, picture
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.storage.conftest import Service, service
from tests.factories import ADMIN, ANALYST, NOW

__all__ = ["service"]  # a fixture of another folder

NUMBER = "12/2026/TT"


def agreed(scene: JobHarness) -> JobHarness:
    with scene.database.write() as session:
        owner = factories.company(session)
        add_agreement(session, "test", owner, NUMBER, AgreementContent(starts_on=date(2026, 1, 1)), now=NOW)
    return scene


def body_of(database: Database, store: PageStore, public: str) -> bytes:
    with database.read() as session:
        return store.read(find_scan(session, public).body_key)


def test_a_pdf_is_kept_as_it_came_and_a_picture_is_not(scene: JobHarness) -> None:
    place, body = agreed(scene).context, paper()
    filed = file_scan(place, ADMIN, NUMBER, "a.pdf", body)
    assert body_of(scene.database, place.store, filed.public) == body
    shot = file_scan(place, ADMIN, NUMBER, "b.jpg", picture("JPEG", comment=b"CANARY"))
    assert b"CANARY" not in body_of(scene.database, place.store, shot.public)


def test_two_presses_at_once_make_one_scan(scene: JobHarness) -> None:
    place, body, begin = agreed(scene).context, paper(), threading.Barrier(3)
    found: list[tuple[str, bool]] = []

    def press() -> None:
        begin.wait()
        filed = file_scan(place, ADMIN, NUMBER, "a.pdf", body)
        found.append((filed.public, filed.new))

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({public for public, _new in found}) == 1
    assert sorted(new for _public, new in found) == [False, False, True]


def test_who_may_not_is_refused_before_the_file_is_read(stage: JobHarness, tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        file_scan(agreed(stage).context, ANALYST, NUMBER, "a.pdf", paper())
    with pytest.raises(Invalid):
        file_scan(stage.context, ADMIN, NUMBER, "a.pdf", b"%PDF-1.7")
    assert not list(tmp_path.rglob("*.gz"))


def test_scans_come_back_from_a_backup_with_what_was_removed(scene: JobHarness, tmp_path: Path) -> None:
    place, body = agreed(scene).context, paper()
    filed = file_scan(place, ADMIN, NUMBER, "Thỏa thuận.pdf", body)
    gone = file_scan(place, ADMIN, NUMBER, "nhầm.png", picture("PNG"))
    with scene.database.write() as session:
        remove_scan(session, ADMIN, gone.public, now=NOW)
    backup.backup(scene.database, tmp_path, tmp_path / "house.zip", keys=("k" * 40,))
    other = Database(f"sqlite:///{tmp_path / 'restored.db'}")
    try:
        schema.upgrade(other)
        backup.restore(other, tmp_path / "elsewhere", tmp_path / "house.zip")
        assert body_of(other, PageStore(tmp_path / "elsewhere" / "pages"), filed.public) == body
        with other.read() as session:
            assert list(scan_counts(session).values()) == [1]
            assert find_scan(session, filed.public).name == "Thỏa thuận.pdf"
    finally:
        other.dispose()


@pytest.mark.peer
def test_scans_lie_in_the_bucket_where_evidence_does(stage: JobHarness, service: Service, tmp_path: Path) -> None:
    place, body = replace(agreed(stage).context, store=PageStore(service.store(prefix="ban-quet"))), paper()
    filed = file_scan(place, ADMIN, NUMBER, "a.pdf", body)
    assert body_of(stage.database, place.store, filed.public) == body
    assert not list(tmp_path.rglob("*.gz"))
    counted = backup.backup(
        stage.database, tmp_path, tmp_path / "house.zip", keys=("k" * 40,), lacks=("the pages in s3://bang-chung",)
    )
    other = Database(f"sqlite:///{tmp_path / 'restored.db'}")
    try:
        schema.upgrade(other)
        restored = backup.restore(other, tmp_path / "elsewhere", tmp_path / "house.zip")
        assert counted.pages == 0
        assert "the pages in s3://bang-chung" in restored.lacks
        assert body_of(other, place.store, filed.public) == body
    finally:
        other.dispose()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"MM\0*" + b"\0" * 40, "tiff"),
        (b"II+\0" + b"\0" * 40, "tiff"),
        (b"\0\0\0\x24ftypheix" + b"\0" * 40, "heic"),
        (b"\0\0\0\x24ftypisom" + b"\0" * 40, "unknown_type"),
        (b"x" * (MAX_SCAN_BYTES + 1), "too_large"),
    ],
    ids=["empty", "tiff", "bigtiff", "heic", "video", "large"],
)
def test_what_is_no_scan_is_refused_by_its_bytes(body: bytes, code: str) -> None:
    with pytest.raises(FileRejected) as refused:
        check_scan(body)
    assert refused.value.code == code
