"""Fixtures that every room shares: a database of each kind, fresh for each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from campaigns.planning.campaigns import FIRST_TOPICS
from campaigns.rows import METADATA
from coordinator import schema
from coordinator.db import Database

POSTGRESQL = os.environ.get("LANTOA_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

# Speed is measured in benchmarks/, never judged by a test: a busy machine is no failure.
settings.register_profile("lantoa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lantoa")


def need(thing: str, why: str) -> None:
    """Skip a test for want of something, or fail it where everything is required."""
    if os.environ.get("LANTOA_TEST_REQUIRE") == "all":
        pytest.fail(f"{thing} is required here: {why}")
    pytest.skip(f"no {thing}: {why}")


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
    server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"lantoa_test_{os.getpid()}"
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, upgraded database; the same test on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "lantoa.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        made = Database(f"sqlite:///{path}")
        yield made
        made.dispose()
        return
    made = Database(request.getfixturevalue("postgresql_url"))
    yield made
    with made.write() as session:
        # Evidence cannot be removed; only a superuser's session can look past that.
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for table in reversed(METADATA.sorted_tables):
            session.execute(table.delete())
        session.execute(
            METADATA.tables["topics"].insert(), [{"code": code, "name": name} for code, name in FIRST_TOPICS.items()]
        )
    made.dispose()


@pytest.fixture
def sqlite(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """An empty SQLite database, for tests to which the kind makes no difference."""
    path = tmp_path / "lantoa.db"
    shutil.copy(sqlite_template, path)
    made = Database(f"sqlite:///{path}")
    yield made
    made.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session on each kind of database; what a test leaves uncommitted is rolled back."""
    with database.writers() as opened:
        yield opened
