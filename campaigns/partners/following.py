"""Rows that are written under a partner's former number: the database itself puts them under the one it became.

Somebody may have read a partner, or its key, a moment before it was merged, and write what hangs on it a moment after:
a feed that was fetched, a page that was reported, a turn of an import. On PostgreSQL whoever writes such a row waits
for the merge that is going on, and then sees it. Like what notes the changes of sums, these triggers are put in place
by this program after the migrations.
"""

import sqlalchemy as sa

from campaigns.partners.hanging import WITH_COMPANY

_NAME = "follows_merged"
# One plan for every row, as for what notes the changes of sums (``reporting.noting``).
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {_NAME}() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = auto AS $$
DECLARE now_of INTEGER;
BEGIN
  SELECT merged_into_id INTO now_of FROM companies WHERE id = NEW.company_id FOR KEY SHARE;
  IF now_of IS NOT NULL THEN NEW.company_id := now_of; END IF;
  RETURN NEW;
END $$"""  # noqa: S608  # our own names


def _wanted(connection: sa.Connection) -> dict[str, str]:
    """By trigger, the statement that puts it in place."""
    found = {}
    for table in WITH_COMPANY:
        name = f"{_NAME}_{table}"
        if connection.dialect.name == "sqlite":
            now_of = "(SELECT merged_into_id FROM companies WHERE id = NEW.company_id)"
            found[name] = (
                f"CREATE TRIGGER {name} AFTER INSERT ON {table} WHEN {now_of} IS NOT NULL "  # noqa: S608  # our own names
                f"BEGIN UPDATE {table} SET company_id = {now_of} WHERE rowid = NEW.rowid; END"
            )
        else:
            found[name] = (
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW "
                f"WHEN (NEW.company_id IS NOT NULL) EXECUTE FUNCTION {_NAME}()"
            )
    return found


def _there(connection: sa.Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'follows\\_merged%' ESCAPE '\\'"
    else:
        query = (
            "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relnamespace = current_schema()::regnamespace AND t.tgname LIKE 'follows\\_merged%' "
            "AND t.tgenabled IN ('O', 'A')"
        )
    return set(connection.execute(sa.text(query)).scalars())


def missing(connection: sa.Connection) -> list[str]:
    """Triggers of this program that are not there."""
    there = _there(connection)
    return [name for name in _wanted(connection) if name not in there]


def remove(connection: sa.Connection) -> None:
    """Take every trigger away."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {_NAME}() CASCADE")
        return
    for name in _there(connection):
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def install(connection: sa.Connection) -> None:
    """Put every trigger in place."""
    remove(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_FUNCTION)
    for text in _wanted(connection).values():
        connection.exec_driver_sql(text)
