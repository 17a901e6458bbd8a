"""The embedded engine: one pool of threads that never lets slow looks hold up a delivery, and loses no nudge."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from campaigns.core.ledger import Claim
from coordinator.db import Database
from coordinator.jobs import kinds
from coordinator.jobs.kinds import Kind
from coordinator.jobs.workplace import Workplace
from coordinator.scheduling import embedded
from coordinator.scheduling.embedded import EmbeddedRunner
from tests.coordinator.jobs.scene import Scene

PATIENCE = 60.0  # seconds: the machine may be busy


class Work:
    """Rows of one kind in memory: claimed in order, carried out until ``gate`` opens."""

    def __init__(self, count: int = 0) -> None:
        self.left, self.begun, self.done = list(range(count)), 0, 0
        self.gate = threading.Event()
        self.most_at_once = 0
        self._busy = 0
        self._lock = threading.Lock()

    def claim(self, _place: Workplace, limit: int) -> list[Claim]:
        with self._lock:
            taken, self.left = self.left[:limit], self.left[limit:]
        return [Claim(ident, 1, 1, False) for ident in taken]

    def act(self, _place: Workplace, _taken: Claim) -> None:
        with self._lock:
            self.begun += 1
            self._busy += 1
            self.most_at_once = max(self.most_at_once, self._busy)
        self.gate.wait(PATIENCE)
        with self._lock:
            self._busy -= 1
            self.done += 1

    def broken(self, _place: Workplace, _taken: Claim, _error: BaseException) -> None:
        raise AssertionError("nothing breaks here")

    def kind(self) -> Kind:
        return Kind(self.claim, self.act, self.broken)


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> dict[str, Work]:
    """Work of every kind in the place of the real one."""
    made = {name: Work() for name in kinds.KINDS}
    table = {name: work.kind() for name, work in made.items()}
    monkeypatch.setattr(embedded, "KINDS", table)
    monkeypatch.setattr("coordinator.jobs.running.KINDS", table)
    return made


@pytest.fixture
def runner(works: dict[str, Work], tmp_path: Path, sqlite: Database) -> Iterator[EmbeddedRunner]:
    made = EmbeddedRunner(Scene(sqlite, tmp_path).place, 8)
    yield made
    for work in works.values():
        work.gate.set()
    made.stop()


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_everything_due_is_carried_out_after_one_nudge(runner: EmbeddedRunner, works: dict[str, Work]) -> None:
    work = works["deliver"]
    work.left = list(range(50))
    work.gate.set()
    runner.nudge("deliver")
    until(lambda: work.done == 50)
    until(runner.idle)


def test_no_more_is_claimed_than_there_are_threads_for(runner: EmbeddedRunner, works: dict[str, Work]) -> None:
    work = works["deliver"]
    work.left = list(range(20))
    runner.nudge("deliver")
    until(lambda: work.begun == 8)
    runner.nudge("deliver")
    time.sleep(0.2)
    assert (work.begun, len(work.left)) == (8, 12)  # what is left can be claimed by nobody's death
    work.gate.set()
    until(lambda: work.done == 20)
    assert work.most_at_once == 8


def test_slow_sites_of_every_kind_together_leave_half_of_the_threads_to_deliveries(
    runner: EmbeddedRunner, works: dict[str, Work]
) -> None:
    for kind in ("look", "check", "tell"):
        works[kind].left = list(range(20))
        runner.nudge(kind)
    until(lambda: sum(works[kind].begun for kind in ("look", "check", "tell")) == 4)
    time.sleep(0.2)
    assert sum(works[kind].begun for kind in ("look", "check", "tell")) == 4
    works["deliver"].left = list(range(4))
    works["deliver"].gate.set()
    runner.nudge("deliver")
    until(lambda: works["deliver"].done == 4)


def test_no_single_slow_kind_takes_all_that_the_others_may_use(runner: EmbeddedRunner, works: dict[str, Work]) -> None:
    works["look"].left = list(range(20))
    runner.nudge("look")
    until(lambda: works["look"].begun == 3)
    works["check"].left = [1]
    works["check"].gate.set()
    runner.nudge("check")
    until(lambda: works["check"].done == 1)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_few_threads_still_do_every_kind(
    works: dict[str, Work], tmp_path: Path, sqlite: Database, workers: int
) -> None:
    runner = EmbeddedRunner(Scene(sqlite, tmp_path).place, workers)
    for work in works.values():
        work.left = list(range(5))
        work.gate.set()
    runner.nudge_all()
    until(lambda: all(work.done == 5 for work in works.values()))
    runner.stop()


def test_stopping_waits_for_what_is_under_way_and_takes_nothing_more(
    works: dict[str, Work], tmp_path: Path, sqlite: Database
) -> None:
    place = Scene(sqlite, tmp_path).place
    runner = EmbeddedRunner(place, 2)
    works["deliver"].left = list(range(10))
    runner.nudge("deliver")
    until(lambda: works["deliver"].begun == 2)
    stopper = threading.Thread(target=runner.stop)
    stopper.start()
    assert place.stopping.wait(PATIENCE)
    assert stopper.is_alive()
    works["deliver"].gate.set()
    stopper.join(PATIENCE)
    assert not stopper.is_alive()
    assert (works["deliver"].done, len(works["deliver"].left)) == (2, 8)
    runner.nudge("deliver")  # harmless
    assert works["deliver"].begun == 2


def test_nudges_from_many_threads_while_it_stops_are_harmless(
    works: dict[str, Work], tmp_path: Path, sqlite: Database
) -> None:
    works["deliver"].gate.set()
    troubles: list[BaseException] = []
    for _ in range(20):
        runner = EmbeddedRunner(Scene(sqlite, tmp_path).place, 2)

        def nudge(runner: EmbeddedRunner = runner) -> None:
            try:
                for _ in range(200):
                    runner.nudge_all()
            except RuntimeError as error:
                troubles.append(error)

        threads = [threading.Thread(target=nudge) for _ in range(3)]
        for thread in threads:
            thread.start()
        runner.stop()
        for thread in threads:
            thread.join()
    assert troubles == []


def test_a_database_that_does_not_answer_costs_one_nudge(
    works: dict[str, Work], runner: EmbeddedRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work = works["deliver"]
    work.left = [1]
    work.gate.set()

    def claim(place: Workplace, limit: int) -> list[Claim]:
        monkeypatch.undo()
        raise OperationalError("SELECT", {}, Exception("gone away"))

    broken = dict(embedded.KINDS) | {"deliver": Kind(claim, work.act, work.broken)}
    monkeypatch.setattr(embedded, "KINDS", broken)
    runner.nudge("deliver")
    until(lambda: "could not claim deliver" in caplog.text)
    assert work.done == 0
