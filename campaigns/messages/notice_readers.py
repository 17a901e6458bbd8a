"""The receivers of a notice, and which of them have read and confirmed it.

Receivers are computed now, not when the notice was published: a new partner sees the notices in force. A partner has
read a notice when one of its editors has read the edition in force; after a correction it has not.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, defer

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core import journal
from campaigns.core.base import insert_into, rows_changed
from campaigns.core.clock import city_day, day_start
from campaigns.core.current_company import lock_current_company
from campaigns.core.errors import Conflict, NotFound
from campaigns.messages.notices import (
    Notice,
    NoticeAddressee,
    NoticeAudience,
    NoticeReadReceipt,
    NoticeReceiver,
    NoticeState,
    is_addressed,
    is_over,
    notice_counts,
    topic_codes,
)
from campaigns.partners.directory import Company
from campaigns.people.staff import Actor
from campaigns.planning.campaigns import Topic


@dataclass(frozen=True)
class PartnerNotice:
    """A notice as one partner sees it. ``reading``: of the edition in force. ``late``: the deadline is over, the notice
    is still open for the partner, and it was a partner by the deadline."""

    notice: Notice
    reading: NoticeReadReceipt | None
    late: bool

    @property
    def read(self) -> bool:
        """Whether the partner has read the edition in force."""
        return self.reading is not None

    @property
    def confirmed(self) -> bool:
        """Whether the partner has confirmed it."""
        return self.reading is not None and self.reading.confirmed_at is not None

    @property
    def open(self) -> bool:
        """Whether the partner still has to read or confirm it."""
        if self.notice.state is not NoticeState.PUBLISHED:
            return False
        return not (self.confirmed if self.notice.must_confirm else self.read)


def topics_received(session: Session, company_id: int) -> frozenset[str] | None:
    """The topics whose bulletins a partner receives; None = all, also while it has no channel."""
    return _topics_by_company(session, Channel.company_id == company_id).get(company_id)


def _topics_by_company(session: Session, *where: sa.ColumnElement[bool]) -> dict[int, frozenset[str] | None]:
    """The topics received, by company with a channel in use."""
    columns: tuple[Any, ...] = (Channel.company_id, Channel.topics)
    query = sa.select(*columns).where(Channel.company_id.is_not(None), Channel.state != ChannelState.RETIRED, *where)
    found: dict[int, frozenset[str] | None] = {}
    for company_id, topics in session.execute(query):
        before = found.get(company_id, frozenset())
        found[company_id] = None if topics is None or before is None else before | frozenset(topics)
    return found


def _addressed_to(session: Session, company_id: int) -> sa.ColumnElement[bool]:
    """The condition on notices that are addressed to a partner."""
    topics = topics_received(session, company_id)
    of_topic = Notice.audience == NoticeAudience.TOPIC
    if topics is not None:
        of_topic = sa.and_(of_topic, Notice.topic_id.in_(sa.select(Topic.id).where(Topic.code.in_(sorted(topics)))))
    named = sa.exists().where(NoticeReceiver.notice_id == Notice.id, NoticeReceiver.company_id == company_id)
    return sa.or_(
        Notice.audience == NoticeAudience.ALL, of_topic, sa.and_(Notice.audience == NoticeAudience.CHOSEN, named)
    )


def _partner_notices(
    session: Session, company_id: int, *where: sa.ColumnElement[bool], whole: bool = True, now: dt.datetime
) -> list[PartnerNotice]:
    """The notices in force for a partner, and the withdrawn ones that it has read. Not ``whole``: without the texts,
    which may be long."""
    since = session.execute(sa.select(Company.created_at).where(Company.id == company_id)).scalar_one()
    current = sa.and_(
        NoticeReadReceipt.notice_id == Notice.id,
        NoticeReadReceipt.company_id == company_id,
        NoticeReadReceipt.edition == Notice.edition,
    )
    some = aliased(NoticeReadReceipt)
    ever = sa.exists().where(some.notice_id == Notice.id, some.company_id == company_id)
    query = (
        sa.select(Notice, NoticeReadReceipt)
        .outerjoin(NoticeReadReceipt, current)
        .where(
            sa.or_(
                sa.and_(Notice.state == NoticeState.PUBLISHED, _addressed_to(session, company_id)),
                sa.and_(Notice.state == NoticeState.WITHDRAWN, ever),
            ),
            *where,
        )
        .order_by(Notice.edition_at.desc(), Notice.id.desc())
    )
    if not whole:
        query = query.options(defer(Notice.body_html))
    return [_partner_notice_of(notice, reading, since, now) for notice, reading in session.execute(query)]


def _partner_notice_of(
    notice: Notice, reading: NoticeReadReceipt | None, since: dt.datetime, now: dt.datetime
) -> PartnerNotice:
    is_open = PartnerNotice(notice, reading, late=False).open
    over = notice.deadline is not None and city_day(since) <= notice.deadline < city_day(now)
    return PartnerNotice(notice, reading, late=over and is_open)


def partner_notices(session: Session, company_id: int, *, now: dt.datetime) -> list[PartnerNotice]:
    """A partner's notices: open ones first, by deadline; then the newest."""
    found = _partner_notices(session, company_id, whole=False, now=now)
    return sorted(found, key=lambda row: (not row.open, (row.open and row.notice.deadline) or dt.date.max))


