"""Schedules: which report goes by mail, to whom, how often, and of which days.

A schedule names its times by a cron line in the city's zone; what that line means is the coordinator's to know, and
here only the next moment stands (``next_at``). Each moment that comes makes one ``Sending`` (``sendings``), however
many clocks look at it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.clock import Period, UTCDateTime, city_day, parse_period, quarter_of
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, May

LONGEST_NAME, LONGEST_CRON = 120, 120
MOST_RECEIVERS = 500  # of one schedule; each gets a letter of its own
_ADDRESS = re.compile(r"[^@\s<>,;()\"]+@[^@\s<>,;()\"]+\.[^@\s<>,;()\"]+")


class Kind(Enum):
    """What is reported, and over which days each time."""

    DAY = "day"  # the digest of the day before
    WEEK = "week"  # the digest of the week before, Monday to Sunday
    PARTNER = "partner"  # one partner's report of the month before
    PLAN = "plan"  # one plan's result so far
    RECOGNITION = "recognition"  # the ranking of the quarter before
    BRIEFING = "briefing"  # the briefing of the quarter before
    LIST = "list"  # what meets a saved filter


FORMS: dict[Kind, tuple[str, ...]] = {
    Kind.DAY: ("pdf", "xlsx"),
    Kind.WEEK: ("pdf", "xlsx"),
    Kind.PARTNER: ("pdf", "xlsx"),
    Kind.PLAN: ("pdf", "xlsx"),
    Kind.RECOGNITION: ("pdf", "xlsx", "csv"),
    Kind.BRIEFING: ("docx", "pdf", "xlsx", "csv", "json"),
    Kind.LIST: ("xlsx", "csv"),
}
OF_SOMETHING = frozenset({Kind.PARTNER, Kind.PLAN, Kind.LIST})
# A digest that comes days late tells what nobody asks any more: the last one is enough. A quarter's briefing is kept.
EACH = frozenset({Kind.BRIEFING})


class Schedule(Base):
    """One schedule. ``subject``: the code of a partner or a plan (of a briefing's too, "" = all bulletins), or the id
    of a saved filter; ``forms``: the files that go with a letter; ``ends_on``: the last day on which anything is sent;
    ``next_at``: None while it is paused and once it is over."""

    __tablename__ = "schedules"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    kind: Mapped[Kind] = mapped_column(by_value(Kind, "schedule_kind"))
    subject: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    forms: Mapped[list[str]] = mapped_column(sa.JSON)
    cron: Mapped[str] = mapped_column(sa.String(LONGEST_CRON))
    ends_on: Mapped[date | None]
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)

    receivers: Mapped[list["Addressee"]] = relationship(
        back_populates="schedule", order_by="Addressee.address", cascade="all, delete-orphan"
    )

    @property
    def over(self) -> bool:
        """Whether nothing is sent any more, though nobody paused it."""
        return self.next_at is None and self.paused_at is None

    @property
    def going(self) -> list["Addressee"]:
        """Who still receives it."""
        return [one for one in self.receivers if one.left_at is None]


class Addressee(Base):
    """One address of a schedule. ``left_at``: since when whoever reads there has stopped it."""

    __tablename__ = "schedule_receivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedules.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(sa.String(200))
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    schedule: Mapped[Schedule] = relationship(back_populates="receivers")

    __table_args__ = (sa.UniqueConstraint("schedule_id", "address"),)


@dataclass(frozen=True)
class Wanted:
    """A schedule as somebody wrote it down. ``next_at``: the first moment of its cron line, None where that line is
    not good or never comes, which ``cron_trouble`` says as a code with words."""

    name: str
    kind: Kind
    subject: str
    forms: Sequence[str]
    cron: str
    ends_on: date | None
    addresses: Sequence[str]
    next_at: datetime | None
    cron_trouble: FieldError | None = None


def errors_of(wanted: Wanted, *, now: datetime) -> list[FieldError]:
    """Everything that is wrong with it. Whether the subject is there is asked by whoever knows its kind."""
    errors = []
    if not wanted.name.strip():
        errors.append(FieldError("name", "required", "a schedule needs a name"))
    if len(wanted.name.strip()) > LONGEST_NAME:
        errors.append(FieldError("name", "too_long", f"at most {LONGEST_NAME} characters"))
    if wanted.kind in OF_SOMETHING and not wanted.subject:
        errors.append(
            FieldError("subject", "required", f"say which one a report of the kind {wanted.kind.value} is of")
        )
    if not wanted.forms or any(form not in FORMS[wanted.kind] for form in wanted.forms):
        errors.append(FieldError("forms", "report_forms", f"choose among {', '.join(FORMS[wanted.kind])}"))
    if wanted.cron_trouble is not None:
        errors.append(wanted.cron_trouble)
    if wanted.ends_on is not None and wanted.ends_on < city_day(now):
        errors.append(FieldError("ends_on", "past", f"{wanted.ends_on} is in the past"))
    elif wanted.ends_on is not None and wanted.next_at is not None and city_day(wanted.next_at) > wanted.ends_on:
        errors.append(FieldError("ends_on", "never_comes", "the first time is after the last day"))
    return errors + _address_errors(wanted.addresses)


def _address_errors(addresses: Sequence[str]) -> list[FieldError]:
    if not addresses:
        return [FieldError("addresses", "required", "a schedule needs an address")]
    if len(addresses) > MOST_RECEIVERS:
        return [FieldError("addresses", "too_many", f"at most {MOST_RECEIVERS} addresses")]
    errors, seen = [], set()
    for number, address in enumerate(addresses):
        if not is_address(address):
            errors.append(FieldError(f"addresses.{number}", "email", f"{address!r} is not an e-mail address"))
        elif address.lower() in seen:
            errors.append(FieldError(f"addresses.{number}", "twice", f"{address} stands there twice"))
        seen.add(address.lower())
    return errors


def is_address(text: str) -> bool:
    """Whether a text is one address that a mail server may take: bare, of letters without marks."""
    return text.isascii() and len(text) <= 200 and _ADDRESS.fullmatch(text) is not None


def add_schedule(session: Session, actor: Actor, wanted: Wanted, *, now: datetime) -> Schedule:
    """Make a schedule. Raises ``Invalid`` with every bad field, ``Forbidden``."""
    actor.require(May.REPORT)
    if errors := errors_of(wanted, now=now):
        raise Invalid(errors)
    row = Schedule(public=public_id("sch"), made_by=actor.id, made_at=now)
    _fill(row, wanted)
    session.add(row)
    session.flush()
    journal.record(session, actor.id, "schedule.added", "schedule", row.public, _told(row), now=now)
    return row


def change_schedule(session: Session, actor: Actor, row: Schedule, wanted: Wanted, *, now: datetime) -> None:
    """Change a schedule; one that is paused stays so, and who has left stays away. Raises as ``add_schedule``."""
    actor.require(May.REPORT)
    if errors := errors_of(wanted, now=now):
        raise Invalid(errors)
    _fill(row, wanted)
    if row.paused_at is not None:
        row.next_at = None
    session.flush()
    journal.record(session, actor.id, "schedule.changed", "schedule", row.public, _told(row), now=now)


def _fill(row: Schedule, wanted: Wanted) -> None:
    row.name, row.kind, row.subject = " ".join(wanted.name.split()), wanted.kind, wanted.subject
    row.forms, row.cron = [form for form in FORMS[wanted.kind] if form in wanted.forms], " ".join(wanted.cron.split())
    row.ends_on, row.next_at = wanted.ends_on, wanted.next_at
    asked = {address.lower() for address in wanted.addresses}
    # Who has left is remembered, so that nobody writes to them again by pasting an old list.
    row.receivers = [one for one in row.receivers if one.address in asked or one.left_at is not None]
    known = {one.address for one in row.receivers}
    row.receivers += [Addressee(public=public_id("rcv"), address=one) for one in sorted(asked - known)]


def _told(row: Schedule) -> dict[str, object]:
    return {
        "name": row.name, "kind": row.kind.value, "subject": row.subject, "forms": row.forms, "cron": row.cron,
        "ends_on": row.ends_on, "receivers": len(row.going),
    }  # fmt: skip


def pause(session: Session, actor: Actor, row: Schedule, *, now: datetime) -> None:
    """Send nothing until it is resumed. Twice is once."""
    actor.require(May.REPORT)
    if row.paused_at is not None:
        return
    row.paused_at, row.next_at = now, None
    session.flush()
    journal.record(session, actor.id, "schedule.paused", "schedule", row.public, {"name": row.name}, now=now)


def resume(session: Session, actor: Actor, row: Schedule, next_at: datetime | None, *, now: datetime) -> None:
    """Go on from ``next_at``: what fell into the pause is not sent later. Twice is once."""
    actor.require(May.REPORT)
    if row.paused_at is None:
        return
    row.paused_at, row.next_at = None, within(row, next_at)
    session.flush()
    journal.record(session, actor.id, "schedule.resumed", "schedule", row.public, {"name": row.name}, now=now)


def within(row: Schedule, moment: datetime | None) -> datetime | None:
    """A moment, or None when it lies behind the schedule's last day."""
    return None if moment is None or (row.ends_on is not None and city_day(moment) > row.ends_on) else moment


def leave(session: Session, row: Addressee, *, now: datetime) -> None:
    """Whoever reads at an address stops it. Twice is once."""
    if row.left_at is not None:
        return
    row.left_at = now
    session.flush()
    journal.record(
        session, journal.SYSTEM, "schedule.left", "schedule", row.schedule.public, {"name": row.schedule.name}, now=now
    )


def welcome(session: Session, actor: Actor, row: Addressee, *, now: datetime) -> None:
    """Somebody who had stopped it wants it again, and said so to staff. Twice is once."""
    actor.require(May.REPORT)
    if row.left_at is None:
        return
    row.left_at = None
    session.flush()
    told = {"name": row.schedule.name, "address": row.address}
    journal.record(session, actor.id, "schedule.returned", "schedule", row.schedule.public, told, now=now)


def all_schedules(session: Session) -> Sequence[Schedule]:
    """Every schedule, the next first and those that rest last."""
    query = sa.select(Schedule).order_by(Schedule.next_at.is_(None), Schedule.next_at, Schedule.name, Schedule.id)
    return session.execute(query).scalars().all()


def find_schedule(session: Session, public: str) -> Schedule:
    """The schedule with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(Schedule).where(Schedule.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no schedule {public}", schedule=public)
    return row


def find_addressee(session: Session, public: str) -> Addressee:
    """The receiver with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(Addressee).where(Addressee.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound("there is no such receiver")
    return row


def covered(kind: Kind, at: datetime) -> Period:
    """The days that a report sent at a moment is about; of a plan or a list it is the day before, to name it by."""
    today = city_day(at)
    day_before = today - timedelta(days=1)
    match kind:
        case Kind.WEEK:
            sunday = today - timedelta(days=today.weekday() + 1)
            monday = sunday - timedelta(days=6)
            return Period(monday, sunday, f"{monday}..{sunday}")
        case Kind.PARTNER:
            return parse_period(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")
        case Kind.RECOGNITION | Kind.BRIEFING:
            return quarter_of(quarter_of(today).first - timedelta(days=1))
        case _:
            return Period(day_before, day_before, day_before.isoformat())
