"""The clock: it releases due bulletins once, also beside another clock, and nudges workers despite other errors."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.core.journal import JournalEntry
from campaigns.core.leases import LeaderLease
from campaigns.discovery.site_sources import Source
from campaigns.matching.fingerprint_index import IndexedRevision
from campaigns.people.idempotency import KEPT, IdempotencyKey, keep_reply
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from campaigns.release import workflow
from coordinator.db import Database
from coordinator.jobs import clock_lease, upkeep
from coordinator.jobs.context import JobContext
from coordinator.jobs.matching.fingerprint_indexing import index_released
from coordinator.jobs.work_kinds import WORK_KINDS
from coordinator.scheduling import clock as clock_module
from coordinator.scheduling.clock import Clock
from coordinator.storage.blobs import DAY_KEY
from coordinator.storage.bucket import BucketAddress, BucketStore
from tests import factories
from tests.coordinator.api.harness import RecordingRunner
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import APPROVER

PATIENCE = 60.0  # seconds: the machine may be busy


@pytest.fixture
def scene(tmp_path: Path, database: Database) -> JobHarness:
    return JobHarness(database, tmp_path)


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def ticking_clocks(scene: JobHarness, count: int) -> Iterator[list[tuple[Clock, RecordingRunner]]]:
    runners = [RecordingRunner() for _ in range(count)]
    clocks = [Clock(scene.context, runner) for runner in runners]
    for clock in clocks:
        clock.start()
    try:
        yield list(zip(clocks, runners, strict=True))
    finally:
        for clock in clocks:
            clock.stop()


def scheduled(scene: JobHarness, **ahead: float) -> str:
    at = scene.context.now() + timedelta(**ahead)
    with scene.database.write() as session:
        code = factories.approved(session, now=scene.context.now()).code
        workflow.publish(session, APPROVER, code, scene.context.delivery_modes, at=at, now=scene.context.now())
    return code


def released(scene: JobHarness) -> Counter[str]:
    with scene.database.read() as session:
        query = sa.select(JournalEntry.subject).where(JournalEntry.act == "bulletin.published")
        return Counter(session.execute(query).scalars())


def leader(scene: JobHarness) -> str:
    with scene.database.read() as session:
        row = session.get(LeaderLease, "clock")
        return row.holder if row is not None else ""


def test_what_is_due_is_written_down_indexed_and_handed_out(scene: JobHarness) -> None:
    code = scheduled(scene, minutes=10)
    with ticking_clocks(scene, 1) as ((_, runner),):
        until(lambda: set(runner.kinds) == set(WORK_KINDS))
        assert released(scene) == Counter()
        scene.clock.forward(minutes=10)
        until(lambda: released(scene)[code] == 1)
        until(lambda: _indexed(scene) == 1)
    with scene.database.read() as session:
        assert session.execute(sa.select(Bulletin.state)).scalar_one() is BulletinState.PUBLISHED
    assert scene.journal_holds()


def _indexed(scene: JobHarness) -> int:
    with scene.database.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(IndexedRevision)).scalar_one()


def test_of_three_clocks_only_the_one_that_leads_ticks(scene: JobHarness) -> None:
    # Within the lease: over a longer leap another clock may rightly take the lead.
    codes = [scheduled(scene, seconds=number) for number in range(1, 6)]
    with ticking_clocks(scene, 3) as clocks:
        until(lambda: sum(bool(runner.kinds) for _, runner in clocks) == 1)
        scene.clock.forward(seconds=10)
        until(lambda: len(released(scene)) == 5)
        time.sleep(1.2)
        assert released(scene) == Counter(codes)
        assert sum(bool(runner.kinds) for _, runner in clocks) == 1
        (leading,) = [clock for clock, runner in clocks if runner.kinds]
        assert leader(scene) == leading.holder
    assert scene.journal_holds()


def test_a_clock_that_stops_lets_the_next_one_lead_at_once(scene: JobHarness) -> None:
    with ticking_clocks(scene, 1) as ((first, _),):
        until(lambda: leader(scene) == first.holder)
    with ticking_clocks(scene, 1) as ((second, runner),):
        until(lambda: bool(runner.kinds))  # and the scene's clock stands still: no lease ran out
        assert leader(scene) == second.holder


def test_a_clock_that_fell_silent_is_replaced_when_its_lease_has_run_out(scene: JobHarness) -> None:
    assert clock_lease.acquire(scene.context, "the silent one")
    with ticking_clocks(scene, 1) as ((clock, runner),):
        time.sleep(1.5)
        assert runner.kinds == []
        scene.clock.forward(seconds=clock_lease.CLOCK_LEASE.total_seconds())
        until(lambda: bool(runner.kinds))
        assert leader(scene) == clock.holder
    assert clock_lease.acquire(scene.context, "the silent one")  # it may come back once the other has stopped


def test_a_database_that_does_not_answer_costs_a_tick_and_not_the_clock(
    scene: JobHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    right, left = clock_lease.acquire, [2]

    def lead(place: object, holder: str) -> bool:
        if left[0] > 0:
            left[0] -= 1
            raise OperationalError("SELECT", {}, Exception("gone away"))
        return right(place, holder)  # type: ignore[arg-type]  # the workplace

    monkeypatch.setattr(clock_lease, "acquire", lead)
    with ticking_clocks(scene, 1) as ((_, runner),):
        until(lambda: bool(runner.kinds))
    assert "gone away" in caplog.text


def test_a_text_that_cannot_be_indexed_holds_up_no_delivery(
    scene: JobHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def index(place: object) -> int:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(clock_module, "index_released", index)
    with ticking_clocks(scene, 1) as ((_, runner),):
        until(lambda: set(runner.kinds) == set(WORK_KINDS))
    assert "a bug" in caplog.text


def test_tidying_has_every_site_looked_at_and_forgets_old_answers(scene: JobHarness) -> None:
    with scene.database.write() as session:
        site = factories.site(session, url="https://trang.example/", feeds=["https://trang.example/rss.xml"])
        factories.site(session).active = False
        key = add_key(session, "test", name="thử", role=Role.WRITER, now=scene.context.now())
        keep_reply(session, key.row.id, "old", "0" * 64, 200, "{}", now=scene.context.now() - KEPT)
        keep_reply(session, key.row.id, "new", "0" * 64, 200, "{}", now=scene.context.now())
    upkeep.tidy(scene.context)
    upkeep.tidy(scene.context)
    with scene.database.read() as session:
        assert [row.site_id for row in session.execute(sa.select(Source)).scalars()] == [site.id]
        assert session.execute(sa.select(IdempotencyKey.idempotency_key)).scalars().all() == ["new"]


def test_a_clock_stops_while_a_tick_is_under_way(scene: JobHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(scene.context, RecordingRunner())
    ticks, stopping = threading.Event(), threading.Event()
    index = index_released

    def slowly(context: JobContext) -> None:
        ticks.set()
        assert stopping.wait(PATIENCE)
        time.sleep(0.2)  # the scheduler is shutting down by now
        index(context)

    monkeypatch.setattr(clock_module, "index_released", slowly)
    clock.start()
    assert ticks.wait(PATIENCE)
    stopper = threading.Thread(target=clock.stop, daemon=True)
    stopper.start()
    stopping.set()
    stopper.join(PATIENCE)
    assert not stopper.is_alive()


def test_what_goes_wrong_with_held_pages_is_logged_and_tried_again(
    scene: JobHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def broken(_: JobContext) -> bool:
        tries.append(1)
        raise ValueError("a page that nobody foresaw")

    monkeypatch.setattr(clock_module, "recheck_pending_pages", broken)
    with ticking_clocks(scene, 1):
        until(lambda: len(tries) > 1)
    assert "a page that nobody foresaw" in caplog.text


def test_a_bucket_that_never_answers_delays_neither_the_start_nor_a_release(scene: JobHarness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bucket = BucketAddress("luu", endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}")
        stores = (BucketStore(bucket, "id", "secret", keys=DAY_KEY),)
        code = scheduled(scene, seconds=0)
        clock = Clock(replace(scene.context, checkpoint_stores=stores), RecordingRunner())
        clock.start()
        asked, _ = silent.accept()  # it never answers
        until(lambda: released(scene)[code] == 1)
        silent.close()
        asked.close()
        clock.stop()
