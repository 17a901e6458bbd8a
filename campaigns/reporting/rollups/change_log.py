"""The change log: triggers that log every change of counted rows in the same transaction.

Triggers also cover statements for many rows, a restored backup, and manual changes of the database. This program
installs them after the migrations, which run without them.
"""

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa

from campaigns.core.advisory_locks import LOCK_NAMESPACE, AdvisoryLock
from campaigns.reporting.rollups.rollup_tables import ARRIVAL, COPY, ISSUE, NO_CAMPAIGN, NO_DAY, OWNER, TEASER

_COPY_COLUMNS = (
    "counted_on",
    "bulletin_id",
    "site_id",
    "status",
    "life",
    "attribution",
    "match",
    "was_read",
    "published_at",
    "first_seen_at",
    "gone_at",
)
_TEASER = ("counted_on", "bulletin_id", "site_id")
_ISSUED = ("state", "released_on", "topic_id", "campaign_id")
_FILING_COLUMNS = ("topic_id", "campaign_id", "release_at", "released_on")
_INSERT_INTO = ("INSERT INTO tally_changes (sign, kind, day, bulletin_id, site_id, channel_id, topic_id, campaign_id, "
         "status, life, attribution, match, was_read, waited, copy_id, left_at, company_id)")  # fmt: skip


_NOTHING = ", ".join(["NULL"] * 9)  # columns of copies only
_ADDED = "added"  # the name of the inserted rows in PostgreSQL's triggers
_IS_OUT = "state IN ('published', 'recalled')"


