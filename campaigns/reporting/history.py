"""History: every change of what counts, kept for good, so that figures can be had as they stood at an earlier moment.

The database notes changes with its own moment (``noting``); when they are added to the sums they move here
(``adding``). A figure as of a moment is the sum of the changes until then: whatever was decided later is no part of it.
Readers' views are not in it: nobody decides about them, and a day that is over has its figure for good
(``docs/explanation/views.md``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.base import Base
from campaigns.core.errors import FieldError, Invalid
from campaigns.reporting.sums import ISSUE, OWNER, change_columns, changes, facts

# ``recount``: not noted when it happened, but found when everything was counted anew. Numbers are never given twice.
history = sa.Table(
    "tally_history",
    Base.metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    *change_columns(),
    sa.Column("recount", sa.Boolean, nullable=False, server_default=sa.false()),
    # A period's figures as of a moment, and what became of the copies of one bulletin.
    sa.Index("ix_tally_history_day", "day"),
    sa.Index("ix_tally_history_bulletin_id", "bulletin_id"),
    sqlite_autoincrement=True,
)
_SAID = [column.key for column in change_columns() if column.key not in {"sign", "noted_at"}]


@dataclass(frozen=True)
class AsOf:
    """Until when the history is read: up to and with ``entry`` where one is given, else all noted by ``moment``."""

    moment: datetime
    entry: int | None = None


def keep(session: Session, these: sa.ColumnElement[bool]) -> None:
    """Move changes here that are being added to the sums, in their order. The caller deletes them there."""
    names = [column.key for column in change_columns()]
    picked = sa.select(*(changes.c[name] for name in names)).where(these).order_by(changes.c.id)
    session.execute(sa.insert(history).from_select(names, picked))


def reconcile(session: Session) -> int:
    """Put down what the rows say and the history does not, or the other way round; returns how many lines that took.

    Of a database that has none yet that is everything: its history begins at this moment.
    """
    rows = facts(all_told=True)
    told = [sa.select(rows.c.sign.label("sign"), *(rows.c[name] for name in _SAID)),
            sa.select((-history.c.sign).label("sign"), *(history.c[name] for name in _SAID))]  # fmt: skip
    both = sa.union_all(*told).subquery()
    by = [both.c[name] for name in _SAID]
    lacking = sa.func.sum(both.c.sign)
    query = sa.select(lacking, *by, sa.true()).group_by(*by).having(lacking != 0)
    done: Any = session.execute(sa.insert(history).from_select(["sign", *_SAID, "recount"], query))
    return int(done.rowcount)


def newest(session: Session) -> int:
    """The number of the last entry; 0 when there is none."""
    number: int = session.execute(sa.select(sa.func.coalesce(sa.func.max(history.c.id), 0))).scalar_one()
    return number


def require(session: Session, moment: datetime, *, now: datetime) -> None:
    """Raise ``Invalid`` unless figures as of ``moment`` can be had: it is ahead, or before the history begins."""
    if moment > now:
        raise Invalid([FieldError("as_of", "as_of_ahead", f"{moment.isoformat()} is ahead")])
    first = sa.select(history.c.noted_at, history.c.recount).order_by(history.c.id).limit(1)
    begun = session.execute(first).first()
    if begun is not None and begun.recount and moment < begun.noted_at:
        message = f"changes are kept since {begun.noted_at.isoformat()}; nothing is known as of {moment.isoformat()}"
        raise Invalid([FieldError("as_of", "as_of_early", message)])


def noted(as_of: AsOf | None) -> sa.Subquery:
    """The changes until then as one source with the columns of ``changes``; None = all, those not yet moved too.

    It asks for the bound values ``entry`` and ``moment`` (see ``asked``).
    """
    names = [*_SAID, "sign"]
    kept = sa.select(*(history.c[name] for name in names))
    if as_of is not None and as_of.entry is not None:
        return kept.where(history.c.id <= sa.bindparam("entry", type_=sa.BigInteger)).subquery("noted")
    fresh = sa.select(*(changes.c[name] for name in names))
    if as_of is not None:
        moment: sa.BindParameter[datetime] = sa.bindparam("moment", type_=history.c.noted_at.type)
        kept, fresh = kept.where(history.c.noted_at <= moment), fresh.where(changes.c.noted_at <= moment)
    return sa.union_all(kept, fresh).subquery("noted")


def asked(as_of: AsOf | None) -> dict[str, Any]:
    """The bound values of ``noted``."""
    if as_of is None:
        return {}
    return {"entry": as_of.entry} if as_of.entry is not None else {"moment": as_of.moment}


def owners(as_of: AsOf | None, place: str) -> sa.Subquery:
    """Whose each ``site_id`` or ``channel_id`` (``place``) was, as ``place_id`` and ``company_id``; asks for the bound
    values of ``noted``."""
    source = noted(as_of).alias(f"owners_{place}")
    keys = (source.c[place].label("place_id"), source.c.company_id)
    owned = (source.c.kind == OWNER, source.c[place].is_not(None))
    net = sa.func.sum(source.c.sign) > 0
    return sa.select(*keys).where(*owned).group_by(source.c[place], source.c.company_id).having(net).subquery()


def issued(as_of: AsOf | None, filed: Sequence[sa.ColumnElement[bool]], source: sa.Subquery) -> sa.Select[Any]:
    """The bulletins that were out, by id and day, of those that ``filed`` (over ``source``) takes."""
    net = sa.func.sum(source.c.sign)
    return (
        sa.select(source.c.bulletin_id, source.c.day)
        .where(source.c.kind == ISSUE, *filed)
        .group_by(source.c.bulletin_id, source.c.day)
        .having(net > 0)
        .params(asked(as_of))
    )


def issued_on(found: Sequence[tuple[int, date]], first: date, last: date) -> dict[date, int]:
    """How many were out on each day from ``first`` to ``last``."""
    days: dict[date, int] = {}
    for _bulletin, day in found:
        if first <= day <= last:
            days[day] = days.get(day, 0) + 1
    return days
