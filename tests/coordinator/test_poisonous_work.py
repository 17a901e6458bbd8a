"""Work that ends its process, in processes of the product that are started again each time as a supervisor would."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.core import incidents, ledger
from campaigns.core.clock import utc_now
from campaigns.discovery.site_sources import Source, SourceKind
from coordinator.db import Database
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import Installation, until
from tests.factories import site

pytestmark = pytest.mark.minutes

# ``serve`` in which certain work ends the process at once, as a reader does that asks for too much memory.
POISONED = Path(__file__).with_name("poisoned_serve.py")
INNOCENT = 8
KIND = SourceKind.FEED


def _prepare(here: Installation, server: HostileServer) -> None:
    """An office whose watched sites are a poisonous one among innocent ones."""
    here.prepared("admin")
    database = here.open_database()
    with database.write() as session:
        for number in range(INNOCENT + 1):
            owner = site(session, url=f"http://trang{number}.example/", now=utc_now())
            name = "poison" if number == 4 else f"feed{number}"
            url = server.url(f"/{name}.xml")
            session.execute(sa.delete(Source).where(Source.site_id == owner.id))
            session.add(Source(site_id=owner.id, kind=KIND, url=url, due_at=utc_now(), error=""))
    database.dispose()


def _state(database: Database) -> tuple[list[str], int, set[str]]:
    """What was given up, how many feeds were read, and the ongoing incidents."""
    with database.read() as session:
        given_up = [row.subject for row in ledger.given_up_work(session)]
        looked = sa.select(sa.func.count()).select_from(Source).where(Source.looked_at.is_not(None))
        codes = {incident.code for incident in incidents.ongoing_incidents(session)}
        return given_up, session.execute(looked).scalar_one(), codes


def test_work_that_ends_its_process_is_given_up_at_the_second_time_and_everything_else_is_done(tmp_path: Path) -> None:
    with (
        HostileServer() as server,
        Installation(tmp_path / "data", before=(sys.executable, "-P", str(POISONED))) as here,
    ):
        _prepare(here, server)
        database = here.open_database()
        ends = 0
        process = here.serve()

        def settled() -> bool:
            nonlocal ends, process
            if process.poll() is not None:
                assert process.returncode == -signal.SIGKILL, here.log
                ends += 1
                process = here.serve()
            given_up, looked, codes = _state(database)
            return len(given_up) == 1 and looked >= INNOCENT and "work_given_up" in codes

        until("one is given up, and the others are done", settled, patience=600)
        given_up, looked, _ = _state(database)
        assert "poison" in given_up[0]
        assert looked == INNOCENT
        assert ends == 2, here.log
        until("the web answers", here.alive)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(5)
        database.dispose()
