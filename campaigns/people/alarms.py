"""Alarms: what administrators are told of at once, by letter and by webhook, each once and again when it is over.

An alarm is a row that falls due, like everything that leaves the house. Whoever finds something amiss writes it in the
transaction in which it finds it; a job tells it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, public_id, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.ledger import Due, due_index
from campaigns.people import letters
from campaigns.people.letters import LetterKind
from campaigns.people.staff import Person, Role

KEPT = timedelta(days=30)
# What a watcher hears later than this only confuses it: the state of things is on the pages.
LATEST = timedelta(hours=12)


class Alarm(Base, Due):
    """One thing to be told. ``what``: ``channel_failing``, ``channel_recovered``, … ``subject``: the code of what it is
    about, ``name`` what people call it, ``since`` from when it is so. ``due_at`` is empty once it was told or there is
    nobody to tell."""

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


def sound(
    session: Session,
    what: str,
    subject: str,
    name: str,
    details: Mapping[str, Any],
    *,
    since: datetime,
    now: datetime,
) -> None:
    """Have administrators told, each by one letter, and whoever listens at the alarm's webhook; and write it down."""
    ident = public_id("alm")
    session.add(
        Alarm(
            public=ident, what=what, subject=subject, name=name, since=since, details=dict(details), at=now,
            due_at=now,
        )
    )  # fmt: skip
    admins = sa.select(Person.email).where(Person.role == Role.ADMIN, Person.active).order_by(Person.id)
    for address in session.execute(admins).scalars():
        letters.ask(session, LetterKind.ALARM, address, by=journal.SYSTEM, what=what, more=name, now=now)
    session.flush()
    told = {"what": what, "about": subject, "since": since}
    journal.record(session, journal.SYSTEM, "alarm.sounded", "alarm", ident, told, now=now)


def forget_alarms(session: Session, *, now: datetime) -> int:
    """Drop what is past its time; how many."""
    return rows_changed(session.execute(sa.delete(Alarm).where(Alarm.at <= now - KEPT)))
