"""Figures of a target that do not add up day by day, read with what their forecast goes by: partners, rate, delay."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import IN_USE, Company
from campaigns.planning import levels
from campaigns.planning.campaigns import Metric
from campaigns.planning.forecasting import Forecast
from campaigns.reporting import reading, rhythm
from campaigns.reporting.reading import Scope
from campaigns.reporting.spans import BEFORE, HOUR, as_day, bin_edges
from campaigns.reporting.sums import BY_SITE, SHARES
from campaigns.reporting.tallies import cube_of
from campaigns.tracking.attribution import Attribution

RECENT_DAYS = 28  # what still comes is taken to be like these
_WEEKS = 4


@dataclass(frozen=True)
class Level:
    """The present figure and where it will end. ``known`` False: there is nothing yet to take it of."""

    actual: float
    forecast: Forecast
    known: bool = True


def level_of(session: Session, scope: Scope, metric: Metric, today: date) -> Level:
    """Partners with a confirmed copy; the rate of attributed ones in per cent; the median delay in hours.

    Raises ``ValueError`` for a metric that adds up.
    """
    match metric:
        case Metric.PARTNERS:
            return _partners(session, scope, today)
        case Metric.ATTRIBUTION_RATE:
            return _rate(session, scope, today)
        case Metric.MEDIAN_DELAY:
            return _delay(session, scope, today)
        case _:
            raise ValueError(f"{metric.value} adds up day by day")


def _ahead(period: Period, today: date) -> float:
    """The days left as a part of those that are over; 0 outside the period."""
    if not period.first <= today < period.last:
        return 0.0
    return (period.last - today).days / max((today - period.first).days, 1)


def _partners(session: Session, scope: Scope, today: date) -> Level:
    found = reading.read(session, BY_SITE, scope, ("company_id",), ("confirmed",))
    copies = [count for (count,) in found.values() if count > 0]
    there = sa.select(sa.func.count()).select_from(Company)
    if scope.as_of is not None:
        moment = scope.as_of.moment
        there = there.where(Company.created_at <= moment, sa.or_(IN_USE, Company.merged_at > moment))
    else:
        there = there.where(IN_USE)
    known = session.execute(there).scalar_one()
    forecast = levels.forecast_partners(copies, _ahead(scope.period, today), known)
    return Level(float(len(copies)), forecast)


def _rate(session: Session, scope: Scope, today: date) -> Level:
    figures = ("confirmed", SHARES[Attribution.LINKED_AT_END])
    found = reading.read(session, cube_of(scope), scope, ("span",), figures)
    days = {as_day(key[0]): told for key, told in found.items()}
    many, well = (sum(told[place] for told in days.values()) for place in (0, 1))
    weeks = []
    for back in range(_WEEKS, 0, -1):
        week = [days.get(today - timedelta(days=7 * back - step), (0, 0)) for step in range(7)]
        weeks.append((sum(one for one, _ in week), sum(one for _, one in week)))
    # What comes is as much as the last weeks bring.
    recent = [many for many, _ in weeks if many]
    left = _left(scope.period, today)
    coming = sum(recent) / (7 * len(recent)) * left if recent else 0.0
    actual = 100 * well / many if many else 0.0
    return Level(actual, levels.forecast_rate(weeks, many, well, coming), bool(many))


def _left(period: Period, today: date) -> int:
    return (period.last - today).days if period.first <= today < period.last else 0


def _delay(session: Session, scope: Scope, today: date) -> Level:
    median = rhythm.delays(session, scope).median
    if median is None:
        return Level(0.0, Forecast(0.0, 0.0, 0.0), known=False)
    actual = median / HOUR
    if not (left := _left(scope.period, today)):
        return Level(actual, Forecast(actual, actual, actual))
    first = max(scope.period.first, today - timedelta(days=RECENT_DAYS))
    recent = _hours(session, replace(scope, period=Period(first, today, "")))
    coming = sum(many for _, many in recent) * left / ((today - first).days + 1)
    return Level(actual, levels.forecast_median(_hours(session, scope), recent, coming))


def _hours(session: Session, scope: Scope) -> list[tuple[float, int]]:
    """How many confirmed copies took about so many hours: the middle of each class."""
    return [
        (0.0 if number == BEFORE else sum(bin_edges(number)) / 2 / HOUR, many)
        for number, many in rhythm.classes(session, scope).items()
    ]