def find_partner_notice(session: Session, company_id: int, public: str, *, now: dt.datetime) -> PartnerNotice:
    """One notice of a partner. Raises the same ``NotFound`` for another partner's notice and for an unknown one."""
    found = _partner_notices(session, company_id, Notice.public == public, now=now)
    if not found:
        raise NotFound(f"there is no notice {public}", notice=public)
    return found[0]


def mark_read(
    session: Session, actor: Actor, company_id: int, public: str, edition: int, *, now: dt.datetime
) -> PartnerNotice:
    """Record that a partner has read this edition; the first reader is kept.

    Raises ``NotFound``, and ``Conflict`` (``notice_corrected``) when another edition is in force.
    """
    company_id = lock_current_company(session, company_id)
    current = _find_current(session, company_id, public, edition, now)
    made = session.execute(
        insert_into(session, NoticeReadReceipt)
        .values(
            notice_id=current.notice.id, company_id=company_id, edition=edition, read_at=now, read_by=actor.id,
            read_by_name=actor.name,
        )
        .on_conflict_do_nothing()
        .returning(NoticeReadReceipt.company_id)
    ).first()  # fmt: skip
    if made is not None:
        _stamp_addressees(session, current.notice, company_id, "read_at", now)
        _record(session, actor, "notice.read", current.notice, company_id, now)
    return find_partner_notice(session, company_id, public, now=now)


def confirm_notice(
    session: Session, actor: Actor, company_id: int, public: str, edition: int, *, now: dt.datetime
) -> PartnerNotice:
    """Record that a partner confirms the notice, which counts as reading it. Once for each edition.

    Raises as ``mark_read`` does.
    """
    company_id = lock_current_company(session, company_id)
    current = mark_read(session, actor, company_id, public, edition, now=now)
    if not current.notice.must_confirm:
        return current
    changed = session.execute(
        sa.update(NoticeReadReceipt)
        .where(
            NoticeReadReceipt.notice_id == current.notice.id,
            NoticeReadReceipt.company_id == company_id,
            NoticeReadReceipt.edition == edition,
            NoticeReadReceipt.confirmed_at.is_(None),
        )
        .values(confirmed_at=now, confirmed_by=actor.id, confirmed_by_name=actor.name)
        .execution_options(synchronize_session=False)
    )
    if rows_changed(changed):
        _stamp_addressees(session, current.notice, company_id, "confirmed_at", now)
        _record(session, actor, "notice.confirmed", current.notice, company_id, now)
    session.expire_all()
    return find_partner_notice(session, company_id, public, now=now)


