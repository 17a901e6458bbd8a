"""Every number on every page: SQL that counts, no loops. Any page, API, export or briefing asks here.

What counts: a confirmed republication on its ``counted_on`` day, once for ever; *gone* stands beside it and is not
subtracted. A delivery counts once for each bulletin and channel, on the day the bulletin was released.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import Company, Site
from campaigns.planning.campaigns import Metric, Topic, campaign_topics
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import OPEN, Delivery, DeliveryState, Natures
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.doubts import waiting as waiting_copies
from campaigns.tracking.republications import Life, Republication, Status
from campaigns.tracking.teasers import Teaser
from campaigns.tracking.views import ViewDay

GROUPS = ("partner", "site", "topic", "channel", "day")

# "Attributed": the source is linked where it has to be. Named without a link, or linked to the home page, is not
# enough.
ATTRIBUTED = (Attribution.LINKED_AT_END,)


@dataclass(frozen=True)
class Scope:
    """What is being counted: a period, and where given one campaign's bulletins, one topic, one partner."""

    period: Period
    campaign_id: int | None = None
    topic_id: int | None = None
    company_id: int | None = None


@dataclass(frozen=True)
class Row:
    """One line of progress. ``found``: every republication known, whatever its status. ``teasers``: pages with headline
    and lead only, in none of the other figures."""

    key: str
    name: str
    delivered: int
    found: int
    confirmed: int
    review: int
    rejected: int
    gone: int
    attributed: int
    teasers: int = 0


def of_campaign(campaign_id: int | sa.ScalarSelect[int]) -> sa.ColumnElement[bool]:
    """A campaign's bulletins: those filed under it, and those of its topics filed under none."""
    topics = sa.select(campaign_topics.c.topic_id).where(campaign_topics.c.campaign_id == campaign_id)
    return sa.or_(
        Bulletin.campaign_id == campaign_id,
        sa.and_(Bulletin.campaign_id.is_(None), Bulletin.topic_id.in_(topics)),
    )


def _bulletins(scope: Scope) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if scope.campaign_id is not None:
        conditions.append(of_campaign(scope.campaign_id))
    if scope.topic_id is not None:
        conditions.append(Bulletin.topic_id == scope.topic_id)
    return conditions


def count_if(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """How many rows meet all ``conditions``; 0, never NULL, without any row."""
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)


_FIGURES = (
    sa.func.count().label("found"),
    count_if(Republication.status == Status.CONFIRMED).label("confirmed"),
    count_if(Republication.status == Status.REVIEW).label("review"),
    count_if(Republication.status == Status.REJECTED).label("rejected"),
    count_if(Republication.status == Status.CONFIRMED, Republication.life == Life.GONE).label("gone"),
    count_if(Republication.status == Status.CONFIRMED, Republication.attribution.in_(ATTRIBUTED)).label("attributed"),
)


def republications(scope: Scope, *columns: Any, joined: bool = True) -> sa.Select[Any]:
    """``columns`` over the republications of a scope, joined with their bulletins and sites.

    Not ``joined``: for columns of the republications alone, which an index holds without the rows; the bulletins and
    the partner of the scope are then sets that rows belong to.
    """
    query = (
        sa.select(*columns)
        .select_from(Republication)
        .where(Republication.counted_on >= scope.period.first, Republication.counted_on <= scope.period.last)
    )
    if not joined:
        if conditions := _bulletins(scope):
            query = query.where(Republication.bulletin_id.in_(sa.select(Bulletin.id).where(*conditions)))
        if scope.company_id is not None:
            of_partner = sa.select(Site.id).where(Site.company_id == scope.company_id)
            query = query.where(Republication.site_id.in_(of_partner))
        return query
    query = (
        query.join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(*_bulletins(scope))
    )
    return query if scope.company_id is None else query.where(Site.company_id == scope.company_id)


def _each(scope: Scope, number: sa.orm.InstrumentedAttribute[int]) -> sa.Subquery:
    """The figures by site or by bulletin, as ``number``: read from the index, before anything is joined."""
    return republications(scope, number.label("number"), *_FIGURES, joined=False).group_by(number).subquery()


