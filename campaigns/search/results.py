"""What a query finds, the best first: with the marks as typed, headlines before texts, then newer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.core.clock import Period
from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.search.documents import KEY_COLUMNS, texts_of
from campaigns.search.index import IndexedKind, IndexMatch, index_match
from campaigns.search.query import SearchQuery
from campaigns.search.words import exact_text, folded_text

MOST_COUNTED = 1000  # hits of a kind; a person with more needs another word
# The first hits in the database's order (headlines, texts, begun words, each the newest first) whose texts are read to
# rank them by tier; later hits keep the database's order.
MOST_RANKED = 100


class MatchTier(Enum):
    """How well a hit fits, the best first."""

    EXACT_HEAD = 0  # every word with the marks as typed, in the head
    EXACT = 1  # every word with the marks as typed
    FOLDED_HEAD = 2  # every word with any marks, in the head
    FOLDED = 3  # every word with any marks
    BEGUN = 4  # the last word is the beginning of a longer one


@dataclass(frozen=True)
class SearchFilter:
    """Conditions on hits; None = any. ``period``: of a bulletin's release, else of its creation; of the day for which a
    republication counts."""

    state: BulletinState | None = None
    status: RepublicationStatus | None = None
    topic_id: int | None = None
    company_id: int | None = None
    period: Period | None = None

    def fits(self, kind: IndexedKind) -> bool:
        """Whether the filter applies to this kind: a licence has no topic."""
        return (
            (self.state is None or kind is IndexedKind.BULLETIN)
            and (self.status is None or kind is IndexedKind.COPY)
            and (self.topic_id is None or kind in {IndexedKind.BULLETIN, IndexedKind.COPY})
            and (self.company_id is None or kind is not IndexedKind.BULLETIN)
            and (self.period is None or kind in {IndexedKind.BULLETIN, IndexedKind.COPY})
        )


@dataclass(frozen=True)
class SearchHit:
    """One subject that fits."""

    kind: IndexedKind
    number: int


@dataclass(frozen=True)
class SearchHits:
    """Some of the hits of one kind. ``total``: their number, counted no further than ``MOST_COUNTED`` + 1."""

    rows: Sequence[SearchHit]
    total: int

    @property
    def uncounted(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > MOST_COUNTED


NO_HITS = SearchHits((), 0)


def find_hits(
    session: Session,
    kind: IndexedKind,
    query: SearchQuery,
    narrowed: SearchFilter = SearchFilter(),
    *,
    most: int,
    skip: int = 0,
) -> SearchHits:
    """The hits of one kind, at most ``most`` after the first ``skip``."""
    if not query or not narrowed.fits(kind):
        return NO_HITS
    match = index_match(session, query)
    source, conditions = _source(kind, match, narrowed)

    def newest(fits: sa.ColumnElement[bool], limit: int) -> list[int]:
        keys = sa.select(match.key).select_from(source).where(fits, *conditions)
        return [key - kind.first for key in session.execute(keys.order_by(match.key.desc()).limit(limit)).scalars()]

    found = newest(match.begun, MOST_COUNTED + 1)
    if not found:
        return NO_HITS
    total = len(found)
    if total > MOST_RANKED:
        wanted = max(skip + most, MOST_RANKED)
        best = dict.fromkeys([*newest(match.in_head, wanted), *newest(match.complete, wanted), *found])
        found = list(best)[: MOST_COUNTED + 1]
    ranked = _ranked(session, kind, query, found[:MOST_RANKED]) if skip < MOST_RANKED else found[:MOST_RANKED]
    numbers = [*ranked, *found[MOST_RANKED:]][skip : skip + most]
    return SearchHits([SearchHit(kind, number) for number in numbers], total)


def _ranked(session: Session, kind: IndexedKind, query: SearchQuery, numbers: Sequence[int]) -> list[int]:
    texts = texts_of(session, kind, numbers)
    tiers = {number: tier_of(query, *texts.get(number, ("", ""))) for number in numbers}
    return sorted(numbers, key=lambda number: (tiers[number].value, -number))


def tier_of(query: SearchQuery, head: str, body: str) -> MatchTier:
    """How well a text fits that the database found."""
    for form, terms, in_head, anywhere in (
        (exact_text, [term.exact for term in query.terms], MatchTier.EXACT_HEAD, MatchTier.EXACT),
        (folded_text, [term.folded for term in query.terms], MatchTier.FOLDED_HEAD, MatchTier.FOLDED),
    ):
        texts = [f" {form(text)} " for text in (head, body)]
        if all(f" {term} " in texts[0] for term in terms):
            return in_head
        if all(any(f" {term} " in text for text in texts) for term in terms):
            return anywhere
    return MatchTier.BEGUN


def _source(
    kind: IndexedKind, match: IndexMatch, narrowed: SearchFilter
) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """The tables and conditions of hits of this kind: the index alone unless a filter is set."""
    conditions: list[sa.ColumnElement[bool]] = [match.of_kind(kind)]
    if narrowed == SearchFilter():
        return match.table, conditions
    number: InstrumentedAttribute[int] = KEY_COLUMNS[kind]
    source: Any = match.table.join(number.class_, number == match.key - kind.first)
    if kind is IndexedKind.BULLETIN:
        conditions += _bulletins(narrowed)
    elif kind is IndexedKind.COPY:
        if narrowed.topic_id is not None:
            source = source.join(Bulletin, Bulletin.id == Republication.bulletin_id)
            conditions.append(Bulletin.topic_id == narrowed.topic_id)
        if narrowed.company_id is not None:
            source = source.join(Site, Site.id == Republication.site_id)
            conditions.append(Site.company_id == narrowed.company_id)
        if narrowed.status is not None:
            conditions.append(Republication.status == narrowed.status)
        if narrowed.period is not None:
            conditions.append(Republication.counted_on.between(narrowed.period.first, narrowed.period.last))
    elif narrowed.company_id is not None:
        owner = {
            IndexedKind.SITE: Site.company_id,
            IndexedKind.COMPANY: Company.id,
            IndexedKind.LICENCE: Licence.company_id,
        }[kind]
        conditions.append(owner == narrowed.company_id)
    return source, conditions


def _bulletins(narrowed: SearchFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if narrowed.state is not None:
        conditions.append(Bulletin.state == narrowed.state)
    if narrowed.topic_id is not None:
        conditions.append(Bulletin.topic_id == narrowed.topic_id)
    if narrowed.period is not None:
        when = sa.func.coalesce(Bulletin.release_at, Bulletin.created_at)
        conditions += [when >= narrowed.period.start, when < narrowed.period.end]
    return conditions
