"""Notices of the department to its partners. Every published text is kept; a correction is a new edition."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.clock import city_day, day_start
from campaigns.core.errors import NotFound
from campaigns.partners.directory import COMPANY_IN_USE, Company, SiteKind
from campaigns.partners.expiries import EXPIRES_SOON
from campaigns.partners.licences import Licence, is_in_force
from campaigns.planning.campaigns import Topic
from campaigns.republications.silent_partners import is_silent


class NoticeState(Enum):
    """The state of a notice."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # no longer in force; its readers see that


class NoticeAudience(Enum):
    """The kind of receivers."""

    ALL = "all"  # every partner, later ones included
    CHOSEN = "chosen"  # the listed partners
    TOPIC = "topic"  # the partners that receive bulletins of one topic


class Notice(Base):
    """One notice. ``edition``: 0 before publication, then the number of the text in force; ``version`` rises with every
    change and detects forms opened on an older one. ``form``: idempotency key of the form that created it. ``note``:
    what the last correction changed, or why it was withdrawn."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    form: Mapped[str] = mapped_column(sa.String(40), unique=True)
    state: Mapped[NoticeState] = mapped_column(by_value(NoticeState, "notice_state"), default=NoticeState.DRAFT)
    audience: Mapped[NoticeAudience] = mapped_column(by_value(NoticeAudience, "audience"))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    title: Mapped[str] = mapped_column(sa.String(300))
    body_html: Mapped[str] = mapped_column(sa.Text)
    deadline: Mapped[dt.date | None]
    must_confirm: Mapped[bool]
    edition: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    written_by: Mapped[str] = mapped_column(sa.String(200))
    written_by_name: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    edition_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (sa.Index("ix_notices_state_edition_at", "state", "edition_at"),)


class NoticeEdition(Base):
    """One published text of a notice; never edited."""

    __tablename__ = "notice_editions"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(sa.String(300))
    body_html: Mapped[str] = mapped_column(sa.Text)
    deadline: Mapped[dt.date | None]
    must_confirm: Mapped[bool]
    note: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(200))
    actor_name: Mapped[str] = mapped_column(sa.String(200))


class NoticeReceiver(Base):
    """One listed receiver of a notice."""

    __tablename__ = "notice_receivers"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True, index=True)


class NoticeAddressee(Base):
    """A partner that an edition was sent to: one of the receivers when it was published, with the first reading and
    confirmation. A merge leaves the row with its partner of then, so that figures as of an earlier moment stay; what a
    partner still has to read is in ``NoticeReadReceipt``."""

    __tablename__ = "notice_addressees"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id"), primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True)
    read_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class NoticeReadReceipt(Base):
    """A partner's reading of one edition: its first reader, and who confirmed it."""

    __tablename__ = "notice_read_receipts"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id"), primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True, index=True)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    read_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    read_by: Mapped[str] = mapped_column(sa.String(200))
    read_by_name: Mapped[str] = mapped_column(sa.String(200))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(200))
    confirmed_by_name: Mapped[str | None] = mapped_column(sa.String(200))


def find_notice(session: Session, public: str, *, lock: bool = False) -> Notice:
    """The notice with this public id, for staff. Raises ``NotFound``."""
    query = sa.select(Notice).where(Notice.public == public)
    row = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no notice {public}", notice=public)
    return row


def receivers_of(session: Session, notice: Notice) -> set[int]:
    """The ids of a notice's listed companies; empty unless its audience is *chosen*."""
    query = sa.select(NoticeReceiver.company_id).where(NoticeReceiver.notice_id == notice.id)
    return set(session.execute(query).scalars())


# The receivers of a notice as a condition on partners, and groups of partners to choose together.


_AT_ONCE = 50  # notices counted by one statement


class PartnerGroup(Enum):
    """A group of partners. Its members are listed as receivers when the notice is saved."""

    AGGREGATOR = "aggregator"  # with a valid licence of a news aggregator
    SOCIAL = "social"  # with a valid licence of a social network
    ENDING = "ending"  # with a valid licence that expires soon
    SILENT = "silent"  # bulletins are delivered to it and it has no confirmed copy lately


def group_members(group: PartnerGroup, *, now: dt.datetime) -> sa.ColumnElement[bool]:
    """The condition on partners that are in a group today."""
    today = city_day(now)
    if group is PartnerGroup.SILENT:
        return is_silent(today)
    in_force = sa.and_(Licence.company_id == Company.id, is_in_force(today))
    if group is PartnerGroup.ENDING:
        return sa.exists().where(in_force, Licence.expires_on.between(today, today + EXPIRES_SOON))
    kind = SiteKind.AGGREGATOR if group is PartnerGroup.AGGREGATOR else SiteKind.SOCIAL
    return sa.exists().where(in_force, Licence.kind == kind)


