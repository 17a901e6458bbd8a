"""The history: every change of what counts, kept permanently, from which figures as of an earlier moment are derived.

Triggers stamp each change with the database's time (``change_log``); changes that were added to the sums move here
(``rollup``). A figure as of a moment is the sum of the changes until then, without later decisions. Views are not part
of it: nobody decides about them, and the figure of a past day is final (``docs/explanation/views.md``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.base import Base, BigKey
from campaigns.core.errors import FieldError, Invalid
from campaigns.reporting.rollups.rollup_tables import (
    ISSUE,
    OWNER,
    Columns,
    change_columns,
    changes,
    columns_of,
    facts,
)

# ``recount``: found when everything was counted anew, not logged when it happened. Numbers are never used twice.
tally_history = sa.Table(
    "tally_history",
    Base.metadata,
    sa.Column("id", BigKey, primary_key=True),
    *change_columns(),
    sa.Column("recount", sa.Boolean, nullable=False, server_default=sa.false()),
    # The figures of a period as of a moment.
    sa.Index("ix_tally_history_day", "day"),
    # The delays of a period's confirmed copies, at any moment.
    sa.Index(
        "ix_tally_history_confirmed",
        *("day", "waited", "topic_id", "campaign_id", "sign"),
        sqlite_where=sa.text("status = 'confirmed'"),
        postgresql_where=sa.text("status = 'confirmed'"),
    ),
    # What became of the copies of one bulletin.
    sa.Index("ix_tally_history_bulletin_id", "bulletin_id"),
    sqlite_autoincrement=True,
)
_CHANGE_COLUMNS = [column.key for column in change_columns() if column.key not in {"sign", "noted_at"}]


@dataclass(frozen=True)
class AsOf:
    """Until when the history is read: up to and including ``entry`` where given, else all logged by ``moment``."""

    moment: datetime
    entry: int | None = None


def append_changes(session: Session, these: sa.ColumnElement[bool]) -> None:
    """Copy changes that are being added to the sums, in their order. The caller deletes them from ``changes``."""
    names = [column.key for column in change_columns()]
    picked = sa.select(*(changes.c[name] for name in names)).where(these).order_by(changes.c.id)
    session.execute(sa.insert(tally_history).from_select(names, picked))


def reconcile(session: Session) -> int:
    """Append what the rows contain and the history does not, or the reverse with sign -1; returns how many entries.

    Without any history that is everything: the history then begins at this moment.
    """
    lacking, by = _differences(tally_history)
    query = sa.select(lacking, *by, sa.true()).group_by(*by).having(lacking != 0)
    done: Any = session.execute(sa.insert(tally_history).from_select(["sign", *_CHANGE_COLUMNS, "recount"], query))
    return int(done.rowcount)


def _differences(*logs: sa.Table) -> tuple[sa.ColumnElement[int], list[sa.ColumnElement[Any]]]:
    """How often the rows contain each change more often than the ``logs`` do, and the columns of the change."""
    rows = facts(for_history=True)
    parts = [sa.select(rows.c.sign.label("sign"), *(rows.c[name] for name in _CHANGE_COLUMNS))]
    parts += [sa.select((-log.c.sign).label("sign"), *(log.c[name] for name in _CHANGE_COLUMNS)) for log in logs]
    both = sa.union_all(*parts).subquery()
    return sa.func.sum(both.c.sign), [both.c[name] for name in _CHANGE_COLUMNS]


def find_differences(session: Session) -> list[tuple[dict[str, Any], int]]:
    """The changes that the history and the changes not moved yet lack, or have too often (a negative number)."""
    lacking, by = _differences(tally_history, changes)
    rows = session.execute(sa.select(lacking, *by).group_by(*by).having(lacking != 0))
    return [(dict(zip(_CHANGE_COLUMNS, row[1:], strict=True)), int(row[0])) for row in rows]


def newest_entry(session: Session) -> int:
    """The number of the last entry; 0 when there is none."""
    number: int = session.execute(sa.select(sa.func.coalesce(sa.func.max(tally_history.c.id), 0))).scalar_one()
    return number


def require_as_of(session: Session, moment: datetime, *, now: datetime) -> None:
    """Raise ``Invalid`` unless figures as of ``moment`` can be had: it is ahead, or before the history begins."""
    if moment > now:
        raise Invalid([FieldError("as_of", "as_of_ahead", f"{moment.isoformat()} is ahead")])
    first = sa.select(tally_history.c.noted_at, tally_history.c.recount).order_by(tally_history.c.id).limit(1)
    begun = session.execute(first).first()
    if begun is not None and begun.recount and moment < begun.noted_at:
        message = f"changes are kept since {begun.noted_at.isoformat()}; nothing is known as of {moment.isoformat()}"
        raise Invalid([FieldError("as_of", "as_of_early", message)])


def changes_until(
    as_of: AsOf | None,
    names: Sequence[str] = (*_CHANGE_COLUMNS, "sign"),
    conditions: Callable[[Columns], Sequence[sa.ColumnElement[bool]]] = lambda _columns: (),
) -> sa.Subquery:
    """The changes until then as one source with the columns ``names`` of ``changes``; None = all, those not moved yet
    too. ``conditions``: of the changes, from the columns of their table, so that an index can have all that is read.
    """
    kept = sa.select(*(tally_history.c[name] for name in names)).where(*conditions(columns_of(tally_history)))
    if as_of is not None and as_of.entry is not None:
        return kept.where(tally_history.c.id <= as_of.entry).subquery("logged")
    fresh = sa.select(*(changes.c[name] for name in names)).where(*conditions(columns_of(changes)))
    if as_of is not None:
        kept, fresh = (
            kept.where(tally_history.c.noted_at <= as_of.moment),
            fresh.where(changes.c.noted_at <= as_of.moment),
        )
    return sa.union_all(kept, fresh).subquery("logged")


def owners(as_of: AsOf | None, place: str) -> sa.Subquery:
    """The company that each ``site_id`` or ``channel_id`` (``place``) belonged to, as ``place_id`` and
    ``company_id``."""
    source = changes_until(as_of).alias(f"owners_{place}")
    keys = (source.c[place].label("place_id"), source.c.company_id)
    owned = (source.c.kind == OWNER, source.c[place].is_not(None))
    net = sa.func.sum(source.c.sign) > 0
    return sa.select(*keys).where(*owned).group_by(source.c[place], source.c.company_id).having(net).subquery()


def issued_query(filed: Sequence[sa.ColumnElement[bool]], source: sa.Subquery) -> sa.Select[Any]:
    """The published bulletins, by id and day, of those that ``filed`` (over ``source``) selects."""
    net = sa.func.sum(source.c.sign)
    return (
        sa.select(source.c.bulletin_id, source.c.day)
        .where(source.c.kind == ISSUE, *filed)
        .group_by(source.c.bulletin_id, source.c.day)
        .having(net > 0)
    )


def issued_per_day(found: Sequence[tuple[int, date]], first: date, last: date) -> dict[date, int]:
    """How many were published on each day from ``first`` to ``last``."""
    days: dict[date, int] = {}
    for _bulletin, day in found:
        if first <= day <= last:
            days[day] = days.get(day, 0) + 1
    return days
