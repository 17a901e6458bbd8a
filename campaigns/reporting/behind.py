"""The rows behind a figure of a briefing, as they stand or as they stood: as many as the figure says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, parse_period
from campaigns.core.errors import NotFound
from campaigns.partners.directory import Company, Site
from campaigns.planning.campaigns import Topic
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.publishing.channels import Channel
from campaigns.reporting import history, reading, recalled, tallies
from campaigns.reporting.reading import Scope
from campaigns.reporting.sums import ARRIVAL, BY_SITE, COPY, SHARES, amount, columns_of
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.republications import Republication

COPIES = ("found", "confirmed", "review", "rejected", "gone", "attributed", *SHARES.values())
KINDS = ("copies", "delivered", "bulletins", "partners", "corrections", "recalls", "removed", "still_up")


@dataclass(frozen=True)
class Slice:
    """Which figure. ``kind``: one of ``KINDS``; ``figure``: of copies, one of ``COPIES``; ``by`` and ``key``: whose
    line it stands in (``month``, ``day``, ``topic``, ``partner``, ``site``, ``channel``), '' for the whole."""

    kind: str
    figure: str = ""
    by: str = ""
    key: str = ""


@dataclass(frozen=True)
class RowBehind:
    """One row: a copy (``copy``), a bulletin, a bulletin that arrived at a channel, or a partner."""

    name: str
    where: str = ""
    day: date | None = None
    copy: str = ""
    bulletin: str = ""
    partner: str = ""
    url: str = ""


def rows_behind(session: Session, scope: Scope, which: Slice) -> list[RowBehind]:
    """The rows, in an order that stays. Raises ``NotFound`` for a figure or a line that there is none of."""
    scope, site, channel = _narrowed(session, scope, which)
    match which.kind:
        case "copies" if which.figure in COPIES:
            return _copies(session, _counted(session, scope, which.figure, site))
        case "delivered":
            return _arrived(session, scope, channel)
        case "bulletins":
            out = [number for number, day in tallies.issued(session, scope) if day in scope.period]
            return _bulletins(session, out)
        case "partners":
            found = reading.read(session, BY_SITE, scope, ("company_id",), ("confirmed",))
            return _partners(session, [key[0] for key in found])
        case "corrections":
            return _bulletins(session, recalled.corrected(session, scope))
        case "recalls":
            return _bulletins(session, list(recalled.recalled_at(session, scope)))
        case "removed" | "still_up":
            held = recalled.copies(session, scope, recalled.recalled_at(session, scope))
            gone = which.kind == "removed"
            return _copies(session, [one.copy_id for one in held if one.gone is gone and one.partner == which.key])
    raise NotFound(f"there is no figure {which.kind} {which.figure}", figure=which.kind)


def _narrowed(session: Session, scope: Scope, which: Slice) -> tuple[Scope, int | None, int | None]:
    """The scope of one line, with its site or channel where the line is of one."""
    if which.kind in {"removed", "still_up"} or not which.by:
        return scope, None, None
    if which.by in {"month", "day"}:
        span = parse_period(which.key, "key")
        first, last = max(span.first, scope.period.first), min(span.last, scope.period.last)
        return replace(scope, period=Period(first, last, which.key)), None, None
    kinds: dict[str, Any] = {"topic": Topic, "partner": Company, "site": Site, "channel": Channel}
    kind = kinds.get(which.by)
    number = session.execute(sa.select(kind.id).where(kind.code == which.key)).scalar_one_or_none() if kind else None
    if number is None:
        raise NotFound(f"there is no {which.by} {which.key}", key=which.key)
    if which.by == "topic":
        return replace(scope, topic_id=number), None, None
    if which.by == "partner":
        return replace(scope, company_id=number), None, None
    return (scope, number, None) if which.by == "site" else (scope, None, number)


def _conditions(source: sa.Subquery, scope: Scope) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [source.c.day.between(scope.period.first, scope.period.last)]
    if scope.campaign_id is not None:
        conditions.append(reading.of_campaign(columns_of(source), scope.campaign_id, scope.topics))
    if scope.topic_id is not None:
        conditions.append(source.c.topic_id == scope.topic_id)
    return conditions


def _owned_by(scope: Scope, place: str) -> sa.Select[Any]:
    """The sites or channels that were the scope's partner's."""
    owner = history.owners(scope.as_of, place)
    return sa.select(owner.c.place_id).where(owner.c.company_id == scope.company_id)


def _counted(session: Session, scope: Scope, figure: str, site: int | None) -> Sequence[int]:
    """The copies that are counted in a figure."""
    source = history.noted(scope.as_of)
    conditions = [source.c.kind == COPY, *_conditions(source, scope)]
    if scope.company_id is not None:
        conditions.append(source.c.site_id.in_(_owned_by(scope, "site_id")))
    if site is not None:
        conditions.append(source.c.site_id == site)
    name = SHARES[Attribution.LINKED_AT_END] if figure == "attributed" else figure
    counts = sa.func.sum(amount(columns_of(source), name)) > 0
    query = sa.select(source.c.copy_id).where(*conditions).group_by(source.c.copy_id).having(counts)
    return session.execute(query.params(history.asked(scope.as_of))).scalars().all()


def _copies(session: Session, numbers: Sequence[int]) -> list[RowBehind]:
    query = (
        sa.select(Republication, Site.name, Bulletin.code)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.id.in_(numbers))
        .order_by(Republication.counted_on, Republication.id)
    )
    return [
        RowBehind(row.headline or row.url, site, row.counted_on, row.public, code, url=row.url)
        for row, site, code in session.execute(query)
    ]


def _arrived(session: Session, scope: Scope, channel: int | None) -> list[RowBehind]:
    """Bulletins that arrived at channels, each pair once."""
    source = history.noted(scope.as_of)
    pair = (source.c.bulletin_id, source.c.channel_id)
    conditions = [source.c.kind == ARRIVAL, *_conditions(source, scope)]
    if channel is not None:
        conditions.append(source.c.channel_id == channel)
    if scope.company_id is not None:
        conditions.append(source.c.channel_id.in_(_owned_by(scope, "channel_id")))
    net = sa.func.sum(source.c.sign) > 0
    found = sa.select(*pair).where(*conditions).group_by(*pair).having(net).subquery()
    query = (
        sa.select(Bulletin.code, Bulletin.released_on, Channel.name, Revision.title)
        .select_from(found)
        .join(Bulletin, Bulletin.id == found.c.bulletin_id)
        .join(Channel, Channel.id == found.c.channel_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .order_by(Bulletin.released_on, Bulletin.id, Channel.id)
    )
    rows = session.execute(query.params(history.asked(scope.as_of)))
    return [RowBehind(title, name, day, bulletin=code) for code, day, name, title in rows]


def _bulletins(session: Session, numbers: Sequence[int]) -> list[RowBehind]:
    """Bulletins, one of them as often as it is named."""
    query = (
        sa.select(Bulletin.id, Bulletin.code, Bulletin.released_on, Revision.title)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Bulletin.id.in_(numbers))
    )
    found = {row[0]: RowBehind(row[3], "", row[2], bulletin=row[1]) for row in session.execute(query)}
    return [found[number] for number in sorted(numbers)]


def _partners(session: Session, numbers: Sequence[int]) -> list[RowBehind]:
    query = sa.select(Company.name, Company.code).where(Company.id.in_(numbers)).order_by(Company.name, Company.code)
    return [RowBehind(name, partner=code) for name, code in session.execute(query)]
