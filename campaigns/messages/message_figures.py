"""Messages with partners in a period: notices with their readings, questions with their answers.

As of an earlier moment each figure is what was known then: editions, addressees and messages have their times, and none
of them is edited or moved.
"""

import datetime as dt
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.clock import Period
from campaigns.messages.notices import Notice, NoticeAddressee, NoticeEdition
from campaigns.messages.questions import Question, QuestionMessage
from campaigns.partners.directory import Company


@dataclass(frozen=True)
class MessageFigures:
    """The figures of a period. ``notices``: published in it for the first time; ``partners``: those that they were sent
    to, each once; ``sent``: pairs of a notice and a partner, of which ``read`` ones have read the edition in force;
    ``to_confirm``: those that had to confirm it, of which ``confirmed`` ones did. ``questions``: asked in the period,
    of which ``answered`` ones have an answer; ``typical``: the median of their seconds until the first one, None
    without any."""

    notices: int = 0
    partners: int = 0
    sent: int = 0
    read: int = 0
    to_confirm: int = 0
    confirmed: int = 0
    questions: int = 0
    answered: int = 0
    typical: float | None = None


def message_figures(session: Session, period: Period, *, moment: dt.datetime | None = None) -> MessageFigures:
    """Return the figures as they are now, or as they were known at the ``moment``."""
    notices = notices_sent(session, period, moment=moment)
    questions = questions_asked(session, period, moment=moment)
    waits = [row.seconds for row in questions if row.seconds is not None]
    return MessageFigures(
        notices=len(notices),
        partners=len(briefed_partners(session, period, moment=moment)),
        sent=sum(row.sent for row in notices),
        read=sum(row.read for row in notices),
        to_confirm=sum(row.sent for row in notices if row.must_confirm),
        confirmed=sum(row.confirmed for row in notices if row.must_confirm),
        questions=len(questions),
        answered=len(waits),
        typical=statistics.median(waits) if waits else None,
    )


@dataclass(frozen=True)
class SentNotice:
    """A notice of a period in the edition that was in force, with its pairs of partner and reading."""

    public: str
    title: str
    at: dt.datetime
    must_confirm: bool
    sent: int
    read: int
    confirmed: int


def notices_sent(session: Session, period: Period, *, moment: dt.datetime | None = None) -> Sequence[SentNotice]:
    """The notices that were published in a period, the oldest first. ``at``: the time of the first edition."""
    current, first = _editions(period, moment)
    read, confirmed = (_dated(column, moment) for column in (NoticeAddressee.read_at, NoticeAddressee.confirmed_at))
    query = (
        sa.select(
            Notice.public, NoticeEdition.title, first.c.at, NoticeEdition.must_confirm,
            sa.func.count(NoticeAddressee.company_id), _count_if(read), _count_if(confirmed),
        )
        .select_from(NoticeEdition)
        .join(
            current, sa.and_(current.c.notice_id == NoticeEdition.notice_id, current.c.number == NoticeEdition.number)
        )
        .join(first, first.c.notice_id == NoticeEdition.notice_id)
        .join(Notice, Notice.id == NoticeEdition.notice_id)
        .outerjoin(
            NoticeAddressee,
            sa.and_(
                NoticeAddressee.notice_id == NoticeEdition.notice_id,
                NoticeAddressee.edition == NoticeEdition.number,
            ),
        )
        .group_by(Notice.id, Notice.public, NoticeEdition.title, first.c.at, NoticeEdition.must_confirm)
        .order_by(first.c.at, Notice.id)
    )  # fmt: skip
    return [SentNotice(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class BriefedPartner:
    """A partner that notices of a period were sent to, and how many."""

    code: str
    name: str
    notices: int


def briefed_partners(session: Session, period: Period, *, moment: dt.datetime | None = None) -> list[BriefedPartner]:
    """The partners that the notices of a period were sent to, by name."""
    current, _first = _editions(period, moment)
    this = sa.and_(current.c.notice_id == NoticeAddressee.notice_id, current.c.number == NoticeAddressee.edition)
    query = (
        sa.select(Company.code, Company.name, sa.func.count())
        .select_from(NoticeAddressee)
        .join(current, this)
        .join(Company, Company.id == NoticeAddressee.company_id)
        .group_by(Company.id, Company.code, Company.name)
        .order_by(Company.name, Company.code)
    )
    return [BriefedPartner(*row) for row in session.execute(query)]


def _editions(period: Period, moment: dt.datetime | None) -> tuple[sa.Subquery, sa.Subquery]:
    """The number of the edition in force of each notice, and the first edition of those published in the period."""
    known = [NoticeEdition.at <= moment] if moment is not None else []
    first = (
        sa.select(NoticeEdition.notice_id, NoticeEdition.at)
        .where(NoticeEdition.number == 1, NoticeEdition.at >= period.start, NoticeEdition.at < period.end, *known)
        .subquery("first_editions")
    )
    current = (
        sa.select(NoticeEdition.notice_id, sa.func.max(NoticeEdition.number).label("number"))
        .where(NoticeEdition.notice_id.in_(sa.select(first.c.notice_id)), *known)
        .group_by(NoticeEdition.notice_id)
        .subquery("current_editions")
    )
    return current, first


def _dated(column: InstrumentedAttribute[dt.datetime | None], moment: dt.datetime | None) -> sa.ColumnElement[bool]:
    return column.is_not(None) if moment is None else column <= moment


def _count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


@dataclass(frozen=True)
class AskedQuestion:
    """A question of a period; ``seconds``: until the first answer, None while there is none."""

    public: str
    title: str
    partner: str
    at: dt.datetime
    seconds: float | None


def questions_asked(session: Session, period: Period, *, moment: dt.datetime | None = None) -> list[AskedQuestion]:
    """The questions that partners asked in a period, the oldest first."""
    known = [QuestionMessage.at <= moment] if moment is not None else []
    answer = (
        sa.select(QuestionMessage.question_id, sa.func.min(QuestionMessage.at).label("at"))
        .where(QuestionMessage.ours.is_(True), *known)
        .group_by(QuestionMessage.question_id)
        .subquery("first_answers")
    )
    query = (
        sa.select(Question.public, Question.title, Company.name, Question.asked_at, answer.c.at)
        .join(Company, Company.id == Question.company_id)
        .outerjoin(answer, answer.c.question_id == Question.id)
        .where(Question.asked_at >= period.start, Question.asked_at < period.end)
        .order_by(Question.asked_at, Question.id)
    )
    if moment is not None:
        query = query.where(Question.asked_at <= moment)
    return [
        AskedQuestion(public, title, partner, asked, (answered - asked).total_seconds() if answered else None)
        for public, title, partner, asked, answered in session.execute(query)
    ]
