"""Removals: copies that carry what was recalled or overtaken, how long partners take, and which have to be pressed.

A copy is pressed for (*escalated*) when it has carried a recalled or an old text for a day: the first day belongs to
the partner, who was told through its channels. The rule holds whatever the pace.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Company, Site
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.publishing.transport import Act
from campaigns.tracking.republications import Life, Republication, Status

ESCALATE_AFTER = timedelta(hours=24)
COUNTED = (Status.CONFIRMED, Status.REVIEW)


@dataclass(frozen=True)
class Told:
    """How the recall or correction of a bulletin went to a partner: the best of its channels. ``at``: when it arrived
    there; None while it has not."""

    state: DeliveryState
    at: datetime | None


@dataclass(frozen=True)
class Behind:
    """One copy that carries a recalled text (``recalled``) or an old one, ``since`` when. ``told`` is None for a
    partner without a channel that had the bulletin: nobody has told it."""

    id: str
    bulletin: str
    title: str
    recalled: bool
    revision: int | None
    released: int | None
    status: Status
    site: str
    url: str
    company: str
    company_code: str
    contact: str
    since: datetime
    checked_at: datetime | None
    missing_since: datetime | None
    told: Told | None


@dataclass(frozen=True)
class Removals:
    """One partner's copies of recalled bulletins: how many are gone, in how many seconds (median and longest), and how
    many are still up."""

    code: str
    name: str
    contact: str
    removed: int
    median: float | None
    longest: float | None
    still_up: int


def behind(session: Session, *, now: datetime, over: timedelta = ESCALATE_AFTER) -> list[Behind]:
    """Copies that have been behind for at least ``over``, the longest first, recalled ones before old ones."""
    query = (
        sa.select(Republication, Bulletin, Revision.title, Site.name, Company)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .join(Site, Site.id == Republication.site_id)
        .join(Company, Company.id == Site.company_id)
        .where(*_is_behind(now - over))
        .order_by(Bulletin.recalled_at.is_(None), Republication.stale_since, Republication.id)
    )
    found = session.execute(query).all()
    told = told_of(session, {bulletin.id for _, bulletin, *_ in found})
    return [_behind(row, bulletin, title, site, company, told) for row, bulletin, title, site, company in found]


def _is_behind(until: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Republication.stale.is_(True),
        Republication.life != Life.GONE,
        Republication.status.in_(COUNTED),
        Republication.stale_since <= until,
    )


def _behind(
    row: Republication,
    bulletin: Bulletin,
    title: str,
    site: str,
    company: Company,
    told: Mapping[tuple[int, int, Act], Told],
) -> Behind:
    recalled = bulletin.recalled_at is not None
    return Behind(
        id=row.public,
        bulletin=bulletin.code,
        title=title,
        recalled=recalled,
        revision=row.revision,
        released=bulletin.released,
        status=row.status,
        site=site,
        url=row.url,
        company=company.name,
        company_code=company.code,
        contact=company.contact,
        since=row.stale_since or row.first_seen_at,
        checked_at=row.checked_at,
        missing_since=row.missing_since,
        told=told.get((bulletin.id, company.id, Act.RECALL if recalled else Act.CORRECT)),
    )


@dataclass(frozen=True)
class Pressing:
    """How many copies have to be pressed for: of recalled bulletins, and with an old text."""

    recalled: int
    old: int


def pressing(session: Session, *, now: datetime) -> Pressing:
    """Count what ``behind`` lists."""
    query = (
        sa.select(Bulletin.recalled_at.is_not(None), sa.func.count())
        .select_from(Republication)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .where(*_is_behind(now - ESCALATE_AFTER))
        .group_by(Bulletin.recalled_at.is_not(None))
    )
    counts = {bool(recalled): int(count) for recalled, count in session.execute(query)}
    return Pressing(counts.get(True, 0), counts.get(False, 0))


def told_of(session: Session, bulletins: set[int]) -> dict[tuple[int, int, Act], Told]:
    """By bulletin, company and act: whether and when the recall, or the last correction, reached the partner."""
    columns: tuple[Any, ...] = (
        Delivery.bulletin_id, Channel.company_id, Delivery.act, Delivery.revision, Delivery.state, Delivery.settled_at,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(
            Delivery.bulletin_id.in_(bulletins),
            Delivery.act.in_((Act.RECALL, Act.CORRECT)),
            Channel.company_id.is_not(None),
        )
        .order_by(Delivery.revision, Delivery.id)
    )
    found: dict[tuple[int, int, Act], tuple[int, Told]] = {}
    for bulletin, company, act, revision, state, settled_at in session.execute(query):
        before = found.get((bulletin, company, act))
        if before is not None and before[0] == revision and before[1].state is DeliveryState.DELIVERED:
            continue  # one channel of the partner that it arrived through is enough
        at = settled_at if state is DeliveryState.DELIVERED else None
        found[bulletin, company, act] = (revision, Told(state, at))
    return {key: told for key, (_, told) in found.items()}


def removals(session: Session, *, company_id: int | None = None, period: Period | None = None) -> list[Removals]:
    """Every partner that had a copy of a recalled bulletin when it was recalled, those with copies still up first; of
    one partner alone, or of bulletins recalled in a period, where that is asked.

    The time runs from the recall, or from when a later copy was first seen, to the first look that did not find it.
    """
    columns: tuple[Any, ...] = (
        Company.code, Company.name, Company.contact, Bulletin.recalled_at, Republication.first_seen_at,
        sa.func.coalesce(Republication.missing_since, Republication.gone_at), Republication.life,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .select_from(Republication)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .join(Company, Company.id == Site.company_id)
        .where(
            Bulletin.recalled_at.is_not(None),
            Republication.status.in_(COUNTED),
            sa.or_(Republication.life != Life.GONE, Republication.gone_at > Bulletin.recalled_at),
        )
    )
    if company_id is not None:
        query = query.where(Company.id == company_id)
    if period is not None:
        query = query.where(Bulletin.recalled_at >= period.start, Bulletin.recalled_at < period.end)
    names: dict[str, tuple[str, str]] = {}
    times: dict[str, list[float]] = {}
    up: dict[str, int] = {}
    for code, name, contact, recalled_at, first_seen_at, left_at, life in session.execute(query):
        names[code] = (name, contact)
        if life is Life.GONE:
            took = left_at - max(recalled_at, first_seen_at)
            times.setdefault(code, []).append(max(took.total_seconds(), 0.0))
        else:
            up[code] = up.get(code, 0) + 1
    lines = [
        of_partner(code, name, contact, times.get(code, []), up.get(code, 0)) for code, (name, contact) in names.items()
    ]
    return sorted(lines, key=lambda one: (-one.still_up, -(one.longest or 0), one.name))


def of_partner(code: str, name: str, contact: str, times: Sequence[float], up: int) -> Removals:
    """One partner's line: ``times`` in seconds of the copies that are gone, ``up`` how many are not."""
    median = statistics.median(times) if times else None
    return Removals(code, name, contact, len(times), median, max(times, default=None), up)
