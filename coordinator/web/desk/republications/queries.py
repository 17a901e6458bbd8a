"""Queries of the list of republications: filters, order, counts, levels of evidence, and neighbours in the review
queue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, Period
from campaigns.core.contents import from_attributes
from campaigns.core.listing import ALL, ListPage, ListQuery
from campaigns.discovery.sightings import Sighting, SightingMethod
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, Site, current_company_id
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.reporting import tallies
from campaigns.reporting.republication_filter import RepublicationFilter, list_conditions, text_matches
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    NewestEvidence,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    newest_evidence,
)
from campaigns.search.republication_search import MatchingCopies
from coordinator.web.desk.republications.evidence_levels import EvidenceFacts, reached_levels


@dataclass(frozen=True)
class RepublicationRow:
    """One row. ``title``: the page's own where it was read, else the bulletin's."""

    id: str
    title: str
    url: str
    site: str
    host: str
    bulletin: str
    status: RepublicationStatus
    life: RepublicationLife
    match: Match
    share: float
    attribution: Attribution
    published_at: datetime | None
    first_seen_at: datetime
    levels: tuple[str, ...]
    read: bool


def _joined_tables(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(Republication)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .join(Site, Site.id == Republication.site_id)
    )


def _scope(session: Session, filters: RepublicationFilter) -> TallyScope | None:
    """Return the scope of the filters as the tallies take it; None when they name something unknown."""
    found: list[int | None] = []
    for kind, code in ((Campaign, filters.campaign), (Topic, filters.topic), (Company, filters.partner)):
        if code is None:
            found.append(None)
            continue
        query = sa.select(current_company_id(code)) if kind is Company else sa.select(kind.id).where(kind.code == code)
        number = session.execute(query).scalar_one_or_none()
        if number is None:
            return None
        found.append(number)
    begin, end = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    period = Period(max(filters.first or begin, begin), min(filters.last or end, end), "")
    campaign, topic, partner = found
    return TallyScope(period, campaign, topic, partner)


# Up to this many copies are counted exactly; beyond, only tallied sums are shown.
COUNTED_ONE_BY_ONE = 20_000


def counts_by_status(
    session: Session, filters: RepublicationFilter, matches: MatchingCopies | None
) -> dict[RepublicationStatus, int]:
    """Return the number of matching copies in each status. A status is omitted where counting is slow: many copies with
    search words, or with a filter that has no tally.
    """
    if filters.in_sums or filters.marked:
        scope = _scope(session, filters)
        if scope is None:
            return dict.fromkeys(RepublicationStatus, 0)
        summed = tallies.by_status(session, scope)
        if filters.in_sums:
            return summed
        if sum(summed.values()) > COUNTED_ONE_BY_ONE:
            return _by_marks(session, scope, filters)
    if matches is not None and not matches.few:
        return {}
    # Number of rows of the filtered list, for its tabs and pages.
    counted = (Republication.status, sa.func.count())
    # Without a filter no join is needed, and the index on the status suffices.
    query = sa.select(*counted).select_from(Republication).where(*list_conditions(filters, matches, tab=False))
    query = query.group_by(Republication.status)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {status: int(found.get(status, 0)) for status in RepublicationStatus}


def _by_marks(session: Session, scope: TallyScope, filters: RepublicationFilter) -> dict[RepublicationStatus, int]:
    """Return the number of confirmed copies from the tallies, by attribution and by whether they are gone."""
    if filters.life not in (None, RepublicationLife.GONE):
        return {}
    count = tallies.confirmed_count(session, scope, filters.attribution, gone=filters.life is RepublicationLife.GONE)
    return {} if count is None else {RepublicationStatus.CONFIRMED: count}


def has_waiting(session: Session, filters: RepublicationFilter, matches: MatchingCopies | None) -> bool:
    """Whether any copy in review matches the filters, where the number was not counted."""
    in_review = replace(filters, status=RepublicationStatus.REVIEW)
    return bool(_row_ids(in_review, matches).rows(session, 1))


def _order(filters: RepublicationFilter) -> tuple[sa.ColumnElement[Any], ...]:
    """Return the order: by first sighting; with a range of days, by the counted day, which an index covers."""
    order: tuple[Any, ...] = (Republication.first_seen_at, Republication.id)
    if filters.dated:
        order = (Republication.counted_on, Republication.id)
    return order if filters.status is RepublicationStatus.REVIEW else tuple(item.desc() for item in order)


def _row_ids(filters: RepublicationFilter, matches: MatchingCopies | None) -> ListQuery[int, str]:
    """Return the ids in the order of the list, found in an index, so that only the rows of one page are read."""
    select = sa.select(Republication.id, Republication.public)
    return ListQuery(Republication, select, list_conditions(filters, matches), _order(filters))


def list_republications(
    session: Session,
    filters: RepublicationFilter,
    matches: MatchingCopies | None,
    counts: Mapping[RepublicationStatus, int],
    number: int,
) -> ListPage[RepublicationRow]:
    """Return one page: copies in review oldest first, others newest first; beyond the end, the last page. Where the
    number was not counted, only whether a next page exists is known.
    """
    listed = _row_ids(filters, matches)
    wanted = RepublicationStatus if filters.status is None else (filters.status,)
    if all(status in counts for status in wanted):
        page = listed.page(session, number, total=sum(counts[status] for status in wanted))
    else:
        page = listed.uncounted_page(session, number)
    return page.with_rows(_read_rows(session, filters, [row.id for row in page.rows]))


def _read_rows(session: Session, filters: RepublicationFilter, which: Sequence[int]) -> list[RepublicationRow]:
    query = _joined_tables(Republication, Bulletin.code, Site.name, Site.host, Revision.title).outerjoin(
        Revision,
        sa.and_(
            Revision.bulletin_id == Bulletin.id,
            Revision.number == sa.func.coalesce(Republication.revision, Bulletin.released, Bulletin.latest),
        ),
    )
    found = session.execute(query.where(Republication.id.in_(which)).order_by(*_order(filters))).all()
    ways = first_sightings(session, [row[0].page_id for row in found])
    newest = newest_evidence(session, [row[0].id for row in found])
    return [
        _republication_row(row, code, site, host, title, newest.get(row.id), ways.get(row.page_id, {}))
        for row, code, site, host, title in found
    ]


def _republication_row(
    row: Republication,
    code: str,
    site: str,
    host: str,
    title: str | None,
    newest: NewestEvidence | None,
    ways: Mapping[SightingMethod, datetime],
) -> RepublicationRow:
    return from_attributes(
        RepublicationRow,
        row,
        id=row.public,
        title=(newest.page_title if newest is not None else "") or title or code,
        site=site,
        host=host,
        bulletin=code,
        levels=reached_levels(evidence_facts(row, ways)),
        read=newest is not None,
    )


def evidence_facts(row: Republication, ways: Mapping[SightingMethod, datetime]) -> EvidenceFacts:
    """Return the input of ``evidence_levels`` for a row."""
    return from_attributes(EvidenceFacts, row, ways=ways)


def first_sightings(session: Session, pages: Sequence[int]) -> dict[int, dict[SightingMethod, datetime]]:
    """Return when each page was first seen by each method, in one query."""
    query = (
        sa.select(Sighting.page_id, Sighting.how, sa.func.min(Sighting.at))
        .where(Sighting.page_id.in_(pages))
        .group_by(Sighting.page_id, Sighting.how)
    )
    found: dict[int, dict[SightingMethod, datetime]] = {}
    for page, how, at in session.execute(query):
        found.setdefault(page, {})[how] = at
    return found


@dataclass(frozen=True)
class FilterChoices:
    """The (code, name) choices of the filters; sites and partners use autocomplete (``picking``)."""

    topics: Sequence[tuple[str, str]]
    campaigns: Sequence[tuple[str, str]]


def filter_choices(session: Session) -> FilterChoices:
    """Return the choices of the filters, each in its usual order."""

    def pairs(code: Any, name: Any, order: Any) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in session.execute(sa.select(code, name).order_by(order))]

    return FilterChoices(
        topics=pairs(Topic.code, Topic.name, Topic.id),
        campaigns=pairs(Campaign.code, Campaign.plan_number, Campaign.starts_on.desc()),
    )


@dataclass(frozen=True)
class ListNeighbours:
    """The copies before and after one in a list, by public id."""

    previous: str | None
    next: str | None


def neighbours_in(session: Session, filters: RepublicationFilter, row: Republication) -> ListNeighbours:
    """Return the neighbours of a row in the list of a filter, whether the row is still in it or not."""
    listed = _row_ids(filters, text_matches(session, filters))
    position = [getattr(row, column.key) for column in listed.key]
    before, after = listed.before(session, position, 1), listed.after(session, position, 1)
    return ListNeighbours(before[0].public if before else None, after[0].public if after else None)


def list_query(filters: RepublicationFilter | None) -> dict[str, Any]:
    """Return the values of an address that gives a list, with its tab always named; none without a list."""
    return {} if filters is None else {"status": ALL, **filters.to_args()}


@dataclass(frozen=True)
class QueueNeighbours:
    """The neighbours of a copy in the review queue, by public id, and the number waiting."""

    previous: str | None
    next: str | None
    waiting: int


def queue_neighbours(session: Session, row: Republication) -> QueueNeighbours:
    """Return the neighbours of a row, whether it is in the queue or not; oldest first."""
    order = sa.tuple_(Republication.first_seen_at, Republication.id)
    here = sa.tuple_(sa.literal(row.first_seen_at, Republication.first_seen_at.type), sa.literal(row.id))
    queue = sa.select(Republication.public).where(
        Republication.status == RepublicationStatus.REVIEW, Republication.id != row.id
    )
    before = queue.where(order < here).order_by(Republication.first_seen_at.desc(), Republication.id.desc()).limit(1)
    after = queue.where(order > here).order_by(Republication.first_seen_at, Republication.id).limit(1)
    waiting = (
        # Number of rows of the filtered list, for its tabs and pages.
        sa.select(sa.func.count()).select_from(Republication).where(Republication.status == RepublicationStatus.REVIEW)
    )
    return QueueNeighbours(
        session.execute(before).scalar_one_or_none(),
        session.execute(after).scalar_one_or_none(),
        session.execute(waiting).scalar_one(),
    )
