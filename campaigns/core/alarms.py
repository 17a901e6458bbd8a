"""Alarms: something is wrong with the installation. Raised once a spell, ended once, and kept with both moments.

Whoever watches something calls ``raise_alarm`` whenever it is wrong and ``clear`` whenever it is not; both say whether
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


class Alarm(Base):
    """One spell. ``code``: what is wrong, such as ``no_clock``; ``subject``: of what, such as a channel's code or a
    machine's name, "" where there is only one; ``details``: figures at its beginning; ``cleared_at``: None while it
    goes on."""

    __tablename__ = "alarms"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(60))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        # Two who watch the same thing raise one alarm between them.
        sa.Index("uq_alarms_ongoing", "code", "subject", unique=True, sqlite_where=_ONGOING, postgresql_where=_ONGOING),
    )


def raise_alarm(
    session: Session, code: str, subject: str = "", details: Mapping[str, Any] | None = None, *, now: datetime
) -> bool:
    """Note that something is wrong. True when a spell begins with it; False while one goes on."""
    values = {"code": code, "subject": subject[:60], "details": dict(details or {}), "raised_at": now}
    made = session.execute(insert_into(session, Alarm).values(values).on_conflict_do_nothing().returning(Alarm.id))
    if made.scalar_one_or_none() is None:
        return False
    told = {"code": code} | dict(details or {})
    journal.record(session, journal.SYSTEM, "alarm.raised", "alarm", subject[:60] or code, told, now=now)
    return True


def clear(session: Session, code: str, subject: str = "", *, now: datetime) -> bool:
    """Note that it is right again. True when a spell ends with it."""
    ended = session.execute(
        sa.update(Alarm)
        .where(Alarm.code == code, Alarm.subject == subject[:60], Alarm.cleared_at.is_(None))
        .values(cleared_at=now)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(ended):
        return False
    journal.record(session, journal.SYSTEM, "alarm.over", "alarm", subject[:60] or code, {"code": code}, now=now)
    return True


def ongoing(session: Session) -> Sequence[Alarm]:
    """What is wrong now, the longest first."""
    query = sa.select(Alarm).where(Alarm.cleared_at.is_(None)).order_by(Alarm.raised_at, Alarm.id)
    return session.execute(query).scalars().all()
