"""Whom a notice is for, as a condition on partners that the database answers, however many there are; and groups of
partners that somebody may name instead of a thousand names."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, day_start
from campaigns.partners.directory import IN_USE, Company, Site, SiteKind
from campaigns.partners.ending import SOON
from campaigns.partners.licences import Licence
from campaigns.planning.campaigns import Topic
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.talking.notices import Audience, Notice, NoticeState, Reading, Receiver
from campaigns.tracking.republications import Republication, Status

SILENT_FOR = dt.timedelta(days=30)  # without a confirmed copy: long enough for a partner to have missed many bulletins
_AT_ONCE = 50  # notices counted by one statement


class Group(Enum):
    """Partners named together. Who is in one is settled when the notice is saved, and stays so."""

    AGGREGATOR = "aggregator"  # a licence of a news aggregator is in force
    SOCIAL = "social"  # a licence of a social network is in force
    ENDING = "ending"  # a licence that is in force ends soon
    SILENT = "silent"  # no confirmed copy for long


def members(group: Group, *, now: dt.datetime) -> sa.ColumnElement[bool]:
    """Which partners are in a group today."""
    today = city_day(now)
    if group is Group.SILENT:
        copies = sa.and_(Republication.site_id == Site.id, Republication.status == Status.CONFIRMED)
        lately = Republication.counted_on > today - SILENT_FOR
        return sa.and_(IN_USE, ~sa.exists().where(Site.company_id == Company.id, copies, lately))
    in_force = sa.and_(Licence.company_id == Company.id, Licence.issued_on <= today)
    if group is Group.ENDING:
        return sa.exists().where(in_force, Licence.expires_on.between(today, today + SOON))
    kind = SiteKind.AGGREGATOR if group is Group.AGGREGATOR else SiteKind.SOCIAL
    return sa.exists().where(
        in_force, Licence.kind == kind, sa.or_(Licence.expires_on.is_(None), Licence.expires_on >= today)
    )


def in_groups(session: Session, groups: Collection[Group], *, now: dt.datetime) -> set[int]:
    """The partners that are in any of these groups today."""
    if not groups:
        return set()
    return set(
        session.execute(sa.select(Company.id).where(sa.or_(*(members(one, now=now) for one in groups)))).scalars()
    )


@dataclass(frozen=True)
class Sizes:
    """How many partners there are, and how many would be addressed by a topic (its code) and by a group."""

    every: int
    topics: Mapping[str, int]
    groups: Mapping[Group, int]


def sizes(session: Session, topics: Iterable[str], *, now: dt.datetime) -> Sizes:
    """What a form says before anything is chosen, in one statement."""
    codes = list(topics)

    def counted(*conditions: sa.ColumnElement[bool]) -> Any:
        return sa.select(sa.func.count()).select_from(Company).where(IN_USE, *conditions).scalar_subquery()

    row = session.execute(
        sa.select(
            counted(),
            *(counted(_receives(code)) for code in codes),
            *(counted(members(group, now=now)) for group in Group),
        )
    ).one()
    by_topic, by_group = row[1 : 1 + len(codes)], row[1 + len(codes) :]
    return Sizes(row[0], dict(zip(codes, by_topic, strict=True)), dict(zip(Group, by_group, strict=True)))


def _receives(topic: str) -> sa.ColumnElement[bool]:
    """Partners that receive bulletins of a topic: through a channel in use, or while they have none."""
    of_it = sa.and_(Channel.company_id == Company.id, Channel.state != ChannelState.RETIRED)
    # A list of codes in JSON, each within quotes, which no code has in itself.
    named = sa.cast(Channel.topics, sa.Text).contains(f'"{topic}"', autoescape=True)
    takes = sa.exists().where(of_it, sa.or_(Channel.topics.is_(None), named))
    return sa.and_(IN_USE, sa.or_(~sa.exists().where(of_it), takes))


def addressed(notice: Notice, topics: Mapping[int, str]) -> sa.ColumnElement[bool]:
    """Which partners a notice is for, now. ``topics``: codes by number."""
    if notice.audience is Audience.ALL:
        return IN_USE
    if notice.audience is Audience.CHOSEN:
        return sa.exists().where(Receiver.notice_id == notice.id, Receiver.company_id == Company.id)
    return _receives(topics.get(notice.topic_id or 0, ""))


def topic_codes(session: Session) -> dict[int, str]:
    """Codes of topics by number."""
    return {row[0]: row[1] for row in session.execute(sa.select(Topic.id, Topic.code))}


@dataclass(frozen=True)
class Count:
    """How many a notice is for; how many of them have read and confirmed the edition in force; how many are late."""

    receivers: int = 0
    read: int = 0
    confirmed: int = 0
    late: int = 0


def counts(session: Session, notices: Collection[Notice], *, now: dt.datetime) -> dict[int, Count]:
    """The figures of these notices by number, counted by the database."""
    found: dict[int, Count] = {}
    rows, topics = list(notices), topic_codes(session) if notices else {}
    for start in range(0, len(rows), _AT_ONCE):
        arms = [_counted(one, topics, now) for one in rows[start : start + _AT_ONCE]]
        for number, *figures in session.execute(sa.union_all(*arms)):
            found[number] = Count(*(int(figure) for figure in figures))
    return found


def _counted(notice: Notice, topics: Mapping[int, str], now: dt.datetime) -> sa.Select[Any]:
    meant = addressed(notice, topics)

    def partners(*conditions: sa.ColumnElement[bool]) -> Any:
        return sa.select(sa.func.count()).select_from(Company).where(meant, *conditions).scalar_subquery()

    def readings(*conditions: sa.ColumnElement[bool]) -> Any:
        query = sa.select(sa.func.count()).select_from(Reading).join(Company, Company.id == Reading.company_id)
        this = (Reading.notice_id == notice.id, Reading.edition == notice.edition)
        return query.where(*this, meant, *conditions).scalar_subquery()

    confirmed = Reading.confirmed_at.is_not(None)
    late: Any = sa.literal(0)
    if is_over(notice, now) and notice.deadline is not None:
        # Who came after the deadline is not late for it.
        since = Company.created_at < day_start(notice.deadline + dt.timedelta(days=1))
        late = partners(since) - readings(since, *([confirmed] if notice.must_confirm else []))
    return sa.select(sa.literal(notice.id), partners(), readings(), readings(confirmed), late)


def is_over(notice: Notice, now: dt.datetime) -> bool:
    """Whether a notice in force has a deadline that has passed."""
    return notice.state is NoticeState.PUBLISHED and notice.deadline is not None and notice.deadline < city_day(now)
