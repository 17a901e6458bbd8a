"""RabbitMQ gone, and frozen, and a worker killed with its messages: publishing goes on, and all of it goes out."""

import time
from pathlib import Path

import pytest

from tests.coordinator.faults.tcp_proxy import TcpProxy
from tests.coordinator.faults.workload import PATIENCE, SECRET, Workload, outage, running_workload
from tests.coordinator.installation import own_broker, own_postgresql, until

pytestmark = pytest.mark.minutes

ANSWERED = 10.0  # seconds in which publishing must be answered; Staff asks no longer than that


def _goes_on_without_it(place: Workload, cable: TcpProxy, fault: str) -> str:
    """Publish while the broker is out of order, and until nudges come again; what is said of it in the table."""
    getattr(cable, fault)()
    out_of_order, place.slowest = time.monotonic(), 0.0
    place.publish(2)
    assert place.slowest < ANSWERED
    until("what was published meanwhile goes out all the same", place.settled, PATIENCE)
    took = time.monotonic() - out_of_order
    time.sleep(max(outage() - took, 0))
    before = place.here.log.count("nudges come again")
    cable.mend()
    until("nudges reach the worker again", lambda: place.here.log.count("nudges come again") > before, PATIENCE)
    return f"publishing answered within {place.slowest:.1f} s; all out in {took:.0f} s, without it"


@pytest.mark.postgresql
@pytest.mark.rabbitmq
def test_without_its_broker_the_department_publishes_and_all_of_it_goes_out(tmp_path: Path) -> None:
    with (
        own_postgresql() as url,
        own_broker() as broker,
        TcpProxy(5672) as cable,
        running_workload(
            tmp_path / "data",
            moment=0.1,
            database_url=url,
            secret_key=SECRET,
            broker_url=broker.replace(":5672/", f":{cable.port}/"),
        ) as place,
    ):
        place.here.serve("web")
        place.here.start("clock")
        work = place.here.start("work")
        until("the worker listens", lambda: " ready." in place.here.log)
        until("the web answers", place.here.alive, PATIENCE)
        place.opens()
        place.publish()
        until("all is settled", place.settled, PATIENCE)
        seen = {fault: _goes_on_without_it(place, cable, fault) for fault in ("cut", "hold")}
        place.publish()
        found = place.counted()
        assert (found.lost, found.repeats, found.doubled, found.left) == (0, 0, 0, 0), place.here.log
        for fault, name in (("cut", "stopped"), ("hold", "frozen")):
            found.noted(f"RabbitMQ {name} for {outage():.0f} s", seen[fault])
        place.publish()
        work.kill()
        work.wait()
        place.leases_run_out()
        place.here.start("work")
        found = place.counted()
        assert (found.lost, found.doubled) == (0, 0), place.here.log
