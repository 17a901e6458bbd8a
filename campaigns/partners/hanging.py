"""What hangs on a partner, in every room, and how it goes over to another.

Rooms above this one are known by the names of their tables: ``HANGING`` names every column of the database that points
at a company, and a test holds it against the foreign keys. Of most a row only changes its owner. Where both partners
have a row of the same key, the two become one and what either says is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.base import Base, rows_changed

# What is done with the rows that a column points from; returns how many of the other partner's rows there were.
Move = Callable[[Session, int, int], int]


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]


def _owned(name: str) -> Move:
    """Rows that only change their owner."""

    def move(session: Session, kept: int, dropped: int) -> int:
        return _hand_over(session, _table(name), kept, dropped)

    return move


def _hand_over(session: Session, table: sa.Table, kept: int, dropped: int) -> int:
    mine = sa.update(table).where(table.c.company_id == dropped).values(company_id=kept)
    return rows_changed(session.connection().execute(mine))


def _twins(
    session: Session, table: sa.Table, by: Sequence[str], kept: int, dropped: int
) -> Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Rows of the one and of the other partner that are equal in ``by``."""
    one, other = table.alias("one"), table.alias("other")
    same = sa.and_(*(one.c[name] == other.c[name] for name in by))
    columns = [column.label(f"{side.name}_{column.key}") for side in (one, other) for column in side.c]
    query = sa.select(*columns).join_from(one, other, same).where(one.c.company_id == kept)
    found = session.connection().execute(query.where(other.c.company_id == dropped)).mappings().all()
    names = table.c.keys()
    return [
        ({name: row[f"one_{name}"] for name in names}, {name: row[f"other_{name}"] for name in names}) for row in found
    ]


