"""What a search found, as its page shows it: a line a hit, with the words asked for marked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence
from campaigns.planning.campaigns import Topic
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.searching.asking import Asked
from campaigns.searching.finding import Hit, Hits, Narrowed, find
from campaigns.searching.index import Kind
from campaigns.searching.marking import Piece, marked, snippet
from campaigns.tracking.republications import Republication
from coordinator.web.desk.elsewhere import bulletin_page, page_of, partner_page
from coordinator.web.saying import _

ORDER = (Kind.BULLETIN, Kind.COPY, Kind.SITE, Kind.COMPANY, Kind.LICENCE)
FEW = 5  # of each kind, where all kinds are shown
MANY = 20  # of one kind
QUICK = 3  # of each kind, while somebody types


@dataclass(frozen=True)
class Line:
    """One hit. ``pill``: kind and state of what it is. ``notes``: what tells it from its likes; ``at``: its day."""

    url: str | None
    title: Sequence[Piece]
    notes: Sequence[Sequence[Piece]] = ()
    text: Sequence[Piece] = ()
    pill: tuple[str, Enum] | None = None
    at: datetime | date | None = None


@dataclass(frozen=True)
class Group:
    """The hits of one kind. ``total`` is counted no further than ``MOST_COUNTED`` + 1: then ``uncounted``."""

    kind: Kind
    lines: Sequence[Line]
    total: int
    uncounted: bool


@dataclass(frozen=True)
class Found:
    """Everything found, kind by kind; kinds without a hit are left out."""

    groups: Sequence[Group] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.groups)


def found(
    session: Session, asked: Asked, narrowed: Narrowed, kinds: Sequence[Kind] = ORDER, *, most: int, skip: int = 0
) -> Found:
    """Look for each of these kinds; three statements a kind at most."""
    groups = []
    for kind in kinds:
        hits = find(session, kind, asked, narrowed, most=most, skip=skip)
        if hits.total:
            groups.append(Group(kind, _lines(session, asked, kind, hits), hits.total, hits.uncounted))
    return Found(groups)


def _lines(session: Session, asked: Asked, kind: Kind, hits: Hits) -> Sequence[Line]:
    if not hits.rows:
        return ()
    read, line = _READERS[kind]
    rows: Mapping[int, Any] = {row.id: row for row in session.execute(read([hit.number for hit in hits.rows]))}
    return [line(asked, rows[hit.number]) for hit in hits.rows if _there(hit, rows)]


def _there(hit: Hit, rows: Mapping[int, Any]) -> bool:
    """A row removed by hand in the database may still be in the index; ``lantoa search verify`` tells of it."""
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


def _bulletin(asked: Asked, row: Any) -> Line:
    return Line(
        bulletin_page(row.code),
        marked(row.title, asked),
        [marked(row.code, asked), _plain(row.topic)],
        snippet(f"{row.lead} {row.body_text}", asked),
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


def _copy(asked: Asked, row: Any) -> Line:
    address = marked(row.canonical_url, asked)
    headline = marked(row.headline, asked) if row.headline else address
    return Line(
        page_of("republications.show", ident=row.public),
        headline,
        [_plain(row.site), _plain(_("từ bản tin %(code)s", code=row.code))],
        address if row.headline and not any(piece.hit for piece in headline) else (),
        ("republication", row.status),
        row.counted_on,
    )


def _sites(numbers: Sequence[int]) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (Site.id, Site.name, Site.host, Company.name.label("owner"), Company.code)
    return sa.select(*columns).join(Company, Company.id == Site.company_id).where(Site.id.in_(numbers))


def _site(asked: Asked, row: Any) -> Line:
    return Line(partner_page(row.code), marked(row.name, asked), [marked(row.host, asked), _plain(row.owner)])


def _companies(numbers: Sequence[int]) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (Company.id, Company.name, Company.code, Company.tax_code, Company.contact)
    return sa.select(*columns).where(Company.id.in_(numbers))


def _company(asked: Asked, row: Any) -> Line:
    notes = [marked(_("mã số thuế %(code)s", code=row.tax_code), asked)] if row.tax_code else []
    return Line(partner_page(row.code), marked(row.name, asked), notes, snippet(row.contact, asked))


def _licences(numbers: Sequence[int]) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        Licence.id, Licence.number, Licence.issuer, Licence.domains, Licence.expires_on, Company.name, Company.code,
    )  # fmt: skip
    return sa.select(*columns).join(Company, Company.id == Licence.company_id).where(Licence.id.in_(numbers))


def _licence(asked: Asked, row: Any) -> Line:
    return Line(
        partner_page(row.code),
        marked(row.number, asked),
        [_plain(row.name), marked(row.issuer, asked)],
        snippet(", ".join(row.domains), asked),
        at=row.expires_on,
    )


def _plain(text: str) -> Sequence[Piece]:
    return (Piece(str(text), False),)


_READERS: Mapping[Kind, tuple[Callable[[Sequence[int]], sa.Select[Any]], Callable[[Asked, Any], Line]]] = {
    Kind.BULLETIN: (_bulletins, _bulletin),
    Kind.COPY: (_copies, _copy),
    Kind.SITE: (_sites, _site),
    Kind.COMPANY: (_companies, _company),
    Kind.LICENCE: (_licences, _licence),
}
