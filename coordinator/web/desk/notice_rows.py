"""What the desk shows of notices: the list, and one with everybody whom it is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.planning.campaigns import Topic
from campaigns.talking import audiences, readers
from campaigns.talking.audiences import Count
from campaigns.talking.notices import Audience, Edition, Notice, NoticeState, find_notice
from campaigns.talking.readers import Receiving
from coordinator.web.desk.listing import PAGE, Part, page_number


@dataclass(frozen=True)
class NoticeLine:
    """One notice of the list. ``done``: of how many receivers nothing is asked any more."""

    public: str
    title: str
    state: NoticeState
    audience: Audience
    topic: str
    deadline: date | None
    must_confirm: bool
    edition: int
    at: datetime
    receivers: int
    done: int
    late: int


@dataclass(frozen=True)
class NoticeShown:
    """One notice with its earlier texts and its receivers: those of the page, or all. ``read`` and ``confirmed``: how
    many of all, of the edition in force."""

    line: NoticeLine
    body_html: str
    note: str
    version: int
    written_by: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    editions: Sequence[Edition]
    read: int
    confirmed: int
    part: Part[Receiving]

    @property
    def receivers(self) -> Sequence[Receiving]:
        """Those that are shown."""
        return self.part.rows


def lines(session: Session, *, now: datetime) -> Part[NoticeLine]:
    """One page of all notices, the latest changed first."""
    total = session.execute(sa.select(sa.func.count()).select_from(Notice)).scalar_one()
    number = min(page_number(), max(-(-total // PAGE), 1))
    query = sa.select(Notice).order_by(Notice.changed_at.desc(), Notice.id.desc())
    rows = session.execute(query.limit(PAGE).offset((number - 1) * PAGE)).scalars().all()
    counted = audiences.counts(session, rows, now=now)
    topics = _topics(session)
    return Part([_line(one, counted[one.id], topics) for one in rows], total, number)


def shown(session: Session, public: str, *, whole: bool = False, now: datetime) -> NoticeShown:
    """One notice with a page of its receivers; ``whole``: with all of them, for a file. Raises ``NotFound``."""
    row = find_notice(session, public)
    count = audiences.counts(session, [row], now=now)[row.id]
    size = max(count.receivers, 1) if whole else PAGE
    number = 1 if whole else min(page_number(), max(-(-count.receivers // PAGE), 1))
    meant = readers.receiving(session, row, most=size, skip=(number - 1) * size, now=now)
    editions = sa.select(Edition).where(Edition.notice_id == row.id).order_by(Edition.number.desc())
    return NoticeShown(
        line=_line(row, count, _topics(session)),
        body_html=row.body_html,
        note=row.note,
        version=row.version,
        written_by=row.written_by_name,
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at,
        editions=session.execute(editions).scalars().all(),
        read=count.read,
        confirmed=count.confirmed,
        part=Part(meant, count.receivers, number, size),
    )


def _topics(session: Session) -> dict[int, str]:
    return {row[0]: row[1] for row in session.execute(sa.select(Topic.id, Topic.name))}


def _line(row: Notice, count: Count, topics: dict[int, str]) -> NoticeLine:
    return NoticeLine(
        row.public, row.title, row.state, row.audience, topics.get(row.topic_id or 0, ""), row.deadline,
        row.must_confirm, row.edition, row.edition_at or row.changed_at, count.receivers,
        count.confirmed if row.must_confirm else count.read, count.late,
    )  # fmt: skip
