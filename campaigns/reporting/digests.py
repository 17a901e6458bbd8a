"""A day's or a week's digest: what went out, what came back, what failed and what waits, beside the week before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day
from campaigns.partners.ending import Ending, ending
from campaigns.planning.campaigns import Metric
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState, Natures
from campaigns.reporting import reading, tallies
from campaigns.reporting.reach import Reach, reach_of
from campaigns.reporting.sums import BY_SITE
from campaigns.reporting.tallies import Row, Scope
from campaigns.reporting.waiting import Waiting, waiting
from campaigns.tracking.watching import standings

WEEK = timedelta(days=7)
FAILED = (DeliveryState.DEAD, DeliveryState.UNKNOWN)
MOST_ENDING = 50  # licences and agreements that are named, likewise
MOST_FAILURES = 50  # deliveries that are named; how many there are is told beside


@dataclass(frozen=True)
class Sums:
    """The figures of one stretch of days. ``partners``: with a confirmed copy; ``failed``: deliveries of its bulletins
    that were given up or are in doubt."""

    bulletins: int
    counts: Row
    partners: int
    failed: int


@dataclass(frozen=True)
class Issued:
    """One bulletin that was released."""

    code: str
    title: str
    released_at: datetime
    recalled: bool
    reach: Reach


@dataclass(frozen=True)
class Failure:
    """One delivery that needs a person."""

    id: str
    bulletin: str
    channel: str
    state: DeliveryState


@dataclass(frozen=True)
class Digest:
    """``before``: the same days a week earlier. ``failing``: lists of partners' sites that cannot be read now, of
    ``watched``; ``waits``: everything that waits for a person now, whatever its day. ``ending``: licences and
    agreements that end soon, of ``endings``; said once a week, so nothing in a day's digest."""

    period: Period
    earlier: Period
    now: Sums
    before: Sums
    issued: tuple[Issued, ...]
    failures: tuple[Failure, ...]
    failing: int
    watched: int
    waits: Waiting
    ending: Sequence[Ending]
    endings: int


def a_week_before(period: Period) -> Period:
    """The same days of the week before."""
    first, last = period.first - WEEK, period.last - WEEK
    return Period(first, last, f"{first}" if first == last else f"{first}..{last}")


def digest(session: Session, natures: Natures, period: Period, *, now: datetime) -> Digest:
    """The digest of some days. Days without anything are truthful zeros."""
    earlier = a_week_before(period)
    found = standings(session)
    near, endings = ending(session, city_day(now), MOST_ENDING) if period.length > 1 else ((), 0)
    return Digest(
        period=period,
        earlier=earlier,
        now=_sums(session, period),
        before=_sums(session, earlier),
        issued=_issued(session, period),
        failures=_failures(session, period),
        failing=found["failing"],
        watched=found["watched"],
        waits=waiting(session, natures, now=now),
        ending=near,
        endings=endings,
    )


def _sums(session: Session, period: Period) -> Sums:
    scope = Scope(period)
    return Sums(
        bulletins=sum(tallies.daily(session, scope, Metric.BULLETINS, period.days())),
        counts=tallies.totals(session, scope),
        partners=len(reading.read(session, BY_SITE, scope, ("company_id",), ("confirmed",))),
        failed=session.execute(_failed(period, sa.func.count())).scalar_one(),
    )


def _failed(period: Period, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(Delivery)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .where(Bulletin.released_on.between(period.first, period.last), Delivery.state.in_(FAILED))
    )


def _failures(session: Session, period: Period) -> tuple[Failure, ...]:
    query = _failed(period, Delivery.public, Bulletin.code, Channel.name, Delivery.state)
    query = query.join(Channel, Channel.id == Delivery.channel_id).order_by(Delivery.id).limit(MOST_FAILURES)
    return tuple(Failure(*row) for row in session.execute(query))


def _issued(session: Session, period: Period) -> tuple[Issued, ...]:
    columns: tuple[Any, ...] = (Bulletin.id, Bulletin.code, Revision.title, Bulletin.release_at, Bulletin.state)
    query = (
        sa.select(*columns)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .where(
            Bulletin.state.in_((State.PUBLISHED, State.RECALLED)),
            Bulletin.released_on.between(period.first, period.last),
        )
        .order_by(Bulletin.release_at, Bulletin.id)
    )
    rows = session.execute(query).all()
    reach = reach_of(session, [row[0] for row in rows])
    return tuple(
        Issued(code, title, at, state is State.RECALLED, reach[ident]) for ident, code, title, at, state in rows
    )
