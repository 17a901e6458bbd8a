"""Search results as their page shows them: a row a hit, with the words of the query marked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence, last_day_of
from campaigns.planning.campaigns import Topic
from campaigns.republications.republications import Republication
from campaigns.search.highlight import TextPiece, highlight_text, snippet
from campaigns.search.index import IndexedKind
from campaigns.search.query import SearchQuery
from campaigns.search.results import SearchFilter, SearchHit, SearchHits, find_hits
from coordinator.translation import _
from coordinator.web.kit.links import bulletin_url, page_url, partner_url

KIND_ORDER = (IndexedKind.BULLETIN, IndexedKind.COPY, IndexedKind.SITE, IndexedKind.COMPANY, IndexedKind.LICENCE)
FEW = 5  # of each kind, where all kinds are shown
MANY = 20  # of one kind
QUICK = 3  # of each kind, while somebody types


@dataclass(frozen=True)
class HitRow:
    """One hit. ``pill``: kind and state of the subject. ``notes``: what distinguishes it; ``at``: its day."""

    url: str | None
    title: Sequence[TextPiece]
    notes: Sequence[Sequence[TextPiece]] = ()
    text: Sequence[TextPiece] = ()
    pill: tuple[str, Enum] | None = None
    at: datetime | date | None = None


@dataclass(frozen=True)
class HitGroup:
    """The hits of one kind. ``total``: counted no further than ``MOST_COUNTED`` + 1: then ``uncounted``."""

    kind: IndexedKind
    lines: Sequence[HitRow]
    total: int
    uncounted: bool


@dataclass(frozen=True)
class SearchResults:
    """The hits by kind; kinds without a hit are left out."""

    groups: Sequence[HitGroup] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.groups)


def search_results(
    session: Session,
    query: SearchQuery,
    narrowed: SearchFilter,
    kinds: Sequence[IndexedKind] = KIND_ORDER,
    *,
    most: int,
    skip: int = 0,
) -> SearchResults:
    """Search each of these kinds with a constant number of statements."""
    groups = []
    for kind in kinds:
        hits = find_hits(session, kind, query, narrowed, most=most, skip=skip)
        if hits.total:
            groups.append(HitGroup(kind, _hit_rows(session, query, kind, hits), hits.total, hits.uncounted))
    return SearchResults(groups)


def _hit_rows(session: Session, query: SearchQuery, kind: IndexedKind, hits: SearchHits) -> Sequence[HitRow]:
    if not hits.rows:
        return ()
    read, line = _READERS[kind]
    rows: Mapping[int, Any] = {row.id: row for row in session.execute(read([hit.number for hit in hits.rows]))}
    return [line(query, rows[hit.number]) for hit in hits.rows if _row_exists(hit, rows)]


def _row_exists(hit: SearchHit, rows: Mapping[int, Any]) -> bool:
    """Whether the subject exists: a row deleted by hand in the database may still be in the index."""
    return hit.number in rows


def _bulletins(numbers: Sequence[int]) -> sa.Select[Any]:
    newest = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
    when = sa.func.coalesce(Bulletin.release_at, Bulletin.edited_at).label("at")
    columns: tuple[Any, ...] = (
        Bulletin.id, Bulletin.code, Bulletin.state, when, Revision.title, Revision.lead, Revision.body_text,
        Topic.name.label("topic"),
    )  # fmt: skip
    return (
        sa.select(*columns)
        .join(Revision, newest)
        .join(Topic, Topic.id == Bulletin.topic_id)
        .where(Bulletin.id.in_(numbers))
    )


def _bulletin(query: SearchQuery, row: Any) -> HitRow:
    return HitRow(
        bulletin_url(row.code),
        highlight_text(row.title, query),
        [highlight_text(row.code, query), _plain(row.topic)],
        snippet(f"{row.lead} {row.body_text}", query),
        ("bulletin", row.state),
        row.at,
    )


def _copies(numbers: Sequence[int]) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        Republication.id, Republication.public, Republication.headline, Republication.canonical_url,
        Republication.status, Republication.counted_on, Site.name.label("site"), Bulletin.code,
    )  # fmt: skip
    return (
        sa.select(*columns)
        .join(Site, Site.id == Republication.site_id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .where(Republication.id.in_(numbers))
    )


def _copy(query: SearchQuery, row: Any) -> HitRow:
    address = highlight_text(row.canonical_url, query)
    headline = highlight_text(row.headline, query) if row.headline else address
    return HitRow(
        page_url("republications.show", ident=row.public),
        headline,
        [_plain(row.site), _plain(_("từ bản tin %(code)s", code=row.code))],
        address if row.headline and not any(piece.hit for piece in headline) else (),
        ("republication", row.status),
        row.counted_on,
    )


def _sites(numbers: Sequence[int]) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (Site.id, Site.name, Site.host, Company.name.label("owner"), Company.code)
    return sa.select(*columns).join(Company, Company.id == Site.company_id).where(Site.id.in_(numbers))


def _site(query: SearchQuery, row: Any) -> HitRow:
    return HitRow(
        partner_url(row.code), highlight_text(row.name, query), [highlight_text(row.host, query), _plain(row.owner)]
    )


def _companies(numbers: Sequence[int]) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (Company.id, Company.name, Company.code, Company.tax_code, Company.contact)
    return sa.select(*columns).where(Company.id.in_(numbers))


def _company(query: SearchQuery, row: Any) -> HitRow:
    notes = [highlight_text(_("mã số thuế %(code)s", code=row.tax_code), query)] if row.tax_code else []
    return HitRow(partner_url(row.code), highlight_text(row.name, query), notes, snippet(row.contact, query))


def _licences(numbers: Sequence[int]) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        Licence.id, Licence.number, Licence.issuer, Licence.domains, Licence.expires_on, Licence.withdrawn_on,
        Company.name, Company.code,
    )  # fmt: skip
    return sa.select(*columns).join(Company, Company.id == Licence.company_id).where(Licence.id.in_(numbers))


def _licence(query: SearchQuery, row: Any) -> HitRow:
    return HitRow(
        partner_url(row.code),
        highlight_text(row.number, query),
        [_plain(row.name), highlight_text(row.issuer, query)],
        snippet(", ".join(row.domains), query),
        at=last_day_of(row.expires_on, row.withdrawn_on),
    )


def _plain(text: str) -> Sequence[TextPiece]:
    return (TextPiece(str(text), False),)


_READERS: Mapping[
    IndexedKind, tuple[Callable[[Sequence[int]], sa.Select[Any]], Callable[[SearchQuery, Any], HitRow]]
] = {
    IndexedKind.BULLETIN: (_bulletins, _bulletin),
    IndexedKind.COPY: (_copies, _copy),
    IndexedKind.SITE: (_sites, _site),
    IndexedKind.COMPANY: (_companies, _company),
    IndexedKind.LICENCE: (_licences, _licence),
}
