"""Runs of schedules: one for each due time, with its files and a mail for each address.

A run and its mails are work items with a due time. The pair of schedule and time is unique, so that concurrent
clocks make one; a mail is one address of one run, unique too, and has the same Message-ID at every try.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, insert_into, public_id, rows_changed
from campaigns.core.errors import Conflict, NotFound
from campaigns.core.ledger import ENDED_TWICE, SendItem, WorkItem, due_index
from campaigns.people.staff import Actor, Permission, find_by_email
from campaigns.reporting.schedules.schedules import KINDS_SENT_EACH_TIME, Schedule, ScheduleReceiver, within_end

RUN_LIFETIME = timedelta(days=400)  # the history covers a year and a margin for the quarterly briefing
MOMENTS_AT_ONCE = 24  # missed times that are recorded one by one; older ones are skipped
RUNS_SHOWN = 50


class ReportRunState(Enum):
    """The state of a run."""

    DUE = "due"  # the files must be made
    MADE = "made"  # the files are made, with a mail for each address
    FAILED = "failed"  # a permanent error
    PASSED = "passed"  # its time was missed while no clock ran, and a later run replaces it


class ReportMailState(Enum):
    """The state of a mail."""

    DUE = "due"  # to be sent
    SENT = "sent"  # accepted by the mail server
    UNKNOWN = "unknown"  # the connection broke during the send; a person decides, nothing is repeated
    DEAD = "dead"  # permanently failed or refused
    DROPPED = "dropped"  # not sent: the address has unsubscribed, the mail is too old, or a person settled it


UNSENT = (ReportMailState.UNKNOWN, ReportMailState.DEAD)


class ReportRun(WorkItem, Base):
    """One run of a schedule. ``at``: its due time; ``asked_by``: the person who requested it and is then the only
    receiver; ``title``, ``summary``: the text of the mail, ``page``: the address of its page on the desk."""

    __tablename__ = "report_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedules.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    state: Mapped[ReportRunState] = mapped_column(by_value(ReportRunState, "run_state"))
    title: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    summary: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    page: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")
    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    schedule: Mapped[Schedule] = relationship(innerjoin=True)
    files: Mapped[list["ReportFile"]] = relationship(order_by="ReportFile.id", cascade="all, delete-orphan")
    mails: Mapped[list["ReportMail"]] = relationship(
        back_populates="run", order_by="ReportMail.address", cascade="all, delete-orphan"
    )

    __table_args__ = (sa.UniqueConstraint("schedule_id", "at"), due_index("report_runs"))

    @classmethod
    def record_given_up(cls, session: Session, rows: Sequence[int], *, now: datetime) -> None:
        """A run whose files cannot be made; its schedule's page shows it, and a person asks for another."""
        values = {"state": ReportRunState.FAILED, "last_error": ENDED_TWICE}
        session.execute(sa.update(ReportRun).where(ReportRun.id.in_(rows)).values(values))


class ReportFile(Base):
    """One file of a run; ``key`` is its key in the store, ``length`` is in bytes."""

    __tablename__ = "report_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("report_runs.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    length: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(100))


class ReportMail(SendItem, Base):
    """One mail: one address of one run. ``receiver_id``: None for a person who requested it, and for an address
    that is no longer on the list.

    Not a row of the people's mail outbox: it belongs to a run, keeps its Message-ID, is unique per address, may be
    *unknown*, and is kept for a year; a mail there holds no text, is composed anew at each try and is kept for a month.
    """

    __tablename__ = "report_mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("report_runs.id", ondelete="CASCADE"))
    receiver_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("schedule_receivers.id", ondelete="SET NULL"), index=True
    )
    address: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[ReportMailState] = mapped_column(by_value(ReportMailState, "mail_state"))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    run: Mapped[ReportRun] = relationship(back_populates="mails", innerjoin=True)
    receiver: Mapped[ScheduleReceiver | None] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("run_id", "address"),
        due_index("report_mails"),
        # For mails that need a person, read each minute.
        sa.Index(
            "ix_report_mails_unsent",
            "state",
            sqlite_where=sa.text("state IN ('unknown', 'dead')"),
            postgresql_where=sa.text("state IN ('unknown', 'dead')"),
        ),
    )

    @classmethod
    def record_given_up(cls, session: Session, rows: Sequence[int], *, now: datetime) -> None:
        """Nobody knows whether a mail was accepted whose sender ended twice: a person decides."""
        values = {"state": ReportMailState.UNKNOWN, "begun": False, "last_error": ENDED_TWICE}
        session.execute(sa.update(ReportMail).where(ReportMail.id.in_(rows)).values(values))


def due_schedules(session: Session, *, now: datetime) -> Sequence[int]:
    """Return the keys of due schedules."""
    query = sa.select(Schedule.id).where(Schedule.next_at <= now).order_by(Schedule.next_at, Schedule.id)
    return session.execute(query).scalars().all()


def lock_due_schedule(session: Session, schedule_id: int, *, now: datetime) -> Schedule | None:
    """Return the schedule, locked, if it is still due; None where another clock has handled it."""
    query = sa.select(Schedule).where(Schedule.id == schedule_id, Schedule.next_at <= now).with_for_update()
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def open_runs(
    session: Session, row: Schedule, moments: Sequence[datetime], next_at: datetime | None, *, now: datetime
) -> int:
    """Record the due times in order, and the next one; returns the number of runs to make.

    Of several missed times, kinds in ``KINDS_SENT_EACH_TIME`` get a run for each; others only for the last, and the
    earlier ones are recorded as passed. A repeated call makes nothing.
    """
    kept = [moment for moment in moments if within_end(row, moment) is not None][-MOMENTS_AT_ONCE:]
    made = 0
    for place, moment in enumerate(kept, start=1):
        wanted = row.kind in KINDS_SENT_EACH_TIME or place == len(kept)
        made += _open_run(session, row, moment, wanted=wanted, now=now) and wanted
    row.next_at = within_end(row, next_at)
    session.flush()
    return made


