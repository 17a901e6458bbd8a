"""What people decided about a task of the day's page: skipped with a reason, or handed on to another person.

A task is no row: the day's page derives it from what waits. Its key names what it is about and since when, so that a
decision ends with the task, and the same fault at a later time is a new task.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime
from campaigns.core.contents import from_attributes
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid
from campaigns.people.staff import Actor, Permission, Person

LONGEST_KEY = 200
LONGEST_NOTE = 500  # characters
_SKIPPERS = (Permission.APPROVE, Permission.REVIEW, Permission.CONFIGURE)


class TaskDecision(Base):
    """The latest decision about a task. ``to``: the id of the person it was handed to, None when it was skipped;
    ``title``: the task as it was called then; ``note``: the reason, or a word to the other person."""

    __tablename__ = "task_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), unique=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    to: Mapped[str | None] = mapped_column(sa.String(200))
    to_name: Mapped[str] = mapped_column(sa.String(200), default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    by: Mapped[str] = mapped_column(sa.String(200))
    by_name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Decided:
    """The values of a ``TaskDecision``."""

    to: str | None
    to_name: str
    note: str
    by_name: str
    at: datetime


def decisions_on(session: Session, keys: Iterable[str]) -> Mapping[str, Decided]:
    """Return the decisions about these tasks, by key."""
    query = sa.select(TaskDecision).where(TaskDecision.key.in_(sorted(set(keys))))
    return {row.key: from_attributes(Decided, row) for row in session.execute(query).scalars()}


def _row(session: Session, key: str) -> TaskDecision | None:
    return session.execute(sa.select(TaskDecision).where(TaskDecision.key == key)).scalar_one_or_none()


def may_skip(actor: Actor) -> bool:
    """Whether this person's role may skip a task for everybody."""
    return any(actor.may(permission) for permission in _SKIPPERS)


def skip_task(session: Session, actor: Actor, key: str, title: str, reason: str, *, now: datetime) -> None:
    """Skip a task for everybody. Raises ``Invalid`` without a reason or with a too long one, ``Forbidden``."""
    if not may_skip(actor):
        raise Forbidden("this role may not skip a task for everybody", act="skip")
    note = _checked_note(reason, required=True)
    _write(session, actor, key, title, None, note, now)
    journal.record(session, actor.id, "task.skipped", "task", key, {"title": title, "note": note}, now=now)


def hand_on_task(session: Session, actor: Actor, key: str, title: str, to: str, note: str, *, now: datetime) -> None:
    """Hand a task on to another member of staff, by their id. Raises ``Invalid`` when nobody active has it, when it is
    the actor, or for a too long note; ``Forbidden``."""
    actor.require(Permission.READ)
    person = session.execute(sa.select(Person).where(Person.email == to, Person.active)).scalar_one_or_none()
    if person is None or person.email == actor.id:
        raise Invalid([FieldError("to", "choice", "choose another active member of staff")])
    note = _checked_note(note)
    _write(session, actor, key, title, person, note, now)
    details = {"title": title, "to": person.email, "note": note}
    journal.record(session, actor.id, "task.handed_on", "task", key, details, now=now)


def reopen_task(session: Session, actor: Actor, key: str, *, now: datetime) -> None:
    """Undo the decision about a task: it waits for everybody again. Raises ``Conflict`` when there is none."""
    actor.require(Permission.READ)
    row = _row(session, key)
    if row is None:
        raise Conflict(f"nothing was decided about {key}", code="task_open")
    title = row.title
    session.delete(row)
    session.flush()
    journal.record(session, actor.id, "task.reopened", "task", key, {"title": title}, now=now)


def _checked_note(note: str, *, required: bool = False) -> str:
    note = note.strip()
    if required and not note:
        raise Invalid([FieldError("note", "required", "say why the task is skipped")])
    if len(note) > LONGEST_NOTE:
        raise Invalid([FieldError("note", "too_long", f"at most {LONGEST_NOTE} characters")])
    return note


def _write(
    session: Session, actor: Actor, key: str, title: str, person: Person | None, note: str, now: datetime
) -> None:
    row = _row(session, key) or TaskDecision(key=key)
    row.title, row.note, row.by, row.by_name, row.at = title[:300], note, actor.id, actor.name, now
    row.to, row.to_name = (person.email, person.name) if person is not None else (None, "")
    session.add(row)
    session.flush()
