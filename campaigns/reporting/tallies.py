"""The source of every figure of pages, API, exports and briefings.

A confirmed republication counts on its ``counted_on`` day, permanently; *gone* is shown beside it and not subtracted.
A delivery counts once for each bulletin and channel, on the day the bulletin was released.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, in_campaign
from campaigns.channels.channels import Channel
from campaigns.core.clock import Period, city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.matching.classification import DEFAULT_THRESHOLDS
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site
from campaigns.planning.campaigns import Metric, Topic
from campaigns.reporting.history.reported import use_began_on
from campaigns.reporting.rollups import rollup_query, tally_history
from campaigns.reporting.rollups.rollup_query import (
    FigureKey,
    FigureValues,
    arrived_counts,
    bulletin_conditions,
    campaign_condition,
    company_figures,
    copy_figures,
    distinct_count,
    total_figures,
)
from campaigns.reporting.rollups.rollup_tables import ATTRIBUTION_FIGURES, columns_of
from campaigns.republications import browser_looks
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.views import ViewDay

TallyScope = rollup_query.TallyScope
_Counted = TypeVar("_Counted")
GROUPS = ("partner", "site", "topic", "channel", "day")

# The part of a bulletin's text, 0–1, from which a copy counts: in runs of words, and more in looser passages. Short
# notices need more (``docs/explanation/counting.md``).
PARTIAL_FROM = DEFAULT_THRESHOLDS.partial_in_runs

# "Attributed": the source is linked as required. A name without a link, or a link to the home page, is not enough.
ATTRIBUTED = (Attribution.LINKED_AT_END,)


class TallyRow(NamedTuple):
    """One row of progress. ``found``: every known republication in any status; the other addresses of a counted one
    (duplicates) are none of their own. ``teasers``: pages with headline and lead only, in none of the other figures.
    ``partial``: those of ``confirmed`` that carry a part of the text, at least ``PARTIAL_FROM``; ``pictures``: those
    that carry a picture of the bulletin, or its text in one. ``unreadable``: those confirmed, claimed or in review
    whose page cannot be read now; part of the figures of their statuses. ``source_unseen``: those of ``confirmed`` that
    people saw and no program read, whose source nobody saw; they are in no rate of sources."""

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
    partial: int = 0
    unreadable: int = 0
    source_unseen: int = 0
    pictures: int = 0

    @property
    def source_seen(self) -> int:
        """The confirmed copies whose source could be seen: the whole of every rate of sources."""
        return self.confirmed - self.source_unseen

    @property
    def attributed_share(self) -> float | None:
        """The rate of sources, 0–1: ``attributed`` of ``source_seen``; None without any."""
        return self.attributed / self.source_seen if self.source_seen else None


def count_if(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """Return the number of rows that meet all ``conditions``; 0, never NULL, without any row."""
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)


def republications(scope: TallyScope, *columns: Any) -> sa.Select[Any]:
    """Return a query of ``columns`` over the republications of a scope, joined with their bulletins and sites."""
    return (
        sa.select(*columns)
        .select_from(Republication)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(*republication_conditions(scope), *bulletin_conditions(scope))
    )


def republication_conditions(scope: TallyScope) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of the republications in a scope's period and on its partner's sites, without those of
    their bulletins."""
    inside = Republication.counted_on.between(scope.period.first, scope.period.last)
    return [inside] if scope.company_id is None else [inside, on_partner_sites(scope.company_id)]


def on_partner_sites(company_id: int) -> sa.ColumnElement[bool]:
    """Return the condition of republications on a partner's sites, by the ids of the sites, with which an index
    begins."""
    return Republication.site_id.in_(sa.select(Site.id).where(Site.company_id == company_id))


class CopyFigures(NamedTuple):
    """The figures of copies and teasers in a row of progress, in its order. ``recent``: the confirmed copies of the
    days that were asked for, of no row."""

    found: int = 0
    confirmed: int = 0
    review: int = 0
    rejected: int = 0
    gone: int = 0
    attributed: int = 0
    teasers: int = 0
    partial: int = 0
    unreadable: int = 0
    source_unseen: int = 0
    pictures: int = 0
    recent: int = 0


_FIGURES = (  # their names in the sums
    "found",
    "confirmed",
    "review",
    "rejected",
    "gone",
    ATTRIBUTION_FIGURES[Attribution.LINKED_AT_END],
    "teasers",
    "partial",
    "unreadable",
    ATTRIBUTION_FIGURES[Attribution.NOT_SEEN],
    "pictures",
)
_NO_FIGURES = (0,) * len(_FIGURES)


