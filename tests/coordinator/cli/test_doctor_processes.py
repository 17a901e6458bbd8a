"""``lantoa doctor`` with several processes: leader, heartbeats, broker, clocks, certificate."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from campaigns.core import leases
from campaigns.core.clock import utc_now
from coordinator.cli import doctor
from coordinator.health_facts import english, fact
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.cli.test_doctor import line
from tests.coordinator.installation import Installation, own_broker, own_postgresql, until
from tests.coordinator.live_server import free_port
from tests.coordinator.mail.test_smtp import self_signed

SECRET = "a secret key for the doctor's tests, long enough"


def test_it_says_who_leads_and_since_when_nobody_does(lantoa: Machine) -> None:
    assert line(lantoa, "clock") == "BAD  no clock is running, nor was there one before"
    with lantoa.database as database, database.write() as session:
        assert leases.acquire_lease(session, "clock", "may-1:7:ab", timedelta(seconds=15), now=utc_now())
    assert line(lantoa, "clock").startswith("ok   led by may-1:7:ab, which signed ")
    with lantoa.database as database, database.write() as session:
        leases.release_lease(session, "clock", "may-1:7:ab", now=utc_now() - timedelta(minutes=5))
    assert line(lantoa, "clock").startswith("BAD  no clock is running; may-1:7:ab fell silent 3")


def test_it_counts_the_processes_and_misses_those_that_are_not_there(lantoa: Machine) -> None:
    assert line(lantoa, "processes") == "ok   0 web, 0 clock, 0 work"  # nothing was started: it does not complain
    with lantoa.database as database, database.write() as session:
        for part, ident in (("web", "a"), ("clock", "b"), ("clock", "c")):
            leases.record_heartbeat(session, part, ident, "may-1:7", now=utc_now())
    assert (
        line(lantoa, "processes")
        == "BAD  1 web, 2 clock, 0 work; nobody does: work; start lantoa serve, or web and work"
    )


def test_on_one_machine_there_is_one_clock(lantoa: Machine) -> None:
    assert line(lantoa, "time") == "ok   one machine, one clock"


@pytest.mark.postgresql
@pytest.mark.rabbitmq
def test_with_a_broker_it_counts_who_listens_and_compares_the_clocks(tmp_path: Path) -> None:
    with (
        own_postgresql() as url,
        own_broker() as broker,
        Installation(tmp_path / "data", database_url=url, broker_url=broker, secret_key=SECRET) as here,
    ):
        here.prepared("admin")

        def said(name: str) -> str:
            found = [part for part in here.run("doctor").stdout.splitlines() if part[5:].startswith(f"{name}: ")]
            return found[0].replace(f"{name}: ", "", 1)

        assert said("broker") == "BAD  answers, but has no queue lantoa: no worker has been there yet"
        assert said("time").startswith("ok   the database's clock is ")
        here.start("work")
        until("the worker listens", lambda: " ready." in here.log)
        assert said("broker") == "ok   answers; 0 nudges wait, 1 workers listen"
        assert said("processes") == "BAD  0 web, 0 clock, 1 work; nobody does: web; start lantoa serve, or web and work"
        gone = here.run("doctor", LANTOA_BROKER_URL=f"amqp://guest:guest@127.0.0.1:{free_port()}//").stdout
        assert "BAD  broker: " in gone


@contextmanager
def shown(certificate: Path) -> Iterator[int]:
    """A web server that shows a certificate; its port."""

    class Nothing(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Nothing)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_certificate_that_runs_out_soon_or_that_nobody_vouches_for_is_reported(tmp_path: Path) -> None:
    made = self_signed(tmp_path / "tin.pem")  # good for a day
    now = utc_now()
    with shown(made) as port:
        good, found = doctor.certificate_state(f"https://127.0.0.1:{port}", now, made)
        assert (good, english(found)) == (False, f"127.0.0.1: good until {now + timedelta(days=1):%Y-%m-%d}, 0 days")
        assert doctor.certificate_state(f"https://127.0.0.1:{port}", now - timedelta(days=30), made)[0]
        good, found = doctor.certificate_state(f"https://127.0.0.1:{port}", now)
        assert (good, english(found)) == (False, "127.0.0.1: self-signed certificate")
    good, found = doctor.certificate_state(f"https://127.0.0.1:{free_port()}", now)
    assert good
    assert english(found).startswith("not known: 127.0.0.1 cannot be reached from here")
    assert doctor.certificate_state("http://localhost:8800", now) == (True, [fact("no_https")])
