"""Changes noted by the database itself: whatever is written of what counts is noted in the same transaction.

Triggers, so that no act can forget it: not one that writes many rows in one statement, nor a restored backup, nor a
hand in the database. They are put in place by this program after the migrations, never by one: those run without them.
"""

import hashlib

import sqlalchemy as sa

from campaigns.core.lines import KEY, Line
from campaigns.reporting.sums import ARRIVAL, COPY, ISSUE, NO_CAMPAIGN, NO_DAY, OWNER, TEASER

_COPY = ("counted_on", "bulletin_id", "site_id", "status", "life", "attribution", "match", "was_read", "published_at",
         "first_seen_at", "gone_at")  # fmt: skip
_TEASER = ("counted_on", "bulletin_id", "site_id")
_ISSUED = ("state", "released_on", "topic_id", "campaign_id")
_FILED = ("topic_id", "campaign_id", "release_at", "released_on")
_INTO = ("INSERT INTO tally_changes (sign, kind, day, bulletin_id, site_id, channel_id, topic_id, campaign_id, "
         "status, life, attribution, match, was_read, waited, copy_id, left_at, company_id)")  # fmt: skip


_NOTHING = ", ".join(["NULL"] * 9)  # what only a copy has
_ADDED = "added"  # what PostgreSQL's triggers call the rows that a statement has added
_OUT = "state IN ('published', 'recalled')"


class _Writer:
    """The statements of one kind of database. ``row`` is how a trigger names what it is about: OLD, NEW, or a table."""

    def __init__(self, epoch: str, differs: str, no_day: str) -> None:
        self._epoch, self._differs, self._no_day = epoch, differs, no_day

    def changed(self, columns: tuple[str, ...]) -> str:
        """Whether one of these columns has another value."""
        return " OR ".join(f"OLD.{name} {self._differs} NEW.{name}" for name in columns)

    def copy(self, sign: int, row: str, bulletin: str, where: str) -> str:
        """Note a copy; ``bulletin``: how its bulletin is named; ``where``: the rest of the statement."""
        appeared = f"COALESCE({self._seconds(f'{row}.published_at')}, {self._seconds(f'{row}.first_seen_at')})"
        missing = f"COALESCE({self._seconds(f'{row}.missing_since')}, {self._seconds(f'{row}.gone_at')})"
        left = f"CASE WHEN {row}.life = 'gone' THEN {missing} END"
        waited = f"{appeared} - {self._seconds(f'{bulletin}.release_at')}"
        return (
            f"{_INTO} SELECT {sign}, '{COPY}', {row}.counted_on, {row}.bulletin_id, {row}.site_id, NULL, "
            f"{self._filed(bulletin)}, {row}.status, {row}.life, {row}.attribution, {row}.match, {row}.was_read, "
            f"{waited}, {row}.id, {left}, NULL {where};"
        )

    def teaser(self, sign: int, row: str, bulletin: str, where: str) -> str:
        """Note a teaser."""
        return (
            f"{_INTO} SELECT {sign}, '{TEASER}', {row}.counted_on, {row}.bulletin_id, {row}.site_id, NULL, "
            f"{self._filed(bulletin)}, {_NOTHING} {where};"
        )

    def arrival(self, sign: int, row: str, bulletin: str, where: str) -> str:
        """Note a bulletin that arrived at a channel."""
        return (
            f"{_INTO} SELECT {sign}, '{ARRIVAL}', {bulletin}.released_on, {row}.bulletin_id, NULL, {row}.channel_id, "
            f"{self._filed(bulletin)}, {_NOTHING} {where} "
            f"AND {bulletin}.released_on IS NOT NULL;"
        )

    def issue(self, sign: int, row: str) -> str:
        """Note a bulletin that is out."""
        return (
            f"{_INTO} SELECT {sign}, '{ISSUE}', {row}.released_on, {row}.id, NULL, NULL, {self._filed(row)}, "
            f"{_NOTHING} WHERE {row}.{_OUT} AND {row}.released_on IS NOT NULL;"
        )

    def owner(self, sign: int, row: str, place: str, source: str = "") -> str:
        """Note whose a site or a channel is; ``place``: which of the two; ``source``: where many rows stand."""
        which = f"{row}.id, NULL" if place == "site" else f"NULL, {row}.id"
        return (
            f"{_INTO} SELECT {sign}, '{OWNER}', {self._no_day}, 0, {which}, 0, 0, {', '.join(['NULL'] * 8)}, "
            f"{row}.company_id {source} WHERE {row}.company_id IS NOT NULL;"
        )

    def _filed(self, bulletin: str) -> str:
        return f"{bulletin}.topic_id, COALESCE({bulletin}.campaign_id, {NO_CAMPAIGN})"

    def _seconds(self, moment: str) -> str:
        return self._epoch.format(moment)

    def bodies(self) -> dict[str, tuple[str, str, str, str]]:
        """By name: the table, what happens to it, on which condition, and what is done then."""
        of_old, of_new = (f"FROM bulletins b WHERE b.id = {row}.bulletin_id" for row in ("OLD", "NEW"))
        delivered = "state = 'delivered'"
        more = (
            "INSERT INTO arrivals (bulletin_id, channel_id, deliveries) VALUES (NEW.bulletin_id, NEW.channel_id, 1) "
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
            "copy_changed": ("republications", _of(_COPY), self.changed(_COPY), f"{gone_copy} {new_copy}"),
            "copy_removed": ("republications", "DELETE", "", gone_copy),
            "copy_read": (
                "evidence", "INSERT", "",
                "UPDATE republications SET was_read = TRUE WHERE id = NEW.republication_id AND NOT was_read;",
            ),
            "teaser_added": ("teasers", "INSERT", "", new_teaser),
            "teaser_changed": ("teasers", _of(_TEASER), self.changed(_TEASER), f"{gone_teaser} {new_teaser}"),
            "teaser_removed": ("teasers", "DELETE", "", gone_teaser),
            "delivery_added": ("deliveries", "INSERT", f"NEW.{delivered}", more),
            "delivery_arrived": (
                "deliveries", "UPDATE OF state", f"NEW.{delivered} AND NOT OLD.{delivered}", more),
            "delivery_back": (
                "deliveries", "UPDATE OF state", f"OLD.{delivered} AND NOT NEW.{delivered}", less),
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
                        "handed_over", "UPDATE OF company_id", self.changed(("company_id",)),
                        f"{self.owner(-1, 'OLD', place)} {self.owner(1, 'NEW', place)}",
                    ),
                )
            },
            "bulletin_added": ("bulletins", "INSERT", f"NEW.{_OUT}", self.issue(1, "NEW")),
            "bulletin_issued": (
                "bulletins", _of(_ISSUED), self.changed(_ISSUED), f"{self.issue(-1, 'OLD')} {self.issue(1, 'NEW')}"),
            "bulletin_refiled": ("bulletins", _of(_FILED), self.changed(_FILED), " ".join(refiled)),
        }  # fmt: skip