def totals(session: Session, scope: TallyScope) -> TallyRow:
    """Return one row for the whole scope."""
    delivered = arrived_counts(session, scope, ()).get((), 0)
    return TallyRow("", "", delivered, *total_figures(session, scope, _FIGURES))


def summed_row(rows: Sequence[TallyRow]) -> TallyRow:
    """Return the sum of disjoint rows."""
    return TallyRow("", "", *(sum(getattr(row, figure) for row in rows) for figure in TallyRow._fields[2:]))


def by_status(session: Session, scope: TallyScope) -> dict[RepublicationStatus, int]:
    """Return the rows of a scope by status, duplicates among them."""
    known = (RepublicationStatus.CONFIRMED, RepublicationStatus.REVIEW, RepublicationStatus.REJECTED)
    figures = ("found", RepublicationStatus.DUPLICATE.value, *(status.value for status in known))
    found, duplicates, *counts = total_figures(session, scope, figures)
    by_known = dict(zip(known, counts, strict=True))
    return {
        **by_known,
        RepublicationStatus.CANDIDATE: found - sum(counts),
        RepublicationStatus.DUPLICATE: duplicates,
    }


def unlooked_count(session: Session, scope: TallyScope) -> int:
    """Return the confirmed copies of a scope that need a look with a browser and were not seen by one."""
    query = republications(scope, sa.func.count()).where(browser_looks.unlooked())
    found: int = session.execute(query).scalar_one()
    return found


def partial_count(session: Session, scope: TallyScope) -> int:
    """Return the confirmed copies of a scope that carry a part of the text."""
    return total_figures(session, scope, ("partial",))[0]


def confirmed_count(session: Session, scope: TallyScope, attribution: Attribution | None, *, gone: bool) -> int | None:
    """Return the confirmed copies of a scope with one attribution, or those that are gone; None for both at once, for
    which there are no sums."""
    if attribution is not None and gone:
        return None
    figure = ATTRIBUTION_FIGURES[attribution] if attribution is not None else "gone" if gone else "confirmed"
    return total_figures(session, scope, (figure,))[0]


def site_figures(session: Session, scope: TallyScope, recent: Period | None = None) -> dict[int, CopyFigures]:
    """Return the figures of each site of a scope, by its primary key; sites without any are left out. ``recent``: the
    days of the figure of that name.

    They are counted from the copies of the period. A page that shows partners and sites counts them once, and gives
    them to ``rows``.
    """
    found = copy_figures(session, scope, ("site_id",), _FIGURES, recent)
    return {site: CopyFigures(*figures) for (site,), figures in found.items()}


def rows(
    session: Session, scope: TallyScope, by: str, sites: Mapping[int, CopyFigures] | None = None
) -> list[TallyRow]:
    """Return progress by ``partner``, ``site``, ``topic``, ``channel`` or ``day``, ordered by key or, for partners and
    sites, by confirmed copies. Partners, sites, topics and channels without figures have zeros; days are left out.

    ``sites``: the ``site_figures`` of the scope, where they are known. Raises ``Invalid`` for any other ``by``.
    """
    places: Any
    key, receiver = "", ""  # the keys of copies and of deliveries
    match by:
        case "partner":
            places = sa.select(Company.id, Company.code, Company.name).order_by(Company.name)
            if scope.as_of is None:  # as of an earlier time, a company had its own row until it was merged
                places = places.where(COMPANY_IN_USE)
            if scope.company_id is not None:
                places = places.where(Company.id == scope.company_id)
            receiver = "company_id"
        case "site":
            places = sa.select(Site.id, Site.code, Site.name).order_by(Site.name)
            own = ~Site.sample if scope.company_id is None else Site.company_id == scope.company_id
            places = places.where(own)
        case "topic":
            places = sa.select(Topic.id, Topic.code, Topic.name).order_by(Topic.id)
            key = receiver = "topic_id"
        case "channel":
            places = sa.select(Channel.id, Channel.code, Channel.name).order_by(Channel.id)
            if scope.company_id is not None:
                places = places.where(Channel.company_id == scope.company_id)
            receiver = "channel_id"
        case "day":
            return _rows_by_day(session, scope)
        case _:
            raise Invalid([FieldError("by", "by", f"{by!r} is none of {', '.join(GROUPS)}")])
    figures: Mapping[FigureKey, FigureValues] = copy_figures(session, scope, (key,), _FIGURES) if key else {}
    if by in {"partner", "site"}:
        known = site_figures(session, scope) if sites is None else sites
        figures = {(site,): row for site, row in known.items()}
        if by == "partner":
            figures = company_figures(session, scope, known)
    arrived = arrived_counts(session, scope, (receiver,)) if receiver else {}
    lines = [
        TallyRow(code, name, arrived.get((number,), 0), *figures.get((number,), _NO_FIGURES)[: len(_FIGURES)])
        for number, code, name in session.execute(places)
    ]
    return sorted(lines, key=lambda line: -line.confirmed) if by in {"partner", "site"} else lines