class _DialectSql:
    """The statements of one kind of database. ``row`` is the trigger's name of the row: OLD, NEW, or a table."""

    def __init__(self, epoch: str, differs: str, no_day: str) -> None:
        self._epoch, self._differs, self._no_day = epoch, differs, no_day

    def changed(self, columns: tuple[str, ...]) -> str:
        """Whether one of these columns has another value."""
        return " OR ".join(f"OLD.{name} {self._differs} NEW.{name}" for name in columns)

    def copy(self, sign: int, row: str, bulletin: str, where: str) -> str:
        """Log a copy; ``bulletin``: the name of its bulletin; ``where``: the rest of the statement."""
        appeared = f"COALESCE({self._seconds(f'{row}.published_at')}, {self._seconds(f'{row}.first_seen_at')})"
        missing = f"COALESCE({self._seconds(f'{row}.missing_since')}, {self._seconds(f'{row}.gone_at')})"
        left = f"CASE WHEN {row}.life = 'gone' THEN {missing} END"
        waited = f"{appeared} - {self._seconds(f'{bulletin}.release_at')}"
        return (
            f"{_INSERT_INTO} SELECT {sign}, '{COPY}', {row}.counted_on, {row}.bulletin_id, {row}.site_id, NULL, "
            f"{self._filed(bulletin)}, {row}.status, {row}.life, {row}.attribution, {row}.match, {row}.was_read, "
            f"{waited}, {row}.id, {left}, NULL {where};"
        )

    def teaser(self, sign: int, row: str, bulletin: str, where: str) -> str:
        """Log a teaser."""
        return (
            f"{_INSERT_INTO} SELECT {sign}, '{TEASER}', {row}.counted_on, {row}.bulletin_id, {row}.site_id, NULL, "
            f"{self._filed(bulletin)}, {_NOTHING} {where};"
        )

    def arrival(self, sign: int, row: str, bulletin: str, where: str) -> str:
        """Log the arrival of a bulletin at a channel."""
        return (
            f"{_INSERT_INTO} SELECT {sign}, '{ARRIVAL}', {bulletin}.released_on, {row}.bulletin_id, NULL, "
            f"{row}.channel_id, "
            f"{self._filed(bulletin)}, {_NOTHING} {where} "
            f"AND {bulletin}.released_on IS NOT NULL;"
        )

    def issue(self, sign: int, row: str) -> str:
        """Log a published bulletin."""
        return (
            f"{_INSERT_INTO} SELECT {sign}, '{ISSUE}', {row}.released_on, {row}.id, NULL, NULL, {self._filed(row)}, "
            f"{_NOTHING} WHERE {row}.{_IS_OUT} AND {row}.released_on IS NOT NULL;"
        )

    def owner(self, sign: int, row: str, place: str, source: str = "") -> str:
        """Log the owner of a site or a channel; ``place``: which of the two; ``source``: the table of many rows."""
        which = f"{row}.id, NULL" if place == "site" else f"NULL, {row}.id"
        return (
            f"{_INSERT_INTO} SELECT {sign}, '{OWNER}', {self._no_day}, 0, {which}, 0, 0, {', '.join(['NULL'] * 8)}, "
            f"{row}.company_id {source} WHERE {row}.company_id IS NOT NULL;"
        )

    def _filed(self, bulletin: str) -> str:
        return f"{bulletin}.topic_id, COALESCE({bulletin}.campaign_id, {NO_CAMPAIGN})"

    def _seconds(self, moment: str) -> str:
        return self._epoch.format(moment)

    def bodies(self) -> dict[str, tuple[str, str, str, str]]:
        """Return by name: the table, the event, the condition and the statements of a trigger."""
        of_old, of_new = (f"FROM bulletins b WHERE b.id = {row}.bulletin_id" for row in ("OLD", "NEW"))
        delivered = "state = 'delivered'"
        more = (
            # Not at the sample partner's channels: a delivery there is none to anybody.
            "INSERT INTO arrivals (bulletin_id, channel_id, deliveries) SELECT NEW.bulletin_id, NEW.channel_id, 1 "
            "WHERE NOT EXISTS (SELECT 1 FROM channels c JOIN companies o ON o.id = c.company_id "
            "WHERE c.id = NEW.channel_id AND o.sample) "
            "ON CONFLICT (bulletin_id, channel_id) DO UPDATE SET deliveries = arrivals.deliveries + 1;"
        )
        less = (
            "UPDATE arrivals SET deliveries = deliveries - 1 "
            "WHERE bulletin_id = OLD.bulletin_id AND channel_id = OLD.channel_id;"
        )
        refiled = []
        for sign, bulletin in ((-1, "OLD"), (1, "NEW")):
            refiled += [
                self.copy(sign, "r", bulletin, "FROM republications r WHERE r.bulletin_id = NEW.id"),
                self.teaser(sign, "t", bulletin, "FROM teasers t WHERE t.bulletin_id = NEW.id"),
                self.arrival(sign, "a", bulletin, "FROM arrivals a WHERE a.bulletin_id = NEW.id AND a.deliveries > 0"),
            ]
        gone_copy, new_copy = self.copy(-1, "OLD", "b", of_old), self.copy(1, "NEW", "b", of_new)
        gone_teaser, new_teaser = self.teaser(-1, "OLD", "b", of_old), self.teaser(1, "NEW", "b", of_new)
        gone_there, new_there = self.arrival(-1, "OLD", "b", of_old), self.arrival(1, "NEW", "b", of_new)
        return {
            "copy_added": ("republications", "INSERT", "", new_copy),
            "copy_changed": (
                "republications",
                _column_list(_COPY_COLUMNS),
                self.changed(_COPY_COLUMNS),
                f"{gone_copy} {new_copy}",
            ),
            "copy_removed": ("republications", "DELETE", "", gone_copy),
            "copy_read": (
                "evidence",
                "INSERT",
                "",
                "UPDATE republications SET was_read = TRUE WHERE id = NEW.republication_id AND NOT was_read;",
            ),
            "teaser_added": ("teasers", "INSERT", "", new_teaser),
            "teaser_changed": ("teasers", _column_list(_TEASER), self.changed(_TEASER), f"{gone_teaser} {new_teaser}"),
            "teaser_removed": ("teasers", "DELETE", "", gone_teaser),
            "delivery_added": ("deliveries", "INSERT", f"NEW.{delivered}", more),
            "delivery_arrived": ("deliveries", "UPDATE OF state", f"NEW.{delivered} AND NOT OLD.{delivered}", more),
            "delivery_back": ("deliveries", "UPDATE OF state", f"OLD.{delivered} AND NOT NEW.{delivered}", less),
            "delivery_removed": ("deliveries", "DELETE", f"OLD.{delivered}", less),
            "arrival_added": ("arrivals", "INSERT", "NEW.deliveries > 0", new_there),
            "arrival_again": ("arrivals", "UPDATE", "OLD.deliveries <= 0 AND NEW.deliveries > 0", new_there),
            "arrival_gone": ("arrivals", "UPDATE", "OLD.deliveries > 0 AND NEW.deliveries <= 0", gone_there),
            **{
                f"{place}_{what}": (f"{place}s", when, condition, acts)
                for place in ("site", "channel")
                for what, when, condition, acts in (
                    ("added", "INSERT", "", self.owner(1, "NEW", place)),
                    (
                        "handed_over",
                        "UPDATE OF company_id",
                        self.changed(("company_id",)),
                        f"{self.owner(-1, 'OLD', place)} {self.owner(1, 'NEW', place)}",
                    ),
                    ("removed", "DELETE", "", self.owner(-1, "OLD", place)),
                )
            },
            "bulletin_added": ("bulletins", "INSERT", f"NEW.{_IS_OUT}", self.issue(1, "NEW")),
            "bulletin_issued": (
                "bulletins",
                _column_list(_ISSUED),
                self.changed(_ISSUED),
                f"{self.issue(-1, 'OLD')} {self.issue(1, 'NEW')}",
            ),
            "bulletin_refiled": (
                "bulletins",
                _column_list(_FILING_COLUMNS),
                self.changed(_FILING_COLUMNS),
                " ".join(refiled),
            ),
        }


def _column_list(columns: tuple[str, ...]) -> str:
    return f"UPDATE OF {', '.join(columns)}"


