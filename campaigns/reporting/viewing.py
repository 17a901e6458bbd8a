"""Views as pages and the API show them: guarded with raw beside it, each version of the rules by itself."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting.tallies import Scope, of_campaign
from campaigns.tracking.views import ViewDay


@dataclass(frozen=True)
class Views:
    """Figures under one version of the rules, with the days they are from."""

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
    """Where a bulletin was read, under one version of the rules. ``host`` '' = no site that is registered."""

    host: str
    rules: str
    raw: int
    guarded: int


_RAW, _GUARDED = sa.func.sum(ViewDay.raw), sa.func.sum(ViewDay.guarded)


def by_rules(session: Session, scope: Scope) -> list[Views]:
    """The views of a scope, one line a version of the rules, the oldest first. Never added together here."""
    conditions: list[sa.ColumnElement[bool]] = [ViewDay.day.between(scope.period.first, scope.period.last)]
    if scope.campaign_id is not None:
        conditions.append(of_campaign(scope.campaign_id))
    if scope.topic_id is not None:
        conditions.append(Bulletin.topic_id == scope.topic_id)
    if scope.company_id is not None:
        conditions.append(ViewDay.host.in_(sa.select(Site.host).where(Site.company_id == scope.company_id)))
    return _by_rules(session, *conditions)


def of_bulletin(session: Session, bulletin_id: int) -> list[Views]:
    """The views of one bulletin, one line a version of the rules, the oldest first."""
    return _by_rules(session, ViewDay.bulletin_id == bulletin_id)


def _by_rules(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Views]:
    columns: tuple[Any, ...] = (ViewDay.rules, _RAW, _GUARDED, sa.func.min(ViewDay.day), sa.func.max(ViewDay.day))
    query = (
        sa.select(*columns)
        .join(Bulletin, Bulletin.id == ViewDay.bulletin_id)
        .where(*conditions)
        .group_by(ViewDay.rules)
        .order_by(ViewDay.rules)
    )
    return [Views(row[0], int(row[1]), int(row[2]), row[3], row[4]) for row in session.execute(query)]


def days_of(session: Session, bulletin_id: int) -> list[DayViews]:
    """The views of one bulletin day by day; days without any are not listed."""
    query = (
        sa.select(ViewDay.day, ViewDay.rules, _RAW, _GUARDED)
        .where(ViewDay.bulletin_id == bulletin_id)
        .group_by(ViewDay.day, ViewDay.rules)
        .order_by(ViewDay.day, ViewDay.rules)
    )
    return [DayViews(row[0], row[1], int(row[2]), int(row[3])) for row in session.execute(query)]


def hosts_of(session: Session, bulletin_id: int) -> list[HostViews]:
    """Where one bulletin was read, the most read site first."""
    query = (
        sa.select(ViewDay.host, ViewDay.rules, _RAW, _GUARDED)
        .where(ViewDay.bulletin_id == bulletin_id)
        .group_by(ViewDay.host, ViewDay.rules)
        .order_by(_GUARDED.desc(), ViewDay.host)
    )
    return [HostViews(row[0], row[1], int(row[2]), int(row[3])) for row in session.execute(query)]
