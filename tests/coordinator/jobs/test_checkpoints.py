"""Each day one checkpoint of the journal goes to every store, whole or not at all, and is stamped by an authority."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import obstore
import pytest

from campaigns.core.checkpoints import Checkpoint, verify_against
from campaigns.core.clock import city_day
from coordinator.jobs.checkpoints import keep_checkpoint, store_state
from coordinator.storage.blobs import DAY_KEY
from coordinator.storage.bucket import BucketAddress, BucketStore
from coordinator.storage.folder import FolderStore
from coordinator.storage.timestamps import TimestampAuthority, TimestampError
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.storage.conftest import Service, service
from tests.coordinator.storage.test_bucket import behind
from tests.coordinator.storage.timestamp_server import TimestampServer, timestamp_server

__all__ = ["service"]  # a fixture


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TimestampServer]:
    folder = tmp_path / "tsa"
    folder.mkdir()
    with timestamp_server(folder) as server:
        yield server


def _folder(path: Path) -> FolderStore:
    return FolderStore(path, keys=DAY_KEY, create=False)


def test_one_is_written_a_day_and_the_journal_contains_it(scene: JobHarness, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    store = _folder(folder)
    context = replace(scene.context, checkpoint_stores=(store,))
    scene.publish()
    keep_checkpoint(context)
    (file,) = folder.iterdir()
    kept = file.read_text()
    scene.publish()
    keep_checkpoint(context)
    assert [path.read_text() for path in folder.iterdir()] == [kept]
    with scene.database.read() as session:
        assert verify_against(session, Checkpoint.parse(kept)) is None
    assert store_state(store, "txt", now=context.now())[0]
    assert not store_state(store, "txt", now=context.now() + timedelta(days=3))[0]


def test_a_folder_that_is_gone_is_tried_again(scene: JobHarness, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    context = replace(scene.context, checkpoint_stores=(_folder(folder),))
    keep_checkpoint(context)
    assert not folder.exists()  # it is another machine's: nothing is written beneath where it would be mounted
    assert not store_state(_folder(folder), "txt", now=context.now())[0]
    folder.mkdir()
    keep_checkpoint(context)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.peer
def test_every_store_gets_the_same_line_whichever_failed_first(
    scene: JobHarness, tmp_path: Path, service: Service
) -> None:
    folder = tmp_path / "elsewhere"
    bucket = BucketStore(BucketAddress.parse(service.address(prefix="moc")), *service.keeper, keys=DAY_KEY)
    context = replace(scene.context, checkpoint_stores=(_folder(folder), bucket))
    scene.publish()
    keep_checkpoint(context)  # the folder is not there
    scene.publish()
    folder.mkdir()
    keep_checkpoint(context)
    name = f"{city_day(context.now())}.txt"
    assert (folder / name).read_bytes() == bytes(obstore.get(behind(service, prefix="moc"), name).bytes())
    refused = BucketStore(BucketAddress.parse(service.address(prefix="moc")), "nobody", "x" * 20, keys=DAY_KEY)
    keep_checkpoint(replace(context, checkpoint_stores=(refused,)))
    well, words = store_state(refused, "txt", now=context.now())
    assert not well
    assert "may not do this" in words or "key id" in words


@pytest.mark.peer
def test_an_authoritys_stamp_is_verified_and_kept_beside_the_line(
    scene: JobHarness, tmp_path: Path, authority: TimestampServer
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    tsa = TimestampAuthority(authority.url, authority.certificate.read_bytes())
    context = replace(scene.context, checkpoint_stores=(_folder(folder),), timestamp_authority=tsa)
    day = city_day(context.now())
    line, stamp = folder / f"{day}.txt", folder / f"{day}.tsr"
    other = tsa.request(b"another text")
    authority.asked.append(other.as_bytes())
    for manner in ("refuses", "half", "another"):
        authority.manner = manner
        keep_checkpoint(context)
        assert line.is_file(), manner
        assert not stamp.exists(), manner
        assert not store_state(_folder(folder), "tsr", now=context.now())[0]
    authority.manner = "well"
    keep_checkpoint(context)
    assert store_state(_folder(folder), "tsr", now=context.now())[0]
    seen = len(authority.asked)
    keep_checkpoint(context)
    assert len(authority.asked) == seen  # once a day
    tsa.verify(stamp.read_bytes(), line.read_bytes())
    with pytest.raises(TimestampError):
        tsa.verify(stamp.read_bytes(), line.read_bytes().replace(b" ", b"  "))
    # What anybody verifies without our program.
    said = subprocess.run(
        ["openssl", "ts", "-verify", "-data", line, "-in", stamp, "-CAfile", authority.certificate],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verification: OK" in said.stdout + said.stderr


@pytest.mark.peer
def test_a_stamp_by_anybody_else_is_refused(tmp_path: Path, authority: TimestampServer) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    with timestamp_server(folder) as stranger:
        ours = TimestampAuthority(authority.url, authority.certificate.read_bytes())
        theirs = TimestampAuthority(stranger.url, stranger.certificate.read_bytes())
        request = theirs.request(b"text")
        (folder / "q.tsq").write_bytes(request.as_bytes())
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "r.tsr"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        reply = (folder / "r.tsr").read_bytes()
        theirs.verify(reply, b"text", request=request)
        with pytest.raises(TimestampError):
            ours.verify(reply, b"text", request=request)
        with pytest.raises(TimestampError):
            theirs.verify(reply, b"text", request=theirs.request(b"text"))  # another nonce
