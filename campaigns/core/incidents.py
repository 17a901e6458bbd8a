"""Incidents: faults of the installation, each with the times it was raised and cleared.

A check calls ``begin_incident`` whenever it finds a fault and ``end_incident`` whenever it finds none; both return
whether that is a change, so that people are notified once of each.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, insert_into, rows_changed

_ONGOING = sa.text("cleared_at IS NULL")


class Incident(Base):
    """One incident. ``code``: the fault, such as ``no_clock``; ``subject``: what has it, such as a channel's code or a
    machine's name, "" where there is only one; ``details``: figures when it was raised; ``cleared_at``: None while it
    lasts."""

    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(60))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        # Two processes that find the same fault raise one incident.
        sa.Index(
            "uq_incidents_ongoing", "code", "subject", unique=True, sqlite_where=_ONGOING, postgresql_where=_ONGOING
        ),
    )


def begin_incident(
    session: Session, code: str, subject: str = "", details: Mapping[str, Any] | None = None, *, now: datetime
) -> bool:
    """Raise an incident. Returns whether it is new; False while one is ongoing."""
    columns = {"code": code, "subject": subject[:60], "details": dict(details or {}), "raised_at": now}
    made = session.execute(
        insert_into(session, Incident).values(columns).on_conflict_do_nothing().returning(Incident.id)
    )
    if made.scalar_one_or_none() is None:
        return False
    noted = {"code": code} | dict(details or {})
    journal.record(session, journal.SYSTEM, "alarm.raised", "alarm", subject[:60] or code, noted, now=now)
    return True


def end_incident(session: Session, code: str, subject: str = "", *, now: datetime) -> bool:
    """Clear an incident. Returns whether one was ongoing."""
    ended = session.execute(
        sa.update(Incident)
        .where(Incident.code == code, Incident.subject == subject[:60], Incident.cleared_at.is_(None))
        .values(cleared_at=now)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(ended):
        return False
    journal.record(session, journal.SYSTEM, "alarm.over", "alarm", subject[:60] or code, {"code": code}, now=now)
    return True


def ongoing_incidents(session: Session) -> Sequence[Incident]:
    """The ongoing incidents, the oldest first."""
    query = sa.select(Incident).where(Incident.cleared_at.is_(None)).order_by(Incident.raised_at, Incident.id)
    return session.execute(query).scalars().all()