def _join(session: Session, table: sa.Table, changes: Sequence[tuple[Any, Any, Mapping[str, Any]]]) -> None:
    """Put ``(row that stays, row that goes, values)`` together: both named by their primary keys."""

    def this(row: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
        return [column == row[column.key] for column in table.primary_key]

    for stays, goes, values in changes:
        session.connection().execute(sa.delete(table).where(*this(goes)))
        if values:
            session.connection().execute(sa.update(table).where(*this(stays)).values(**values))


def _receivers(session: Session, kept: int, dropped: int) -> int:
    """A notice that names both names one."""
    table = _table("notice_receivers")
    twins = _twins(session, table, ["notice_id"], kept, dropped)
    _join(session, table, [(stays, goes, {}) for stays, goes in twins])
    return len(twins) + _hand_over(session, table, kept, dropped)


def _readings(session: Session, kept: int, dropped: int) -> int:
    """An edition that both have read was read when the first of them did, and confirmed when the first of them did."""
    table = _table("notice_readings")
    changes = []
    for stays, goes in _twins(session, table, ["notice_id", "edition"], kept, dropped):
        first = min((stays, goes), key=lambda row: row["read_at"])
        confirmed = [row for row in (stays, goes) if row["confirmed_at"] is not None]
        sure = min(confirmed, key=lambda row: row["confirmed_at"], default=stays)
        values = {name: first[name] for name in ("read_at", "read_by", "read_by_name")}
        values |= {name: sure[name] for name in ("confirmed_at", "confirmed_by", "confirmed_by_name")}
        changes.append((stays, goes, values))
    _join(session, table, changes)
    return len(changes) + _hand_over(session, table, kept, dropped)


def _reports(session: Session, kept: int, dropped: int) -> int:
    """A page that both have reported was reported when the first did, and a look asked for when the last did."""
    table = _table("page_reports")
    changes = []
    for stays, goes in _twins(session, table, ["page_id"], kept, dropped):
        first = min((stays, goes), key=lambda row: row["at"])
        values = {name: first[name] for name in ("at", "actor", "actor_name", "url")}
        values["asked_at"] = max(stays["asked_at"], goes["asked_at"])
        values["bulletin_id"] = stays["bulletin_id"] or goes["bulletin_id"]
        changes.append((stays, goes, values))
    _join(session, table, changes)
    return len(changes) + _hand_over(session, table, kept, dropped)


def _editors(session: Session, kept: int, dropped: int) -> int:
    """Who works for both is one person, with the links and visits of both; who was switched off at either stays so."""
    table = _table("editors")
    twins = _twins(session, table, ["email"], kept, dropped)
    for stays, goes in twins:
        for name in ("editor_links", "editor_visits"):
            theirs = _table(name)
            mine = sa.update(theirs).where(theirs.c.editor_id == goes["id"]).values(editor_id=stays["id"])
            session.connection().execute(mine)
    _join(session, table, [(stays, goes, {"active": stays["active"] and goes["active"]}) for stays, goes in twins])
    return len(twins) + _hand_over(session, table, kept, dropped)


def _apart(session: Session, kept: int, dropped: int) -> int:
    """Who was not the other is not this one either; that these two are not the same is no longer said."""
    table = _table("partners_held_apart")
    mine = sa.or_(table.c.low_id == dropped, table.c.high_id == dropped)
    rows = session.connection().execute(sa.delete(table).where(mine).returning(*table.c)).mappings().all()
    known = sa.select(table.c.low_id, table.c.high_id).where(sa.or_(table.c.low_id == kept, table.c.high_id == kept))
    there = {tuple(row) for row in session.connection().execute(known)}
    for row in rows:
        stranger = row["low_id"] if row["high_id"] == dropped else row["high_id"]
        low, high = min(kept, stranger), max(kept, stranger)
        if stranger != kept and (low, high) not in there:
            values = {"low_id": low, "high_id": high, "by": row["by"], "at": row["at"]}
            session.connection().execute(sa.insert(table).values(**values))
    return len(rows)


def _before(session: Session, kept: int, dropped: int) -> int:
    """Who was merged into the other is this one now: a former code leads on in one step."""
    table = _table("companies")
    mine = sa.update(table).where(table.c.merged_into_id == dropped).values(merged_into_id=kept)
    return rows_changed(session.connection().execute(mine))


OWNED = ("sites", "licences", "agreements", "channels", "keys", "questions", "findings", "feed_fetches")
JOINED: Mapping[str, Move] = {
    "editors": _editors,
    "notice_receivers": _receivers,
    "notice_readings": _readings,
    "page_reports": _reports,
}
# By (table, column).
HANGING: Mapping[tuple[str, str], Move] = {
    **{(name, "company_id"): _owned(name) for name in OWNED},
    **{(name, "company_id"): move for name, move in JOINED.items()},
    ("partners_held_apart", "low_id"): _apart,
    ("partners_held_apart", "high_id"): lambda _session, _kept, _dropped: 0,  # with the other end of the pair
    ("companies", "merged_into_id"): _before,
}
WITH_COMPANY = (*OWNED, *JOINED)


def counted(session: Session, companies: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many rows of each table hang on each of these, ``copies`` on their sites among them; one statement."""
    sites, copies = _table("sites"), _table("republications")
    arms: list[Any] = []
    for name in WITH_COMPANY:
        table = _table(name)
        owner = table.c.company_id
        query = sa.select(sa.literal(name), owner, sa.func.count()).where(owner.in_(companies))
        arms.append(query.group_by(owner))
    arms.append(
        sa.select(sa.literal("copies"), sites.c.company_id, sa.func.count())
        .join_from(copies, sites, sites.c.id == copies.c.site_id)
        .where(sites.c.company_id.in_(companies))
        .group_by(sites.c.company_id)
    )
    found = {company: dict.fromkeys((*WITH_COMPANY, "copies"), 0) for company in companies}
    for what, company, many in session.execute(sa.union_all(*arms)):
        found[company][what] = many
    return found


# What a person enters or decides, and a page about merging names: what is told apart in a seal and told in the journal.
TOLD: Mapping[str, tuple[str, ...]] = {
    "sites": ("code", "host"), "licences": ("number",), "agreements": ("number",), "channels": ("code",),
    "keys": ("public",), "editors": ("email", "active"), "questions": ("public",), "findings": ("public",),
    "page_reports": ("public",),
}  # fmt: skip


def told(session: Session, companies: Sequence[int]) -> dict[int, dict[str, list[list[Any]]]]:
    """What hangs on each of these by its own name, in its order."""
    found: dict[int, dict[str, list[list[Any]]]] = {one: {name: [] for name in TOLD} for one in companies}
    for name, columns in TOLD.items():
        table = _table(name)
        query = sa.select(table.c.company_id, *(table.c[column] for column in columns))
        for row in session.execute(query.where(table.c.company_id.in_(companies)).order_by(table.c.id)):
            found[row[0]][name].append(list(row[1:]))
    return found
