"""One pool of threads that never lets slow looks hold up a delivery, and loses no nudge."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from campaigns.core.ledger import Claim
from campaigns.discovery.site_sources import Source
from coordinator.db import Database
from coordinator.jobs import work_kinds
from coordinator.jobs.context import JobContext
from coordinator.jobs.work_kinds import WorkKind
from coordinator.jobs.work_shares import Share
from coordinator.scheduling import thread_pool
from coordinator.scheduling.thread_pool import ThreadPoolRunner
from tests.coordinator.jobs.harness import JobHarness

PATIENCE = 60.0  # seconds: the machine may be busy


class Work:
    """Rows of one kind in memory: claimed in order, carried out until ``gate`` opens."""

    def __init__(self, count: int = 0) -> None:
        self.left, self.begun, self.done = list(range(count)), 0, 0
        self.gate = threading.Event()
        self.most_at_once = 0
        self.threads: set[str] = set()
        self._busy = 0
        self._lock = threading.Lock()

    def claim(self, _place: JobContext, limit: int) -> list[Claim]:
        with self._lock:
            taken, self.left = self.left[:limit], self.left[limit:]
        return [Claim(ident, 1, 1, False) for ident in taken]

    def run(self, _place: JobContext, _taken: Claim) -> None:
        with self._lock:
            self.begun += 1
            self.threads.add(threading.current_thread().name)
            self._busy += 1
            self.most_at_once = max(self.most_at_once, self._busy)
        self.gate.wait(PATIENCE)
        with self._lock:
            self._busy -= 1
            self.done += 1

    def record_crash(self, _place: JobContext, _taken: Claim, _error: BaseException) -> None:
        raise AssertionError("nothing breaks here")

    def kind(self, share: Share, large: bool) -> WorkKind:
        return WorkKind(Source, self.claim, self.run, self.record_crash, share=share, large=large)


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> dict[str, Work]:
    """Work of every kind in the place of the real one."""
    made = {name: Work() for name in work_kinds.WORK_KINDS}
    table = {
        name: work.kind(work_kinds.WORK_KINDS[name].share, work_kinds.WORK_KINDS[name].large)
        for name, work in made.items()
    }
    monkeypatch.setattr(thread_pool, "WORK_KINDS", table)
    monkeypatch.setattr("coordinator.jobs.job_loop.WORK_KINDS", table)
    return made


@pytest.fixture
def runner(works: dict[str, Work], tmp_path: Path, sqlite: Database) -> Iterator[ThreadPoolRunner]:
    made = ThreadPoolRunner(JobHarness(sqlite, tmp_path).context, 8)
    yield made
    for work in works.values():
        work.gate.set()
    made.stop()


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_everything_due_is_carried_out_after_one_nudge(runner: ThreadPoolRunner, works: dict[str, Work]) -> None:
    work = works["delivery"]
    work.left = list(range(50))
    work.gate.set()
    runner.nudge("delivery")
    until(lambda: work.done == 50)
    until(runner.idle)


def test_no_more_is_claimed_than_there_are_threads_for(runner: ThreadPoolRunner, works: dict[str, Work]) -> None:
    work = works["delivery"]
    work.left = list(range(20))
    runner.nudge("delivery")
    until(lambda: work.begun == 8)
    runner.nudge("delivery")
    time.sleep(0.2)
    assert (work.begun, len(work.left)) == (8, 12)  # what is left can be claimed by nobody's death
    work.gate.set()
    until(lambda: work.done == 20)
    assert work.most_at_once == 8


def test_imports_of_tables_are_carried_out_by_one_thread(runner: ThreadPoolRunner, works: dict[str, Work]) -> None:
    work = works["table_import"]
    work.gate.set()
    for _ in range(12):
        work.left.append(0)
        runner.nudge("table_import")
    until(lambda: work.done == 12 and runner.idle())
    assert len(work.threads) == work.most_at_once == 1


def test_no_import_is_claimed_before_its_thread_is_free(runner: ThreadPoolRunner, works: dict[str, Work]) -> None:
    work = works["table_import"]
    work.left = list(range(5))
    runner.nudge("table_import")
    until(lambda: work.begun == 1)
    runner.nudge("table_import")
    time.sleep(0.2)
    assert len(work.left) == 4  # what waited for the thread would lose its lease
    work.gate.set()
    until(lambda: work.done == 5)


def test_slow_sites_of_every_kind_together_leave_half_of_the_threads_to_deliveries(
    runner: ThreadPoolRunner, works: dict[str, Work]
) -> None:
    for kind in ("source_check", "page_check", "websub"):
        works[kind].left = list(range(20))
        runner.nudge(kind)
    until(lambda: sum(works[kind].begun for kind in ("source_check", "page_check", "websub")) == 4)
    time.sleep(0.2)
    assert sum(works[kind].begun for kind in ("source_check", "page_check", "websub")) == 4
    works["delivery"].left = list(range(4))
    works["delivery"].gate.set()
    runner.nudge("delivery")
    until(lambda: works["delivery"].done == 4)


def test_no_single_slow_kind_takes_all_that_the_others_may_use(
    runner: ThreadPoolRunner, works: dict[str, Work]
) -> None:
    works["source_check"].left = list(range(20))
    runner.nudge("source_check")
    until(lambda: works["source_check"].begun == 3)
    works["page_check"].left = [1]
    works["page_check"].gate.set()
    runner.nudge("page_check")
    until(lambda: works["page_check"].done == 1)


NEW_SITES = ("source_discovery", "inspection", "rendered_look", "source_check")


def test_a_thousand_new_sites_leave_threads_to_deliveries_and_to_checks_of_bulletins(
    runner: ThreadPoolRunner, works: dict[str, Work]
) -> None:
    for kind in NEW_SITES:
        works[kind].left = list(range(1145))
        runner.nudge(kind)
    until(lambda: sum(works[kind].begun for kind in NEW_SITES) == 3)
    time.sleep(0.2)
    assert sum(works[kind].begun for kind in NEW_SITES) == 3, "of eight threads"
    assert sum(works[kind].begun for kind in NEW_SITES[:3]) <= 2, "what can wait leaves one to known sources"
    for kind in ("delivery", "page_check"):
        works[kind].left = list(range(20))
        works[kind].gate.set()
        runner.nudge(kind)
        until(lambda kind=kind: works[kind].done == 20)  # type: ignore[misc]  # bound at once


def test_kinds_that_share_a_thread_take_turns(works: dict[str, Work], tmp_path: Path, sqlite: Database) -> None:
    runner = ThreadPoolRunner(JobHarness(sqlite, tmp_path).context, 2)  # one thread for all but deliveries
    for kind in ("source_discovery", "source_check", "page_check"):
        works[kind].left = list(range(300))
        works[kind].gate.set()
    for kind in ("source_discovery", "source_check", "page_check"):
        runner.nudge(kind)
    until(lambda: works["page_check"].done >= 50)
    done = {kind: works[kind].done for kind in ("source_discovery", "source_check", "page_check")}
    assert max(done.values()) <= 2 * min(done.values()), done
    runner.stop()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_few_threads_still_do_every_kind(
    works: dict[str, Work], tmp_path: Path, sqlite: Database, workers: int
) -> None:
    runner = ThreadPoolRunner(JobHarness(sqlite, tmp_path).context, workers)
    for work in works.values():
        work.left = list(range(5))
        work.gate.set()
    runner.nudge_all()
    until(lambda: all(work.done == 5 for work in works.values()))
    runner.stop()


def test_stopping_waits_for_what_is_under_way_and_takes_nothing_more(
    works: dict[str, Work], tmp_path: Path, sqlite: Database
) -> None:
    context = JobHarness(sqlite, tmp_path).context
    runner = ThreadPoolRunner(context, 2)
    works["delivery"].left = list(range(10))
    runner.nudge("delivery")
    until(lambda: works["delivery"].begun == 2)
    stopper = threading.Thread(target=runner.stop)
    stopper.start()
    assert context.stopping.wait(PATIENCE)
    assert stopper.is_alive()
    works["delivery"].gate.set()
    stopper.join(PATIENCE)
    assert not stopper.is_alive()
    assert (works["delivery"].done, len(works["delivery"].left)) == (2, 8)
    runner.nudge("delivery")  # harmless
    assert works["delivery"].begun == 2


def test_nudges_from_many_threads_while_it_stops_are_harmless(
    works: dict[str, Work], tmp_path: Path, sqlite: Database
) -> None:
    works["delivery"].gate.set()
    troubles: list[BaseException] = []
    for _ in range(20):
        runner = ThreadPoolRunner(JobHarness(sqlite, tmp_path).context, 2)

        def nudge(runner: ThreadPoolRunner = runner) -> None:
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
    works: dict[str, Work], runner: ThreadPoolRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work = works["delivery"]
    work.left = [1]
    work.gate.set()

    def claim(context: JobContext, limit: int) -> list[Claim]:
        monkeypatch.undo()
        raise OperationalError("SELECT", {}, Exception("gone away"))

    broken = dict(thread_pool.WORK_KINDS) | {
        "delivery": WorkKind(Source, claim, work.run, work.record_crash, share=Share.DELIVERIES)
    }
    monkeypatch.setattr(thread_pool, "WORK_KINDS", broken)
    runner.nudge("delivery")
    until(lambda: "could not claim deliver" in caplog.text)
    assert work.done == 0


def test_a_process_with_more_work_than_threads_passes_the_nudge_on_at_most_five_times_a_second(
    works: dict[str, Work], tmp_path: Path, sqlite: Database
) -> None:
    passed: list[str] = []
    runner = ThreadPoolRunner(JobHarness(sqlite, tmp_path).context, 8, pass_on=passed.append)
    works["delivery"].left = list(range(500))
    began = time.monotonic()
    runner.nudge("delivery")
    until(lambda: works["delivery"].begun == 8)
    runner.nudge("delivery")  # nothing is free: a nudge that comes back goes no further
    works["delivery"].gate.set()
    until(runner.idle)
    assert works["delivery"].done == 500
    assert 1 <= len(passed) <= 1 + 5 * (time.monotonic() - began)
    assert set(passed) == {"delivery"}
    runner.stop()
