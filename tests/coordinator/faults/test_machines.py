"""A day of several machines on one PostgreSQL: processes are killed while bulletins go out, the program is replaced by
a newer one with other tables in the middle, and at the end all of it is restored elsewhere from the backup alone."""

import os
import random
import shutil
import subprocess
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import coordinator.migrations
import pytest
import requests

import campaigns
from coordinator import schema
from tests.coordinator.faults.workload import PATIENCE, SECRET, Workload, running_workload
from tests.coordinator.installation import Installation, Staff, own_postgresql, until
from tests.coordinator.test_upgrades import COLUMN, HEAD

pytestmark = pytest.mark.minutes

MACHINES = int(os.environ.get("LANTOA_TEST_DAY_MACHINES", "2"))
KILLS = int(os.environ.get("LANTOA_TEST_DAY_KILLS", "2"))  # before the upgrade, and as many after it
PARTS = ("web", "clock", "work")


class Machine:
    """One machine's web, clock and worker, with a data folder of its own."""

    def __init__(self, here: Installation) -> None:
        self.here, self.program = here, ""
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, part: str) -> None:
        """Start a part, by the program that the machine has now; of the web wait until it answers."""
        newer = {"PYTHONPATH": self.program} if self.program else {}
        if part == "web":
            self.processes[part] = self.here.serve("web", **newer)
            until("the web answers", self.here.alive, PATIENCE)
        else:
            self.processes[part] = self.here.start(part, **newer)

    def kill(self, part: str) -> None:
        """Kill a part, and start it again as its supervisor does."""
        self.processes[part].kill()
        self.processes[part].wait()
        self.start(part)

    def replace(self, part: str, program: Path) -> None:
        """End a part as an upgrade does, and start that of the newer program."""
        assert self.here.end(self.processes[part]) in {0, 143, -15}
        self.program = str(program)
        self.start(part)


class Reader(threading.Thread):
    """Somebody who reads a feed all day, at another machine when one does not answer, as the proxy does."""

    def __init__(self, bases: list[str]) -> None:
        super().__init__()
        self._bases, self.stopped = bases, threading.Event()
        self.reads, self.unanswered, self.longest = 0, 0, 0.0

    def run(self) -> None:
        """Read until stopped."""
        while not self.stopped.wait(0.05):
            began = time.monotonic()
            if not any(self._answers(base) for base in self._bases):
                self.unanswered += 1
            self.longest = max(self.longest, time.monotonic() - began)
            self.reads += 1

    def _answers(self, base: str) -> bool:
        try:
            return requests.get(f"{base}/feeds/rss.xml", timeout=30).status_code == 200
        except requests.RequestException:
            return False


class Department(threading.Thread):
    """Publishes one bulletin after the other, in turns at each machine."""

    def __init__(self, place: Workload, keys: dict[str, str], bases: list[str]) -> None:
        super().__init__()
        self._place, self.stopped, self.trouble = place, threading.Event(), ""
        self._desks = [Staff(base, keys, PATIENCE) for base in bases]

    def run(self) -> None:
        """Publish until stopped."""
        try:
            while not self.stopped.is_set():
                number = len(self._place.codes)
                desk = self._desks[number % len(self._desks)]
                self._place.codes.append(desk.publish(f"Bản tin trong ngày, số {number + 1}"))
        except AssertionError as trouble:
            self.trouble = str(trouble)

    def has_published(self, more: int) -> None:
        """Wait until so many more are out, or it has stopped."""
        wanted = len(self._place.codes) + more
        until("more is published", lambda: len(self._place.codes) >= wanted or bool(self.trouble), PATIENCE)
        assert not self.trouble, self.trouble


