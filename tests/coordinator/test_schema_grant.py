"""On PostgreSQL the program runs as a role that cannot rewrite the journal or the evidence."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from campaigns.core import journal
from campaigns.republications.republications import RepublicationStatus
from coordinator import schema
from coordinator.db import Database
from tests.campaigns.reporting.sample_republications import make_republication
from tests.conftest import SEALS
from tests.coordinator.installation import own_postgresql
from tests.factories import published, site

pytestmark = pytest.mark.postgresql

ROLE = f"lantoa_test_app_{os.getpid()}"


@pytest.fixture(scope="module")
def owner() -> Iterator[Database]:
    with own_postgresql() as url:
        database = Database(url, seals=SEALS)
        schema.upgrade(database)
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {ROLE}")
        yield database
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {ROLE}")
            connection.exec_driver_sql(f"DROP ROLE {ROLE}")
        database.dispose()


@pytest.fixture(scope="module")
def program(owner: Database) -> Iterator[Database]:
    """The program's own connections, after it has counted one copy."""
    schema.grant(owner, ROLE)
    url = sa.make_url(owner.url).update_query_dict({"options": f"-c role={ROLE}"})
    database = Database(url.render_as_string(hide_password=False), seals=SEALS)
    with database.write() as session:
        make_republication(session, published(session), site(session), status=RepublicationStatus.CONFIRMED)
    yield database
    database.dispose()


def test_the_program_works_as_that_role(program: Database) -> None:
    with program.read() as session:
        assert session.execute(sa.text("SELECT current_user")).scalar_one() == ROLE
        assert journal.verify(session) is None
        assert session.execute(sa.text("SELECT count(*) FROM evidence")).scalar_one() > 0
    schema.upgrade(program)  # every process does so at its start; there is nothing to do


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET actor = 'x'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "DELETE FROM evidence",
        "UPDATE evidence SET republication_id = 1",
        "ALTER TABLE journal DISABLE TRIGGER ALL",
        "DROP TABLE evidence",
        "UPDATE alembic_version SET version_num = 'x'",
    ],
)
def test_that_role_cannot_rewrite_the_past(program: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), program.write() as session:
        session.execute(sa.text(statement))


def test_an_unknown_role_is_named_and_sqlite_has_none(owner: Database, sqlite: Database) -> None:
    with pytest.raises(ProgrammingError, match="nobody_of_that_name"):
        schema.grant(owner, "nobody_of_that_name")
    with pytest.raises(ValueError, match="SQLite"):
        schema.grant(sqlite, ROLE)
