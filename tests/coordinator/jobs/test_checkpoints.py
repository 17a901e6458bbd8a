"""Each day one checkpoint of the journal goes to every store, whole or not at all, and is stamped by an authority."""

import errno
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import obstore
import pytest

from campaigns.core.checkpoints import Checkpoint, make_checkpoint, verify_against
from campaigns.core.clock import city_day
from campaigns.core.journal import SEALS
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
    assert store_state(store, now=context.now())[0]
    assert not store_state(store, now=context.now() + timedelta(days=3))[0]


def test_a_folder_that_is_gone_is_tried_again(scene: JobHarness, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    context = replace(scene.context, checkpoint_stores=(_folder(folder),))
    keep_checkpoint(context)
    assert not folder.exists()  # it is another machine's: nothing is written beneath where it would be mounted
    assert not store_state(_folder(folder), now=context.now())[0]
    folder.mkdir()
    keep_checkpoint(context)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.peer
def test_every_store_gets_the_same_line_whichever_failed_first(
    scene: JobHarness, tmp_path: Path, service: Service
) -> None:
    folder = tmp_path / "elsewhere"
    bucket = BucketStore(BucketAddress.parse(service.address(prefix=tmp_path.name)), *service.keeper, keys=DAY_KEY)
    context = replace(scene.context, checkpoint_stores=(_folder(folder), bucket))
    scene.publish()
    keep_checkpoint(context)  # the folder is not there
    scene.publish()
    folder.mkdir()
    keep_checkpoint(context)
    name = f"{city_day(context.now())}.txt"
    assert (folder / name).read_bytes() == bytes(obstore.get(behind(service, prefix=tmp_path.name), name).bytes())
    refused = BucketStore(BucketAddress.parse(service.address(prefix=tmp_path.name)), "nobody", "x" * 20, keys=DAY_KEY)
    keep_checkpoint(replace(context, checkpoint_stores=(refused,)))
    with pytest.raises(OSError, match=r"may not do this|key id"):
        store_state(refused, now=context.now())


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
    for manner in ("refuses", "half", "another", "empty", "redirects", "page", "rejects"):
        authority.manner = manner
        keep_checkpoint(context)
        assert line.is_file(), manner
        assert not stamp.exists(), manner
        assert not store_state(_folder(folder), tsa, now=context.now())[0]
    authority.manner = "well"
    keep_checkpoint(context)
    assert store_state(_folder(folder), tsa, now=context.now())[0]
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


@dataclass
class HostileStore:
    """A store that gives back what it likes: a Protocol's fake for one answer of a service."""

    given: bytes | None = None
    place: str = "hostile"
    puts: int = 0

    def put(self, key: str, body: bytes) -> None:
        """Say that it is stored, and forget it."""
        self.puts += 1

    def get(self, key: str) -> bytes:
        """Return the same for every key."""
        if self.given is None:
            raise FileNotFoundError(key)
        return self.given

    def has(self, key: str) -> bool:
        """Claim to hold everything."""
        return True

    def check(self) -> str:
        """Be well."""
        return "well"


def test_what_a_store_gives_back_is_checked_and_never_copied_to_another(
    scene: JobHarness, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scene.publish()
    now = scene.context.now()
    with scene.database.read() as session:
        old = str(make_checkpoint(session, now=now - timedelta(days=30)))
        real = make_checkpoint(session, now=now)
        seals = session.info[SEALS]
        cut = replace(real, seq=real.seq + 5, seal="")  # of a journal that was longer
        rewritten = replace(real, hash="0" * 64, seal="")
        signed = [str(replace(line, seal=seals.seal(line.sealed_text))) for line in (cut, rewritten)]
    foreign = f"{real.sealed_text} {'0' * 8}.{'0' * 64}".replace(real.hash, "1" * 64)
    cases = [b"", b"<html>sign in</html>", old.encode(), str(real).encode()[:-1] + b"!", foreign.encode(),
             *(line.encode() for line in signed), b"\xff" * 100]  # fmt: skip
    for number, given in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        hostile, store = HostileStore(given), _folder(folder)
        caplog.clear()
        keep_checkpoint(replace(scene.context, checkpoint_stores=(hostile, store)))
        (kept,) = folder.iterdir()
        with scene.database.read() as session:
            assert verify_against(session, Checkpoint.parse(kept.read_text())) is None, given
        assert "is not the checkpoint of the journal that was written there" in caplog.text, given
        assert hostile.puts == 0, given
        assert store_state(store, now=now)[0]
        if number < 3:  # whether it is in the journal, the journal says
            assert not store_state(hostile, now=now)[0], given


def test_a_store_that_forgets_is_named_and_gets_it_again(scene: JobHarness) -> None:
    forgetful = HostileStore()
    for _ in range(2):
        keep_checkpoint(replace(scene.context, checkpoint_stores=(forgetful,)))
        assert not store_state(forgetful, now=scene.context.now())[0]
    assert forgetful.puts == 2


def test_a_folder_without_space_or_that_may_not_be_written_is_reported_and_leaves_no_half_line(
    scene: JobHarness, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    keep_checkpoint(replace(scene.context, checkpoint_stores=(_folder(tmp_path / "file"),)))  # no folder at all
    assert "could not be" in caplog.text
    folder = tmp_path / "full"
    folder.mkdir()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        caplog.clear()
        keep_checkpoint(replace(scene.context, checkpoint_stores=(_folder(folder),)))
    assert "No space left on device" in caplog.text
    assert list(folder.iterdir()) == []
    keep_checkpoint(replace(scene.context, checkpoint_stores=(_folder(folder),)))
    assert len(list(folder.iterdir())) == 1
