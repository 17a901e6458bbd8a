"""The history of the tables: linear, there and back on both databases with rows in them, and equal to the classes."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from campaigns.rows import METADATA
from coordinator import schema
from coordinator.db import Database
from tests.factories import company, published, site


def test_the_history_is_linear() -> None:
    script = ScriptDirectory.from_config(schema.configuration())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    assert all(not isinstance(script.down_revision, tuple) for script in script.walk_revisions())


def test_up_down_up_with_rows_in_the_tables(database: Database) -> None:
    with database.write() as session:
        published(session)
        site(session, company(session))
    schema.downgrade(database, "base")
    with database.engine.connect() as connection:
        assert _left(connection) <= {"alembic_version", "alembic_version_pkc"}
    schema.upgrade(database)
    assert schema.current(database) == schema.head()
    script = ScriptDirectory.from_config(schema.configuration())
    last = script.get_revision(schema.head() or "")
    assert last is not None
    schema.downgrade(database, str(last.down_revision or "base"))
    schema.upgrade(database)
    with database.write() as session:
        published(session)


def _left(connection: sa.Connection) -> set[str]:
    """Names of everything in the database: tables, indexes, triggers, functions, views and schemas."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'"
    else:
        query = (
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "UNION ALL SELECT nspname FROM pg_namespace WHERE nspname LIKE 'lantoa%'"
        )
    return set(connection.execute(sa.text(query)).scalars())


@pytest.mark.promise("Run")
def test_the_head_is_what_the_classes_say(database: Database) -> None:
    with database.engine.connect() as connection:
        included = _of_classes if database.on_sqlite else _of_classes_elsewhere
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": included})
        assert compare_metadata(context, METADATA) == []


def _of_classes(_thing: object, name: str | None, kind: str, *_: object) -> bool:
    """All but the search documents and their index, which each database has in its own way and no class maps."""
    return not (kind == "table" and (name or "").startswith(("search_documents", "search_index")))


def _of_classes_elsewhere(thing: object, name: str | None, kind: str, *rest: object) -> bool:
    """The same without what only SQLite has: the comparison takes no notice of ``ddl_if``."""
    return name != "ix_republications_in_review" and _of_classes(thing, name, kind, *rest)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    before = schema.current(database)
    schema.upgrade(database)
    assert schema.current(database) == before