_SQLITE = _DialectSql("CAST(strftime('%s', {}) AS INTEGER)", "IS NOT", f"'{NO_DAY}'")
_POSTGRESQL = _DialectSql("CAST(FLOOR(EXTRACT(epoch FROM {})) AS BIGINT)", "IS DISTINCT FROM", f"DATE '{NO_DAY}'")
# Writers of rows of a bulletin hold this lock shared; a change of a bulletin's campaign or topic holds it exclusively,
# so that either sees the other's committed rows.
_EXCLUSIVE_LOCKS = {
    "bulletin_refiled": f"PERFORM pg_advisory_xact_lock({LOCK_NAMESPACE}, {AdvisoryLock.CHANGE_LOG.value});"
}
_SHARED_LOCK = f"PERFORM pg_advisory_xact_lock_shared({LOCK_NAMESPACE}, {AdvisoryLock.CHANGE_LOG.value});"
# Triggers that log only values of their own row need no lock.
_UNLOCKED_TRIGGERS = frozenset(
    {
        "bulletin_added",
        "bulletin_issued",
        "site_handed_over",
        "channel_handed_over",
        "site_removed",
        "channel_removed",
        "copy_read",
        "delivery_added",
        "delivery_arrived",
        "delivery_back",
        "delivery_removed",
    }
)


def _trigger_statements(connection: sa.Connection) -> dict[str, list[str]]:
    """Return by trigger the statements that install it."""
    if connection.dialect.name == "sqlite":
        return {
            f"tallies_{name}": [
                f"CREATE TRIGGER tallies_{name} AFTER {what} ON {table}"
                + (f" WHEN {condition}" if condition else "")
                + f" BEGIN {body} END"
            ]
            for name, (table, what, condition, body) in _SQLITE.bodies().items()
        }
    # An import adds tens of thousands of sites: a trigger for the whole statement saves a quarter of the time.
    found = {
        f"tallies_{place}_added": _statement_trigger(
            f"tallies_{place}_added", f"{place}s", _POSTGRESQL.owner(1, _ADDED, place, f"FROM {_ADDED}")
        )
        for place in ("site", "channel")
    }
    for name, (table, what, condition, body) in _POSTGRESQL.bodies().items():
        if f"tallies_{name}" in found:
            continue
        waits = _EXCLUSIVE_LOCKS.get(name, "" if name in _UNLOCKED_TRIGGERS else _SHARED_LOCK)
        found[f"tallies_{name}"] = [
            f"{_function(f'tallies_{name}')} BEGIN {waits} {body} RETURN NULL; END $$",
            f"CREATE TRIGGER tallies_{name} AFTER {what} ON {table} FOR EACH ROW"
            + (f" WHEN ({condition})" if condition else "")
            + f" EXECUTE FUNCTION tallies_{name}()",
        ]
    return found


def _function(name: str) -> str:
    """Return the beginning of a trigger function."""
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"


def _statement_trigger(name: str, table: str, body: str) -> list[str]:
    """Return a trigger for all rows that a statement adds."""
    return [
        f"{_function(name)} BEGIN {body} RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS {_ADDED} FOR EACH STATEMENT"
        f" EXECUTE FUNCTION {name}()",
    ]


def _expected_marks(connection: sa.Connection) -> dict[str, str]:
    """Return by expected trigger the mark of its text."""
    return {
        name: hashlib.sha256("\n".join(texts).encode()).hexdigest()
        for name, texts in _trigger_statements(connection).items()
    }


def installed_marks(connection: sa.Connection) -> dict[str, str]:
    """Return by installed trigger the mark of its text."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            sa.text(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'tallies\\_%' ESCAPE '\\'"
            )
        )
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in rows}
    rows = connection.execute(
        sa.text(
            "SELECT t.tgname, obj_description(t.tgfoid, 'pg_proc') FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = current_schema()::regnamespace "
            "AND t.tgname LIKE 'tallies\\_%' AND t.tgenabled IN ('O', 'A')"
        )
    )
    return {name: mark or "" for name, mark in rows}


def missing_triggers(connection: sa.Connection) -> list[str]:
    """Return the triggers of this program that are missing or have another text."""
    there = installed_marks(connection)
    return [name for name, mark in _expected_marks(connection).items() if there.get(name) != mark]


def remove_triggers(connection: sa.Connection) -> None:
    """Drop every trigger: later writes are not logged."""
    _drop(connection, installed_marks(connection))


def _drop(connection: sa.Connection, names: Iterable[str]) -> None:
    for name in names:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION {name}() CASCADE")


def install_triggers(connection: sa.Connection) -> None:
    """Install the triggers of this program that are missing or have another text, and drop those of another program.
    Each locks its table for a moment; the others are not touched."""
    expected, installed = _expected_marks(connection), installed_marks(connection)
    wanted = {name for name, mark in expected.items() if installed.get(name) != mark}
    _drop(connection, [name for name in installed if name in wanted or name not in expected])
    on_postgresql = connection.dialect.name == "postgresql"
    for name, texts in _trigger_statements(connection).items():
        if name not in wanted:
            continue
        for text in texts:
            connection.exec_driver_sql(text.replace("%", "%%") if on_postgresql else text)
        if on_postgresql:
            connection.exec_driver_sql(f"COMMENT ON FUNCTION {name}() IS '{expected[name]}'")
