"""The filter of republications, for the desk's lists, for the API's list and for files."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, in_campaign_named
from campaigns.core.listing import ListFilter, ListQuery, argument
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, Site, current_company_id
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.reporting.rollups.rollup_query import copy_condition
from campaigns.reporting.rollups.rollup_tables import second
from campaigns.reporting.table_reports.partner_report import LINKING_US
from campaigns.reporting.table_reports.social_totals import on_network
from campaigns.reporting.timing import DELAY_BOUNDS, HOUR
from campaigns.republications import browser_looks
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    NO_DAY,
    NOT_NAMING_US,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from campaigns.republications.review.partner_answers import PartnerAnswer, is_open
from campaigns.republications.review.review_reasons import ReviewReason, reason_condition
from campaigns.search import republication_search
from campaigns.search.republication_search import MatchingCopies


def _of_site(code: str) -> sa.ColumnElement[bool]:
    return Republication.site_id == sa.select(Site.id).where(Site.code == code).scalar_subquery()


def _of_bulletin(code: str) -> sa.ColumnElement[bool]:
    return Republication.bulletin_id == sa.select(Bulletin.id).where(Bulletin.code == code).scalar_subquery()


# "+ 0": a planner must not collect the many copies of a topic or campaign first, but test each copy in the order of
# the list.


def _of_topic(code: str) -> sa.ColumnElement[bool]:
    bulletins = sa.select(Bulletin.id).join(Topic, Topic.id == Bulletin.topic_id).where(Topic.code == code)
    return (Republication.bulletin_id + 0).in_(bulletins)


def _of_campaign(code: str) -> sa.ColumnElement[bool]:
    # The tallies' own predicate, so that a figure and the list behind it can never differ.
    return (Republication.bulletin_id + 0).in_(sa.select(Bulletin.id).where(in_campaign_named(code)))


def _of_partner(code: str) -> sa.ColumnElement[bool]:
    return Republication.site_id.in_(sa.select(Site.id).where(Site.company_id == current_company_id(code)))


def _is_answered(_answered: bool) -> sa.ColumnElement[bool]:
    return sa.exists().where(PartnerAnswer.republication_id == Republication.id, is_open())


class CopyFigure(Enum):
    """A figure of the tallies, for the list of the copies that it counts."""

    FOUND = "found"  # every known copy, the other addresses of a counted one left out
    FETCHED = "fetched"
    MATCHED = "matched"
    BY_PERSON = "by_person"  # confirmed by a person alone: no program has read the page
    LIVE = "live"  # confirmed, and not gone
    UNREADABLE = "unreadable"
    NAMED = "named"  # confirmed, and naming the source
    LINKED = "linked"  # confirmed, and linking to the bulletin
    SOURCE_SEEN = "source_seen"  # confirmed, and the source could be seen
    UNLOOKED = "unlooked"  # confirmed, and needing a look with a browser that was not made

    @property
    def condition(self) -> sa.ColumnElement[bool]:
        """The tallies' own condition."""
        if self is CopyFigure.LIVE:
            return sa.and_(copy_condition("confirmed"), sa.not_(copy_condition("gone")))
        if self is CopyFigure.NAMED:
            return sa.and_(copy_condition("confirmed"), Republication.attribution.not_in(NOT_NAMING_US))
        if self is CopyFigure.LINKED:
            return sa.and_(copy_condition("confirmed"), Republication.attribution.in_(LINKING_US))
        if self is CopyFigure.UNLOOKED:
            return browser_looks.unlooked()
        return copy_condition(self.value)


class DelayClass(Enum):
    """A class of the delay between the release and a confirmed copy, in hours."""

    UNDER_1 = "0-1"
    UNDER_3 = "1-3"
    UNDER_6 = "3-6"
    UNDER_12 = "6-12"
    UNDER_24 = "12-24"
    LATER = "24-"

    @property
    def condition(self) -> sa.ColumnElement[bool]:
        """The condition of the copies in it; those before the release are in the first class."""
        number = list(DelayClass).index(self)
        release = sa.select(Bulletin.release_at).where(Bulletin.id == Republication.bulletin_id).scalar_subquery()
        appeared = sa.func.coalesce(second(Republication.published_at), second(Republication.first_seen_at))
        waited = appeared - second(release)
        bounds = [copy_condition("confirmed"), waited.is_not(None)]
        if number:
            bounds.append(waited >= DELAY_BOUNDS[number - 1] * HOUR)
        if number < len(DELAY_BOUNDS):
            bounds.append(waited < DELAY_BOUNDS[number] * HOUR)
        return sa.and_(*bounds)


def _codes(typed: str) -> list[str]:
    return [code.strip() for code in typed.split(",") if code.strip()]


def _not_of_topics(codes: str) -> sa.ColumnElement[bool]:
    bulletins = sa.select(Bulletin.id).join(Topic, Topic.id == Bulletin.topic_id).where(Topic.code.in_(_codes(codes)))
    return (Republication.bulletin_id + 0).not_in(bulletins)


