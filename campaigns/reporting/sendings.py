"""Sendings: each time a schedule came round, the files that were made, and a letter for each address.

A sending and its letters are rows that fall due, like everything that leaves the house. The pair of schedule and moment
is unique, so that two clocks make one; a letter is one address of one sending, unique too, and has the same Message-ID
at every try.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, by_value, insert_into, public_id, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, NotFound
from campaigns.core.ledger import Due, due_index
from campaigns.people.staff import Actor, May, find_by_email
from campaigns.reporting.schedules import EACH, Addressee, Schedule, within

KEPT = timedelta(days=400)  # history: a year, and the quarter's briefing that looks back on it
MOST_AT_ONCE = 24  # moments that are caught up or noted as passed over together; older ones are not told one by one
SHOWN = 50


class SendingState(Enum):
    """How one sending stands."""

    DUE = "due"  # the files are to be made
    MADE = "made"  # the files are there, and a letter for each address
    FAILED = "failed"  # could not be made, for a reason that trying again does not mend
    PASSED = "passed"  # its moment came while no clock ran, and a later one stands for it


class PostState(Enum):
    """How one letter stands."""

    DUE = "due"  # to be handed in
    SENT = "sent"  # the mail server has taken it
    UNKNOWN = "unknown"  # the line broke while the server took it; a person decides, nothing is repeated
    DEAD = "dead"  # given up, or refused for good
    DROPPED = "dropped"  # nobody is to get it: the address has left, it is too old, or a person settled it


UNSENT = (PostState.UNKNOWN, PostState.DEAD)


class Sending(Due, Base):
    """One time that a schedule came round. ``at``: which moment of it; ``asked_by``: who had it sent by hand, to whom
    alone it then goes; ``title``, ``summary``: what the letter says, ``page``: the address of its page at the desk."""

    __tablename__ = "sendings"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    schedule_id: Mapped[int] = mapped_column(sa.ForeignKey("schedules.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    state: Mapped[SendingState] = mapped_column(by_value(SendingState, "sending_state"))
    title: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    summary: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    page: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")
    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    schedule: Mapped[Schedule] = relationship(innerjoin=True)
    files: Mapped[list["SentFile"]] = relationship(order_by="SentFile.id", cascade="all, delete-orphan")
    posts: Mapped[list["Post"]] = relationship(
        back_populates="sending", order_by="Post.address", cascade="all, delete-orphan"
    )

    __table_args__ = (sa.UniqueConstraint("schedule_id", "at"), due_index("sendings"))


class SentFile(Base):
    """One file of a sending; ``key`` is where its bytes are kept, ``length`` is in bytes."""

    __tablename__ = "sent_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    sending_id: Mapped[int] = mapped_column(sa.ForeignKey("sendings.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    length: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(100))


class Post(Due, Base):
    """One letter: one address of one sending. ``begun``: whoever had it last may have begun to hand it in.
    ``receiver_id``: None for who had it sent to themselves, and for who is not on the list any more."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    sending_id: Mapped[int] = mapped_column(sa.ForeignKey("sendings.id", ondelete="CASCADE"))
    receiver_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("schedule_receivers.id", ondelete="SET NULL"), index=True
    )
    address: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[PostState] = mapped_column(by_value(PostState, "post_state"))
    begun: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    sending: Mapped[Sending] = relationship(back_populates="posts", innerjoin=True)
    receiver: Mapped[Addressee | None] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("sending_id", "address"),
        due_index("posts"),
        # What needs a person is asked for each minute; there is little of it.
        sa.Index(
            "ix_posts_unsent",
            "state",
            sqlite_where=sa.text("state IN ('unknown', 'dead')"),
            postgresql_where=sa.text("state IN ('unknown', 'dead')"),
        ),
    )


def due_schedules(session: Session, *, now: datetime) -> Sequence[int]:
    """Keys of the schedules whose moment has come."""
    query = sa.select(Schedule.id).where(Schedule.next_at <= now).order_by(Schedule.next_at, Schedule.id)
    return session.execute(query).scalars().all()


def locked(session: Session, schedule_id: int, *, now: datetime) -> Schedule | None:
    """The schedule under a lock, if its moment has (still) come; None where another clock was faster."""
    query = sa.select(Schedule).where(Schedule.id == schedule_id, Schedule.next_at <= now).with_for_update()
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def come_round(
    session: Session, row: Schedule, moments: Sequence[datetime], next_at: datetime | None, *, now: datetime
) -> int:
    """Write down the moments that have come, in order, and the next one; returns how many sendings are to be made.

    Of several that were missed each is made for a kind in ``EACH``, else the last alone, and the others are noted as
    passed over. Whoever writes the same moment again makes nothing.
    """
    kept = [moment for moment in moments if within(row, moment) is not None][-MOST_AT_ONCE:]
    made = 0
    for place, moment in enumerate(kept, start=1):
        wanted = row.kind in EACH or place == len(kept)
        made += _open(session, row, moment, wanted=wanted, now=now) and wanted
    row.next_at = within(row, next_at)
    session.flush()
    return made


