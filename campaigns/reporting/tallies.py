"""Every number on every page, read from the sums. Any page, API, export or briefing asks here.

What counts: a confirmed republication on its ``counted_on`` day, once for ever; *gone* stands beside it and is not
subtracted. A delivery counts once for each bulletin and channel, on the day the bulletin was released.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import IN_USE, Company, Site
from campaigns.planning.campaigns import Metric, Topic, campaign_topics
from campaigns.publishing.bulletins import Bulletin, State
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting import history, reading
from campaigns.reporting.spans import as_day
from campaigns.reporting.sums import BY_CHANNEL, BY_SITE, BY_TOPIC, SHARES, Cube, columns_of
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.republications import Republication, Status
from campaigns.tracking.views import ViewDay

Scope = reading.Scope
GROUPS = ("partner", "site", "topic", "channel", "day")

# "Attributed": the source is linked where it has to be. Named without a link, or linked to the home page, is not
# enough.
ATTRIBUTED = (Attribution.LINKED_AT_END,)


class Row(NamedTuple):
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


def of_campaign(campaign_id: int | sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """A campaign's bulletins: those filed under it, and those of its topics filed under none."""
    topics = sa.select(campaign_topics.c.topic_id).where(campaign_topics.c.campaign_id == campaign_id)
    return sa.or_(
        Bulletin.campaign_id == campaign_id,
        sa.and_(Bulletin.campaign_id.is_(None), Bulletin.topic_id.in_(topics)),
    )


def bulletins_of(scope: Scope) -> list[sa.ColumnElement[bool]]:
    """Which bulletins a scope is about."""
    conditions: list[sa.ColumnElement[bool]] = []
    if scope.campaign_id is not None:
        conditions.append(of_campaign(scope.campaign_id))
    if scope.topic_id is not None:
        conditions.append(Bulletin.topic_id == scope.topic_id)
    return conditions


def count_if(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """How many rows meet all ``conditions``; 0, never NULL, without any row."""
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)


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
    if scope.company_id is not None:
        query = query.where(of_partner(scope.company_id))
    if not joined:
        conditions = bulletins_of(scope)
        bulletins = sa.select(Bulletin.id).where(*conditions)
        return query.where(Republication.bulletin_id.in_(bulletins)) if conditions else query
    return (
        query.join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(*bulletins_of(scope))
    )


def of_partner(company_id: int) -> sa.ColumnElement[bool]:
    """The republications on a partner's sites, named by the sites, of which it has few: those are what an index begins
    with, whereas the days of a period are everybody's."""
    return Republication.site_id.in_(sa.select(Site.id).where(Site.company_id == company_id))


# The figures of a line that copies and teasers are counted in, in its order.
_FIGURES = ("found", "confirmed", "review", "rejected", "gone", SHARES[Attribution.LINKED_AT_END], "teasers")
_NOTHING = (0,) * len(_FIGURES)


def cube_of(scope: Scope) -> Cube:
    """Which sums answer for a scope: a partner's figures are read by site."""
    return BY_TOPIC if scope.company_id is None else BY_SITE


def totals(session: Session, scope: Scope) -> Row:
    """One line for everything in the scope."""
    (delivered,) = reading.total(session, BY_CHANNEL, scope, ("arrived",))
    return _line("", "", delivered, reading.total(session, cube_of(scope), scope, _FIGURES))


def sum_of(rows: Sequence[Row]) -> Row:
    """One line for all of these, each of which counts what no other does."""
    return Row("", "", *(sum(getattr(row, figure) for row in rows) for figure in Row._fields[2:]))


def _line(key: str, name: str, delivered: int, figures: Sequence[int]) -> Row:
    return Row(key, name, delivered, *figures)


