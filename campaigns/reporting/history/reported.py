"""Rows and totals that were reported for the time before the product was in use, and their figures for a period."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.clock import Period
from campaigns.planning.campaigns import Metric
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.republications.republications import Republication, RepublicationStatus

# The metrics of a total: whole numbers that people report.
TOTAL_METRICS = (Metric.BULLETINS, Metric.REPUBLICATIONS, Metric.PARTNERS, Metric.VIEWS)


class ReportedCopy(Base):
    """One copy that was reported. ``address``: its canonical form; ``network``: the site or network as it was written.

    ``republication_id``: where its page is on a registered site, the copy that is checked; that row says whether
    it is proven. ``came_by``: the public id of its import.
    """

    __tablename__ = "reported_copies"

    id: Mapped[int] = mapped_column(primary_key=True)
    came_by: Mapped[str] = mapped_column(sa.String(32), index=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    address: Mapped[str] = mapped_column(sa.String(2000))
    url: Mapped[str] = mapped_column(sa.String(2000))
    reported_on: Mapped[dt.date] = mapped_column(index=True)
    network: Mapped[str] = mapped_column(sa.String(200))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    republication_id: Mapped[int | None] = mapped_column(sa.ForeignKey("republications.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.UniqueConstraint("bulletin_id", "address"),)


class ReportedTotal(Base):
    """One total of a period, of all topics or of one. At most one for the same days, metric and topic, which the
    imports see to one at a time."""

    __tablename__ = "reported_totals"

    id: Mapped[int] = mapped_column(primary_key=True)
    came_by: Mapped[str] = mapped_column(sa.String(32))
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    label: Mapped[str] = mapped_column(sa.String(30))
    metric: Mapped[Metric] = mapped_column(by_value(Metric, "reported_metric"))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    figure: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        sa.Index("ix_reported_totals_first", "first", "last"),
        sa.CheckConstraint("figure >= 0", name="figure"),
    )


def use_began_on(session: Session) -> dt.date | None:
    """The day of the first bulletin that was released with the product; None before it. What is reported for a day
    from then on is not history."""
    return session.execute(sa.select(sa.func.min(Bulletin.released_on))).scalar_one()


@dataclass(frozen=True)
class ReportedFigures:
    """What was reported for a period before the product was in use; None where nothing was. ``whole``: whether the
    whole period was before that day, so that the figures stand for all of it."""

    bulletins: int | None = None
    republications: int | None = None
    partners: int | None = None
    views: int | None = None
    whole: bool = False

    def __bool__(self) -> bool:
        return any(figure is not None for figure in (self.bulletins, self.republications, self.partners, self.views))

    def compared(self, metric: Metric, proven: float) -> "ComparedFigure":
        """The figure of a metric that another period is compared with: the reported one of a period that was wholly
        before the product was in use, unless more is proven; else the proven one."""
        reported = {
            Metric.BULLETINS: self.bulletins, Metric.REPUBLICATIONS: self.republications,
            Metric.PARTNERS: self.partners, Metric.VIEWS: self.views,
        }[metric]  # fmt: skip
        if self.whole and reported is not None and reported >= proven:
            return ComparedFigure(reported, True, proven, reported)
        return ComparedFigure(proven, False, proven, reported)


NOTHING_REPORTED = ReportedFigures()


@dataclass(frozen=True)
class ComparedFigure:
    """One side of a comparison. ``is_reported``: the figure is what was reported, of which ``proven`` is proven; else
    it is the proven one, and ``reported`` stands beside it, None without any."""

    figure: float
    is_reported: bool
    proven: float
    reported: int | None


@dataclass(frozen=True)
class DayTotal:
    """A total as the sums read it."""

    first: dt.date
    last: dt.date
    topic_id: int | None
    figure: int


def figure_of_period(
    period: Period, topic_id: int | None, totals: Sequence[DayTotal], rows: Mapping[tuple[dt.date, int], int]
) -> int | None:
    """The reported figure of a metric that adds up: the totals of the period or of parts of it, the longest first and
    none over days of another, and the rows of the days that no total covers. None without any.

    ``rows``: number of reported rows by day and topic. Totals of single topics stand for all topics where the same days
    have no total of all.
    """
    figures: dict[tuple[dt.date, dt.date], int] = {}
    by_topic: dict[tuple[dt.date, dt.date], int] = {}
    for total in totals:
        days = (total.first, total.last)
        if total.first < period.first or total.last > period.last:
            continue
        if total.topic_id == topic_id:
            figures[days] = total.figure
        elif topic_id is None:
            by_topic[days] = by_topic.get(days, 0) + total.figure
    figures = by_topic | figures
    counted: list[tuple[dt.date, dt.date]] = []
    for first, last in sorted(figures, key=lambda days: (days[0] - days[1], days[0])):
        if all(last < other or first > end for other, end in counted):
            counted.append((first, last))
    uncovered = sum(
        number
        for (day, topic), number in rows.items()
        if day in period and topic_id in {None, topic} and not any(first <= day <= last for first, last in counted)
    )
    if not counted and not uncovered:
        return None
    return sum(figures[days] for days in counted) + uncovered


def has_history(session: Session) -> bool:
    """Whether anything was imported from before the product was in use."""
    totals = sa.exists().where(ReportedTotal.id.is_not(None))
    bulletins = sa.exists().where(Bulletin.reported_on.is_not(None))
    return bool(session.execute(sa.select(sa.or_(totals, bulletins))).scalar_one())


def reported_figures(session: Session, scope: TallyScope) -> ReportedFigures:
    """What was reported for the period of a scope, of its topic or of all; as of an earlier time, what was known then.

    It belongs to no campaign and to no partner: nothing is returned for one partner.
    """
    if scope.company_id is not None:
        return NOTHING_REPORTED
    period, moment = scope.period, scope.as_of.moment if scope.as_of is not None else None
    chosen = sa.select(ReportedTotal).where(ReportedTotal.first >= period.first, ReportedTotal.last <= period.last)
    if moment is not None:
        chosen = chosen.where(ReportedTotal.at <= moment)
    totals: dict[Metric, list[DayTotal]] = {}
    for row in session.execute(chosen).scalars():
        totals.setdefault(row.metric, []).append(DayTotal(row.first, row.last, row.topic_id, row.figure))
    whole = [
        total.figure
        for total in totals.get(Metric.PARTNERS, ())
        if (total.first, total.last, total.topic_id) == (period.first, period.last, scope.topic_id)
    ]
    bulletins, copies = bulletins_by_day(session, period, moment), copies_by_day(session, period, moment)
    return ReportedFigures(
        bulletins=figure_of_period(period, scope.topic_id, totals.get(Metric.BULLETINS, ()), bulletins),
        republications=figure_of_period(period, scope.topic_id, totals.get(Metric.REPUBLICATIONS, ()), copies),
        partners=whole[0] if whole else None,
        views=figure_of_period(period, scope.topic_id, totals.get(Metric.VIEWS, ()), {}),
        whole=_is_before_use(session, period, moment),
    )


def _is_before_use(session: Session, period: Period, moment: dt.datetime | None) -> bool:
    began = use_began_on(session)
    if began is None:
        return moment is None or period.end <= moment
    return period.last < began


def bulletins_by_day(
    session: Session, period: Period | None = None, moment: dt.datetime | None = None
) -> dict[tuple[dt.date, int], int]:
    """The number of imported bulletins by day and topic, of a period or of all days."""
    query = sa.select(Bulletin.reported_on, Bulletin.topic_id, sa.func.count()).where(Bulletin.reported_on.is_not(None))
    if period is not None:
        query = query.where(Bulletin.reported_on.between(period.first, period.last))
    if moment is not None:
        query = query.where(Bulletin.created_at <= moment)
    rows = session.execute(query.group_by(Bulletin.reported_on, Bulletin.topic_id))
    return {(day, topic): number for day, topic, number in rows if day is not None}


def copies_by_day(
    session: Session, period: Period | None = None, moment: dt.datetime | None = None
) -> dict[tuple[dt.date, int], int]:
    """The number of reported copies by day and topic, of a period or of all days."""
    query = sa.select(ReportedCopy.reported_on, Bulletin.topic_id, sa.func.count())
    query = query.join(Bulletin, Bulletin.id == ReportedCopy.bulletin_id)
    if period is not None:
        query = query.where(ReportedCopy.reported_on.between(period.first, period.last))
    if moment is not None:
        query = query.where(ReportedCopy.at <= moment)
    rows = session.execute(query.group_by(ReportedCopy.reported_on, Bulletin.topic_id))
    return {(day, topic): number for day, topic, number in rows}


@dataclass(frozen=True)
class ReportedRows:
    """The rows of one import, or of all. ``proven``: copies whose republication is confirmed."""

    bulletins: int
    copies: int
    on_sites: int
    proven: int
    totals: int


def reported_rows(session: Session, run: str | None = None, *, period: Period | None = None) -> ReportedRows:
    """Count the rows of an import by its public id, or all; those of the days of a ``period``."""
    copies = (
        sa.select(
            sa.func.count(),
            sa.func.count(ReportedCopy.republication_id),
            sa.func.coalesce(
                sa.func.sum(sa.case((Republication.status == RepublicationStatus.CONFIRMED, 1), else_=0)), 0
            ),
        )
        .select_from(ReportedCopy)
        .outerjoin(Republication, Republication.id == ReportedCopy.republication_id)
    )
    bulletins = sa.select(sa.func.count()).select_from(Bulletin).where(Bulletin.reported_on.is_not(None))
    totals = sa.select(sa.func.count()).select_from(ReportedTotal)
    if run is not None:
        copies = copies.where(ReportedCopy.came_by == run)
        bulletins, totals = bulletins.where(Bulletin.came_by == run), totals.where(ReportedTotal.came_by == run)
    if period is not None:
        copies = copies.where(ReportedCopy.reported_on.between(period.first, period.last))
        bulletins = bulletins.where(Bulletin.reported_on.between(period.first, period.last))
        totals = totals.where(ReportedTotal.first >= period.first, ReportedTotal.last <= period.last)
    all_copies, on_sites, proven = session.execute(copies).one()
    return ReportedRows(
        session.execute(bulletins).scalar_one(), all_copies, on_sites, int(proven),
        session.execute(totals).scalar_one(),
    )  # fmt: skip
