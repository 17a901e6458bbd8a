"""``lantoa doctor`` over broken installations: each is named, with what to do."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from kombu import Connection

from campaigns.channels.channels import ChannelState
from campaigns.core.clock import utc_now
from campaigns.delivery.outbox import Delivery
from campaigns.discovery.site_sources import Source, sync_sources
from campaigns.reporting.monitoring import record_backup
from campaigns.reporting.rollups import change_log
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import Installation, own_broker, own_postgresql

Broken = Callable[[Database], None]


def _sql(*statements: str) -> Broken:
    def damage(database: Database) -> None:
        with database.write() as session:
            for statement in statements:
                session.execute(sa.text(statement))

    return damage


def _no_change_log(database: Database) -> None:
    with database.write() as session:
        change_log.remove_triggers(session.connection())


def _failing_channels(database: Database) -> None:
    with database.write() as session:
        made = [factories.channel(session) for _ in range(4)]
        made[0].state, made[0].last_error = ChannelState.FAILING, "no connection"


def _needs_authorisation(database: Database) -> None:
    with database.write() as session:
        made = [factories.channel(session) for _ in range(40)]
        made[0].state, made[0].last_error = ChannelState.NEEDS_AUTHORISATION, "the token ran out"


def _old_backup(database: Database) -> None:
    with database.write() as session:
        record_backup(session, "old.zip", 9, encrypted=False, now=utc_now() - timedelta(days=8))


def _failing_sources(database: Database) -> None:
    with database.write() as session:
        for _ in range(5):
            site = factories.site(session)
            site.feeds = [f"{site.url}rss"]
            sync_sources(session, site, now=utc_now())
        session.execute(sa.update(Source).values(failures=9))


def _site_without_document(database: Database) -> None:
    with database.write() as session:
        factories.site(session)
        session.flush()
        session.execute(sa.text("DELETE FROM search_documents"))


def _late_delivery(database: Database) -> None:
    with database.write() as session:
        factories.channel(session, "webhook", settings={"url": "https://nhan.example/"})
        factories.published(session, now=utc_now() - timedelta(hours=2))
        session.execute(sa.update(Delivery).values(due_at=utc_now() - timedelta(hours=1)))


def _pages_lost(database: Database) -> None:
    """The rows were restored, and the pages were not."""
    with database.write() as session:
        bulletin, site = factories.published(session), factories.site(session)
        make_republication(session, bulletin, site, body_key=f"ab/{'ab' * 32}.gz")


CASES: dict[str, tuple[Broken, str, str]] = {
    "evidence can be changed": (_sql("DROP TRIGGER evidence_no_update"), "kept for good", "evidence_no_update"),
    "a briefing can be changed": (
        _sql("DROP TRIGGER briefing_versions_no_delete"), "kept for good", "briefing_versions_no_delete",
    ),
    "changes are not noted": (_no_change_log, "tallies", "run: lantoa tallies rebuild"),
    "a quarter of the channels fail": (_failing_channels, "channels", "no connection"),
    "an account lost its authorisation": (_needs_authorisation, "channels", "grant access again"),
    "no backup for a week": (_old_backup, "backup", "run: lantoa backup"),
    "every source fails": (_failing_sources, "sources", "lantoa site list --failing"),
    "half restored: rows without their pages": (_pages_lost, "kept pages", "copy the pages of the backup there"),
    "deliveries wait and nobody sends them": (_late_delivery, "queue", "start lantoa serve"),
    "nobody administers it": (_sql("SELECT 1"), "staff", "lantoa staff add"),
    "the clock fell silent": (
        _sql("INSERT INTO leader_leases VALUES ('clock', 'may-1:1', '2026-01-01 00:00:00.000000')"),
        "clock", "no clock is running",
    ),
    "the clock's machine was a day ahead": (
        _sql("INSERT INTO leader_leases VALUES ('clock', 'may-1:1', '2999-01-01 00:00:00.000000')"),
        "clock", "a machine's time was ahead",
    ),
    "nobody works": (
        _sql("INSERT INTO leader_leases VALUES ('at:web:x', 'may-1:1', '2999-01-01 00:00:00.000000')"),
        "processes", "start lantoa serve",
    ),
    "the end of the journal was changed": (
        _sql("UPDATE journal_head SET hash = 'x'"), "secret key", "lantoa journal verify",
    ),
    "the search index is not whole": (_site_without_document, "search", "lantoa search rebuild"),
    "tables of a newer program": (
        _sql("UPDATE alembic_version SET version_num = '9999'"), "database", "run the version that made these tables",
    ),
}  # fmt: skip


@pytest.fixture
def lantoa(lantoa: Machine) -> Machine:
    """With a secret key, and an act in the journal."""
    lantoa.well("key", "add", "writer", "--role", "writer")
    return lantoa


@pytest.mark.parametrize("name", CASES)
def test_each_is_named_with_what_to_do(lantoa: Machine, name: str) -> None:
    damage, subject, words = CASES[name]
    with lantoa.database as database:
        damage(database)
    done = lantoa("doctor", "--json")
    found = json.loads(done.out)
    bad = {line["subject"]: line["text"] for line in found["lines"] if not line["ok"]}
    assert (done.status, found["ok"]) == (1, False)
    assert words in bad[subject]


@pytest.mark.parametrize(
    ("subject", "settings", "words"),
    [
        ("configuration", {"base_url": "tin.so.example"}, "base_url"),
        ("secret key", {"secret_key": "another key, and long enough to be one"}, "put that one back"),
        ("broker", {"broker_url": "amqp://guest:guest@127.0.0.1:9//", "secret_key": ""}, "LANTOA_BROKER_URL"),
        ("copy", {"copy_folder": "copies"}, "is the clock running"),
        ("evidence", {"evidence_store": "ftp://kho.example/"}, "evidence_store"),
    ],
)  # fmt: skip
def test_wrong_settings_are_named(lantoa: Machine, subject: str, settings: dict[str, str], words: str) -> None:
    assert words in _bad_line(lantoa, subject, **settings)


@pytest.mark.postgresql
def test_a_role_that_the_server_does_not_know_is_named(lantoa: Machine, postgresql_url: str) -> None:
    url = sa.make_url(postgresql_url).set(username="nobody", password="x")
    assert "nobody" in _bad_line(lantoa, "database", database_url=url.render_as_string(hide_password=False))


@pytest.mark.rabbitmq
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("amqp://guest:wrong@127.0.0.1:5672//", "user and password"),
        ("amqp://guest:guest@127.0.0.1:5672/nowhere", "set_permissions"),
    ],
)
def test_a_broker_that_refuses_the_account_is_named(lantoa: Machine, url: str, words: str) -> None:
    with own_broker():
        assert words in _bad_line(lantoa, "broker", broker_url=url, secret_key="")


def _bad_line(lantoa: Machine, subject: str, **settings: str) -> str:
    """What the doctor says of a subject that is wrong with these settings; an empty one is the key of the folder."""
    given = {name: value or (lantoa.data / "secret.key").read_text().strip() for name, value in settings.items()}
    done = lantoa("doctor", **given)
    assert done.status == 1
    (line,) = [line for line in done.out.splitlines() if line.startswith(f"BAD  {subject}: ")]
    return line


@pytest.mark.postgresql
def test_a_role_without_rights_and_a_database_that_takes_no_writes_are_named(tmp_path: Path) -> None:
    with own_postgresql() as url, _role_without_rights(url) as theirs, Installation(tmp_path, database_url=url) as here:
        refused = here.run("db", "upgrade", LANTOA_DATABASE_URL=theirs)
        assert refused.returncode == 2
        assert refused.stderr.endswith("(the role must own the database: ALTER DATABASE … OWNER TO …)\n")
        here.did("db", "upgrade")
        assert "run: lantoa db grant ROLE" in _bad(here, LANTOA_DATABASE_URL=theirs)["database"]
        _on_postgresql(url, f"ALTER DATABASE {sa.make_url(url).database} SET default_transaction_read_only = on")
        assert "RESET default_transaction_read_only" in _bad(here)["database"]


@pytest.mark.postgresql
def test_a_database_in_another_encoding_is_named(tmp_path: Path) -> None:
    key = "a secret key for these tests, long enough to be one"
    with own_postgresql() as url, Installation(tmp_path, database_url=url, secret_key=key) as here:
        name, server = sa.make_url(url).database, _server_of(url)
        make = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
        _on_postgresql(server, f"DROP DATABASE {name}", make)
        said = "database_url: the database is in SQL_ASCII;"
        assert here.run("db", "upgrade").stderr.startswith(f"lantoa: {said}")
        assert said in _bad(here)["database"]


def _bad(here: Installation, **changed: str) -> dict[str, str]:
    lines = json.loads(here.run("doctor", "--json", **changed).stdout)["lines"]
    return {line["subject"]: line["text"] for line in lines if not line["ok"]}


@pytest.mark.rabbitmq
def test_a_queue_of_another_kind_is_named(lantoa: Machine) -> None:
    key = (lantoa.data / "secret.key").read_text().strip()
    with own_broker() as url:
        with Connection(url) as connection, connection.channel() as channel:
            channel.queue_delete("lantoa")
            channel.queue_declare("lantoa", durable=True, auto_delete=False)
        done = lantoa("doctor", broker_url=url, secret_key=key)
        with Connection(url) as connection, connection.channel() as channel:
            channel.queue_delete("lantoa")
    (line,) = [line for line in done.out.splitlines() if line.startswith("BAD  broker: ")]
    assert "x-queue-type" in line
    assert "run: rabbitmqctl delete_queue lantoa" in line


def _server_of(url: str) -> str:
    return str(sa.make_url(url).set(database="postgres").render_as_string(hide_password=False))


def _on_postgresql(url: str, *statements: str) -> None:
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    server.dispose()


@contextmanager
def _role_without_rights(url: str) -> Iterator[str]:
    """A role of the server that may connect and no more; the database's address for it."""
    role = f"lantoa_test_{uuid.uuid4().hex[:12]}"
    _on_postgresql(url, f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    try:
        yield sa.make_url(url).set(username=role, password="x").render_as_string(hide_password=False)
    finally:
        _on_postgresql(_server_of(url), f"DROP ROLE {role}")


def test_a_key_that_this_account_cannot_read_is_named(lantoa: Machine) -> None:
    (lantoa.data / "secret.key").unlink()
    (lantoa.data / "secret.key").mkdir()  # root reads any file
    done = lantoa("doctor")
    assert done.status == 1
    assert done.out.splitlines()[-1].startswith(f"BAD  configuration: {lantoa.data}/secret.key: ")
    assert "as the account that the program runs as" in done.out


def test_a_base_address_that_leads_to_another_server_is_named(lantoa: Machine) -> None:
    with HostileServer() as server:
        server.ways["/healthz"] = lambda call: call.answer(b"<h1>Cong thong tin</h1>")
        done = lantoa("doctor", base_url=server.url("").rstrip("/"))
    assert "BAD  base address: " in done.out
    assert "set LANTOA_BASE_URL" in done.out


def test_a_normal_week_is_well(lantoa: Machine) -> None:
    with lantoa.database as database, database.write() as session:
        channels = [factories.channel(session) for _ in range(40)]
        channels[0].state, channels[0].last_error = ChannelState.FAILING, "no connection"
        for _ in range(20):
            site = factories.site(session)
            site.feeds = [f"{site.url}rss"]
            sync_sources(session, site, now=utc_now())
        first = session.scalar(sa.select(sa.func.min(Source.id)))
        session.execute(sa.update(Source).where(Source.id == first).values(failures=9))
        record_backup(session, "new.zip", 9, encrypted=False, now=utc_now() - timedelta(days=1))
    found = json.loads(lantoa("doctor", "--json").out)
    bad = {line["subject"] for line in found["lines"] if not line["ok"]}
    assert bad <= {"clock", "staff"}, "nothing runs here, and nobody was invited"
    subjects = [line["subject"] for line in found["lines"]]
    assert len(subjects) == len(set(subjects)), "one line a subject"
