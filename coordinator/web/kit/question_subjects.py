"""The subject of a question, by name, for desk and portal."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.messages.notices import Notice
from campaigns.messages.questions import Question, QuestionSubjectKind
from campaigns.republications.republications import Republication


@dataclass(frozen=True)
class QuestionSubjectView:
    """``name``: its value in an address (a bulletin's code, the public id of a notice or copy), ``title``: for display;
    both '' for a general question.
    """

    about: QuestionSubjectKind
    name: str = ""
    title: str = ""


def question_subject(session: Session, row: Question) -> QuestionSubjectView:
    """Return the subject of a question."""
    if row.bulletin_id is not None:
        # The published revision: a pending correction is not public.
        number = sa.func.coalesce(Bulletin.released, Bulletin.latest)
        query = (
            sa.select(Bulletin.code, Revision.title)
            .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == number))
            .where(Bulletin.id == row.bulletin_id)
        )
        code, title = session.execute(query).one()
        return QuestionSubjectView(QuestionSubjectKind.BULLETIN, code, f"{code}: {title}")
    if row.notice_id is not None:
        notice = session.get_one(Notice, row.notice_id)
        return QuestionSubjectView(QuestionSubjectKind.NOTICE, notice.public, notice.title)
    if row.republication_id is not None:
        copy = session.get_one(Republication, row.republication_id)
        return QuestionSubjectView(QuestionSubjectKind.FINDING, copy.public, copy.url)
    return QuestionSubjectView(QuestionSubjectKind.GENERAL)