def _open_run(session: Session, row: Schedule, moment: datetime, *, wanted: bool, now: datetime) -> bool:
    values = {
        "public": public_id("snd"), "schedule_id": row.id, "at": moment, "summary": [],
        "state": ReportRunState.DUE if wanted else ReportRunState.PASSED, "due_at": now if wanted else None,
    }  # fmt: skip
    made = session.execute(
        insert_into(session, ReportRun).values(values).on_conflict_do_nothing().returning(ReportRun.id)
    )
    return made.scalar_one_or_none() is not None


def send_to_self(session: Session, actor: Actor, row: Schedule, *, now: datetime) -> ReportRun:
    """Request the present report for the actor alone; the schedule does not change. Raises ``Forbidden``, and
    ``Conflict`` for an actor without an address."""
    actor.require(Permission.REPORT)
    if find_by_email(session, actor.id) is None:
        raise Conflict("only members of staff have an address here", code="no_address")
    made = ReportRun(
        public=public_id("snd"),
        schedule_id=row.id,
        at=now,
        asked_by=actor.id,
        state=ReportRunState.DUE,
        due_at=now,
        summary=[],
    )
    session.add(made)
    session.flush()
    values = {"name": row.name, "to": actor.id}
    journal.record(session, actor.id, "schedule.sent_to_me", "schedule", row.public, values, now=now)
    return made


def create_mails(session: Session, row: ReportRun, *, now: datetime) -> int:
    """Create a mail for each address of a run; returns their number. A repeated call creates none."""
    to: list[tuple[str, int | None]] = [(row.asked_by, None)] if row.asked_by else []
    if not row.asked_by:
        to = [(receiver.address, receiver.id) for receiver in row.schedule.going]
    for address, receiver_id in to:
        values = {
            "public": public_id("pst"), "run_id": row.id, "receiver_id": receiver_id, "address": address,
            "state": ReportMailState.DUE, "due_at": now,
        }  # fmt: skip
        session.execute(insert_into(session, ReportMail).values(values).on_conflict_do_nothing())
    session.expire(row, ["mails"])
    return len(to)


def find_file(session: Session, public: str) -> ReportFile:
    """Return the file with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(ReportFile).where(ReportFile.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound("there is no such file")
    return row


def latest_runs(session: Session, row: Schedule, most: int = RUNS_SHOWN) -> Sequence[ReportRun]:
    """Return a schedule's last runs, the newest first."""
    query = (
        sa.select(ReportRun).where(ReportRun.schedule_id == row.id).order_by(ReportRun.at.desc(), ReportRun.id.desc())
    )
    return session.execute(query.limit(most)).scalars().all()


def find_mail(session: Session, public: str) -> ReportMail:
    """Return the mail with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(ReportMail).where(ReportMail.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no letter {public}", letter=public)
    return row


def settle_mail(session: Session, actor: Actor, row: ReportMail, *, again: bool, now: datetime) -> None:
    """Settle a dead or unknown mail, by a person: it is sent once more with the same Message-ID, or dropped. Raises
    ``Conflict`` for a mail in another state."""
    actor.require(Permission.REPORT)
    changed = session.execute(
        sa.update(ReportMail)
        .where(ReportMail.id == row.id, ReportMail.state.in_(UNSENT))
        .values(
            state=ReportMailState.DUE if again else ReportMailState.DROPPED,
            due_at=now if again else None,
            begun=False,
            attempt=0,
        )
    )
    if not rows_changed(changed):
        raise Conflict("this letter needs nobody", code="letter_settled")
    act = "schedule.letter_again" if again else "schedule.letter_left"
    values = {"name": row.run.schedule.name, "address": row.address}
    journal.record(session, actor.id, act, "schedule", row.run.schedule.public, values, now=now)


def unsent_count(session: Session, *, overdue: datetime) -> int:
    """Return the number of mails that are dead or unknown, or that have failed and belong to a run made before
    ``overdue``."""
    stuck = sa.select(sa.func.count()).select_from(ReportMail).where(ReportMail.state.in_(UNSENT))
    trying = (
        sa.select(sa.func.count())
        .select_from(ReportMail)
        .join(ReportRun, ReportRun.id == ReportMail.run_id)
        .where(
            ReportMail.due_at.is_not(None),
            ReportMail.state == ReportMailState.DUE,
            ReportMail.last_error != "",
            ReportRun.made_at <= overdue,
        )
    )
    return sum(session.execute(query).scalar_one() for query in (stuck, trying))


def delete_old_runs(session: Session, *, now: datetime) -> int:
    """Delete expired runs; returns their number."""
    old = sa.select(ReportRun.id).where(ReportRun.at <= now - RUN_LIFETIME, ReportRun.due_at.is_(None))
    for kind in (ReportMail, ReportFile):
        session.execute(sa.delete(kind).where(kind.run_id.in_(old)))
    return rows_changed(
        session.execute(sa.delete(ReportRun).where(ReportRun.at <= now - RUN_LIFETIME, ReportRun.due_at.is_(None)))
    )
