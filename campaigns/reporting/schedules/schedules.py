"""Schedules of reports by mail: the report, its receivers, its times, and its period.

A schedule has a cron line in the city's zone. The coordinator parses it; here only the next time is stored
(``next_at``). Each due time makes one ``ReportRun`` (``report_mail``), also with several clocks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, Permission

LONGEST_NAME, LONGEST_CRON = 120, 120
MOST_RECEIVERS = 500  # of one schedule; each gets a separate mail
_ADDRESS = re.compile(r"[^@\s<>,;()\"]+@[^@\s<>,;()\"]+\.[^@\s<>,;()\"]+")


class ReportKind(Enum):
    """The kinds of reports, with their periods."""

    DAY = "day"  # the digest of the day before
    WEEK = "week"  # the digest of the week before, Monday to Sunday
    PARTNER = "partner"  # one partner's report of the month before
    PLAN = "plan"  # one plan's result so far
    RECOGNITION = "recognition"  # the ranking of the quarter before
    BRIEFING = "briefing"  # the briefing of the quarter before
    LIST = "list"  # the rows of a saved filter


REPORT_FORMATS: dict[ReportKind, tuple[str, ...]] = {
    ReportKind.DAY: ("pdf", "xlsx"),
    ReportKind.WEEK: ("pdf", "xlsx"),
    ReportKind.PARTNER: ("pdf", "xlsx"),
    ReportKind.PLAN: ("pdf", "xlsx"),
    ReportKind.RECOGNITION: ("pdf", "xlsx", "csv"),
    ReportKind.BRIEFING: ("docx", "pdf", "xlsx", "csv", "json"),
    ReportKind.LIST: ("xlsx", "csv"),
}
KINDS_WITH_SUBJECT = frozenset({ReportKind.PARTNER, ReportKind.PLAN, ReportKind.LIST})
# Of several missed digests only the last is sent; a quarter's briefing is sent each time.
KINDS_SENT_EACH_TIME = frozenset({ReportKind.BRIEFING})


class Schedule(Base):
    """One schedule. ``subject``: the code of a partner or a plan (of a briefing's too, "" = all bulletins), or the id
    of a saved filter; ``forms``: the formats of the files; ``ends_on``: the last day of runs; ``next_at``: None
    while it is paused and once it is over."""

    __tablename__ = "schedules"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    kind: Mapped[ReportKind] = mapped_column(by_value(ReportKind, "schedule_kind"))
    subject: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    forms: Mapped[list[str]] = mapped_column(sa.JSON)
    cron: Mapped[str] = mapped_column(sa.String(LONGEST_CRON))
    ends_on: Mapped[date | None]
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)

    receivers: Mapped[list["ScheduleReceiver"]] = relationship(
        back_populates="schedule", order_by="ScheduleReceiver.address", cascade="all, delete-orphan"
    )

    @property
    def over(self) -> bool:
        """Whether it has ended without being paused."""
        return self.next_at is None and self.paused_at is None

    @property
    def going(self) -> list["ScheduleReceiver"]:
        """The receivers who have not unsubscribed."""
        return [receiver for receiver in self.receivers if receiver.left_at is None]


class ScheduleReceiver(Base):
    """One address of a schedule. ``left_at``: when the receiver unsubscribed."""

    __tablename__ = "schedule_receivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedules.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(sa.String(200))
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    schedule: Mapped[Schedule] = relationship(back_populates="receivers")

    __table_args__ = (sa.UniqueConstraint("schedule_id", "address"),)


@dataclass(frozen=True)
class ScheduleDraft:
    """A schedule as entered. ``next_at``: the first time of its cron line, None for a line that is invalid or has no
    time, with the error in ``cron_trouble``."""

    name: str
    kind: ReportKind
    subject: str
    forms: Sequence[str]
    cron: str
    ends_on: date | None
    addresses: Sequence[str]
    next_at: datetime | None
    cron_trouble: FieldError | None = None


def draft_errors(wanted: ScheduleDraft, *, now: datetime) -> list[FieldError]:
    """Return all errors. The caller checks that the subject exists."""
    errors = []
    if not wanted.name.strip():
        errors.append(FieldError("name", "required", "a schedule needs a name"))
    if len(wanted.name.strip()) > LONGEST_NAME:
        errors.append(FieldError("name", "too_long", f"at most {LONGEST_NAME} characters"))
    if wanted.kind in KINDS_WITH_SUBJECT and not wanted.subject:
        errors.append(
            FieldError("subject", "required", f"say which one a report of the kind {wanted.kind.value} is of")
        )
    if not wanted.forms or any(form not in REPORT_FORMATS[wanted.kind] for form in wanted.forms):
        errors.append(FieldError("forms", "report_forms", f"choose among {', '.join(REPORT_FORMATS[wanted.kind])}"))
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
    """Whether a text is one plain ASCII mail address."""
    return text.isascii() and len(text) <= 200 and _ADDRESS.fullmatch(text) is not None


def add_schedule(session: Session, actor: Actor, wanted: ScheduleDraft, *, now: datetime) -> Schedule:
    """Create a schedule. Raises ``Invalid`` with every invalid field, ``Forbidden``."""
    actor.require(Permission.REPORT)
    if errors := draft_errors(wanted, now=now):
        raise Invalid(errors)
    row = Schedule(public=public_id("sch"), made_by=actor.id, made_at=now)
    _apply_draft(row, wanted)
    session.add(row)
    session.flush()
    journal.record(session, actor.id, "schedule.added", "schedule", row.public, _journal_details(row), now=now)
    return row


def change_schedule(session: Session, actor: Actor, row: Schedule, wanted: ScheduleDraft, *, now: datetime) -> None:
    """Change a schedule; a paused one stays paused, and unsubscribed receivers stay so. Raises as ``add_schedule``."""
    actor.require(Permission.REPORT)
    if errors := draft_errors(wanted, now=now):
        raise Invalid(errors)
    _apply_draft(row, wanted)
    if row.paused_at is not None:
        row.next_at = None
    session.flush()
    journal.record(session, actor.id, "schedule.changed", "schedule", row.public, _journal_details(row), now=now)


def _apply_draft(row: Schedule, wanted: ScheduleDraft) -> None:
    row.name, row.kind, row.subject = " ".join(wanted.name.split()), wanted.kind, wanted.subject
    row.forms, row.cron = (
        [form for form in REPORT_FORMATS[wanted.kind] if form in wanted.forms],
        " ".join(wanted.cron.split()),
    )
    row.ends_on, row.next_at = wanted.ends_on, wanted.next_at
    asked = {address.lower() for address in wanted.addresses}
    # Unsubscribed receivers are kept, so that a pasted old list does not subscribe them again.
    row.receivers = [
        receiver for receiver in row.receivers if receiver.address in asked or receiver.left_at is not None
    ]
    known = {receiver.address for receiver in row.receivers}
    row.receivers += [ScheduleReceiver(public=public_id("rcv"), address=text) for text in sorted(asked - known)]


def _journal_details(row: Schedule) -> dict[str, object]:
    return {
        "name": row.name, "kind": row.kind.value, "subject": row.subject, "forms": row.forms, "cron": row.cron,
        "ends_on": row.ends_on, "receivers": len(row.going),
    }  # fmt: skip


def pause_schedule(session: Session, actor: Actor, row: Schedule, *, now: datetime) -> None:
    """Pause the schedule until it is resumed. Idempotent."""
    actor.require(Permission.REPORT)
    if row.paused_at is not None:
        return
    row.paused_at, row.next_at = now, None
    session.flush()
    journal.record(session, actor.id, "schedule.paused", "schedule", row.public, {"name": row.name}, now=now)


def resume_schedule(session: Session, actor: Actor, row: Schedule, next_at: datetime | None, *, now: datetime) -> None:
    """Resume from ``next_at``: times in the pause are not caught up. Idempotent."""
    actor.require(Permission.REPORT)
    if row.paused_at is None:
        return
    row.paused_at, row.next_at = None, within_end(row, next_at)
    session.flush()
    journal.record(session, actor.id, "schedule.resumed", "schedule", row.public, {"name": row.name}, now=now)


def within_end(row: Schedule, moment: datetime | None) -> datetime | None:
    """Return a time, or None when it is after the schedule's last day."""
    return None if moment is None or (row.ends_on is not None and city_day(moment) > row.ends_on) else moment


def stop_receiver(session: Session, row: ScheduleReceiver, *, now: datetime) -> None:
    """Unsubscribe a receiver. Idempotent."""
    if row.left_at is not None:
        return
    row.left_at = now
    session.flush()
    journal.record(
        session, journal.SYSTEM, "schedule.left", "schedule", row.schedule.public, {"name": row.schedule.name}, now=now
    )


def restore_receiver(session: Session, actor: Actor, row: ScheduleReceiver, *, now: datetime) -> None:
    """Subscribe an unsubscribed receiver again, by staff at the receiver's request. Idempotent."""
    actor.require(Permission.REPORT)
    if row.left_at is None:
        return
    row.left_at = None
    session.flush()
    values = {"name": row.schedule.name, "address": row.address}
    journal.record(session, actor.id, "schedule.returned", "schedule", row.schedule.public, values, now=now)


def all_schedules(session: Session) -> Sequence[Schedule]:
    """Return every schedule, the next due first and paused ones last."""
    query = sa.select(Schedule).order_by(Schedule.next_at.is_(None), Schedule.next_at, Schedule.name, Schedule.id)
    return session.execute(query).scalars().all()


def find_schedule(session: Session, public: str) -> Schedule:
    """Return the schedule with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(Schedule).where(Schedule.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no schedule {public}", schedule=public)
    return row


def find_receiver(session: Session, public: str) -> ScheduleReceiver:
    """Return the receiver with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(ScheduleReceiver).where(ScheduleReceiver.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound("there is no such receiver")
    return row


def covered_period(kind: ReportKind, at: datetime) -> Period:
    """Return the period of a report sent at a time; for a plan or a list it is the day before, for its name."""
    today = city_day(at)
    day_before = today - timedelta(days=1)
    match kind:
        case ReportKind.WEEK:
            sunday = today - timedelta(days=today.weekday() + 1)
            monday = sunday - timedelta(days=6)
            return Period(monday, sunday, f"{monday}..{sunday}")
        case ReportKind.PARTNER:
            return parse_period(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")
        case ReportKind.RECOGNITION | ReportKind.BRIEFING:
            return quarter_of(quarter_of(today).first - timedelta(days=1))
        case _:
            return Period(day_before, day_before, day_before.isoformat())