def site_count(session: Session, scope: TallyScope) -> int:
    """Return the number of sites in a scope."""
    query = sa.select(sa.func.count()).select_from(Site).where(~Site.sample)
    if scope.company_id is not None:
        query = query.where(Site.company_id == scope.company_id)
    return session.execute(query).scalar_one()


def active_partner_count(session: Session, scope: TallyScope) -> int:
    """Return the number of partners that got a bulletin or have a republication in any status."""
    found = copy_figures(session, scope, ("company_id",), ("found",))
    return len(found.keys() | arrived_counts(session, scope, ("company_id",)).keys())


def _rows_by_day(session: Session, scope: TallyScope) -> list[TallyRow]:
    figures = copy_figures(session, scope, ("day",), _FIGURES)
    arrived = arrived_counts(session, scope, ("day",))
    return [
        TallyRow(day.isoformat(), day.isoformat(), arrived.get((day,), 0), *figures.get((day,), _NO_FIGURES))
        for (day,) in sorted(figures.keys() | arrived.keys())
    ]


def issued_bulletins(session: Session, scope: TallyScope) -> list[tuple[int, date]]:
    """Return the bulletins that were published at a scope's time, by id and day."""
    source = tally_history.changes_until(scope.as_of)
    filed: list[sa.ColumnElement[bool]] = []
    if scope.campaign_id is not None:
        filed.append(campaign_condition(columns_of(source), scope.campaign_id, scope.topics))
    if scope.topic_id is not None:
        filed.append(source.c.topic_id == scope.topic_id)
    return [(row[0], row[1]) for row in session.execute(tally_history.issued_query(filed, source))]


def _figures_by_day(session: Session, scope: TallyScope, metric: Metric) -> dict[date, int]:
    if metric is Metric.BULLETINS and scope.as_of is not None:
        return tally_history.issued_per_day(issued_bulletins(session, scope), scope.period.first, scope.period.last)
    query: Any
    if metric is Metric.BULLETINS:
        query = (
            sa.select(Bulletin.released_on, sa.func.count())
            .where(
                Bulletin.state.in_((BulletinState.PUBLISHED, BulletinState.RECALLED)),
                Bulletin.released_on.between(scope.period.first, scope.period.last),
                *bulletin_conditions(scope),
            )
            .group_by(Bulletin.released_on)
        )
    elif metric is Metric.VIEWS:
        query = (
            sa.select(ViewDay.day, sa.func.sum(ViewDay.guarded))
            .join(Bulletin, Bulletin.id == ViewDay.bulletin_id)
            .where(ViewDay.day.between(scope.period.first, scope.period.last), *bulletin_conditions(scope))
            .group_by(ViewDay.day)
        )
        if scope.as_of is not None:
            query = query.where(ViewDay.day <= city_day(scope.as_of.moment))
    else:
        confirmed = copy_figures(session, scope, ("day",), ("confirmed",))
        return {day: count for (day,), (count,) in confirmed.items()}
    return {row[0]: int(row[1]) for row in session.execute(query)}


def daily(session: Session, scope: TallyScope, metric: Metric, days: Iterable[date]) -> list[int]:
    """Return one figure for each of ``days``: confirmed republications, published bulletins, or guarded views.

    As of an earlier time the views are those of the days until then: views have no history within a day.
    """
    found = _figures_by_day(session, scope, metric)
    return [found.get(day, 0) for day in days]


