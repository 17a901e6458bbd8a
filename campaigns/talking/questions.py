"""Questions of partners and the answers of the department, and what of them every partner may read."""

import datetime as dt
from collections.abc import Sequence
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.partners.directory import Company


class Asked(Enum):
    """How a question stands."""

    OPEN = "open"  # waits for the department
    ANSWERED = "answered"
    CLOSED = "closed"


class About(Enum):
    """What a question is about."""

    GENERAL = "general"
    BULLETIN = "bulletin"
    NOTICE = "notice"
    FINDING = "finding"  # what was found on one of the partner's copies


class Question(Base):
    """One question of a partner with everything said since. ``waits_since``: the first word that nobody has answered
    yet. ``form`` names the form that asked it: sent twice, it asks once."""

    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    form: Mapped[str] = mapped_column(sa.String(40), unique=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    state: Mapped[Asked] = mapped_column(by_value(Asked, "question_state"))
    about: Mapped[About] = mapped_column(by_value(About, "question_about"))
    bulletin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"))
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notices.id"))
    republication_id: Mapped[int | None] = mapped_column(sa.ForeignKey("republications.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    asked_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    waits_since: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship()

    __table_args__ = (sa.Index("ix_questions_state_waits_since", "state", "waits_since"),)


class Utterance(Base):
    """One thing said on a question, by the partner or by the department; never edited."""

    __tablename__ = "question_words"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), index=True)
    form: Mapped[str] = mapped_column(sa.String(40), unique=True)
    ours: Mapped[bool]  # of the department
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))


class PublicAnswer(Base):
    """A question and its answer as every partner reads them, in words that staff wrote. Which question it came from is
    for staff alone. ``search``: its folded words."""

    __tablename__ = "public_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), unique=True)
    question: Mapped[str] = mapped_column(sa.Text)
    answer: Mapped[str] = mapped_column(sa.Text)
    search: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(default=1)
    published_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


def find_question(session: Session, public: str, company_id: int | None = None, *, lock: bool = False) -> Question:
    """The question with this name; with ``company_id`` only that partner's own. Raises ``NotFound`` in the same words
    for one of another and for none."""
    query = sa.select(Question).where(Question.public == public)
    if company_id is not None:
        query = query.where(Question.company_id == company_id)
    row = session.execute(query.with_for_update(of=Question) if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no question {public}", question=public)
    return row


def words_of(session: Session, question: Question) -> Sequence[Utterance]:
    """Everything said on a question, oldest first."""
    query = sa.select(Utterance).where(Utterance.question_id == question.id).order_by(Utterance.id)
    return session.execute(query).scalars().all()


def public_of(session: Session, question: Question) -> PublicAnswer | None:
    """What every partner may read of a question, also when it was withdrawn; None when nothing was published."""
    query = sa.select(PublicAnswer).where(PublicAnswer.question_id == question.id)
    return session.execute(query).scalar_one_or_none()


def waiting(session: Session) -> int:
    """How many questions wait for the department."""
    query = sa.select(sa.func.count()).select_from(Question).where(Question.state == Asked.OPEN)
    return session.execute(query).scalar_one()