def by_status(session: Session, scope: Scope) -> dict[Status, int]:
    """Every republication of a scope, by the status it is counted in."""
    known = (Status.CONFIRMED, Status.REVIEW, Status.REJECTED)
    found, *counts = reading.total(session, cube_of(scope), scope, ("found", *(one.value for one in known)))
    return {**dict(zip(known, counts, strict=True)), Status.CANDIDATE: found - sum(counts)}


def confirmed_and(session: Session, scope: Scope, attribution: Attribution | None, *, gone: bool) -> int | None:
    """The confirmed copies of a scope that name the source in one way, or that are gone; None for both at once, which
    no sum is kept of."""
    if attribution is not None and gone:
        return None
    figure = SHARES[attribution] if attribution is not None else "gone" if gone else "confirmed"
    return reading.total(session, cube_of(scope), scope, (figure,))[0]


def rows(session: Session, scope: Scope, by: str) -> list[Row]:
    """Progress by ``partner``, ``site``, ``topic``, ``channel`` or ``day``, ordered by key or, for partners and sites,
    by what they confirmed. Partners, sites, topics and channels without anything are listed with zeros; days are not.

    Raises ``Invalid`` for any other ``by``.
    """
    places: Any
    cube: Cube | None
    match by:
        case "partner":
            places = sa.select(Company.id, Company.code, Company.name).order_by(Company.name)
            if scope.as_of is None:  # as it stood, a company had its own line until it was merged
                places = places.where(IN_USE)
            if scope.company_id is not None:
                places = places.where(Company.id == scope.company_id)
            cube, key, arrived = BY_SITE, "company_id", "company_id"
        case "site":
            places = sa.select(Site.id, Site.code, Site.name).order_by(Site.name)
            if scope.company_id is not None:
                places = places.where(Site.company_id == scope.company_id)
            cube, key, arrived = BY_SITE, "site_id", ""
        case "topic":
            places = sa.select(Topic.id, Topic.code, Topic.name).order_by(Topic.id)
            cube, key, arrived = cube_of(scope), "topic_id", "topic_id"
        case "channel":
            places = sa.select(Channel.id, Channel.code, Channel.name).order_by(Channel.id)
            if scope.company_id is not None:
                places = places.where(Channel.company_id == scope.company_id)
            cube, key, arrived = None, "", "channel_id"
        case "day":
            return _by_day(session, scope)
        case _:
            raise Invalid([FieldError("by", "by", f"{by!r} is none of {', '.join(GROUPS)}")])
    figures = reading.read(session, cube, scope, (key,), _FIGURES) if cube else {}
    came = reading.read(session, BY_CHANNEL, scope, (arrived,), ("arrived",)) if arrived else {}
    lines = [
        _line(code, name, came.get((number,), (0,))[0], figures.get((number,), _NOTHING))
        for number, code, name in session.execute(places)
    ]
    return sorted(lines, key=lambda line: -line.confirmed) if by in {"partner", "site"} else lines


def sites(session: Session, scope: Scope) -> int:
    """How many sites there are in a scope."""
    query = sa.select(sa.func.count()).select_from(Site)
    if scope.company_id is not None:
        query = query.where(Site.company_id == scope.company_id)
    return session.execute(query).scalar_one()


def active_sites(session: Session, scope: Scope) -> int:
    """How many of them have at least one confirmed republication."""
    return reading.how_many(session, BY_SITE, scope, "site_id", "confirmed")


def _by_day(session: Session, scope: Scope) -> list[Row]:
    figures = reading.read(session, cube_of(scope), scope, ("span",), _FIGURES)
    came = reading.read(session, BY_CHANNEL, scope, ("span",), ("arrived",))
    days = [(key, as_day(key[0]).isoformat()) for key in sorted(figures.keys() | came.keys())]
    return [_line(day, day, came.get(key, (0,))[0], figures.get(key, _NOTHING)) for key, day in days]