def _summed(key: Any, each: sa.Subquery) -> sa.Select[Any]:
    """The figures of ``_each``, added up by a key of what will be joined."""
    return sa.select(key, *(sa.func.sum(each.c[figure.name]) for figure in _FIGURES)).select_from(each)


def _teasers(scope: Scope, *columns: Any) -> sa.Select[Any]:
    """``columns`` over the teasers of a scope, joined with their bulletins and sites."""
    query = (
        sa.select(*columns)
        .select_from(Teaser)
        .join(Bulletin, Bulletin.id == Teaser.bulletin_id)
        .join(Site, Site.id == Teaser.site_id)
        .where(
            Teaser.counted_on >= scope.period.first, Teaser.counted_on <= scope.period.last, *_bulletins(scope)
        )
    )  # fmt: skip
    return query if scope.company_id is None else query.where(Site.company_id == scope.company_id)


def _deliveries(scope: Scope, *columns: Any) -> sa.Select[Any]:
    """Distinct (bulletin, channel) that arrived, of bulletins released in the period."""
    query = (
        sa.select(*columns)
        .select_from(Delivery)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(
            Delivery.state == DeliveryState.DELIVERED,
            Bulletin.released_on >= scope.period.first,
            Bulletin.released_on <= scope.period.last,
            *_bulletins(scope),
        )
    )
    return query if scope.company_id is None else query.where(Channel.company_id == scope.company_id)


_ARRIVED = sa.func.count(
    sa.distinct(sa.cast(Delivery.bulletin_id, sa.String) + sa.literal(":") + sa.cast(Delivery.channel_id, sa.String))
)


def totals(session: Session, scope: Scope) -> Row:
    """One line for everything in the scope."""
    figures = session.execute(republications(scope, *_FIGURES, joined=False)).one()
    delivered = session.execute(_deliveries(scope, _ARRIVED)).scalar_one()
    teasers = session.execute(_teasers(scope, sa.func.count())).scalar_one()
    return _line("", "", delivered, figures, teasers)


def _line(key: str, name: str, delivered: int, figures: Sequence[Any], teasers: int) -> Row:
    found, confirmed, review, rejected, gone, attributed = (int(figure) for figure in figures)
    return Row(key, name, delivered, found, confirmed, review, rejected, gone, attributed, teasers)


def rows(session: Session, scope: Scope, by: str) -> list[Row]:
    """Progress by ``partner``, ``site``, ``topic``, ``channel`` or ``day``, ordered by key or, for partners and sites,
    by what they confirmed. Partners, sites, topics and channels without anything are listed with zeros; days are not.

    Raises ``Invalid`` for any other ``by``.
    """
    counted: sa.Select[Any] | None
    arrived: sa.Select[Any] | None
    announced: sa.Select[Any] | None
    match by:
        case "partner":
            places = sa.select(Company.code, Company.name).order_by(Company.name)
            if scope.company_id is not None:
                places = places.where(Company.id == scope.company_id)
            each = _each(scope, Republication.site_id)
            counted = _summed(Company.code, each).join(Site, Site.id == each.c.number)
            counted = counted.join(Company, Company.id == Site.company_id)
            arrived = _deliveries(scope, Company.code, _ARRIVED).join(Company, Company.id == Channel.company_id)
            announced = _teasers(scope, Company.code, sa.func.count()).join(Company, Company.id == Site.company_id)
            key: Any = Company.code
        case "site":
            places = sa.select(Site.code, Site.name).order_by(Site.name)
            if scope.company_id is not None:
                places = places.where(Site.company_id == scope.company_id)
            each = _each(scope, Republication.site_id)
            counted, arrived, key = _summed(Site.code, each).join(Site, Site.id == each.c.number), None, Site.code
            announced = _teasers(scope, Site.code, sa.func.count())
        case "topic":
            places = sa.select(Topic.code, Topic.name).order_by(Topic.id)
            each = _each(scope, Republication.bulletin_id)
            counted = _summed(Topic.code, each).join(Bulletin, Bulletin.id == each.c.number)
            counted = counted.join(Topic, Topic.id == Bulletin.topic_id)
            arrived = _deliveries(scope, Topic.code, _ARRIVED).join(Topic, Topic.id == Bulletin.topic_id)
            announced = _teasers(scope, Topic.code, sa.func.count()).join(Topic, Topic.id == Bulletin.topic_id)
            key = Topic.code
        case "channel":
            places = sa.select(Channel.code, Channel.name).order_by(Channel.id)
            if scope.company_id is not None:
                places = places.where(Channel.company_id == scope.company_id)
            counted, arrived, key = None, _deliveries(scope, Channel.code, _ARRIVED), Channel.code
            announced = None
        case "day":
            return _by_day(session, scope)
        case _:
            raise Invalid([FieldError("by", "by", f"{by!r} is none of {', '.join(GROUPS)}")])
    figures = {row[0]: row[1:] for row in session.execute(counted.group_by(key))} if counted is not None else {}
    came = {row[0]: row[1] for row in session.execute(arrived.group_by(key))} if arrived is not None else {}
    told = {row[0]: row[1] for row in session.execute(announced.group_by(key))} if announced is not None else {}
    lines = [
        _line(code, name, came.get(code, 0), figures.get(code, (0,) * 6), told.get(code, 0))
        for code, name in session.execute(places)
    ]
    return sorted(lines, key=lambda line: -line.confirmed) if by in {"partner", "site"} else lines


