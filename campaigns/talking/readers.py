"""Whom a notice is for, and which of them have read and confirmed it.

A partner is addressed now, not when the notice went out: whoever joins sees what is in force. It has read a notice when
somebody of it has read the edition in force; after a correction it has not.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, defer

from campaigns.core import journal
from campaigns.core.base import insert_into, rows_changed
from campaigns.core.clock import city_day, day_start
from campaigns.core.errors import Conflict, NotFound
from campaigns.partners.directory import Company
from campaigns.people.staff import Actor
from campaigns.planning.campaigns import Topic
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.talking.audiences import addressed, counts, is_over, topic_codes
from campaigns.talking.notices import Audience, Notice, NoticeState, Reading, Receiver


@dataclass(frozen=True)
class Told:
    """A notice before one partner. ``reading``: of the edition in force. ``late``: the deadline is over, something is
    still asked of the partner, and it was a partner by then."""

    notice: Notice
    reading: Reading | None
    late: bool

    @property
    def read(self) -> bool:
        """Whether somebody of the partner has read the edition in force."""
        return self.reading is not None

    @property
    def confirmed(self) -> bool:
        """Whether somebody of the partner has confirmed it."""
        return self.reading is not None and self.reading.confirmed_at is not None

    @property
    def open(self) -> bool:
        """Whether something is still asked of the partner."""
        if self.notice.state is not NoticeState.PUBLISHED:
            return False
        return not (self.confirmed if self.notice.must_confirm else self.read)


def takes(session: Session, company_id: int) -> frozenset[str] | None:
    """The topics whose bulletins a partner receives; None = every one, also while it has no channel."""
    return _taken(session, Channel.company_id == company_id).get(company_id)


def _taken(session: Session, *where: sa.ColumnElement[bool]) -> dict[int, frozenset[str] | None]:
    """By company, for those with a channel in use."""
    columns: tuple[Any, ...] = (Channel.company_id, Channel.topics)
    query = sa.select(*columns).where(Channel.company_id.is_not(None), Channel.state != ChannelState.RETIRED, *where)
    found: dict[int, frozenset[str] | None] = {}
    for company_id, topics in session.execute(query):
        before = found.get(company_id, frozenset())
        found[company_id] = None if topics is None or before is None else before | frozenset(topics)
    return found


def _for(session: Session, company_id: int) -> sa.ColumnElement[bool]:
    """Which notices are addressed to a partner."""
    topics = takes(session, company_id)
    of_topic = Notice.audience == Audience.TOPIC
    if topics is not None:
        of_topic = sa.and_(of_topic, Notice.topic_id.in_(sa.select(Topic.id).where(Topic.code.in_(sorted(topics)))))
    named = sa.exists().where(Receiver.notice_id == Notice.id, Receiver.company_id == company_id)
    return sa.or_(Notice.audience == Audience.ALL, of_topic, sa.and_(Notice.audience == Audience.CHOSEN, named))


def _told(
    session: Session, company_id: int, *where: sa.ColumnElement[bool], whole: bool = True, now: dt.datetime
) -> list[Told]:
    """What is in force for a partner, and of what was withdrawn the part that it had read. Not ``whole``: without the
    texts, which may be long."""
    since = session.execute(sa.select(Company.created_at).where(Company.id == company_id)).scalar_one()
    current = sa.and_(
        Reading.notice_id == Notice.id, Reading.company_id == company_id, Reading.edition == Notice.edition
    )
    some = aliased(Reading)
    ever = sa.exists().where(some.notice_id == Notice.id, some.company_id == company_id)
    query = (
        sa.select(Notice, Reading)
        .outerjoin(Reading, current)
        .where(
            sa.or_(
                sa.and_(Notice.state == NoticeState.PUBLISHED, _for(session, company_id)),
                sa.and_(Notice.state == NoticeState.WITHDRAWN, ever),
            ),
            *where,
        )
        .order_by(Notice.edition_at.desc(), Notice.id.desc())
    )
    if not whole:
        query = query.options(defer(Notice.body_html))
    return [_before(notice, reading, since, now) for notice, reading in session.execute(query)]


def _before(notice: Notice, reading: Reading | None, since: dt.datetime, now: dt.datetime) -> Told:
    one = Told(notice, reading, late=False)
    over = notice.deadline is not None and city_day(since) <= notice.deadline < city_day(now)
    return Told(notice, reading, late=over and one.open)


def told(session: Session, company_id: int, *, now: dt.datetime) -> list[Told]:
    """A partner's notices: first those that ask something of it, the nearest deadline before the others; then the
    newest."""
    found = _told(session, company_id, whole=False, now=now)
    return sorted(found, key=lambda one: (not one.open, (one.open and one.notice.deadline) or dt.date.max))


def told_one(session: Session, company_id: int, public: str, *, now: dt.datetime) -> Told:
    """One notice of a partner. Raises ``NotFound`` in the same words for one of another and for none."""
    found = _told(session, company_id, Notice.public == public, now=now)
    if not found:
        raise NotFound(f"there is no notice {public}", notice=public)
    return found[0]


def read(session: Session, actor: Actor, company_id: int, public: str, edition: int, *, now: dt.datetime) -> Told:
    """Somebody of a partner has read this edition; the first to do so stays named.

    Raises ``NotFound``, and ``Conflict`` (``notice_corrected``) when another edition is in force by now.
    """
    one = _current(session, company_id, public, edition, now)
    made = session.execute(
        insert_into(session, Reading)
        .values(
            notice_id=one.notice.id, company_id=company_id, edition=edition, read_at=now, read_by=actor.id,
            read_by_name=actor.name,
        )
        .on_conflict_do_nothing()
        .returning(Reading.company_id)
    ).first()  # fmt: skip
    if made is not None:
        _record(session, actor, "notice.read", one.notice, company_id, now)
    return told_one(session, company_id, public, now=now)


def confirm(session: Session, actor: Actor, company_id: int, public: str, edition: int, *, now: dt.datetime) -> Told:
    """Somebody of a partner confirms that it will do as the notice says; that is a reading too. Once for each edition.

    Raises as ``read`` does.
    """
    one = read(session, actor, company_id, public, edition, now=now)
    if not one.notice.must_confirm:
        return one
    changed = session.execute(
        sa.update(Reading)
        .where(
            Reading.notice_id == one.notice.id, Reading.company_id == company_id, Reading.edition == edition,
            Reading.confirmed_at.is_(None),
        )
        .values(confirmed_at=now, confirmed_by=actor.id, confirmed_by_name=actor.name)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if rows_changed(changed):
        _record(session, actor, "notice.confirmed", one.notice, company_id, now)
    session.expire_all()
    return told_one(session, company_id, public, now=now)


def _current(session: Session, company_id: int, public: str, edition: int, now: dt.datetime) -> Told:
    one = told_one(session, company_id, public, now=now)
    if one.notice.state is not NoticeState.PUBLISHED or one.notice.edition != edition:
        raise Conflict(f"notice {public} was corrected meanwhile", code="notice_corrected", notice=public)
    return one


def _record(session: Session, actor: Actor, act: str, notice: Notice, company_id: int, now: dt.datetime) -> None:
    partner = session.get_one(Company, company_id).code
    details = {"partner": partner, "edition": notice.edition, "title": notice.title}
    journal.record(session, actor.id, act, "notice", notice.public, details, now=now)


@dataclass(frozen=True)
class Receiving:
    """One partner before one notice, as the desk sees it. ``earlier``: the newest edition it has read, where that is
    not the one in force."""

    code: str
    name: str
    contact: str
    told: Told
    earlier: int | None


def receiving(
    session: Session, notice: Notice, *, now: dt.datetime, most: int | None = None, skip: int = 0
) -> list[Receiving]:
    """Whom a notice is for: who is late first, then who has something open, then by name; at most ``most`` after the
    first ``skip``, so that a page of many thousand partners reads its own part alone."""
    current = sa.and_(
        Reading.company_id == Company.id, Reading.notice_id == notice.id, Reading.edition == notice.edition
    )
    before = aliased(Reading)
    earlier = (
        sa.select(sa.func.max(before.edition))
        .where(before.company_id == Company.id, before.notice_id == notice.id, before.edition < notice.edition)
        .scalar_subquery()
    )
    done = Reading.confirmed_at.is_not(None) if notice.must_confirm else Reading.company_id.is_not(None)
    order: list[Any] = [Company.name, Company.id]
    if notice.state is NoticeState.PUBLISHED:
        order.insert(0, sa.case((done, 2), else_=1))
        if is_over(notice, now) and notice.deadline is not None:
            since = Company.created_at < day_start(notice.deadline + dt.timedelta(days=1))
            order[0] = sa.case((done, 2), (since, 0), else_=1)
    query = (
        sa.select(Company, Reading, earlier)
        .outerjoin(Reading, current)
        .where(addressed(notice, topic_codes(session)))
        .order_by(*order)
        .offset(skip)
    )
    if most is not None:
        query = query.limit(most)
    return [
        Receiving(
            one.code, one.name, one.contact, _before(notice, reading, one.created_at, now), None if reading else edition
        )
        for one, reading, edition in session.execute(query)
    ]


def overdue(session: Session, most: int, *, now: dt.datetime) -> list[tuple[Notice, int]]:
    """Notices in force whose deadline is over for somebody, with for how many; the longest over first."""
    over = (Notice.state == NoticeState.PUBLISHED, Notice.deadline < city_day(now))
    rows = session.execute(sa.select(Notice).where(*over).order_by(Notice.deadline, Notice.id)).scalars().all()
    counted = counts(session, rows, now=now)
    return [(one, counted[one.id].late) for one in rows if counted[one.id].late][:most]
