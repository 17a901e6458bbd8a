"""PostgreSQL's connections killed and its port closed in the middle of the work: processes go on, nothing is lost."""

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import POSTGRESQL
from tests.coordinator.faults.tcp_proxy import TcpProxy
from tests.coordinator.faults.workload import PATIENCE, SECRET, Workload, outage, running_workload
from tests.coordinator.installation import own_postgresql, until

pytestmark = pytest.mark.minutes

MOMENT = 0.1  # seconds that each receiver takes, so that there is always something in hand

SIGNED = "SELECT count(DISTINCT holder) FROM leader_leases WHERE name LIKE 'at:work:%' OR name LIKE 'at:clock:%'"


def _at_work(place: Workload, bulletins: int) -> tuple[threading.Thread, list[AssertionError]]:
    """Publish on while things break; what had no answer is asked again, as a person would."""
    troubles: list[AssertionError] = []

    def publish() -> None:
        try:
            place.publish(bulletins)
        except AssertionError as trouble:  # what Staff raises when it had no answer for too long
            troubles.append(trouble)

    thread = threading.Thread(target=publish, daemon=True)
    thread.start()
    return thread, troubles


def _begun(place: Workload) -> None:
    place.here.serve("web")
    for name in ("clock", "work", "work"):
        place.here.start(name)
    until("the web answers", place.here.alive, PATIENCE)
    place.opens()
    place.publish()
    # A process that loses the database while it starts ends with a line; its supervisor would start it again.
    until("clock and both workers sign", lambda: place.rows(SIGNED) == [(3,)], PATIENCE)


def _ended(place: Workload, publisher: threading.Thread, troubles: list[AssertionError]) -> None:
    publisher.join(PATIENCE + outage())
    assert troubles == []
    assert not publisher.is_alive()
    place.leases_run_out()
    until("all is settled", place.settled, PATIENCE)
    assert [popen.poll() for popen in place.here.started] == [None] * 4  # none of the processes gave up


@pytest.mark.postgresql
def test_a_database_that_ends_its_connections_and_then_is_gone_costs_no_delivery(tmp_path: Path) -> None:
    with own_postgresql() as url:
        port = sa.make_url(url).port or 5432
        with TcpProxy(port) as cable:
            through = sa.make_url(url).set(host="127.0.0.1", port=cable.port).render_as_string(hide_password=False)
            with running_workload(tmp_path / "data", moment=MOMENT, database_url=through, secret_key=SECRET) as place:
                place.here.environment["LANTOA_TEST_DIRECT"] = url
                _begun(place)
                publisher, troubles = _at_work(place, 5)
                killed = _killed_again_and_again(url)
                _ended(place, publisher, troubles)
                assert killed > 0
                found = place.counted()
                assert (found.lost, found.doubled) == (0, 0), place.here.log
                assert found.repeats <= killed
                found.noted(f"PostgreSQL's connections killed for {outage():.0f} s", f"{killed} connections killed")

                publisher, troubles = _at_work(place, 5)
                time.sleep(1)
                cable.cut()
                time.sleep(outage())
                assert place.here.alive()
                cable.mend()
                mended = time.monotonic()
                publisher.join(PATIENCE + outage())
                took = time.monotonic() - mended
                _ended(place, publisher, troubles)
                repeats, found = found.repeats, place.counted()
                assert (found.lost, found.doubled) == (0, 0), place.here.log
                assert found.repeats - repeats <= len(place.paths)  # what was in hand when it went
                found.noted(f"PostgreSQL gone for {outage():.0f} s", f"what waited was published {took:.0f} s after")
                assert place.here.run("journal", "verify").returncode == 0


def _killed_again_and_again(url: str) -> int:
    """End all connections to the database again and again; how many it were."""
    server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    killed = 0
    ends = time.monotonic() + outage()
    with server.connect() as connection:
        while time.monotonic() < ends:
            killed += connection.execute(
                sa.text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :name"),
                {"name": sa.make_url(url).database},
            ).scalar_one()
            time.sleep(0.4)
    server.dispose()
    return killed