def _open(session: Session, row: Schedule, moment: datetime, *, wanted: bool, now: datetime) -> bool:
    values = {
        "public": public_id("snd"), "schedule_id": row.id, "at": moment, "summary": [],
        "state": SendingState.DUE if wanted else SendingState.PASSED, "due_at": now if wanted else None,
    }  # fmt: skip
    made = session.execute(insert_into(session, Sending).values(values).on_conflict_do_nothing().returning(Sending.id))
    return made.scalar_one_or_none() is not None


def send_to_me(session: Session, actor: Actor, row: Schedule, *, now: datetime) -> Sending:
    """Have the report as of now sent to oneself alone; the schedule goes on as before. Raises ``Forbidden``, and
    ``Conflict`` for who is nobody on the staff and has no address."""
    actor.require(May.REPORT)
    if find_by_email(session, actor.id) is None:
        raise Conflict("only members of staff have an address here", code="no_address")
    made = Sending(
        public=public_id("snd"), schedule_id=row.id, at=now, asked_by=actor.id, state=SendingState.DUE, due_at=now,
        summary=[],
    )  # fmt: skip
    session.add(made)
    session.flush()
    told = {"name": row.name, "to": actor.id}
    journal.record(session, actor.id, "schedule.sent_to_me", "schedule", row.public, told, now=now)
    return made


def address_letters(session: Session, row: Sending, *, now: datetime) -> int:
    """Make a letter for each address of a sending that was just made; returns how many. Again makes none."""
    to: list[tuple[str, int | None]] = [(row.asked_by, None)] if row.asked_by else []
    if not row.asked_by:
        to = [(one.address, one.id) for one in row.schedule.going]
    for address, receiver_id in to:
        values = {
            "public": public_id("pst"), "sending_id": row.id, "receiver_id": receiver_id, "address": address,
            "state": PostState.DUE, "due_at": now,
        }  # fmt: skip
        session.execute(insert_into(session, Post).values(values).on_conflict_do_nothing())
    session.expire(row, ["posts"])
    return len(to)


def find_sending(session: Session, public: str) -> Sending:
    """The sending with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(Sending).where(Sending.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no sending {public}", sending=public)
    return row


def find_file(session: Session, public: str) -> SentFile:
    """The file with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(SentFile).where(SentFile.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound("there is no such file")
    return row


def latest(session: Session, row: Schedule, most: int = SHOWN) -> Sequence[Sending]:
    """A schedule's last sendings, the newest first."""
    query = sa.select(Sending).where(Sending.schedule_id == row.id).order_by(Sending.at.desc(), Sending.id.desc())
    return session.execute(query.limit(most)).scalars().all()


def find_post(session: Session, public: str) -> Post:
    """The letter with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(Post).where(Post.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no letter {public}", letter=public)
    return row


def settle_post(session: Session, actor: Actor, row: Post, *, again: bool, now: datetime) -> None:
    """A person decides on a letter that was given up or is in doubt: it is handed in once more, under the same
    Message-ID, or left. Raises ``Conflict`` for one that needs nobody."""
    actor.require(May.REPORT)
    changed = session.execute(
        sa.update(Post)
        .where(Post.id == row.id, Post.state.in_(UNSENT))
        .values(
            state=PostState.DUE if again else PostState.DROPPED, due_at=now if again else None, begun=False, attempt=0
        )
    )
    if not rows_changed(changed):
        raise Conflict("this letter needs nobody", code="letter_settled")
    act = "schedule.letter_again" if again else "schedule.letter_left"
    told = {"name": row.sending.schedule.name, "address": row.address}
    journal.record(session, actor.id, act, "schedule", row.sending.schedule.public, told, now=now)


def unsent(session: Session, *, overdue: datetime) -> int:
    """How many letters were given up or are in doubt, or belong to a sending that was made before ``overdue`` and have
    been tried in vain."""
    stuck = sa.select(sa.func.count()).select_from(Post).where(Post.state.in_(UNSENT))
    trying = (
        sa.select(sa.func.count())
        .select_from(Post)
        .join(Sending, Sending.id == Post.sending_id)
        .where(Post.due_at.is_not(None), Post.state == PostState.DUE, Post.last_error != "", Sending.made_at <= overdue)
    )
    return sum(session.execute(query).scalar_one() for query in (stuck, trying))


def forget_sendings(session: Session, *, now: datetime) -> int:
    """Drop the history that is past its time; how many sendings."""
    old = sa.select(Sending.id).where(Sending.at <= now - KEPT, Sending.due_at.is_(None))
    for kind in (Post, SentFile):
        session.execute(sa.delete(kind).where(kind.sending_id.in_(old)))
    return rows_changed(session.execute(sa.delete(Sending).where(Sending.at <= now - KEPT, Sending.due_at.is_(None))))
