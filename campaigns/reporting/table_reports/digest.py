"""The digest of a day or a week: releases, copies, failures and pending work, compared with the week before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.channels.channels import Channel
from campaigns.core.checkpoints import Checkpoint, make_checkpoint
from campaigns.core.clock import Period, city_day
from campaigns.delivery.outbox import FAILED_STATES, Delivery, DeliveryModes, DeliveryState
from campaigns.discovery.site_sources import standing_counts
from campaigns.partners.expiries import ExpiringDocument, expiring_soon
from campaigns.planning.campaigns import Metric
from campaigns.reporting import tallies
from campaigns.reporting.history.reported import ReportedFigures, reported_figures
from campaigns.reporting.pending_work import PendingCounts, pending_counts
from campaigns.reporting.reach import BulletinReach, reach_of
from campaigns.reporting.rollups.rollup_query import distinct_count
from campaigns.reporting.tallies import TallyRow, TallyScope

WEEK = timedelta(days=7)
MOST_ENDING = 50  # licences and agreements that are listed
MOST_FAILURES = 50  # deliveries that are listed; the digest has their total number


@dataclass(frozen=True)
class DigestCounts:
    """The figures of a period. ``partners``: with a confirmed copy; ``failed``: dead and unknown deliveries of its
    bulletins."""

    bulletins: int
    counts: TallyRow
    partners: int
    failed: int


@dataclass(frozen=True)
class DigestBulletin:
    """One bulletin that was released."""

    code: str
    title: str
    released_at: datetime
    recalled: bool
    reach: BulletinReach


@dataclass(frozen=True)
class DigestFailure:
    """One delivery that needs a person."""

    id: str
    bulletin: str
    channel: str
    state: DeliveryState


@dataclass(frozen=True)
class Digest:
    """``before``: the same days a week earlier; ``reported_before``: what was reported for them, before the product was
    in use. ``failing``: sources of partners' sites that cannot be read now, of
    ``watched``; ``waits``: all work that waits for a person now. ``ending``: licences and agreements that end soon, of
    ``endings``; only in a week's digest. ``checkpoint``: of the journal, so that each digest that was sent vouches for
    it."""

    period: Period
    earlier: Period
    now: DigestCounts
    before: DigestCounts
    reported_before: ReportedFigures
    issued: tuple[DigestBulletin, ...]
    failures: tuple[DigestFailure, ...]
    failing: int
    watched: int
    waits: PendingCounts
    ending: Sequence[ExpiringDocument]
    endings: int
    checkpoint: Checkpoint


def a_week_before(period: Period) -> Period:
    """Return the same days of the week before."""
    first, last = period.first - WEEK, period.last - WEEK
    return Period(first, last, f"{first}" if first == last else f"{first}..{last}")


def digest_of(session: Session, delivery_modes: DeliveryModes, period: Period, *, now: datetime) -> Digest:
    """Return the digest of a period. Days without events have zeros."""
    earlier = a_week_before(period)
    found = standing_counts(session)
    near, endings = expiring_soon(session, city_day(now), MOST_ENDING) if period.length > 1 else ((), 0)
    return Digest(
        period=period,
        earlier=earlier,
        now=_digest_counts(session, period),
        before=_digest_counts(session, earlier),
        reported_before=reported_figures(session, TallyScope(earlier)),
        issued=_issued(session, period),
        failures=_failures(session, period),
        failing=found["failing"],
        watched=found["watched"],
        waits=pending_counts(session, delivery_modes, now=now),
        ending=near,
        endings=endings,
        checkpoint=make_checkpoint(session, now=now),
    )


def _digest_counts(session: Session, period: Period) -> DigestCounts:
    scope = TallyScope(period)
    return DigestCounts(
        bulletins=sum(tallies.daily(session, scope, Metric.BULLETINS, period.days())),
        counts=tallies.totals(session, scope),
        partners=distinct_count(session, scope, "company_id", "confirmed"),
        failed=session.execute(_failed(period, sa.func.count())).scalar_one(),
    )


def _failed(period: Period, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(Delivery)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .where(Bulletin.released_on.between(period.first, period.last), Delivery.state.in_(FAILED_STATES))
    )


def _failures(session: Session, period: Period) -> tuple[DigestFailure, ...]:
    query = _failed(period, Delivery.public, Bulletin.code, Channel.name, Delivery.state)
    query = query.join(Channel, Channel.id == Delivery.channel_id).order_by(Delivery.id).limit(MOST_FAILURES)
    return tuple(DigestFailure(*row) for row in session.execute(query))


def _issued(session: Session, period: Period) -> tuple[DigestBulletin, ...]:
    columns: tuple[Any, ...] = (Bulletin.id, Bulletin.code, Revision.title, Bulletin.release_at, Bulletin.state)
    query = (
        sa.select(*columns)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .where(
            Bulletin.state.in_((BulletinState.PUBLISHED, BulletinState.RECALLED)),
            Bulletin.released_on.between(period.first, period.last),
        )
        .order_by(Bulletin.release_at, Bulletin.id)
    )
    rows = session.execute(query).all()
    reach = reach_of(session, [row[0] for row in rows])
    return tuple(
        DigestBulletin(code, title, at, state is BulletinState.RECALLED, reach[ident])
        for ident, code, title, at, state in rows
    )
