"""Alarms to administrators by mail and webhook: one when a fault begins and one when it ends.

An alarm is a row with a due time. It is written in the transaction that detects the fault; a job sends it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, public_id, rows_changed
from campaigns.core.ledger import WorkItem, due_index
from campaigns.people import mail_outbox
from campaigns.people.mail_outbox import MailKind
from campaigns.people.staff import Person, Role

KEPT = timedelta(days=30)
# A later alarm is of no use: the present state is on the pages.
LATEST = timedelta(hours=12)


class Alarm(Base, WorkItem):
    """One alarm. ``what``: ``channel_failing``, ``channel_recovered``, … ``subject``: the code of its
    subject, ``name`` the name for people, ``since`` the beginning of the fault. ``due_at`` is empty once it was sent or
    where there is no webhook."""

    __tablename__ = "alarms"
    __table_args__ = (due_index("alarms"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    what: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[str] = mapped_column(sa.String(200))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


def raise_alarm(
    session: Session,
    what: str,
    subject: str,
    name: str,
    details: Mapping[str, Any],
    *,
    since: datetime,
    now: datetime,
) -> None:
    """Queue a mail to every administrator and a call of the alarm webhook, and record the alarm in the journal."""
    ident = public_id("alm")
    session.add(
        Alarm(
            public=ident, what=what, subject=subject, name=name, since=since, details=dict(details), at=now,
            due_at=now,
        )
    )  # fmt: skip
    admins = sa.select(Person.email).where(Person.role == Role.ADMIN, Person.active).order_by(Person.id)
    for address in session.execute(admins).scalars():
        mail_outbox.queue_mail(session, MailKind.ALARM, address, by=journal.SYSTEM, what=what, more=name, now=now)
    session.flush()
    values = {"what": what, "about": subject, "since": since}
    journal.record(session, journal.SYSTEM, "alarm.sounded", "alarm", ident, values, now=now)


def forget_alarms(session: Session, *, now: datetime) -> int:
    """Delete expired alarms; returns their number."""
    return rows_changed(session.execute(sa.delete(Alarm).where(Alarm.at <= now - KEPT)))