def _newer_program(folder: Path) -> Path:
    """The product with one more migration, as a folder for PYTHONPATH."""
    shutil.copytree(Path(campaigns.__path__[0]), folder / "campaigns")
    shutil.copytree(Path(schema.__file__).parent, folder / "coordinator")
    migrations = folder / "coordinator" / "migrations"
    shutil.copytree(Path(coordinator.migrations.__path__[0]), migrations, dirs_exist_ok=True)
    head = HEAD.format(
        doc="A remark", revision="step_2", before=schema.head(), counts=False, locks={"deliveries": "moment"},
        alone=False,
    )  # fmt: skip
    (migrations / "versions" / "mstep_2.py").write_text(head + COLUMN)
    return folder


@pytest.mark.postgresql
def test_kills_an_upgrade_and_a_restore_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    dice, began = random.Random(174), time.monotonic()
    newer = _newer_program(tmp_path / "newer")
    with ExitStack() as day:
        url = day.enter_context(own_postgresql())
        place = day.enter_context(
            running_workload(tmp_path / "m1", moment=0.05, database_url=url, secret_key=SECRET, workers="4")
        )
        settings = {"database_url": url, "secret_key": SECRET, "workers": "4", "base_url": place.here.base}
        others = [
            day.enter_context(Installation(tmp_path / name, **settings)) for name in ("m2", "m3", "m4")[: MACHINES - 1]
        ]
        machines = [Machine(here) for here in (place.here, *others)]
        for machine in machines:
            machine.here.folder.mkdir(exist_ok=True)
            for part in PARTS:
                machine.start(part)
        place.opens()
        bases = [machine.here.base for machine in machines]
        reader, department = Reader(bases), Department(place, place.staff.keys, bases)
        reader.start()
        department.start()
        try:
            for _ in range(KILLS):
                department.has_published(1)
                dice.choice(machines).kill(dice.choice(PARTS))
            plan = place.here.run("db", "upgrade", "--plan", PYTHONPATH=str(newer)).stdout
            assert "deliveries (about " in plan
            upgraded = place.here.run("db", "upgrade", PYTHONPATH=str(newer))
            assert upgraded.returncode == 0, upgraded.stderr
            assert "-> step_2" in upgraded.stdout
            for part in ("work", "clock", "web"):
                for machine in machines:
                    machine.replace(part, newer)
                    department.has_published(1)
            for _ in range(KILLS):
                department.has_published(1)
                dice.choice(machines).kill(dice.choice(PARTS))
        finally:
            for thread in (department, reader):
                thread.stopped.set()
                thread.join()
        assert not department.trouble, department.trouble
        place.leases_run_out()
        found = place.counted()
        assert (found.lost, found.doubled) == (0, 0)
        assert found.repeats <= 2 * KILLS * 4  # threads of a worker
        assert reader.unanswered == 0
        saved = tmp_path / "day.zip"
        made = place.here.run("backup", str(saved), PYTHONPATH=str(newer))
        assert made.returncode == 0, made.stderr
        for machine in machines:
            for process in machine.processes.values():
                process.kill()
        _restored(day, place, saved, newer)
        minutes = (time.monotonic() - began) / 60
        found.noted(
            f"{MACHINES} machines on PostgreSQL: {2 * KILLS} kills, an upgrade, a restore",
            f"{reader.reads} reads, none without an answer, the longest {reader.longest:.1f} s; {minutes:.0f} minutes",
        )


def _restored(day: ExitStack, place: Workload, saved: Path, newer: Path) -> None:
    """Everything that was published is there on a machine that has the backup alone."""
    url = day.enter_context(own_postgresql())
    bare = day.enter_context(Installation(saved.parent / "bare", database_url=url, secret_key=SECRET))
    bare.environment["PYTHONPATH"] = str(newer)
    assert "restored" in bare.did("restore", str(saved))
    assert bare.did("journal", "verify").startswith("journal whole")
    assert bare.did("tallies", "verify").startswith("sums hold")
    bare.serve("web")
    until("the web answers", bare.alive, PATIENCE)
    for code in place.codes:
        assert requests.get(f"{bare.base}/bulletins/{code}.json", timeout=30).status_code == 200