def _of(columns: tuple[str, ...]) -> str:
    return f"UPDATE OF {', '.join(columns)}"


_SQLITE = _Writer("CAST(strftime('%s', {}) AS INTEGER)", "IS NOT", f"'{NO_DAY}'")
_POSTGRESQL = _Writer("CAST(FLOOR(EXTRACT(epoch FROM {})) AS BIGINT)", "IS DISTINCT FROM", f"DATE '{NO_DAY}'")
# Whoever notes what belongs to a bulletin stands with the others in this line; whoever files a bulletin anew waits
# until they have committed, or it would not see theirs and they would not see where it is filed now.
_WAITS = {"bulletin_refiled": f"PERFORM pg_advisory_xact_lock({KEY}, {Line.SUMS.value});"}
_STANDS = f"PERFORM pg_advisory_xact_lock_shared({KEY}, {Line.SUMS.value});"
# What is said of a bulletin, a site or a channel alone is told by its own row, whoever else notes meanwhile.
_QUIET = frozenset({"bulletin_added", "bulletin_issued", "site_handed_over", "channel_handed_over", "copy_read",
                    "delivery_added", "delivery_arrived", "delivery_back", "delivery_removed"})  # fmt: skip


def _wanted(connection: sa.Connection) -> dict[str, list[str]]:
    """By trigger, the statements that put it in place."""
    if connection.dialect.name == "sqlite":
        return {
            f"tallies_{name}": [
                f"CREATE TRIGGER tallies_{name} AFTER {what} ON {table}"
                + (f" WHEN {condition}" if condition else "")
                + f" BEGIN {body} END"
            ]
            for name, (table, what, condition, body) in _SQLITE.bodies().items()
        }
    # A register brings tens of thousands of sites: noted together, a quarter of what their rows took is spared.
    found = {
        f"tallies_{place}_added": _at_once(
            f"tallies_{place}_added", f"{place}s", _POSTGRESQL.owner(1, _ADDED, place, f"FROM {_ADDED}")
        )
        for place in ("site", "channel")
    }
    for name, (table, what, condition, body) in _POSTGRESQL.bodies().items():
        if f"tallies_{name}" in found:
            continue
        waits = _WAITS.get(name, "" if name in _QUIET else _STANDS)
        found[f"tallies_{name}"] = [
            f"{_function(f'tallies_{name}')} BEGIN {waits} {body} RETURN NULL; END $$",
            f"CREATE TRIGGER tallies_{name} AFTER {what} ON {table} FOR EACH ROW"
            + (f" WHEN ({condition})" if condition else "")
            + f" EXECUTE FUNCTION tallies_{name}()",
        ]
    return found


def _function(name: str) -> str:
    """How a trigger's function begins. Its statements look up rows by their numbers, for which one plan is as good as
    another; elsewhere each question has a plan of its own (``coordinator.db``), and here making it took longer than
    carrying it out: a copy that changed was noted in a third of a millisecond instead of a twentieth."""
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = auto AS $$"


def _at_once(name: str, table: str, body: str) -> list[str]:
    """A trigger for all rows that a statement adds."""
    return [
        f"{_function(name)} BEGIN {body} RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS {_ADDED} FOR EACH STATEMENT"
        f" EXECUTE FUNCTION {name}()",
    ]


def _marks(connection: sa.Connection) -> dict[str, str]:
    """By trigger that ought to be there, what tells this text of it from another."""
    return {name: hashlib.sha256("\n".join(texts).encode()).hexdigest() for name, texts in _wanted(connection).items()}


def _there(connection: sa.Connection) -> dict[str, str]:
    """By trigger that is there, the mark of its text."""
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


def missing(connection: sa.Connection) -> list[str]:
    """Triggers of this program that are not there, or are there with another text."""
    there = _there(connection)
    return [name for name, mark in _marks(connection).items() if there.get(name) != mark]


def remove(connection: sa.Connection) -> None:
    """Take every trigger away: what is written from now on is not noted."""
    for name in _there(connection):
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION {name}() CASCADE")


def install(connection: sa.Connection) -> None:
    """Put every trigger in place, with the text that this program has for it."""
    remove(connection)
    for texts in _wanted(connection).values():
        for text in texts:
            connection.exec_driver_sql(text.replace("%", "%%") if connection.dialect.name == "postgresql" else text)
    if connection.dialect.name == "postgresql":
        for name, mark in _marks(connection).items():
            connection.exec_driver_sql(f"COMMENT ON FUNCTION {name}() IS '{mark}'")
