"""Chains of copies: a copy that, by its own page, was taken from another partner's copy.

A page states its origin by a link to the other copy, or by a source line that links or names the other site. The origin
must have appeared no later, as far as the times are known, and chains have no cycles.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.discovery.urls import page_key
from campaigns.matching.fingerprints import fold
from campaigns.partners.directory import Company, Site, site_of
from campaigns.republications.attribution.verdicts import Attribution, AttributionVerdict
from campaigns.republications.republications import TIME_GRANULARITY, Republication, RepublicationStatus


@dataclass(frozen=True)
class ChainLink:
    """One copy of the bulletin as a link of a chain. ``parent``: the id of the copy it was taken from; ``counted``: of
    the copy that it is a duplicate of, None for another."""

    id: int
    site_id: int
    url: str
    appeared_at: dt.datetime
    parent: int | None = None
    counted: int | None = None


def _can_precede(other: ChainLink, own: ChainLink) -> bool:
    """Whether the other copy can have appeared first, with a tolerance, since some pages have times without seconds."""
    return other.appeared_at < own.appeared_at + TIME_GRANULARITY


def _would_form_cycle(other: ChainLink, own: ChainLink, parents: dict[int, int | None]) -> bool:
    """Whether the other copy was itself taken from this one, over any number of steps."""
    at: int | None = other.id
    seen = set()
    while at is not None and at not in seen:
        if at == own.id:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


def linked_copy(own: ChainLink, links: Iterable[str], others: Sequence[ChainLink]) -> ChainLink | None:
    """Return the earliest copy of another site that the page links to and that can be the origin."""
    led_to = {page_key(link) for link in links} - {None}
    return _origin(own, [other for other in others if page_key(other.url) in led_to], others)


def earliest_copy_on(own: ChainLink, sites: Sequence[int], others: Sequence[ChainLink]) -> ChainLink | None:
    """Return the earliest copy on one of these sites that can be the origin."""
    return _origin(own, [other for other in others if other.site_id in sites], others)


def _origin(own: ChainLink, links: Sequence[ChainLink], others: Sequence[ChainLink]) -> ChainLink | None:
    parents = {link.id: link.parent for link in others}
    fit = [
        link
        for link in links
        if link.site_id != own.site_id and _can_precede(link, own) and not _would_form_cycle(link, own, parents)
    ]  # fmt: skip
    return min(fit, key=lambda link: (link.appeared_at, link.id), default=None)


def record_origin(session: Session, row: Republication, source: AttributionVerdict, links: Sequence[str]) -> None:
    """Record the origin that a newly read copy states. ``links``: the article's links to other sites."""
    others = [_chain_link(republication) for republication in _other_copies(session, row)]
    own = _chain_link(row)
    origin = linked_copy(own, links, others)
    named: list[int] = []
    if origin is None and source.attribution is Attribution.NAMED_OTHER_SOURCE:
        named = [site for site in _named_sites(session, source) if site != row.site_id]
        origin = earliest_copy_on(own, named, others)
    row.taken_from_id = (origin.counted or origin.id) if origin is not None else None
    row.taken_from_site_id = origin.site_id if origin is not None else None
    # Only the site is recorded when no copy on it is known, and only when the line means one site.
    if origin is None and len(named) == 1 and named[0] not in {link.site_id for link in others}:
        row.taken_from_site_id = named[0]


def copies_without_origin(site: int, bulletins: Iterable[int]) -> sa.ColumnElement[bool]:
    """Return the copies of these bulletins that name this site as their origin without a copy on it."""
    return sa.and_(
        Republication.bulletin_id.in_(list(bulletins)),
        Republication.taken_from_site_id == site,
        Republication.taken_from_id.is_(None),
    )


def link_waiting_copies(session: Session, row: Republication) -> None:
    """Link copies that named the site of a new copy to this copy, where it appeared first. They are locked already
    (``copies_without_origin``)."""
    waiting = sa.select(Republication).where(
        copies_without_origin(row.site_id, [row.bulletin_id]), Republication.id != row.id
    )
    others = [_chain_link(republication) for republication in [row, *_other_copies(session, row)]]
    for republication in session.execute(waiting).scalars().all():
        origin = earliest_copy_on(_chain_link(republication), [row.site_id], others)
        if origin is not None:
            republication.taken_from_id = origin.counted or origin.id
        else:
            republication.taken_from_site_id = None  # the new copy is later, so that it cannot be the origin


def _other_copies(session: Session, row: Republication) -> Sequence[Republication]:
    query = (
        sa.select(Republication)
        .options(joinedload(Republication.bulletin))
        .where(
            Republication.bulletin_id == row.bulletin_id,
            Republication.id != row.id,
            Republication.status != RepublicationStatus.REJECTED,
        )
    )
    return session.execute(query).scalars().all()


def _chain_link(row: Republication) -> ChainLink:
    return ChainLink(row.id, row.site_id, row.canonical_url, row.appeared_at, row.taken_from_id, row.duplicate_of_id)


def _named_sites(session: Session, source: AttributionVerdict) -> list[int]:
    """Return the ids of the registered sites that a source line means: the linked one, else those named, by name, host
    or company."""
    if source.source_link is not None and (site := site_of(session, source.source_link)) is not None:
        return [site.id]
    name = fold(source.source_name or "")
    if not name:
        return []
    # A host is looked up by its index. Names are compared folded, which the database cannot do: only their columns are
    # read, not the sites with all their lists.
    host = " ".join((source.source_name or "").lower().split()).removeprefix("www.")
    by_host = session.execute(sa.select(Site.id).where(Site.host == host)).scalar_one_or_none()
    query = sa.select(Site.id, Site.name, Company.name).join(Company, Company.id == Site.company_id).order_by(Site.id)
    known = [] if by_host is not None else [(row[0], fold(row[1]), fold(row[2])) for row in session.execute(query)]
    own = [by_host] if by_host is not None else [ident for ident, own_name, _ in known if own_name == name]
    return own or [ident for ident, _, company in known if company == name]