def companies_in_groups(session: Session, groups: Collection[PartnerGroup], *, now: dt.datetime) -> set[int]:
    """The ids of the partners in any of these groups today."""
    if not groups:
        return set()
    return set(
        session.execute(
            sa.select(Company.id).where(sa.or_(*(group_members(group, now=now) for group in groups)))
        ).scalars()
    )


@dataclass(frozen=True)
class AudienceSizes:
    """The number of partners, and of those that a topic (by code) and a group would address."""

    every: int
    topics: Mapping[str, int]
    groups: Mapping[PartnerGroup, int]


def audience_sizes(session: Session, topics: Iterable[str], *, now: dt.datetime) -> AudienceSizes:
    """The audience sizes a form shows, in one statement."""
    codes = list(topics)

    def counted(*conditions: sa.ColumnElement[bool]) -> Any:
        return sa.select(sa.func.count()).select_from(Company).where(COMPANY_IN_USE, *conditions).scalar_subquery()

    row = session.execute(
        sa.select(
            counted(),
            *(counted(_receives_topic(code)) for code in codes),
            *(counted(group_members(group, now=now)) for group in PartnerGroup),
        )
    ).one()
    by_topic, by_group = row[1 : 1 + len(codes)], row[1 + len(codes) :]
    return AudienceSizes(
        row[0], dict(zip(codes, by_topic, strict=True)), dict(zip(PartnerGroup, by_group, strict=True))
    )


def _receives_topic(topic: str) -> sa.ColumnElement[bool]:
    """The condition on partners that receive a topic: through a channel in use, or while they have no channel."""
    of_it = sa.and_(Channel.company_id == Company.id, Channel.state != ChannelState.RETIRED)
    # The JSON list has each code within quotes, which no code contains.
    named = sa.cast(Channel.topics, sa.Text).contains(f'"{topic}"', autoescape=True)
    takes = sa.exists().where(of_it, sa.or_(Channel.topics.is_(None), named))
    return sa.and_(COMPANY_IN_USE, sa.or_(~sa.exists().where(of_it), takes))


def is_addressed(notice: Notice, topics: Mapping[int, str]) -> sa.ColumnElement[bool]:
    """The condition on the present receivers of a notice. ``topics``: codes by id."""
    if notice.audience is NoticeAudience.ALL:
        return COMPANY_IN_USE
    if notice.audience is NoticeAudience.CHOSEN:
        return sa.exists().where(NoticeReceiver.notice_id == notice.id, NoticeReceiver.company_id == Company.id)
    return _receives_topic(topics.get(notice.topic_id or 0, ""))


def topic_codes(session: Session) -> dict[int, str]:
    """The codes of topics by id."""
    return {row[0]: row[1] for row in session.execute(sa.select(Topic.id, Topic.code))}


@dataclass(frozen=True)
class NoticeCount:
    """The numbers of receivers, of readings and confirmations of the edition in force, and of late receivers."""

    receivers: int = 0
    read: int = 0
    confirmed: int = 0
    late: int = 0


def notice_counts(session: Session, notices: Collection[Notice], *, now: dt.datetime) -> dict[int, NoticeCount]:
    """The figures of these notices by id."""
    found: dict[int, NoticeCount] = {}
    rows, topics = list(notices), topic_codes(session) if notices else {}
    for start in range(0, len(rows), _AT_ONCE):
        arms = [_count_columns(notice, topics, now) for notice in rows[start : start + _AT_ONCE]]
        for number, *figures in session.execute(sa.union_all(*arms)):
            found[number] = NoticeCount(*(int(figure) for figure in figures))
    return found


def _count_columns(notice: Notice, topics: Mapping[int, str], now: dt.datetime) -> sa.Select[Any]:
    addressed = is_addressed(notice, topics)

    def partners(*conditions: sa.ColumnElement[bool]) -> Any:
        return sa.select(sa.func.count()).select_from(Company).where(addressed, *conditions).scalar_subquery()

    def readings(*conditions: sa.ColumnElement[bool]) -> Any:
        query = (
            sa.select(sa.func.count())
            .select_from(NoticeReadReceipt)
            .join(Company, Company.id == NoticeReadReceipt.company_id)
        )
        this = (NoticeReadReceipt.notice_id == notice.id, NoticeReadReceipt.edition == notice.edition)
        return query.where(*this, addressed, *conditions).scalar_subquery()

    confirmed = NoticeReadReceipt.confirmed_at.is_not(None)
    late: Any = sa.literal(0)
    if is_over(notice, now) and notice.deadline is not None:
        # Partners that joined after the deadline are not late.
        since = Company.created_at < day_start(notice.deadline + dt.timedelta(days=1))
        late = partners(since) - readings(since, *([confirmed] if notice.must_confirm else []))
    return sa.select(sa.literal(notice.id), partners(), readings(), readings(confirmed), late)


def is_over(notice: Notice, now: dt.datetime) -> bool:
    """Whether a notice in force has a deadline that has passed."""
    return notice.state is NoticeState.PUBLISHED and notice.deadline is not None and notice.deadline < city_day(now)
