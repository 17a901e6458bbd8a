"""A worker that hears no nudges looks by itself, and leaves that to others as soon as it hears them again."""

import logging
import os
import socket
import time
from pathlib import Path

import pytest

from campaigns.core import leases
from coordinator.db import Database
from coordinator.jobs.heartbeat import Heartbeat, LifeSign
from coordinator.scheduling.thread_pool import PollingFallback, ThreadPoolRunner
from coordinator.storage import heartbeat_files
from tests.coordinator.installation import until
from tests.coordinator.jobs.harness import JobHarness


class Counting(ThreadPoolRunner):
    """A runner that counts its nudges."""

    looks = 0

    def nudge_all(self) -> None:
        """Look, and count it."""
        self.looks += 1
        super().nudge_all()


def test_it_looks_while_nobody_nudges_and_stops_when_somebody_does(
    sqlite: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    runner = Counting(JobHarness(sqlite, tmp_path).context, 2)
    lookout = PollingFallback(runner, silence=0.5)
    lookout.start()
    until("it looks by itself", lambda: runner.looks >= 2)
    assert "no nudges, looking every second" in caplog.text

    def heard() -> bool:
        lookout.hear("delivery")
        return "nudges come again" in caplog.text

    until("it hears nudges", heard)
    lookout.stop()


def test_each_part_of_a_process_is_counted_while_its_loop_goes_on_and_not_after_it_ends(
    database: Database, tmp_path: Path
) -> None:
    context = JobHarness(database, tmp_path).context

    def there() -> dict[str, list[str]]:
        with database.read() as session:
            return leases.live_processes(session, now=context.now())

    signing = Heartbeat(context, {"web": None, "work": LifeSign(), "clock": LifeSign(silence=-1)}, tmp_path)
    signing.start()
    until("it has signed", lambda: set(there()) == {"web", "work"})
    here = f"{socket.gethostname()[:60]}:{os.getpid()}"
    until("it has signed in the folder", lambda: heartbeat_files.live_processes(tmp_path, "work") == [here])
    assert heartbeat_files.live_processes(tmp_path, "clock") == []
    signing.stop()
    assert there() == {}
    assert heartbeat_files.live_processes(tmp_path, "work") == []


def test_a_file_of_a_process_that_was_killed_counts_for_a_minute_and_is_removed_after_a_day(tmp_path: Path) -> None:
    heartbeat_files.record(tmp_path, "work")
    (path,) = (tmp_path / heartbeat_files.FOLDER).iterdir()
    killed = path.rename(path.with_name(path.name + "0"))  # of another process
    for age, counts, stays in ((50, True, True), (70, False, True), (90_000, False, False)):
        os.utime(killed, (time.time() - age,) * 2)
        assert bool(heartbeat_files.live_processes(tmp_path, "work")) is counts
        heartbeat_files.record(tmp_path, "web")
        assert killed.exists() is stays


def test_the_watchdog_is_told_while_every_loop_goes_round_even_in_vain(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = JobHarness(database, tmp_path).context
    in_vain, hanging = LifeSign(), LifeSign(silence=-1)
    in_vain.turn()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        signing = Heartbeat(context, {"web": None, "work": in_vain}, tmp_path)
        signing.start()
        assert supervisor.recv(100) == b"WATCHDOG=1"
        signing.stop()
        supervisor.settimeout(0.2)
        signing = Heartbeat(context, {"web": None, "work": hanging}, tmp_path)
        signing.start()
        with pytest.raises(TimeoutError):
            supervisor.recv(100)
        signing.stop()
