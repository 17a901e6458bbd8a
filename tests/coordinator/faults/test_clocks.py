"""Clocks: three at once, one that freezes and comes back, and a machine whose time is set wrong and right again."""

import shutil
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import need
from tests.coordinator.faults.workload import PATIENCE, SECRET, Workload, running_workload
from tests.coordinator.installation import own_postgresql, until

pytestmark = pytest.mark.minutes

SOON = timedelta(seconds=12)  # far enough ahead for a busy machine to hear of it before it comes
LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def _schedule(place: Workload, within: timedelta) -> str:
    """A bulletin that is released by itself."""
    draft = place.staff.post(
        "writer", "/bulletins", {"title": "Hẹn giờ", "lead": "Tin.", "body_text": "Tin.", "topic": "dich-benh"}
    )
    path = f"/bulletins/{draft['code']}"
    place.staff.post("writer", f"{path}/submit")
    place.staff.post("approver", f"{path}/approve", {"revision_hash": draft["revision_hash"]})
    at = datetime.now(UTC) + within
    assert place.staff.post("approver", f"{path}/publish", {"at": at.isoformat()})["state"] == "scheduled"
    place.codes.append(str(draft["code"]))
    return str(draft["code"])


def _written(place: Workload) -> Counter[str]:
    """How often each release stands in the journal."""
    return Counter(str(row[0]) for row in place.rows("SELECT subject FROM journal WHERE act = 'bulletin.published'"))


def _leader(place: Workload) -> str:
    rows = place.rows("SELECT holder FROM leader_leases WHERE name = 'clock'")
    return str(rows[0][0]) if rows else ""


@pytest.mark.postgresql
def test_of_three_clocks_one_freezes_and_one_is_killed_and_nothing_is_released_twice(tmp_path: Path) -> None:
    with own_postgresql() as url, running_workload(tmp_path / "data", database_url=url, secret_key=SECRET) as place:
        place.here.serve("web")
        clocks = [place.here.start("clock") for _ in range(3)]
        place.here.start("work")
        until("the web answers", place.here.alive, PATIENCE)
        place.opens()
        until("one leads", lambda: _leader(place) != "")
        _schedule(place, SOON)
        until("it is out", place.settled, PATIENCE)
        first = _leader(place)
        frozen = next(popen for popen in clocks if f":{popen.pid}:" in first)
        frozen.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        _schedule(place, SOON)
        until("another leads", lambda: _leader(place) != first, PATIENCE)
        took = time.monotonic() - began
        until("the release is written down", lambda: set(_written(place)) == set(place.codes), PATIENCE)
        second = _leader(place)
        frozen.send_signal(signal.SIGCONT)
        _schedule(place, SOON)
        until("the third release is written down", lambda: set(_written(place)) == set(place.codes), PATIENCE)
        assert _leader(place) == second  # the one that came back does not take the lead away
        killed = next(popen for popen in clocks if f":{popen.pid}:" in second)
        killed.kill()
        killed.wait()
        _schedule(place, SOON)
        until("a third leads", lambda: _leader(place) not in {"", second}, PATIENCE)
        until("the fourth release is written down", lambda: set(_written(place)) == set(place.codes), PATIENCE)
        assert _written(place) == Counter(place.codes)
        found = place.counted()
        assert (found.lost, found.repeats, found.doubled, found.left) == (0, 0, 0, 0), place.here.log
        found.noted(
            "three clocks, one frozen while it leads, one killed",
            f"another led after {took:.0f} s",
        )


def _set(file: Path, text: str) -> None:
    """Set the clock. In one step: the library ends a process that finds the file empty."""
    draft = file.with_suffix(".new")
    draft.write_text(text)
    draft.replace(file)


@pytest.fixture
def wrong(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A file that says how wrong the machine's clock is, and the environment of a process that believes it."""
    if shutil.which("faketime") is None or not LIBRARY.exists():
        need("libfaketime", "Debian's package faketime is not installed")
    file = tmp_path / "clock"
    _set(file, "+0")
    return (
        file,
        {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
    )


def test_a_clock_set_three_hours_ahead_and_back_sends_nothing_twice_and_goes_on(
    tmp_path: Path, wrong: tuple[Path, dict[str, str]]
) -> None:
    file, environment = wrong
    with running_workload(tmp_path / "data") as place:
        process = place.here.serve(**environment)
        until("the web answers", place.here.alive, PATIENCE)
        place.opens()
        place.publish()
        until("all is settled", place.settled, PATIENCE)
        ahead = _schedule(place, timedelta(hours=1))
        _set(file, "+3h")
        until("what was due within the three hours is out, once", lambda: place.chats.times(ahead) == 1, PATIENCE)
        place.publish()
        until("all is settled", place.settled, PATIENCE)
        _set(file, "+0")
        began = time.monotonic()
        soon = _schedule(place, SOON)
        until("what falls due after it was set back is out", lambda: place.chats.times(soon) == 1, PATIENCE)
        took = time.monotonic() - began
        # What is in a worker's hands while three hours go by at once is taken up again, as after a kill.
        until("nothing is in hand", place.settled, PATIENCE)
        # The lead was taken until three hours from now; another process does not wait for that moment.
        _set(file, "+3h")
        until("the lead is held far ahead", lambda: _ahead(place) > 3600, PATIENCE)
        until("nothing is in hand", place.settled, PATIENCE)  # what a kill may repeat is tried elsewhere
        process.kill()
        process.wait()
        _set(file, "+0")
        place.here.serve(**environment)
        until("the web answers", place.here.alive, PATIENCE)
        again = _schedule(place, SOON)
        until("the next process releases", lambda: place.chats.times(again) == 1, PATIENCE)
        assert max(_written(place).values()) == 1
        found = place.counted()
        assert (found.lost, found.repeats, found.doubled, found.left) == (0, 0, 0, 0), place.here.log
        found.noted("clock set 3 h ahead, back, ahead, killed, back", f"released again {took:.0f} s after it was back")


def _ahead(place: Workload) -> float:
    """Seconds from now until the lead runs out."""
    until_ = datetime.fromisoformat(str(place.rows("SELECT until FROM leader_leases WHERE name = 'clock'")[0][0]))
    return (until_.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
