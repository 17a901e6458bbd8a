"""Fixtures for all tests: a database of each kind, fresh for each test."""

import copy
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from campaigns.compliance.shipped_rules import FIRST_RULES
from campaigns.planning.campaigns import FIRST_TOPICS
from campaigns.rows import METADATA
from coordinator import schema
from coordinator.db import Database
from coordinator.encryption import JournalKeys, KeyRing
from tests import shared_caches

Made = TypeVar("Made")
POSTGRESQL = os.environ.get("LANTOA_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

# Speed is measured in benchmarks/, never judged by a test: a busy machine is no failure.
settings.register_profile("lantoa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lantoa")
shared_caches.install()


def need(thing: str, why: str) -> None:
    """Skip a test for want of something, or fail it where everything is required."""
    if os.environ.get("LANTOA_TEST_REQUIRE") == "all":
        pytest.fail(f"{thing} is required here: {why}")
    pytest.skip(f"no {thing}: {why}")


def seeds(count: int) -> list[Any]:
    """Seeds of a test with dice: the first is quick, the others are long."""
    return [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, count))]


# A test with none of these is quick.
SLOW = {"long", "browser", "postgresql", "rabbitmq", "peer"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """What one lane of the Makefile says about another."""
    parser.addoption("--after-quick", action="append", type=Path, help="a folder or file whose quick tests were run")


@pytest.hookimpl(tryfirst=True)  # before -m is read
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what is quick."""
    if SLOW.isdisjoint(marker.name for marker in item.iter_markers()):
        item.add_marker("quick")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that take minutes begin first; all are in the order that chance gave them. After the lane quick neither its
    tests nor promises are run again."""
    items.sort(key=lambda item: item.get_closest_marker("minutes") is None)
    if (run := config.getoption("--after-quick")) is not None:
        places = [config.rootpath / place for place in run]

        def was_run(item: pytest.Item) -> bool:
            quick = item.get_closest_marker("quick") and any(item.path.is_relative_to(place) for place in places)
            return bool(quick or item.get_closest_marker("promise"))

        config.hook.pytest_deselected(items=[item for item in items if was_run(item)])
        items[:] = [item for item in items if not was_run(item)]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests neither read the developer's settings nor write beside them."""
    for name in list(os.environ):
        if name.startswith("LANTOA_") and not name.startswith("LANTOA_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANTOA_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded, empty SQLite file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "lantoa.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A database of our own on the PostgreSQL server, upgraded and empty."""
    server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 20})
    name = f"lantoa_test_{os.getpid()}"
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
            # What a test leaves behind is thrown away, so no commit of it waits for the disk.
            connection.execute(sa.text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
            # Tables that nobody had time to analyse seem huge, so that queries over ten rows would be compiled first;
            # answers are the same, and that took a fifth of the time of some folders.
            connection.execute(sa.text(f"ALTER DATABASE {name} SET jit = off"))
    except sa.exc.OperationalError as error:
        need("PostgreSQL", str(error.orig).splitlines()[0])
    finally:
        server.dispose()
    url = sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    database = Database(url)
    schema.upgrade(database)
    database.dispose()
    yield url
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


SEALS = JournalKeys(KeyRing(lambda: (shared_caches.SECRET_KEY,)))


class Kept:
    """One engine for all tests of a process, so that a statement is compiled once and not once a test.

    What a test is given is empty and upgraded all the same: another file on SQLite, emptied tables on PostgreSQL.
    """

    def __init__(self, url: str, template: Path | None = None) -> None:
        self._database, self._template, self._path = Database(url, seals=SEALS), template, ""
        if template is not None:
            sa.event.listen(self._database.engine, "do_connect", self._to_the_tests_own_file)
            sa.event.listen(self._database.engine, "connect", self._no_wait_for_the_disk)
        else:
            with self._database.read() as session:
                self._rules = session.scalars(INDEXES_AND_TRIGGERS).all()
            self._database.dispose()

    def _to_the_tests_own_file(self, _dialect: object, _record: object, arguments: list[Any], _named: object) -> None:
        arguments[0] = self._path

    def _no_wait_for_the_disk(self, connection: Any, _record: object) -> None:
        # As on PostgreSQL: what a test leaves behind is thrown away. Tests of kills have processes and databases of
        # their own, which know nothing of this.
        connection.execute("PRAGMA synchronous=OFF")

    @contextmanager
    def fresh(self, path: Path) -> Iterator[Database]:
        """The database for one test; ``path`` is where its file is to lie, if it has one."""
        given = copy.copy(self._database)
        if self._template is not None:
            shutil.copy(self._template, path)
            self._path, given.url = str(path), f"sqlite:///{path}"
        try:
            yield given
            if self._template is None:
                with given.write() as session:
                    assert session.scalars(INDEXES_AND_TRIGGERS).all() == self._rules, "the tests after this need them"
                    # Evidence cannot be removed; only a superuser's session can look past that.
                    session.execute(sa.text("SET LOCAL session_replication_role = replica"))
                    session.execute(EMPTY)
                    session.execute(METADATA.tables["topics"].insert(), FIRST)
                    session.execute(METADATA.tables["compliance_rules"].insert(), RULES)
        finally:
            given.dispose()


# Everything in one go: fifty statements sent one by one take longer than most tests do.
EMPTY = sa.text(
    "DO $$ BEGIN "
    + "".join(f'DELETE FROM "{table.name}"; ' for table in reversed(METADATA.sorted_tables))
    + "DELETE FROM search_documents; END $$"
)
INDEXES_AND_TRIGGERS = sa.text(
    "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid::regclass::text !~ '^pg_'"
    " UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal"
    " ORDER BY name"
)
FIRST = [{"code": code, "name": name} for code, name in FIRST_TOPICS.items()]
RULES = [rule.row() for rule in FIRST_RULES]


@pytest.fixture(scope="session")
def kept_sqlite(sqlite_template: Path) -> Kept:
    """The engine for every SQLite file."""
    return Kept(f"sqlite:///{sqlite_template}", sqlite_template)


@pytest.fixture(scope="session")
def kept_postgresql(postgresql_url: str) -> Kept:
    """The engine for the database on the PostgreSQL server."""
    return Kept(postgresql_url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, upgraded database; the same test on both kinds."""
    with request.getfixturevalue(f"kept_{request.param}").fresh(tmp_path / "lantoa.db") as made:
        yield made


class KeptRows:
    """What the tests of a file begin with on SQLite: made for the first of them, copied for the others."""

    def __init__(self) -> None:
        self._made: Any = None
        self._rows = sqlite3.connect(":memory:")
        self._full = False

    def fill(self, database: Database, make: Callable[[], Made]) -> Made:
        """Return what ``make`` returned when it filled the database of the first test; this one has the same rows."""
        if not self._full:
            self._made = make()
        with database.engine.connect() as connection:
            file: Any = connection.connection.driver_connection
            first, second = (self._rows, file) if self._full else (file, self._rows)
            first.backup(second)
        self._full = True
        return self._made  # type: ignore[no-any-return]

    def close(self) -> None:
        """Forget the rows."""
        self._rows.close()


@pytest.fixture(scope="module")
def kept_rows() -> Iterator[KeptRows]:
    """The rows of one file of tests."""
    kept = KeptRows()
    yield kept
    kept.close()


@pytest.fixture
def sqlite(tmp_path: Path, kept_sqlite: Kept) -> Iterator[Database]:
    """An empty SQLite database, for tests to which the kind makes no difference."""
    with kept_sqlite.fresh(tmp_path / "lantoa.db") as made:
        yield made


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session on each kind of database; what a test leaves uncommitted is rolled back."""
    with database.writers() as opened:
        yield opened


class FailuresAtOnce:
    """Prints each failure when it happens, and not only at the end of a lane."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print the failure of one test."""
        if report.failed:
            self._reporter.ensure_newline()
            self._reporter.write_line(f"FAILED {report.nodeid} ({report.when})\n{report.longreprtext}", red=True)


@pytest.hookimpl(trylast=True)  # the reporter is made by another of these
def pytest_configure(config: pytest.Config) -> None:
    """In the process that prints: not in those of pytest-xdist."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput") and config.option.tbstyle != "no":
        config.pluginmanager.register(FailuresAtOnce(reporter), "failures-at-once")
