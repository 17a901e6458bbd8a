"""How the rows of a partner are moved to another in a merge, for every table of every feature.

``MERGE_RULES`` has a rule for each column of the database that points at a company; a test compares it with the foreign
keys. Tables of features above ``partners`` are known by their names. In most tables a row only changes its owner. Where
both partners have a row with the same key, the two become one that keeps what either says.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.base import Base, rows_changed

# Moves the rows of one column: (session, kept company id, dropped company id) -> number of rows of the dropped company.
MergeRule = Callable[[Session, int, int], int]


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]


def _change_owner(name: str) -> MergeRule:
    """The rule of a table whose rows only change their owner."""

    def move(session: Session, kept: int, dropped: int) -> int:
        return _hand_over(session, _table(name), kept, dropped)

    return move


def _hand_over(session: Session, table: sa.Table, kept: int, dropped: int) -> int:
    mine = sa.update(table).where(table.c.company_id == dropped).values(company_id=kept)
    return rows_changed(session.connection().execute(mine))


def _matching_rows(
    session: Session, table: sa.Table, by: Sequence[str], kept: int, dropped: int
) -> Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Pairs (row of the kept partner, row of the dropped one) that are equal in the columns ``by``."""
    clause, other = table.alias("one"), table.alias("other")
    same = sa.and_(*(clause.c[name] == other.c[name] for name in by))
    columns = [column.label(f"{side.name}_{column.key}") for side in (clause, other) for column in side.c]
    query = sa.select(*columns).join_from(clause, other, same).where(clause.c.company_id == kept)
    found = session.connection().execute(query.where(other.c.company_id == dropped)).mappings().all()
    names = table.c.keys()
    return [
        ({name: row[f"one_{name}"] for name in names}, {name: row[f"other_{name}"] for name in names}) for row in found
    ]


