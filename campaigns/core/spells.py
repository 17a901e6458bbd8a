"""Spells: something is wrong with the installation, from a moment on and until another. Each is kept with both.

Whoever watches something calls ``begin`` whenever it is wrong and ``end`` whenever it is not; both say whether
that was news, so that people are told once of each.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, insert_into, rows_changed
from campaigns.core.clock import UTCDateTime

_ONGOING = sa.text("cleared_at IS NULL")


class Spell(Base):
    """One spell. ``code``: what is wrong, such as ``no_clock``; ``subject``: of what, such as a channel's code or a
    machine's name, "" where there is only one; ``details``: figures at its beginning; ``cleared_at``: None while it
    goes on."""

    __tablename__ = "spells"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(60))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        # Two who watch the same thing find one spell between them.
        sa.Index("uq_spells_ongoing", "code", "subject", unique=True, sqlite_where=_ONGOING, postgresql_where=_ONGOING),
    )


def begin(
    session: Session, code: str, subject: str = "", details: Mapping[str, Any] | None = None, *, now: datetime
) -> bool:
    """Note that something is wrong. True when a spell begins with it; False while one goes on."""
    values = {"code": code, "subject": subject[:60], "details": dict(details or {}), "raised_at": now}
    made = session.execute(insert_into(session, Spell).values(values).on_conflict_do_nothing().returning(Spell.id))
    if made.scalar_one_or_none() is None:
        return False
    told = {"code": code} | dict(details or {})
    journal.record(session, journal.SYSTEM, "alarm.raised", "alarm", subject[:60] or code, told, now=now)
    return True


def end(session: Session, code: str, subject: str = "", *, now: datetime) -> bool:
    """Note that it is right again. True when a spell ends with it."""
    ended = session.execute(
        sa.update(Spell)
        .where(Spell.code == code, Spell.subject == subject[:60], Spell.cleared_at.is_(None))
        .values(cleared_at=now)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(ended):
        return False
    journal.record(session, journal.SYSTEM, "alarm.over", "alarm", subject[:60] or code, {"code": code}, now=now)
    return True


def ongoing(session: Session) -> Sequence[Spell]:
    """What is wrong now, the longest first."""
    query = sa.select(Spell).where(Spell.cleared_at.is_(None)).order_by(Spell.raised_at, Spell.id)
    return session.execute(query).scalars().all()