class CountedOnce:
    """Figures of one snapshot of the database, each counted once: the targets and the page that shows them often cover
    the same days."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Any] = {}

    def figure(self, count: Callable[[Session, TallyScope], _Counted], session: Session, scope: TallyScope) -> _Counted:
        """Return ``count(session, scope)``, a function of the module level, which is called once for the same days."""
        found: _Counted = self._once((count,), scope, lambda: count(session, scope))
        return found

    def sites(self, session: Session, scope: TallyScope, recent: Period | None = None) -> dict[int, CopyFigures]:
        """Return the same as ``site_figures``; the first call gives ``recent``."""
        found: dict[int, CopyFigures] = self._once(("sites",), scope, lambda: site_figures(session, scope, recent))
        return found

    def daily(self, session: Session, scope: TallyScope, metric: Metric, days: Iterable[date]) -> list[int]:
        """Return the same as ``daily``."""
        found: dict[date, int] = self._once((metric,), scope, lambda: _figures_by_day(session, scope, metric))
        return [found.get(day, 0) for day in days]

    def use_began_on(self, session: Session) -> date | None:
        """Return the same as ``use_began_on``."""
        if ("use",) not in self._known:
            self._known["use",] = use_began_on(session)
        began: date | None = self._known["use",]
        return began

    def _once(self, what: tuple[object, ...], scope: TallyScope, count: Callable[[], Any]) -> Any:
        key = (*what, replace(scope, period=replace(scope.period, label="")))
        if key not in self._known:
            self._known[key] = count()
        return self._known[key]


def actual(session: Session, scope: TallyScope, metric: Metric) -> float:
    """Return the present figure of a metric in a scope; a rate in per cent, 0 while nothing is confirmed.

    Raises ``ValueError`` for a delay, which is in ``timing.delay_figures``.
    """
    if metric is Metric.MEDIAN_DELAY:
        raise ValueError("a delay is answered by timing.delay_figures")
    if metric.adds_up:
        return float(sum(daily(session, scope, metric, scope.period.days())))
    if metric is Metric.PARTNERS:
        return float(distinct_count(session, scope, "company_id", "confirmed"))
    return 100 * (totals(session, scope).attributed_share or 0.0)


@dataclass(frozen=True)
class AttributionShare:
    """The number of confirmed copies with one attribution."""

    attribution: Attribution
    count: int


def attribution_shares(session: Session, scope: TallyScope) -> list[AttributionShare]:
    """Return confirmed republications by attribution, in the order of ``Attribution``."""
    found = total_figures(session, scope, tuple(ATTRIBUTION_FIGURES.values()))
    return [AttributionShare(attribution, count) for attribution, count in zip(ATTRIBUTION_FIGURES, found, strict=True)]


def last_confirmed_on(session: Session, company_id: int) -> date | None:
    """Return the day of a partner's newest confirmed republication, since when it is *silent*; None without one."""
    query = (
        sa.select(sa.func.max(Republication.counted_on))
        .join(Site, Site.id == Republication.site_id)
        .where(Site.company_id == company_id, Republication.status == RepublicationStatus.CONFIRMED)
    )
    return session.execute(query).scalar_one()


def delivery_states(session: Session, bulletin: Bulletin) -> dict[DeliveryState, int]:
    """Return the channels of one bulletin by the state of its newest delivery to each, so that after a correction each
    counts once."""
    newest = (
        sa.select(sa.func.max(Delivery.id)).where(Delivery.bulletin_id == bulletin.id).group_by(Delivery.channel_id)
    )
    query = sa.select(Delivery.state, sa.func.count()).where(Delivery.id.in_(newest)).group_by(Delivery.state)
    return {row[0]: int(row[1]) for row in session.execute(query)}


def delivery_states_by_channel(session: Session, channels: Collection[int]) -> dict[int, dict[DeliveryState, int]]:
    """Return the deliveries of each of these channels (by primary key) by state; channels without any are left out."""
    columns: tuple[Any, ...] = (Delivery.channel_id, Delivery.state, sa.func.count())
    query = sa.select(*columns).where(Delivery.channel_id.in_(channels))
    found: dict[int, dict[DeliveryState, int]] = {}
    for channel, state, count in session.execute(query.group_by(Delivery.channel_id, Delivery.state)):
        found.setdefault(channel, {})[state] = int(count)
    return found


