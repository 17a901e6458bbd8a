"""Web, clock and workers as processes of their own on PostgreSQL: with a broker, without one, and with a dead one."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from coordinator.scheduling.thread_pool import NUDGE_SILENCE
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.installation import Inbox, Installation, Staff, own_broker, own_postgresql, until

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
