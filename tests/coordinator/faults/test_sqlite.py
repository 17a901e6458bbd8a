"""SQLite locked by another writer, and with a full disk: users get an error, and everything recovers by itself."""

import errno
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.conftest import need
from tests.coordinator.faults.workload import PATIENCE, Workload, running_workload
from tests.coordinator.installation import until

pytestmark = pytest.mark.minutes

HELD = 12.0  # seconds; a writer waits for thirty
DISK_MEGABYTES = 24  # MB of the disk that is filled


def test_a_writer_that_keeps_the_database_for_seconds_is_waited_for(tmp_path: Path) -> None:
    with running_workload(tmp_path / "data", moment=0.1) as place:
        place.here.serve()
        until("the web answers", place.here.alive, PATIENCE)
        place.opens()
        place.publish(2)
        held = threading.Event()

        def hold() -> None:
            other = sqlite3.connect(tmp_path / "data" / "lantoa.db", isolation_level=None, timeout=30)
            other.execute("BEGIN IMMEDIATE")
            held.set()
            time.sleep(HELD)
            other.execute("COMMIT")
            other.close()

        holder = threading.Thread(target=hold)
        holder.start()
        assert held.wait(PATIENCE)
        read = requests.get(f"{place.here.base}/feeds/rss.xml", timeout=10)
        assert read.status_code == 200  # readers do not wait for writers
        place.publish(3)  # asked again where there was no answer in ten seconds
        holder.join()
        until("all is settled", place.settled, PATIENCE)
        found = place.counted()
        assert (found.lost, found.repeats, found.doubled, found.left) == (0, 0, 0, 0), place.here.log
        found.noted(f"SQLite held by another writer for {HELD:.0f} s", f"published within {place.slowest:.0f} s")


def _small_disk(folder: Path) -> tuple[str, ...]:
    """A process whose data folder is a file system in memory of ``DISK_MEGABYTES`` megabytes."""
    script = f'cp -a "{folder}/." "{folder}.kept" && mount -t tmpfs -o size={DISK_MEGABYTES}m none "{folder}"'
    script += f' && cp -a "{folder}.kept/." "{folder}" && exec "$0" "$@"'
    own = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
    tried = subprocess.run([*own, "mount -t tmpfs none /mnt"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        need("file systems of one's own", tried.stderr.strip())
    return (*own, script)


def test_a_full_disk_is_reported_in_words_and_over_when_there_is_space_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    Path(f"{folder}.kept").mkdir()
    with running_workload(folder, before=_small_disk(folder)) as place:
        process = place.here.serve()
        until("the web answers", place.here.alive, PATIENCE)
        # Nobody but the process sees that disk, except through it.
        inside = Path(f"/proc/{process.pid}/root{folder}")
        place.within = process.pid
        place.opens()
        place.publish(2)
        until("all is settled", place.settled, PATIENCE)
        ballast = inside / "ballast"
        _fill(ballast)
        refused = _until_refused(place, ballast)
        assert refused.status_code == 503, refused.text
        assert refused.headers["Retry-After"]
        assert "Traceback" not in refused.text
        said = requests.get(f"{place.here.base}/readyz", timeout=10)
        assert (said.status_code, said.text.splitlines()[0]) == (503, "the disk of the data folder is full")
        assert "clock" not in said.text
        assert place.here.alive()
        assert requests.get(f"{place.here.base}/feeds/rss.xml", timeout=10).status_code == 200
        ballast.unlink()
        place.publish(2)
        place.leases_run_out()
        found = place.counted()
        assert process.poll() is None
        assert (found.lost, found.doubled) == (0, 0), place.here.log
        assert found.repeats <= 8
        found.noted(
            f"data folder full ({DISK_MEGABYTES} MB in memory)", "503 with Retry-After while it was; feeds were read"
        )


def _fill(ballast: Path) -> None:
    """Fill the disk."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                assert error.errno == errno.ENOSPC, error  # noqa: PT017  # the write that ends it is the one awaited


def _until_refused(place: Workload, ballast: Path) -> requests.Response:
    """Write bulletins until one is refused: the log of the database still accepts what fits."""
    for number in range(200):
        _fill(ballast)
        response = place.staff.tries("writer", "/bulletins", {
            "title": f"Đầy {number}", "lead": "Tin.", "body_text": "Một đoạn văn. " * 400, "topic": "dich-benh",
        })  # fmt: skip
        if response.status_code >= 500:
            return response
    raise AssertionError("the disk was never full")
