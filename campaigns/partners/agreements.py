"""Agreements: the written consent behind a republication, from and to a day."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.partners.directory import Company


class Agreement(Base):
    """One written agreement with a company."""

    __tablename__ = "agreements"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(80), unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    topics: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship()

    def holds_on(self, day: date) -> bool:
        """Whether the agreement was in force on this day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def add_agreement(
    session: Session,
    actor: str,
    company: Company,
    *,
    number: str,
    starts_on: date,
    ends_on: date | None,
    topics: Sequence[str] = (),
    note: str = "",
    now: datetime,
) -> Agreement:
    """Enter an agreement. Raises ``Invalid`` naming each bad field, ``Conflict`` for a number in use."""
    errors = []
    if not number.strip():
        errors.append(FieldError("number", "required", "an agreement needs its number"))
    if ends_on is not None and ends_on < starts_on:
        errors.append(FieldError("ends_on", "before_start", f"{ends_on} is before the start, {starts_on}"))
    if errors:
        raise Invalid(errors)
    if session.execute(sa.select(Agreement.id).where(Agreement.number == number.strip())).first():
        raise Conflict(f"agreement {number} is in the register", code="agreement_taken", number=number)
    row = Agreement(
        company=company,
        number=number.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        topics=list(topics),
        note=note,
        created_at=now,
    )
    session.add(row)
    session.flush()
    details = {"partner": company.code, "starts_on": starts_on, "ends_on": ends_on}
    journal.record(session, actor, "agreement.added", "agreement", row.number, details, now=now)
    return row


def change_agreement(
    session: Session,
    actor: str,
    agreement: Agreement,
    *,
    starts_on: date,
    ends_on: date | None,
    topics: Sequence[str],
    note: str,
    now: datetime,
) -> None:
    """Put another content under the same number. Raises ``Invalid`` when it would end before it starts."""
    if ends_on is not None and ends_on < starts_on:
        raise Invalid([FieldError("ends_on", "before_start", f"{ends_on} is before the start, {starts_on}")])
    agreement.starts_on, agreement.ends_on = starts_on, ends_on
    agreement.topics, agreement.note = list(topics), note
    session.flush()
    details = {"starts_on": starts_on, "ends_on": ends_on, "topics": agreement.topics}
    journal.record(session, actor, "agreement.changed", "agreement", agreement.number, details, now=now)


def find_agreement(session: Session, number: str) -> Agreement:
    """The agreement with this number. Raises ``NotFound``."""
    row = session.execute(sa.select(Agreement).where(Agreement.number == number)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no agreement {number}", agreement=number)
    return row


def agreements_of(session: Session, company: Company) -> Sequence[Agreement]:
    """All agreements of a company, newest first."""
    query = sa.select(Agreement).where(Agreement.company_id == company.id).order_by(Agreement.starts_on.desc())
    return session.execute(query).scalars().all()