def issued(session: Session, scope: Scope) -> list[tuple[int, date]]:
    """The bulletins that were out at a scope's moment, whatever its period, by id and day."""
    source = history.noted(scope.as_of)
    filed: list[sa.ColumnElement[bool]] = []
    if scope.campaign_id is not None:
        filed.append(reading.of_campaign(columns_of(source), scope.campaign_id, scope.topics))
    if scope.topic_id is not None:
        filed.append(source.c.topic_id == scope.topic_id)
    return [(row[0], row[1]) for row in session.execute(history.issued(scope.as_of, filed, source))]


def _by_days(session: Session, scope: Scope, metric: Metric) -> dict[date, int]:
    if metric is Metric.BULLETINS and scope.as_of is not None:
        return history.issued_on(issued(session, scope), scope.period.first, scope.period.last)
    query: Any
    if metric is Metric.BULLETINS:
        query = (
            sa.select(Bulletin.released_on, sa.func.count())
            .where(
                Bulletin.state.in_((State.PUBLISHED, State.RECALLED)),
                Bulletin.released_on.between(scope.period.first, scope.period.last),
                *bulletins_of(scope),
            )
            .group_by(Bulletin.released_on)
        )
    elif metric is Metric.VIEWS:
        query = (
            sa.select(ViewDay.day, sa.func.sum(ViewDay.guarded))
            .join(Bulletin, Bulletin.id == ViewDay.bulletin_id)
            .where(ViewDay.day.between(scope.period.first, scope.period.last), *bulletins_of(scope))
            .group_by(ViewDay.day)
        )
        if scope.as_of is not None:
            query = query.where(ViewDay.day <= city_day(scope.as_of.moment))
    else:
        confirmed = reading.read(session, cube_of(scope), scope, ("span",), ("confirmed",))
        return {as_day(span): count for (span,), (count,) in confirmed.items()}
    return {row[0]: int(row[1]) for row in session.execute(query)}


Daily = Callable[[Session, Scope, Metric, Iterable[date]], list[int]]


def daily(session: Session, scope: Scope, metric: Metric, days: Iterable[date]) -> list[int]:
    """One figure for each of ``days``: confirmed republications, published bulletins, or guarded views.

    As of an earlier moment the views are those of the days until then: a day's own are not kept from hour to hour.
    """
    found = _by_days(session, scope, metric)
    return [found.get(day, 0) for day in days]


def asked_once() -> Daily:
    """``daily`` for one view of the database, in which nothing changes: what was asked already is not asked again."""
    known: dict[tuple[Scope, Metric], dict[date, int]] = {}

    def remembered(session: Session, scope: Scope, metric: Metric, days: Iterable[date]) -> list[int]:
        plain = replace(scope, period=replace(scope.period, label=""))
        if (plain, metric) not in known:
            known[plain, metric] = _by_days(session, scope, metric)
        return [known[plain, metric].get(day, 0) for day in days]

    return remembered


def actual(session: Session, scope: Scope, metric: Metric) -> float:
    """The present figure of a metric in a scope; a rate in per cent, 0 while nothing is confirmed.

    Raises ``ValueError`` for a delay, which ``rhythm.delays`` tells.
    """
    if metric is Metric.MEDIAN_DELAY:
        raise ValueError("a delay is asked of rhythm.delays")
    if metric.adds_up:
        return float(sum(daily(session, scope, metric, scope.period.days())))
    if metric is Metric.PARTNERS:
        return float(reading.how_many(session, BY_SITE, scope, "company_id", "confirmed"))
    line = totals(session, scope)
    return 100 * line.attributed / line.confirmed if line.confirmed else 0.0


@dataclass(frozen=True)
class Share:
    """How many confirmed copies name the source in one way."""

    attribution: Attribution
    count: int


def attribution_shares(session: Session, scope: Scope) -> list[Share]:
    """Confirmed republications by how they name the source, in the order of the seven verdicts."""
    found = reading.total(session, cube_of(scope), scope, tuple(SHARES.values()))
    return [Share(one, count) for one, count in zip(SHARES, found, strict=True)]


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