def _by_day(session: Session, scope: Scope) -> list[Row]:
    counted = republications(scope, Republication.counted_on, *_FIGURES, joined=False).group_by(
        Republication.counted_on
    )
    arrived = _deliveries(scope, Bulletin.released_on, _ARRIVED).group_by(Bulletin.released_on)
    figures = {row[0]: row[1:] for row in session.execute(counted)}
    came = {row[0]: row[1] for row in session.execute(arrived)}
    announced = _teasers(scope, Teaser.counted_on, sa.func.count()).group_by(Teaser.counted_on)
    told = {row[0]: row[1] for row in session.execute(announced)}
    return [
        _line(day.isoformat(), day.isoformat(), came.get(day, 0), figures.get(day, (0,) * 6), told.get(day, 0))
        for day in sorted({*figures, *came, *told})
    ]


def daily(session: Session, scope: Scope, metric: Metric, days: Iterable[date]) -> list[int]:
    """One figure for each of ``days``: confirmed republications, published bulletins, or guarded views."""
    if metric is Metric.BULLETINS:
        query = (
            sa.select(Bulletin.released_on, sa.func.count())
            .where(
                Bulletin.state.in_((State.PUBLISHED, State.RECALLED)),
                Bulletin.released_on.between(scope.period.first, scope.period.last),
                *_bulletins(scope),
            )
            .group_by(Bulletin.released_on)
        )
    elif metric is Metric.VIEWS:
        query = (
            sa.select(ViewDay.day, sa.func.sum(ViewDay.guarded))
            .join(Bulletin, Bulletin.id == ViewDay.bulletin_id)
            .where(ViewDay.day.between(scope.period.first, scope.period.last), *_bulletins(scope))
            .group_by(ViewDay.day)
        )
    else:
        query = (
            republications(scope, Republication.counted_on, sa.func.count(), joined=False)
            .where(Republication.status == Status.CONFIRMED)
            .group_by(Republication.counted_on)
        )
    found = {row[0]: int(row[1]) for row in session.execute(query)}
    return [found.get(day, 0) for day in days]


def actual(session: Session, scope: Scope, metric: Metric) -> float:
    """The present figure of a metric in a scope; a rate in per cent, 0 while nothing is confirmed."""
    if metric in {Metric.BULLETINS, Metric.VIEWS, Metric.REPUBLICATIONS}:
        return float(sum(daily(session, scope, metric, scope.period.days())))
    confirmed = republications(scope, sa.func.count(sa.distinct(Site.company_id))).where(
        Republication.status == Status.CONFIRMED
    )
    if metric is Metric.PARTNERS:
        return float(session.execute(confirmed).scalar_one())
    line = totals(session, scope)
    return 100 * line.attributed / line.confirmed if line.confirmed else 0.0