def partner_copies_by_bulletin(session: Session, company_id: int, bulletins: Collection[int]) -> dict[int, int]:
    """Return the number of known republications of each of these bulletins (by primary key) on a partner's sites, in
    any status but duplicates; bulletins without any are left out."""
    query = (
        sa.select(Republication.bulletin_id, sa.func.count())
        .where(
            Republication.bulletin_id.in_(bulletins),
            Republication.status != RepublicationStatus.DUPLICATE,
            on_partner_sites(company_id),
        )
        .group_by(Republication.bulletin_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


# The evidence funnel: the number of republications that reached each step.


@dataclass(frozen=True)
class EvidenceFunnel:
    """Counts of republications in a scope by the steps of their evidence.

    ``found``: reported or discovered, in any status. ``fetched``: read by a program. ``matched``: those of ``fetched``
    with all or most of the text, or that a person confirmed. ``by_person``: confirmed by a person alone, whose page no
    program has read, as of posts on social networks; ``matched`` and ``by_person`` together are at least ``confirmed``.
    ``attributed`` and ``live`` are parts of ``confirmed``.
    """

    found: int
    fetched: int
    matched: int
    by_person: int
    confirmed: int
    attributed: int
    live: int


def funnel_and_shares(session: Session, scope: TallyScope) -> tuple[EvidenceFunnel, list[AttributionShare]]:
    """Return each step, and the shares as in ``attribution_shares``, in one query."""
    steps = ("found", "fetched", "matched", "by_person", "confirmed", "gone")
    found, fetched, matched, by_person, confirmed, gone, *ways = total_figures(
        session, scope, (*steps, *ATTRIBUTION_FIGURES.values())
    )
    shares = [
        AttributionShare(attribution, count) for attribution, count in zip(ATTRIBUTION_FIGURES, ways, strict=True)
    ]
    attributed = next(share.count for share in shares if share.attribution is Attribution.LINKED_AT_END)
    return EvidenceFunnel(found, fetched, matched, by_person, confirmed, attributed, confirmed - gone), shares


# Views: guarded and raw, separate for each version of the rules.


@dataclass(frozen=True)
class ViewFigures:
    """Figures under one version of the rules, with their first and last day."""

    rules: str
    raw: int
    guarded: int
    first: date
    last: date


@dataclass(frozen=True)
class DayViews:
    """One day under one version of the rules."""

    day: date
    rules: str
    raw: int
    guarded: int


@dataclass(frozen=True)
class HostViews:
    """The views of a bulletin on one host, under one version of the rules. ``host`` '' = no registered site."""

    host: str
    rules: str
    raw: int
    guarded: int


_RAW, _GUARDED = sa.func.sum(ViewDay.raw), sa.func.sum(ViewDay.guarded)


def views_by_rules(session: Session, scope: TallyScope) -> list[ViewFigures]:
    """Return the views of a scope, one row for each version of the rules, the oldest first. They are never added."""
    conditions: list[sa.ColumnElement[bool]] = [ViewDay.day.between(scope.period.first, scope.period.last)]
    if scope.campaign_id is not None:
        conditions.append(in_campaign(scope.campaign_id))
    if scope.topic_id is not None:
        conditions.append(Bulletin.topic_id == scope.topic_id)
    if scope.company_id is not None:
        conditions.append(ViewDay.host.in_(sa.select(Site.host).where(Site.company_id == scope.company_id)))
    return _views_where(session, *conditions)


def bulletin_views(session: Session, bulletin_id: int) -> list[ViewFigures]:
    """Return the views of one bulletin, one row for each version of the rules, the oldest first."""
    return _views_where(session, ViewDay.bulletin_id == bulletin_id)


def _views_where(session: Session, *conditions: sa.ColumnElement[bool]) -> list[ViewFigures]:
    columns: tuple[Any, ...] = (ViewDay.rules, _RAW, _GUARDED, sa.func.min(ViewDay.day), sa.func.max(ViewDay.day))
    query = (
        sa.select(*columns)
        .join(Bulletin, Bulletin.id == ViewDay.bulletin_id)
        .where(*conditions)
        .group_by(ViewDay.rules)
        .order_by(ViewDay.rules)
    )
    return [ViewFigures(row[0], int(row[1]), int(row[2]), row[3], row[4]) for row in session.execute(query)]


def bulletin_views_by_day(session: Session, bulletin_id: int) -> list[DayViews]:
    """Return the views of one bulletin by day; days without any are left out."""
    query = (
        sa.select(ViewDay.day, ViewDay.rules, _RAW, _GUARDED)
        .where(ViewDay.bulletin_id == bulletin_id)
        .group_by(ViewDay.day, ViewDay.rules)
        .order_by(ViewDay.day, ViewDay.rules)
    )
    return [DayViews(row[0], row[1], int(row[2]), int(row[3])) for row in session.execute(query)]


def bulletin_views_by_host(session: Session, bulletin_id: int) -> list[HostViews]:
    """Return the views of one bulletin by host, the most first."""
    query = (
        sa.select(ViewDay.host, ViewDay.rules, _RAW, _GUARDED)
        .where(ViewDay.bulletin_id == bulletin_id)
        .group_by(ViewDay.host, ViewDay.rules)
        .order_by(_GUARDED.desc(), ViewDay.host)
    )
    return [HostViews(row[0], row[1], int(row[2]), int(row[3])) for row in session.execute(query)]
