"""What a question is about, by name, for both sides of the conversation."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.talking.notices import Notice
from campaigns.talking.questions import About, Question
from campaigns.tracking.republications import Republication


@dataclass(frozen=True)
class SubjectShown:
    """``name`` is what an address takes (a bulletin's code, the public name of a notice or a copy), ``title`` what
    people read; both '' for a question in general."""

    about: About
    name: str = ""
    title: str = ""


def subject_of(session: Session, row: Question) -> SubjectShown:
    """What a question is about."""
    if row.bulletin_id is not None:
        # The text that is out: a pending correction is nobody's to see outside.
        number = sa.func.coalesce(Bulletin.released, Bulletin.latest)
        query = (
            sa.select(Bulletin.code, Revision.title)
            .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == number))
            .where(Bulletin.id == row.bulletin_id)
        )
        code, title = session.execute(query).one()
        return SubjectShown(About.BULLETIN, code, f"{code}: {title}")
    if row.notice_id is not None:
        notice = session.get_one(Notice, row.notice_id)
        return SubjectShown(About.NOTICE, notice.public, notice.title)
    if row.republication_id is not None:
        copy = session.get_one(Republication, row.republication_id)
        return SubjectShown(About.FINDING, copy.public, copy.url)
    return SubjectShown(About.GENERAL)
