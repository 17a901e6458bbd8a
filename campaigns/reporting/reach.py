"""How far single bulletins went, and which partners receive them and carry none."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company, Site
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting import reading
from campaigns.reporting.spans import spans_of
from campaigns.reporting.sums import BY_BULLETIN, COPY, changes
from campaigns.reporting.tallies import Scope, count_if, of_campaign, republications
from campaigns.tracking.republications import Life, Republication, Status
from campaigns.tracking.teasers import Teaser


@dataclass(frozen=True)
class Reach:
    """One bulletin: how many channels it goes or went to, how many have it, how its copies stand.

    ``unknown`` and ``dead`` count deliveries that need a person; ``gone`` is a part of ``confirmed``. ``teasers``:
    pages with headline and lead only, counted apart.
    """

    channels: int = 0
    delivered: int = 0
    unknown: int = 0
    dead: int = 0
    confirmed: int = 0
    review: int = 0
    rejected: int = 0
    gone: int = 0
    teasers: int = 0


_DROPPED = (DeliveryState.CANCELLED, DeliveryState.SKIPPED)


def _distinct_channels(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """Channels with a delivery that meets all conditions: a correction to the same place is not another place."""
    return sa.func.count(sa.distinct(sa.case((sa.and_(*conditions), Delivery.channel_id))))


def reach_of(session: Session, bulletins: Collection[int]) -> Mapping[int, Reach]:
    """The reach of each of these bulletins (by primary key), in three queries however many they are."""
    deliveries = (
        sa.select(
            Delivery.bulletin_id,
            _distinct_channels(Delivery.state.not_in(_DROPPED)),
            _distinct_channels(Delivery.state == DeliveryState.DELIVERED),
            count_if(Delivery.state == DeliveryState.UNKNOWN),
            count_if(Delivery.state == DeliveryState.DEAD),
        )
        .where(Delivery.bulletin_id.in_(bulletins))
        .group_by(Delivery.bulletin_id)
    )
    copies = (
        sa.select(
            Republication.bulletin_id,
            count_if(Republication.status == Status.CONFIRMED),
            count_if(Republication.status == Status.REVIEW),
            count_if(Republication.status == Status.REJECTED),
            count_if(Republication.status == Status.CONFIRMED, Republication.life == Life.GONE),
        )
        .where(Republication.bulletin_id.in_(bulletins))
        .group_by(Republication.bulletin_id)
    )
    announced = (
        sa.select(Teaser.bulletin_id, sa.func.count())
        .where(Teaser.bulletin_id.in_(bulletins))
        .group_by(Teaser.bulletin_id)
    )
    told = {row[0]: row[1] for row in session.execute(announced)}
    sent = {row[0]: row[1:] for row in session.execute(deliveries)}
    seen = {row[0]: row[1:] for row in session.execute(copies)}
    return {
        one: Reach(*(int(figure) for figure in (*sent.get(one, (0,) * 4), *seen.get(one, (0,) * 4), told.get(one, 0))))
        for one in bulletins
    }


@dataclass(frozen=True)
class Sent:
    """To how many channels a bulletin goes or went, and how many have it."""

    channels: int
    delivered: int


def sent_of(session: Session, bulletins: Collection[int]) -> Mapping[int, Sent]:
    """This part of ``reach_of`` alone, in one query; bulletins without a delivery are left out."""
    query = (
        sa.select(
            Delivery.bulletin_id,
            _distinct_channels(Delivery.state.not_in(_DROPPED)),
            _distinct_channels(Delivery.state == DeliveryState.DELIVERED),
        )
        .where(Delivery.bulletin_id.in_(bulletins))
        .group_by(Delivery.bulletin_id)
    )
    return {row[0]: Sent(row[1], row[2]) for row in session.execute(query)}


@dataclass(frozen=True)
class Furthest:
    """A bulletin among those with the most confirmed copies of a scope."""

    code: str
    title: str
    confirmed: int


_LOOKED_AT = 100  # of a span, or of a period, before every bulletin is counted


def furthest(session: Session, scope: Scope, most: int = 5) -> list[Furthest]:
    """The bulletins with the most confirmed copies in a scope, the most first, of equal ones the newest."""
    if scope.company_id is not None:
        query = republications(scope, Republication.bulletin_id, sa.func.count().label("confirmed"))
        few = query.where(Republication.status == Status.CONFIRMED).group_by(Republication.bulletin_id)
        return _told(session.execute(_titled(few.subquery(), most)))
    lines, asked = reading.lines_of(
        BY_BULLETIN, replace(scope, campaign_id=None, topic_id=None), ("bulletin_id",), ("confirmed",)
    )
    filed = scope.campaign_id is not None, scope.topic_id is not None
    asked |= {"campaign": scope.campaign_id, "topic": scope.topic_id}
    likely, least = _likely(session, scope)
    if likely:
        found = _told(session.execute(_leading(lines, most, filed), asked | {"likely": likely}))
        # Whatever was not looked at has no more copies than that.
        if least == 0 or (len(found) == most and found[-1].confirmed > least):
            return found
    # The first of all bulletins, of which a campaign's or a topic's are picked; all of them where those are too few.
    found = _told(session.execute(_first(lines, most, filed), asked))
    return found if len(found) == most else _told(session.execute(_every(lines, most, filed), asked))


def _likely(session: Session, scope: Scope) -> tuple[list[int], int]:
    """The bulletins that lead the one span that a period is, and how many copies any other can have at most.

    Nothing for other periods: a bulletin has most of its copies in one month, so that the leaders of two months cannot
    be told from others by their own figures, and the bulletins of some months are soon counted.
    """
    spans = spans_of(scope.period)
    if len(spans) != 1:
        return [], 0
    leading = session.execute(_LEADING, {"span": spans[0]}).all()
    likely = {row[0] for row in leading}
    # What is not added up yet may lift any bulletin.
    period = {"first": scope.period.first, "last": scope.period.last}
    likely.update(session.execute(_NEW, period).scalars())
    return sorted(likely), leading[-1][1] if len(leading) == _LOOKED_AT else 0


_kept = BY_BULLETIN.table.c
_LEADING = (
    sa.select(_kept.bulletin_id, _kept.confirmed)
    .where(_kept.span == sa.bindparam("span", type_=sa.Integer))
    .order_by(_kept.confirmed.desc())
    .limit(_LOOKED_AT)
)
_NEW = (
    sa.select(changes.c.bulletin_id)
    .where(
        changes.c.kind == COPY,
        changes.c.day.between(sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)),
    )
    .distinct()
)
Filed = tuple[bool, bool]  # whether bulletins of one campaign, and whether those of one topic


def _summed(lines: sa.Subquery, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    count = sa.func.sum(lines.c.confirmed).label("confirmed")
    return sa.select(lines.c.bulletin_id, count).where(*conditions).group_by(lines.c.bulletin_id)


@cache
def _leading(lines: sa.Subquery, most: int, filed: Filed) -> sa.Select[Any]:
    """Of those asked for as ``likely``."""
    these = lines.c.bulletin_id.in_(sa.bindparam("likely", expanding=True, type_=sa.Integer))
    return _titled(_summed(lines, these).subquery(), most, filed)


@cache
def _first(lines: sa.Subquery, most: int, filed: Filed) -> sa.Select[Any]:
    """Of the ``_LOOKED_AT`` with the most copies, wherever they are filed."""
    every = _summed(lines)
    first = every.order_by(every.selected_columns.confirmed.desc(), lines.c.bulletin_id.desc()).limit(_LOOKED_AT)
    return _titled(first.subquery(), most, filed)


@cache
def _every(lines: sa.Subquery, most: int, filed: Filed) -> sa.Select[Any]:
    """Of all."""
    return _titled(_summed(lines).subquery(), most, filed)


def _titled(each: sa.Subquery, most: int, filed: Filed = (False, False)) -> sa.Select[Any]:
    """The first of some bulletins, with their titles."""
    first = sa.select(each.c.bulletin_id, each.c.confirmed).where(each.c.confirmed > 0)
    campaign, topic = filed
    if campaign or topic:
        first = first.join(Bulletin, Bulletin.id == each.c.bulletin_id)
    if campaign:
        first = first.where(of_campaign(sa.bindparam("campaign", type_=sa.Integer)))
    if topic:
        first = first.where(Bulletin.topic_id == sa.bindparam("topic", type_=sa.Integer))
    ranked = first.order_by(each.c.confirmed.desc(), each.c.bulletin_id.desc()).limit(most).subquery()
    text = sa.and_(
        Revision.bulletin_id == Bulletin.id, Revision.number == sa.func.coalesce(Bulletin.released, Bulletin.latest)
    )
    return (
        sa.select(Bulletin.code, Revision.title, ranked.c.confirmed)
        .join(ranked, ranked.c.bulletin_id == Bulletin.id)
        .join(Revision, text)
        .order_by(ranked.c.confirmed.desc(), Bulletin.id.desc())
    )


def _told(rows: Iterable[Any]) -> list[Furthest]:
    return [Furthest(code, title, int(confirmed)) for code, title, confirmed in rows]


@dataclass(frozen=True)
class SilentPartner:
    """A partner that receives and does not republish; ``last_on`` is the day of its last confirmed copy, if any."""

    code: str
    name: str
    last_on: date | None


@dataclass(frozen=True)
class Silence:
    """How many partners are silent, and those silent the longest."""

    count: int
    longest: tuple[SilentPartner, ...]


def silence(session: Session, since: date, most: int = 5) -> Silence:
    """Partners to whom a bulletin released on or after ``since`` was delivered, and who since then have no confirmed
    copy of any. The longest silent come first; those never heard come before all."""
    received = (
        sa.select(Channel.company_id)
        .join(Delivery, Delivery.channel_id == Channel.id)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .where(
            Channel.company_id.is_not(None),
            Delivery.state == DeliveryState.DELIVERED,
            Bulletin.released_on >= since,
        )
    )
    confirmed = sa.and_(
        Republication.site_id == Site.id, Site.company_id == Company.id, Republication.status == Status.CONFIRMED
    )
    # Asked of each partner by itself, so that only the copies of those that are silent are looked through.
    since_then = sa.exists().where(confirmed, Republication.counted_on >= since)
    last_on = sa.select(sa.func.max(Republication.counted_on)).where(confirmed).correlate(Company).scalar_subquery()
    columns: tuple[Any, ...] = (Company.code, Company.name, last_on.label("last_on"))
    quiet = sa.select(*columns).where(Company.id.in_(received), sa.not_(since_then))
    count = session.execute(
        sa.select(sa.func.count()).select_from(Company).where(Company.id.in_(received), sa.not_(since_then))
    ).scalar_one()
    # Without NULLS FIRST, which the two databases place differently.
    last = quiet.subquery()
    rows = session.execute(
        sa.select(last).order_by(last.c.last_on.is_not(None), last.c.last_on, last.c.name).limit(most)
    )
    return Silence(count, tuple(SilentPartner(*row) for row in rows))