def _merge_rows(session: Session, table: sa.Table, changes: Sequence[tuple[Any, Any, Mapping[str, Any]]]) -> None:
    """For each (row that stays, row that goes, values): delete the one that goes and write the values to the other."""

    def has_key_of(row: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
        return [column == row[column.key] for column in table.primary_key]

    for stays, goes, columns in changes:
        session.connection().execute(sa.delete(table).where(*has_key_of(goes)))
        if columns:
            session.connection().execute(sa.update(table).where(*has_key_of(stays)).values(**columns))


def _notice_recipients(session: Session, kept: int, dropped: int) -> int:
    """A notice sent to both partners is sent to one."""
    table = _table("notice_receivers")
    twins = _matching_rows(session, table, ["notice_id"], kept, dropped)
    _merge_rows(session, table, [(stays, goes, {}) for stays, goes in twins])
    return len(twins) + _hand_over(session, table, kept, dropped)


def _notice_read_receipts(session: Session, kept: int, dropped: int) -> int:
    """Of an edition that both have read, the earlier reading and the earlier confirmation count."""
    table = _table("notice_read_receipts")
    changes = []
    for stays, goes in _matching_rows(session, table, ["notice_id", "edition"], kept, dropped):
        first = min((stays, goes), key=lambda row: row["read_at"])
        confirmed = [row for row in (stays, goes) if row["confirmed_at"] is not None]
        sure = min(confirmed, key=lambda row: row["confirmed_at"], default=stays)
        values = {name: first[name] for name in ("read_at", "read_by", "read_by_name")}
        values |= {name: sure[name] for name in ("confirmed_at", "confirmed_by", "confirmed_by_name")}
        changes.append((stays, goes, values))
    _merge_rows(session, table, changes)
    return len(changes) + _hand_over(session, table, kept, dropped)


def _page_reports(session: Session, kept: int, dropped: int) -> int:
    """Of a page that both have reported, the earlier report and the later request for a check count."""
    table = _table("page_reports")
    changes = []
    for stays, goes in _matching_rows(session, table, ["page_id"], kept, dropped):
        first = min((stays, goes), key=lambda row: row["at"])
        values = {name: first[name] for name in ("at", "actor", "actor_name", "url")}
        values["asked_at"] = max(stays["asked_at"], goes["asked_at"])
        values["bulletin_id"] = stays["bulletin_id"] or goes["bulletin_id"]
        changes.append((stays, goes, values))
    _merge_rows(session, table, changes)
    return len(changes) + _hand_over(session, table, kept, dropped)


def _editors(session: Session, kept: int, dropped: int) -> int:
    """An editor of both partners becomes one, with the links and sessions of both; inactive if either was."""
    table = _table("editors")
    twins = _matching_rows(session, table, ["email"], kept, dropped)
    for stays, goes in twins:
        for name in ("one_time_links", "sessions"):
            theirs = _table(name)
            mine = sa.update(theirs).where(theirs.c.editor_id == goes["id"]).values(editor_id=stays["id"])
            session.connection().execute(mine)
    _merge_rows(
        session, table, [(stays, goes, {"active": stays["active"] and goes["active"]}) for stays, goes in twins]
    )
    return len(twins) + _hand_over(session, table, kept, dropped)


def _not_duplicates(session: Session, kept: int, dropped: int) -> int:
    """Partners marked as distinct from the dropped one are distinct from the kept one; a mark between the two goes."""
    table = _table("not_duplicates")
    mine = sa.or_(table.c.low_id == dropped, table.c.high_id == dropped)
    rows = session.connection().execute(sa.delete(table).where(mine).returning(*table.c)).mappings().all()
    known = sa.select(table.c.low_id, table.c.high_id).where(sa.or_(table.c.low_id == kept, table.c.high_id == kept))
    there = {tuple(row) for row in session.connection().execute(known)}
    for row in rows:
        third = row["low_id"] if row["high_id"] == dropped else row["high_id"]
        low, high = min(kept, third), max(kept, third)
        if third != kept and (low, high) not in there:
            values = {"low_id": low, "high_id": high, "by": row["by"], "at": row["at"]}
            session.connection().execute(sa.insert(table).values(**values))
    return len(rows)


def _former_codes(session: Session, kept: int, dropped: int) -> int:
    """Partners merged into the dropped one earlier redirect to the kept one: a redirect is never a chain."""
    table = _table("companies")
    mine = sa.update(table).where(table.c.merged_into_id == dropped).values(merged_into_id=kept)
    return rows_changed(session.connection().execute(mine))


OWNED_TABLES = (
    "sites", "licences", "agreements", "channels", "keys", "questions", "findings", "cases", "case_decisions",
    "feed_fetches",
)  # fmt: skip
JOINED_TABLES: Mapping[str, MergeRule] = {
    "editors": _editors,
    "notice_receivers": _notice_recipients,
    "notice_read_receipts": _notice_read_receipts,
    "page_reports": _page_reports,
}
# By (table, column).
MERGE_RULES: Mapping[tuple[str, str], MergeRule] = {
    **{(name, "company_id"): _change_owner(name) for name in OWNED_TABLES},
    **{(name, "company_id"): move for name, move in JOINED_TABLES.items()},
    ("not_duplicates", "low_id"): _not_duplicates,
    ("not_duplicates", "high_id"): lambda _session, _kept, _dropped: 0,  # moved with ``low_id``
    ("companies", "merged_into_id"): _former_codes,
}
COMPANY_TABLES = (*OWNED_TABLES, *JOINED_TABLES)


def count_rows(session: Session, companies: Sequence[int]) -> dict[int, dict[str, int]]:
    """The number of rows of each table for each company, and of ``copies`` on its sites; one query."""
    sites, copies = _table("sites"), _table("republications")
    arms: list[Any] = []
    for name in COMPANY_TABLES:
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
    found = {company: dict.fromkeys((*COMPANY_TABLES, "copies"), 0) for company in companies}
    for name, company, count in session.execute(sa.union_all(*arms)):
        found[company][name] = count
    return found


# Rows that people enter or decide, by the columns that name them: shown before a merge, compared by its version tag
# and written to the journal.
NAMED_TABLES: Mapping[str, tuple[str, ...]] = {
    "sites": ("code", "host"), "licences": ("number",), "agreements": ("number",), "channels": ("code",),
    "keys": ("public",), "editors": ("email", "active"), "questions": ("public",), "findings": ("public",),
    "cases": ("public",),
    "page_reports": ("public",),
}  # fmt: skip


def named_rows(session: Session, companies: Sequence[int]) -> dict[int, dict[str, list[list[Any]]]]:
    """The named rows of each company, by table."""
    found: dict[int, dict[str, list[list[Any]]]] = {
        company: {name: [] for name in NAMED_TABLES} for company in companies
    }
    for name, columns in NAMED_TABLES.items():
        table = _table(name)
        query = sa.select(table.c.company_id, *(table.c[column] for column in columns))
        for row in session.execute(query.where(table.c.company_id.in_(companies)).order_by(table.c.id)):
            found[row[0]][name].append(list(row[1:]))
    return found
