"""Web, clock and workers as processes of their own on PostgreSQL: with a broker, without one, and with a dead one."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from coordinator.scheduling.thread_pool import NUDGE_SILENCE
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.installation import Inbox, Installation, Staff, free_port, own_broker, own_postgresql, until

pytestmark = pytest.mark.minutes

SECRET = "a secret key for the tests of processes, long enough"


@contextmanager
def _installation(folder: Path, **settings: str) -> Iterator[tuple[Installation, Staff]]:
    with own_postgresql() as url, Installation(folder, database_url=url, secret_key=SECRET, **settings) as here:
        yield here, Staff(here.base, here.prepared("writer", "approver", "admin"))


def _publishes(here: Installation, staff: Staff, server: HostileServer) -> None:
    """One bulletin goes out and arrives."""
    until("the web answers", here.alive)
    inbox = Inbox(server)
    staff.webhook(inbox.open("/hook"))
    code = staff.publish("Lịch cấp nước tuần này")
    until("the webhook has it", lambda: inbox.has("/hook", code))
    until("it is known to have arrived", lambda: _states(staff, code) == ["delivered"])
    assert len(inbox.got) == 1, here.log


def _states(staff: Staff, code: str) -> list[str]:
    return [row["state"] for row in staff.get("admin", f"/bulletins/{code}/deliveries")["items"]]


@pytest.mark.postgresql
def test_without_a_broker_nudges_reach_the_workers_through_the_database(tmp_path: Path) -> None:
    with HostileServer() as server, _installation(tmp_path / "data") as (here, staff):
        # No clock, and the worker would look by itself after ten seconds only.
        web, work = here.serve("web"), here.start("work")
        began = time.monotonic()
        _publishes(here, staff, server)
        assert "no nudges, looking every second" not in here.log or time.monotonic() - began > NUDGE_SILENCE
        assert [here.end(popen) for popen in (web, work)] == [0, 0]


@pytest.mark.postgresql
def test_with_a_clock_of_its_own_the_department_publishes_and_the_journal_holds(tmp_path: Path) -> None:
    with HostileServer() as server, _installation(tmp_path / "data") as (here, staff):
        web, clock, work = here.serve("web"), here.start("clock"), here.start("work")
        _publishes(here, staff, server)
        assert [here.end(popen) for popen in (web, clock, work)] == [0, 0, 0]
        assert here.run("journal", "verify").returncode == 0


@pytest.mark.promise("Run")
@pytest.mark.postgresql
@pytest.mark.rabbitmq
def test_with_a_broker_nudges_reach_the_workers(tmp_path: Path) -> None:
    with (
        HostileServer() as server,
        own_broker() as broker,
        _installation(tmp_path / "data", broker_url=broker) as (here, staff),
    ):
        # No clock: what arrives can only have been nudged through the broker.
        web, work = here.serve("web"), here.start("work")
        until("the worker listens", lambda: " ready." in here.log)
        assert "WARNING" not in here.log
        assert "[tasks]" not in here.log, "Celery does not introduce itself in the log"
        _publishes(here, staff, server)
        assert here.end(web) == 0
        assert here.end(work) == 0


@pytest.mark.postgresql
@pytest.mark.rabbitmq
def test_a_worker_killed_with_work_in_hand_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    with (
        HostileServer() as server,
        own_broker() as broker,
        _installation(tmp_path / "data", broker_url=broker) as (here, staff),
    ):
        inbox = Inbox(server, moment=0.5)
        here.serve("web")
        here.start("clock")
        first = here.start("work")
        staff.webhook(inbox.open("/hook"))
        code = staff.publish("Lịch cấp nước tuần này")
        until("the webhook gets the bulletin", lambda: inbox.has("/hook", code))
        first.kill()
        first.wait()
        # Its lease would run out in less than a minute; the test does not wait that long.
        _do(here, "UPDATE deliveries SET lease_until = due_at WHERE lease_until IS NOT NULL")
        here.start("work")
        until("it is known to have arrived", lambda: _states(staff, code) == ["delivered"])
        assert len({ident for _, _, ident in inbox.got}) == 1


@pytest.mark.postgresql
@pytest.mark.rabbitmq
def test_searches_of_many_slow_new_sites_leave_a_worker_its_threads_for_deliveries(tmp_path: Path) -> None:
    gate, asked = threading.Event(), set[int]()
    with (
        ExitStack() as stack,
        HostileServer() as server,
        own_broker() as broker,
        _installation(tmp_path / "data", broker_url=broker) as (here, staff),
    ):
        stack.callback(gate.set)
        here.serve("web")
        here.start("clock")
        here.start("work", LANTOA_WORKERS="4")
        until("the web answers", here.alive)
        until("the worker listens", lambda: " ready." in here.log)
        inbox = Inbox(server)
        staff.webhook(inbox.open("/hook"))
        owner = staff.post("admin", "/partners", {"name": "Nhiều Trang"})["code"]
        for _ in range(NEW_SITES):
            site = stack.enter_context(HostileServer())
            site.ways["/robots.txt"] = site.ways["/"] = _held(gate, asked, site.port)
            body = {"partner": owner, "name": f"Trang {site.port}", "url": site.url("/"), "kind": "aggregator"}
            staff.post("admin", "/sites", body)
        search = staff.tries("admin", "/surveys", {}).json()
        assert (search["total"], search["done"]) == (NEW_SITES, 0)
        until("new sites are looked at", lambda: bool(asked))
        for number in range(5):
            code = staff.publish(f"Lịch cấp nước {number}")
            until("the webhook has it", lambda code=code: inbox.has("/hook", code), patience=60)
            until("it is known to have arrived", lambda code=code: _states(staff, code) == ["delivered"], patience=60)
        assert not gate.is_set()
        assert staff.get("admin", "/surveys")["done"] < NEW_SITES, "the searches were still under way"
        assert len(inbox.got) == 5


NEW_SITES = 24


def _held(gate: threading.Event, asked: set[int], port: int) -> Callable[[Call], None]:
    """A page of a site that answers only when the test lets it."""

    def hold(call: Call) -> None:
        asked.add(port)
        gate.wait(300)
        call.answer(b"", "404 Not Found")

    return hold


@pytest.mark.postgresql
def test_with_the_broker_down_publishing_works_and_the_ledger_is_worked_off(tmp_path: Path) -> None:
    pytest.importorskip("celery")
    dead = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
    with HostileServer() as server, _installation(tmp_path / "data") as (here, staff):
        here.serve("web", LANTOA_BROKER_URL=dead)
        here.start("clock", LANTOA_BROKER_URL=dead)
        here.start("work")
        _publishes(here, staff, server)
        assert "no nudge for deliver" in here.log


@pytest.mark.postgresql
def test_of_two_clocks_one_writes_down_a_release_and_the_other_takes_over_when_it_is_killed(tmp_path: Path) -> None:
    with HostileServer() as server, _installation(tmp_path / "data") as (here, staff):
        here.serve("web")
        clocks = [here.start("clock"), here.start("clock")]
        here.start("work")
        inbox = Inbox(server)
        staff.webhook(inbox.open("/hook"))

        def soon(number: int) -> str:
            draft = staff.post("writer", "/bulletins", {"title": f"Hẹn {number}", "lead": "Tin.", "body_text": "Tin.",
                                                        "topic": "dich-benh"})  # fmt: skip
            path = f"/bulletins/{draft['code']}"
            staff.post("writer", f"{path}/submit")
            staff.post("approver", f"{path}/approve", {"revision_hash": draft["revision_hash"]})
            at = datetime.now(UTC) + timedelta(seconds=2)
            assert staff.post("approver", f"{path}/publish", {"at": at.isoformat()})["state"] == "scheduled"
            return str(draft["code"])

        codes = [soon(1), soon(2)]
        until("both are out", lambda: all(inbox.has("/hook", code) for code in codes))
        leader = _leader(here)
        killed = next(popen for popen in clocks if f":{popen.pid}:" in leader)
        killed.kill()
        killed.wait()
        codes.append(soon(3))
        until("the other clock leads", lambda: _leader(here) != leader)
        until("the third is written down", lambda: _written_down(here)[codes[2]] > 0)
        assert _written_down(here) == Counter(codes)
        until("the third is out", lambda: inbox.has("/hook", codes[2]))
        assert Counter(code for _, code, _ in inbox.got) == Counter(codes)


def _leader(here: Installation) -> str:
    return str(_rows(here, "SELECT holder FROM leader_leases WHERE name = 'clock'")[0][0])


def _written_down(here: Installation) -> Counter[object]:
    """How often the release of each bulletin stands in the journal, which has no gaps."""
    rows = _rows(here, "SELECT seq, act, subject FROM journal ORDER BY seq")
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    return Counter(row[2] for row in rows if row[1] == "bulletin.published")


def _do(here: Installation, statement: str) -> None:
    engine = sa.create_engine(here.environment["LANTOA_DATABASE_URL"])
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
    finally:
        engine.dispose()


def _rows(here: Installation, query: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(here.environment["LANTOA_DATABASE_URL"])
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]
    finally:
        engine.dispose()


@pytest.mark.postgresql
def test_tables_are_brought_up_to_date_once_by_several_processes_at_once(tmp_path: Path) -> None:
    with own_postgresql() as url, Installation(tmp_path / "data", database_url=url) as here:
        refused = here.run("work")
        assert refused.returncode == 2
        assert "lantoa db upgrade" in refused.stderr
        done: list[int] = []
        threads = [threading.Thread(target=lambda: done.append(here.run("db", "upgrade").returncode)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert done == [0, 0, 0]
        assert here.run("db", "current").returncode == 0