def _stamp_addressees(session: Session, notice: Notice, company_id: int, column: str, now: dt.datetime) -> None:
    """Write when the edition in force was first read or confirmed, for the partner and those merged into it."""
    merged = sa.select(Company.id).where(Company.merged_into_id == company_id)
    theirs = sa.or_(NoticeAddressee.company_id == company_id, NoticeAddressee.company_id.in_(merged))
    this = (NoticeAddressee.notice_id == notice.id, NoticeAddressee.edition == notice.edition)
    session.execute(
        sa.update(NoticeAddressee)
        .where(*this, theirs, getattr(NoticeAddressee, column).is_(None))
        .values({column: now})
        .execution_options(synchronize_session=False)
    )


def _find_current(session: Session, company_id: int, public: str, edition: int, now: dt.datetime) -> PartnerNotice:
    current = find_partner_notice(session, company_id, public, now=now)
    if current.notice.state is not NoticeState.PUBLISHED or current.notice.edition != edition:
        raise Conflict(f"notice {public} was corrected meanwhile", code="notice_corrected", notice=public)
    return current


def _record(session: Session, actor: Actor, act: str, notice: Notice, company_id: int, now: dt.datetime) -> None:
    partner = session.get_one(Company, company_id).code
    details = {"partner": partner, "edition": notice.edition, "title": notice.title}
    journal.record(session, actor.id, act, "notice", notice.public, details, now=now)


@dataclass(frozen=True)
class ReceiverStatus:
    """One receiver of a notice, as the desk shows it. ``earlier``: the newest edition it has read, when that is not the
    one in force."""

    code: str
    name: str
    contact: str
    notice: PartnerNotice
    earlier: int | None


def receiver_statuses(
    session: Session, notice: Notice, *, now: dt.datetime, most: int | None = None, skip: int = 0
) -> list[ReceiverStatus]:
    """The receivers of a notice: late ones first, then open ones, then by name; at most ``most`` after the first
    ``skip``."""
    current = sa.and_(
        NoticeReadReceipt.company_id == Company.id,
        NoticeReadReceipt.notice_id == notice.id,
        NoticeReadReceipt.edition == notice.edition,
    )
    before = aliased(NoticeReadReceipt)
    earlier = (
        sa.select(sa.func.max(before.edition))
        .where(before.company_id == Company.id, before.notice_id == notice.id, before.edition < notice.edition)
        .scalar_subquery()
    )
    done = (
        NoticeReadReceipt.confirmed_at.is_not(None)
        if notice.must_confirm
        else NoticeReadReceipt.company_id.is_not(None)
    )
    order: list[Any] = [Company.name, Company.id]
    if notice.state is NoticeState.PUBLISHED:
        order.insert(0, sa.case((done, 2), else_=1))
        if is_over(notice, now) and notice.deadline is not None:
            since = Company.created_at < day_start(notice.deadline + dt.timedelta(days=1))
            order[0] = sa.case((done, 2), (since, 0), else_=1)
    query = (
        sa.select(Company, NoticeReadReceipt, earlier)
        .outerjoin(NoticeReadReceipt, current)
        .where(is_addressed(notice, topic_codes(session)))
        .order_by(*order)
        .offset(skip)
    )
    if most is not None:
        query = query.limit(most)
    return [
        ReceiverStatus(
            company.code,
            company.name,
            company.contact,
            _partner_notice_of(notice, reading, company.created_at, now),
            None if reading else edition,
        )
        for company, reading, edition in session.execute(query)
    ]


def overdue_notices(session: Session, most: int, *, now: dt.datetime) -> list[tuple[Notice, int]]:
    """Notices in force with late receivers and their number, the oldest deadline first."""
    over = (Notice.state == NoticeState.PUBLISHED, Notice.deadline < city_day(now))
    rows = session.execute(sa.select(Notice).where(*over).order_by(Notice.deadline, Notice.id)).scalars().all()
    counted = notice_counts(session, rows, now=now)
    return [(notice, counted[notice.id].late) for notice in rows if counted[notice.id].late][:most]
