"""Answers of a partner to the judgement of its copies, kept as entered and settled by a person.

An answer changes no status and no figure. *Mended* makes the page due at once; *disagree* puts the copy into the review
queue, whatever its status; a note is read by a person.
"""

import datetime as dt
from collections.abc import Sequence
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.discovery import sightings
from campaigns.people.staff import Actor, Permission
from campaigns.republications.republications import PersonStatementMixin, Republication
from campaigns.republications.review.corrections import Correction

LONGEST_ANSWER = 2000  # characters
MAX_ANSWERS_PER_DAY = 20  # answers on one copy; more come from a faulty program


class PartnerAnswerKind(Enum):
    """The kinds of answer."""

    MENDED = "mended"  # corrected; the page is checked again at once
    DISAGREE = "disagree"  # a person reviews the copy
    NOTE = "note"  # an explanation


class PartnerAnswer(PersonStatementMixin, Base):
    """One answer. ``finding``: the code of the ``Correction`` it refers to, '' for the copy in general. ``settled_at``:
    when a person settled it; ``settled_with``: the decision that did."""

    __tablename__ = "partner_answers"

    answer: Mapped[PartnerAnswerKind] = mapped_column(by_value(PartnerAnswerKind, "answer"))
    finding: Mapped[str] = mapped_column(sa.String(40), default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    settled_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None] = mapped_column(sa.String(200))
    settled_with: Mapped[str | None] = mapped_column(sa.String(30), index=True)

    # For waiting answers, few among many, which the day's page counts.
    __table_args__ = (sa.Index("ix_partner_answers_settled_at_answer", "settled_at", "answer"),)


def record_answer(
    session: Session,
    actor: Actor,
    row: Republication,
    kind: PartnerAnswerKind,
    text: str,
    finding: str = "",
    *,
    now: dt.datetime,
) -> PartnerAnswer:
    """Record a partner's answer on its own copy; the caller has checked the ownership. After *mended* the page is due
    at once, unless it is behind a sign-in.

    Raises ``Invalid`` for missing or too long text or an unknown ``finding``, ``Conflict`` after too many answers.
    """
    words = text.strip()
    errors = []
    if not words and kind is not PartnerAnswerKind.MENDED:
        errors.append(FieldError("text", "required", "say what you mean"))
    if len(words) > LONGEST_ANSWER:
        errors.append(FieldError("text", "too_long", f"at most {LONGEST_ANSWER} characters"))
    if finding and finding not in {correction.value for correction in Correction}:
        errors.append(FieldError("finding", "unknown_finding", f"there is no finding {finding!r}"))
    if errors:
        raise Invalid(errors)
    lately = sa.select(sa.func.count()).where(
        PartnerAnswer.republication_id == row.id, PartnerAnswer.at > now - dt.timedelta(days=1)
    )
    if session.execute(lately).scalar_one() >= MAX_ANSWERS_PER_DAY:
        raise Conflict(
            f"more than {MAX_ANSWERS_PER_DAY} answers a day", code="too_many_answers", most=MAX_ANSWERS_PER_DAY
        )
    made = PartnerAnswer(
        public=public_id("ans"), republication_id=row.id, at=now, actor=actor.id, actor_name=actor.name, answer=kind,
        finding=finding, text=words,
    )  # fmt: skip
    session.add(made)
    if kind is PartnerAnswerKind.MENDED:
        page = sightings.lock_page(session, row.page_id)
        if not page.behind_sign_in:
            sightings.request_fetch(page, now=now)
    session.flush()
    details = {"answer": kind, "finding": finding, "text": words, "url": row.canonical_url}
    journal.record(session, actor.id, "republication.answered", "republication", row.public, details, now=now)
    return made


def answers_of(session: Session, row: Republication) -> Sequence[PartnerAnswer]:
    """All answers on a copy, oldest first."""
    query = sa.select(PartnerAnswer).where(PartnerAnswer.republication_id == row.id).order_by(PartnerAnswer.id)
    return session.execute(query).scalars().all()


def is_open() -> sa.ColumnElement[bool]:
    """The condition of answers that wait for a person; *mended* is settled by the next check."""
    return sa.and_(PartnerAnswer.settled_at.is_(None), PartnerAnswer.answer != PartnerAnswerKind.MENDED)


def waiting_counts(session: Session) -> dict[PartnerAnswerKind, int]:
    """The number of answers waiting for a person, by kind, over all copies."""
    query = sa.select(PartnerAnswer.answer, sa.func.count()).where(is_open()).group_by(PartnerAnswer.answer)
    return {row[0]: int(row[1]) for row in session.execute(query)}


def settle_answers(
    session: Session, row: Republication, actor: Actor, *, decision: str | None = None, now: dt.datetime
) -> int:
    """Settle the waiting answers on this copy; returns how many. Raises ``Forbidden``."""
    actor.require(Permission.REVIEW)
    query = sa.select(PartnerAnswer).where(PartnerAnswer.republication_id == row.id, is_open())
    waiting = session.execute(query).scalars().all()
    for answer in waiting:
        answer.settled_at, answer.settled_by, answer.settled_with = now, actor.id, decision
    session.flush()
    if waiting and decision is None:
        details = {"answers": [answer.public for answer in waiting]}
        journal.record(session, actor.id, "republication.answers_read", "republication", row.public, details, now=now)
    return len(waiting)


def reopen_answers(session: Session, decision: str) -> None:
    """Reopen the answers settled by a decision that was undone."""
    session.execute(
        sa.update(PartnerAnswer)
        .where(PartnerAnswer.settled_with == decision)
        .values(settled_at=None, settled_by=None, settled_with=None)
    )