def _not_of_partners(codes: str) -> sa.ColumnElement[bool]:
    companies = sa.select(Company.id).where(Company.code.in_(_codes(codes)))
    return Republication.site_id.not_in(sa.select(Site.id).where(Site.company_id.in_(companies)))


def _not_of_sites(codes: str) -> sa.ColumnElement[bool]:
    return Republication.site_id.not_in(sa.select(Site.id).where(Site.code.in_(_codes(codes))))


@dataclass(frozen=True)
class RepublicationFilter(ListFilter):
    """Filter of a list of republications. ``first`` and ``last``: days of the city, both included, for which copies
    count. ``answered``: an answer of the partner waits for staff. ``network``: a social network (``social_totals``).
    ``q``: words, found in the index by ``text_matches``.
    ``figure`` and ``delay``: the copies that count in a figure or in a class of delays. ``but_topics``,
    ``but_partners``, ``but_sites``: codes with commas between them, whose copies are left out, for a figure of "all
    others".
    """

    status: RepublicationStatus | None = argument(tab=True, where=lambda status: Republication.status == status)
    life: RepublicationLife | None = argument(where=lambda life: Republication.life == life)
    site: str | None = argument(where=_of_site, of=Site)
    bulletin: str | None = argument(where=_of_bulletin, of=Bulletin)
    topic: str | None = argument(where=_of_topic, of=Topic)
    campaign: str | None = argument(where=_of_campaign, of=Campaign)
    partner: str | None = argument(where=_of_partner, of=Company)
    attribution: Attribution | None = argument(where=lambda found: Republication.attribution == found)
    match: Match | None = argument(where=lambda found: Republication.match == found)
    doubt: ReviewReason | None = argument(where=reason_condition)
    answered: bool = argument(False, where=_is_answered)
    network: str = argument("", longest=255, where=on_network)
    figure: CopyFigure | None = argument(where=lambda figure: figure.condition)
    delay: DelayClass | None = argument(where=lambda delay: delay.condition)
    but_topics: str = argument("", where=_not_of_topics)
    but_partners: str = argument("", where=_not_of_partners)
    but_sites: str = argument("", where=_not_of_sites)
    first: date | None = argument(name="from", where=lambda day: Republication.counted_on >= day)
    last: date | None = argument(name="to", where=lambda day: Republication.counted_on <= day)
    q: str = ""

    @property
    def in_sums(self) -> bool:
        """Whether the tallies have the figures: the filter is by campaign, topic, partner and days alone."""
        return self.narrowed and not self._beyond_sums.narrowed

    @property
    def marked(self) -> bool:
        """Whether the tallies have the figures but for attribution or life."""
        beyond = self._beyond_sums
        return beyond.narrowed and not replace(beyond, attribution=None, life=None).narrowed

    @property
    def dated(self) -> bool:
        """Whether days are given."""
        return self.first is not None or self.last is not None

    @property
    def _beyond_sums(self) -> "RepublicationFilter":
        return replace(self, campaign=None, topic=None, partner=None, first=None, last=None)


def text_matches(session: Session, filters: RepublicationFilter) -> MatchingCopies | None:
    """The copies with the words of the filter; None without words."""
    return republication_search.matching_copies(session, filters.q) if filters.q else None


def list_conditions(
    filters: RepublicationFilter, matches: MatchingCopies | None, *, tab: bool = True
) -> list[sa.ColumnElement[bool]]:
    """The conditions of the filter and of its words, the words first."""
    return [*([matches.condition] if matches is not None else []), *filters.conditions(tab=tab)]


@dataclass(frozen=True)
class RepublicationListRow:
    """One copy as a file lists it."""

    id: str
    bulletin: str
    site: str
    partner: str
    url: str
    status: RepublicationStatus
    life: RepublicationLife
    share: float
    attribution: Attribution
    published_at: datetime | None
    first_seen_at: datetime
    counted_on: date


MOST_LISTED = 50_000  # rows of one file; the API and the open data have all


def listed_republications(
    session: Session, filters: RepublicationFilter, most: int = MOST_LISTED
) -> list[RepublicationListRow]:
    """The copies that match the filter, the newest first, at most ``most``. An unknown code matches nothing."""
    columns: tuple[Any, ...] = (
        Republication.public, Bulletin.code, Site.name, Company.name, Republication.url, Republication.status,
        Republication.life, Republication.share, Republication.attribution, Republication.published_at,
        Republication.first_seen_at, Republication.counted_on,
    )  # fmt: skip
    select = (
        sa.select(*columns)
        .join_from(Republication, Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .join(Company, Company.id == Site.company_id)
    )
    conditions = list_conditions(filters, text_matches(session, filters))
    conditions.append(Republication.counted_on > NO_DAY)  # a file has no mark for the sample partner's
    order = (Republication.first_seen_at.desc(), Republication.id.desc())
    found = ListQuery(Republication, select, conditions, order).rows(session, most)
    return [RepublicationListRow(*row) for row in found]
