"""Republications as the desk's list shows them: which ones, in which order, how far their evidence reaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, Period
from campaigns.partners.directory import Company, Site, numbered
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.reporting import tallies
from campaigns.reporting.copies import Asked, conditions
from campaigns.reporting.tallies import Scope
from campaigns.searching.reaching import Reached
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Life, Newest, Republication, Status, newest_of
from campaigns.tracking.sightings import How, Sighting
from coordinator.web.desk.evidence_ladder import Climb, reached
from coordinator.web.desk.listing import PAGE, Part


@dataclass(frozen=True)
class CopyRow:
    """One line. ``title``: the page's own where it was read, else the bulletin's."""

    id: str
    title: str
    url: str
    site: str
    bulletin: str
    status: Status
    life: Life
    match: Match
    share: float
    attribution: Attribution
    published_at: datetime | None
    first_seen_at: datetime
    rungs: tuple[str, ...]
    read: bool


def _from(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(Republication)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .join(Site, Site.id == Republication.site_id)
    )


def _scope(session: Session, asked: Asked) -> Scope | None:
    """What the filters are about, as the sums know it; None when they name something that is not there."""
    found: list[int | None] = []
    for kind, code in ((Campaign, asked.campaign), (Topic, asked.topic), (Company, asked.partner)):
        query = sa.select(numbered(code)) if kind is Company else sa.select(kind.id).where(kind.code == code)
        number = session.execute(query).scalar_one_or_none() if code else None
        if code and number is None:
            return None
        found.append(number)
    begin, end = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    period = Period(max(asked.first or begin, begin), min(asked.last or end, end), "")
    campaign, topic, partner = found
    return Scope(period, campaign, topic, partner)


# So many copies are counted one by one while somebody waits; of more, only what a sum is kept of is told.
COUNTED_ONE_BY_ONE = 20_000


def by_status(session: Session, asked: Asked, said: Reached | None) -> dict[Status, int]:
    """How many meet the filters in each status, whatever tab is open. A status is left out where counting would take
    longer than anybody waits for a number that no one reads: many copies with words looked for, or with a mark that no
    sum is kept of."""
    if asked.in_sums or asked.marked:
        scope = _scope(session, asked)
        if scope is None:
            return dict.fromkeys(Status, 0)
        summed = tallies.by_status(session, scope)
        if asked.in_sums:
            return summed
        if sum(summed.values()) > COUNTED_ONE_BY_ONE:
            return _by_marks(session, scope, asked)
    if said is not None and not said.few:
        return {}
    counted = (Republication.status, sa.func.count())
    # Without a filter nothing of other tables is needed, and the index of the statuses has it all.
    query = sa.select(*counted).select_from(Republication).where(*conditions(asked, said))
    query = query.group_by(Republication.status)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {status: int(found.get(status, 0)) for status in Status}


def _by_marks(session: Session, scope: Scope, asked: Asked) -> dict[Status, int]:
    """The confirmed ones, which the sums tell by how they name the source and by whether they are gone."""
    if asked.life not in (None, Life.GONE):
        return {}
    count = tallies.confirmed_and(session, scope, asked.attribution, gone=asked.life is Life.GONE)
    return {} if count is None else {Status.CONFIRMED: count}


def any_waits(session: Session, asked: Asked, said: Reached | None) -> bool:
    """Whether anything in review meets the filters, where nobody counted."""
    in_review = replace(asked, status=Status.REVIEW)
    return bool(session.execute(_numbers(in_review, said).limit(1)).all())


def _order(asked: Asked) -> tuple[sa.ColumnElement[Any], ...]:
    """By when we saw them; where days are asked for by the day they count for, which then stand together in an index
    however long ago they were."""
    order: tuple[Any, ...] = (Republication.first_seen_at, Republication.id)
    if asked.dated:
        order = (Republication.counted_on, Republication.id)
    return order if asked.status is Status.REVIEW else tuple(one.desc() for one in order)


def _numbers(asked: Asked, said: Reached | None) -> sa.Select[int]:
    """Which rows there are in the order of the list: found in an index, so that only those of one page are read."""
    numbers = sa.select(Republication.id).where(*conditions(asked, said))
    if asked.status is not None:
        numbers = numbers.where(Republication.status == asked.status)
    return numbers.order_by(*_order(asked))


def rows(
    session: Session, asked: Asked, said: Reached | None, counts: Mapping[Status, int], number: int
) -> Part[CopyRow]:
    """One page: what waits for review oldest first, all else newest first; beyond the end, the last page. Where nobody
    counted, only whether a page follows is known."""
    numbers = _numbers(asked, said)
    wanted = Status if asked.status is None else (asked.status,)
    if all(status in counts for status in wanted):
        total = sum(counts[status] for status in wanted)
        number = min(number, max(-(-total // PAGE), 1))
        return Part(_read(session, asked, numbers.limit(PAGE).offset((number - 1) * PAGE)), total, number)
    skipped = (number - 1) * PAGE
    found = session.execute(numbers.limit(PAGE + 1).offset(skipped)).scalars().all()
    if not found and number > 1:
        total = session.execute(sa.select(sa.func.count()).select_from(numbers.order_by(None).subquery())).scalar_one()
        number = max(-(-total // PAGE), 1)
        return Part(_read(session, asked, numbers.limit(PAGE).offset((number - 1) * PAGE)), total, number)
    more = len(found) > PAGE
    return Part(_read(session, asked, found[:PAGE]), skipped + len(found), number, counted=not more)


def _read(session: Session, asked: Asked, which: sa.Select[int] | Sequence[int]) -> list[CopyRow]:
    query = _from(Republication, Bulletin.code, Site.name, Revision.title).outerjoin(
        Revision,
        sa.and_(
            Revision.bulletin_id == Bulletin.id,
            Revision.number == sa.func.coalesce(Republication.revision, Bulletin.released, Bulletin.latest),
        ),
    )
    found = session.execute(query.where(Republication.id.in_(which)).order_by(*_order(asked))).all()
    ways = ways_of(session, [row[0].page_id for row in found])
    newest = newest_of(session, [row[0].id for row in found])
    return [
        _row(row, code, site, title, newest.get(row.id), ways.get(row.page_id, {})) for row, code, site, title in found
    ]


def _row(
    row: Republication,
    code: str,
    site: str,
    title: str | None,
    newest: Newest | None,
    ways: Mapping[How, datetime],
) -> CopyRow:
    return CopyRow(
        id=row.public,
        title=(newest.page_title if newest is not None else "") or title or code,
        url=row.url,
        site=site,
        bulletin=code,
        status=row.status,
        life=row.life,
        match=row.match,
        share=row.share,
        attribution=row.attribution,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        rungs=reached(climb_of(row, ways)),
        read=newest is not None,
    )


def climb_of(row: Republication, ways: Mapping[How, datetime]) -> Climb:
    """What the ladder wants to know of a row."""
    return Climb(ways, row.match, row.attribution, row.life, row.level, row.checked_at, row.gone_at)


def ways_of(session: Session, pages: Sequence[int]) -> dict[int, dict[How, datetime]]:
    """When each of these pages was first seen in each way, in one query."""
    query = (
        sa.select(Sighting.page_id, Sighting.how, sa.func.min(Sighting.at))
        .where(Sighting.page_id.in_(pages))
        .group_by(Sighting.page_id, Sighting.how)
    )
    found: dict[int, dict[How, datetime]] = {}
    for page, how, at in session.execute(query):
        found.setdefault(page, {})[how] = at
    return found


@dataclass(frozen=True)
class Choices:
    """(code, name) of what the filters list; sites and partners are picked (``picking``)."""

    topics: Sequence[tuple[str, str]]
    campaigns: Sequence[tuple[str, str]]


def choices(session: Session) -> Choices:
    """What the filters choose from, each in the order people look for it."""

    def pairs(code: Any, name: Any, order: Any) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in session.execute(sa.select(code, name).order_by(order))]

    return Choices(
        topics=pairs(Topic.code, Topic.name, Topic.id),
        campaigns=pairs(Campaign.code, Campaign.plan_number, Campaign.starts_on.desc()),
    )


@dataclass(frozen=True)
class Neighbours:
    """What stands before and after one in the review queue, by public id, and how many wait."""

    previous: str | None
    next: str | None
    waiting: int


def neighbours(session: Session, row: Republication) -> Neighbours:
    """The queue around a row, whether it is in it (still) or not; oldest first."""
    order = sa.tuple_(Republication.first_seen_at, Republication.id)
    here = sa.tuple_(sa.literal(row.first_seen_at, Republication.first_seen_at.type), sa.literal(row.id))
    queue = sa.select(Republication.public).where(Republication.status == Status.REVIEW, Republication.id != row.id)
    before = queue.where(order < here).order_by(Republication.first_seen_at.desc(), Republication.id.desc()).limit(1)
    after = queue.where(order > here).order_by(Republication.first_seen_at, Republication.id).limit(1)
    waiting = sa.select(sa.func.count()).select_from(Republication).where(Republication.status == Status.REVIEW)
    return Neighbours(
        session.execute(before).scalar_one_or_none(),
        session.execute(after).scalar_one_or_none(),
        session.execute(waiting).scalar_one(),
    )
