"""RabbitMQ gone, and frozen: publishing goes on, and so does the work, until nudges come through again."""

import time
from pathlib import Path

import pytest

from tests.coordinator.faults.tcp_proxy import TcpProxy
from tests.coordinator.faults.workload import PATIENCE, SECRET, outage, running_workload
from tests.coordinator.installation import own_broker, own_postgresql, until

pytestmark = pytest.mark.minutes

ANSWERED = 10.0  # seconds in which publishing must be answered; Staff asks no longer than that


@pytest.mark.postgresql
@pytest.mark.rabbitmq
@pytest.mark.parametrize("fault", ["cut", "hold"])
def test_without_its_broker_the_department_publishes_and_all_of_it_goes_out(tmp_path: Path, fault: str) -> None:
    with (
        own_postgresql() as url,
        own_broker() as broker,
        TcpProxy(5672) as cable,
        running_workload(
            tmp_path / "data",
            database_url=url,
            secret_key=SECRET,
            broker_url=broker.replace(":5672/", f":{cable.port}/"),
        ) as place,
    ):
        place.here.serve("web")
        place.here.start("clock")
        place.here.start("work")
        until("the worker listens", lambda: " ready." in place.here.log)
        until("the web answers", place.here.alive, PATIENCE)
        place.opens()
        place.publish(2)
        until("all is settled", place.settled, PATIENCE)
        getattr(cable, fault)()
        out_of_order = time.monotonic()
        place.publish(3)
        assert place.slowest < ANSWERED
        until("what was published meanwhile goes out all the same", place.settled, PATIENCE)
        took = time.monotonic() - out_of_order
        time.sleep(max(outage() - took, 0))
        cable.mend()
        until("nudges reach the worker again", lambda: "nudges come again" in place.here.log, PATIENCE)
        place.publish()
        found = place.counted()
        assert (found.lost, found.repeats, found.doubled, found.left) == (0, 0, 0, 0), place.here.log
        name = {"cut": "stopped", "hold": "frozen"}[fault]
        found.noted(
            f"RabbitMQ {name} for {outage():.0f} s",
            f"publishing answered within {place.slowest:.1f} s; all out in {took:.0f} s, without it",
        )
