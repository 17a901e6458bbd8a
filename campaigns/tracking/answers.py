"""Answers: what a partner says to what was found on a copy of its own. Kept as it was said; a person settles it.

A partner's word changes no status and no figure. *Mended* asks for a look at once; *disagree* puts the copy before a
person, whatever its status; a note is read by somebody.
"""

import datetime as dt
from collections.abc import Sequence
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import Actor, May
from campaigns.tracking import sightings
from campaigns.tracking.mending import Mend
from campaigns.tracking.republications import ByPerson, Republication

LONGEST = 2000  # characters; an answer is a few sentences
MOST_A_DAY = 20  # answers on one copy; more are a program gone wrong


class Said(Enum):
    """What a partner may answer."""

    MENDED = "mended"  # put right; the page is looked at again at once
    DISAGREE = "disagree"  # a person is to look at it
    NOTE = "note"  # an explanation


class Answer(ByPerson, Base):
    """One answer. ``finding``: the code of what it answers (``mending.Mend``), '' for the copy as such. ``settled_at``:
    a person has dealt with it; ``settled_with``: the decision that did."""

    __tablename__ = "answers"

    answer: Mapped[Said] = mapped_column(by_value(Said, "answer"))
    finding: Mapped[str] = mapped_column(sa.String(40), default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    settled_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None] = mapped_column(sa.String(200))
    settled_with: Mapped[str | None] = mapped_column(sa.String(30), index=True)

    # What waits is few among many; the day's page counts it.
    __table_args__ = (sa.Index("ix_answers_settled_at_answer", "settled_at", "answer"),)


def give(
    session: Session, actor: Actor, row: Republication, said: Said, text: str, finding: str = "", *, now: dt.datetime
) -> Answer:
    """A partner's answer on a copy of its own; whose it is, the caller has asked. After *mended* the page is due at
    once, unless it lies behind a sign-in.

    Raises ``Invalid`` for words that are missing or too many or a finding that is none, ``Conflict`` after too many
    answers.
    """
    words = text.strip()
    errors = []
    if not words and said is not Said.MENDED:
        errors.append(FieldError("text", "required", "say what you mean"))
    if len(words) > LONGEST:
        errors.append(FieldError("text", "too_long", f"at most {LONGEST} characters"))
    if finding and finding not in {one.value for one in Mend}:
        errors.append(FieldError("finding", "unknown_finding", f"there is no finding {finding!r}"))
    if errors:
        raise Invalid(errors)
    lately = sa.select(sa.func.count()).where(Answer.republication_id == row.id, Answer.at > now - dt.timedelta(days=1))
    if session.execute(lately).scalar_one() >= MOST_A_DAY:
        raise Conflict(f"more than {MOST_A_DAY} answers a day", code="too_many_answers", most=MOST_A_DAY)
    made = Answer(
        public=public_id("ans"), republication_id=row.id, at=now, actor=actor.id, actor_name=actor.name, answer=said,
        finding=finding, text=words,
    )  # fmt: skip
    session.add(made)
    if said is Said.MENDED:
        page = sightings.hold(session, row.page_id)
        if not page.behind_sign_in:
            sightings.ask(page, now=now)
    session.flush()
    details = {"answer": said, "finding": finding, "text": words, "url": row.canonical_url}
    journal.record(session, actor.id, "republication.answered", "republication", row.public, details, now=now)
    return made


def answers_of(session: Session, row: Republication) -> Sequence[Answer]:
    """Every answer on a copy, oldest first."""
    query = sa.select(Answer).where(Answer.republication_id == row.id).order_by(Answer.id)
    return session.execute(query).scalars().all()


def is_open() -> sa.ColumnElement[bool]:
    """Which answers wait for a person: those that only claim a mending are answered by the next look."""
    return sa.and_(Answer.settled_at.is_(None), Answer.answer != Said.MENDED)


def waiting(session: Session) -> dict[Said, int]:
    """How many answers of each kind wait for a person, over everything."""
    query = sa.select(Answer.answer, sa.func.count()).where(is_open()).group_by(Answer.answer)
    return {row[0]: int(row[1]) for row in session.execute(query)}


def settle(session: Session, row: Republication, actor: Actor, *, decision: str | None = None, now: dt.datetime) -> int:
    """A person has dealt with what waits on this copy; returns how many answers that were. Raises ``Forbidden``."""
    actor.require(May.REVIEW)
    query = sa.select(Answer).where(Answer.republication_id == row.id, is_open())
    waiting_here = session.execute(query).scalars().all()
    for one in waiting_here:
        one.settled_at, one.settled_by, one.settled_with = now, actor.id, decision
    session.flush()
    if waiting_here and decision is None:
        details = {"answers": [one.public for one in waiting_here]}
        journal.record(session, actor.id, "republication.answers_read", "republication", row.public, details, now=now)
    return len(waiting_here)


def reopen(session: Session, decision: str) -> None:
    """The decision that settled these answers was taken back: they wait again."""
    session.execute(
        sa.update(Answer)
        .where(Answer.settled_with == decision)
        .values(settled_at=None, settled_by=None, settled_with=None)
    )