@dataclass(frozen=True)
class Share:
    """How many confirmed copies name the source in one way."""

    attribution: Attribution
    count: int


def attribution_shares(session: Session, scope: Scope) -> list[Share]:
    """Confirmed republications by how they name the source, in the order of the seven verdicts."""
    query = (
        republications(scope, Republication.attribution, sa.func.count(), joined=False)
        .where(Republication.status == Status.CONFIRMED)
        .group_by(Republication.attribution)
    )
    found = {row[0]: int(row[1]) for row in session.execute(query)}
    return [Share(one, found.get(one, 0)) for one in Attribution]


def last_confirmed_on(session: Session, company_id: int) -> date | None:
    """The day of a partner's newest confirmed republication, since when it is *silent*; None when it has none."""
    query = (
        sa.select(sa.func.max(Republication.counted_on))
        .join(Site, Site.id == Republication.site_id)
        .where(Site.company_id == company_id, Republication.status == Status.CONFIRMED)
    )
    return session.execute(query).scalar_one()


def delivery_states(session: Session, bulletin: Bulletin) -> dict[DeliveryState, int]:
    """How the deliveries of one bulletin stand."""
    query = (
        sa.select(Delivery.state, sa.func.count()).where(Delivery.bulletin_id == bulletin.id).group_by(Delivery.state)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def waits_for_person(natures: Natures, now: datetime) -> sa.ColumnElement[bool]:
    """Which deliveries go no further without somebody: unknown ones, those given up, those posted by hand whose time
    has come, and those held by a channel without authorisation."""
    return Delivery.id.in_(_waiting_deliveries(natures, now))


def _waiting_deliveries(natures: Natures, now: datetime) -> sa.CompoundSelect[Any]:
    """Their numbers, each kind found by an index of its own: one condition for all would read every delivery."""
    one = sa.orm.aliased(Delivery)
    stuck = sa.select(one.id).where(
        one.state.in_((DeliveryState.UNKNOWN, DeliveryState.DEAD)),
        sa.or_(one.state == DeliveryState.UNKNOWN, one.reason != "not_sent"),
    )
    by_hand = (
        sa.select(one.id)
        .join(Bulletin, Bulletin.id == one.bulletin_id)
        .where(
            one.channel_id.in_(sa.select(Channel.id).where(Channel.kind.in_(sorted(natures.manual)))),
            one.state == DeliveryState.DUE,
            one.due_at.is_(None),
            Bulletin.release_at <= now,
        )
    )
    closed = sa.select(Channel.id).where(Channel.state == ChannelState.NEEDS_AUTHORISATION)
    held = sa.select(one.id).where(one.channel_id.in_(closed), one.state.in_(OPEN))
    return sa.union(stuck, by_hand, held)


def in_review(session: Session) -> int:
    """Copies that wait for a person's conclusion: those in review, and those whose partner disagrees."""
    query = sa.select(sa.func.count()).select_from(waiting_copies().subquery())
    return session.execute(query).scalar_one()


@dataclass(frozen=True)
class Waiting:
    """What waits for a person, over everything: texts to approve, deliveries in need, copies to review, channels that
    have lost their authorisation."""

    bulletins: int
    deliveries: int
    republications: int
    channels: int


def waiting(session: Session, natures: Natures, *, now: datetime) -> Waiting:
    """Count what waits for a person."""

    def count(query: Any) -> int:
        return int(session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one())

    # Two questions in one, each with its index; nothing that is not out has a correction.
    texts = sa.union(
        sa.select(Bulletin.id).where(Bulletin.state == State.SUBMITTED),
        sa.select(Bulletin.id).where(Bulletin.pending.is_not(None)),
    )
    return Waiting(
        bulletins=count(texts),
        deliveries=count(_waiting_deliveries(natures, now)),
        republications=in_review(session),
        channels=count(sa.select(Channel.id).where(Channel.state == ChannelState.NEEDS_AUTHORISATION)),
    )
