"""Chains: a copy that was taken from another partner's copy and not from us, as its page says itself.

A page says so by a link to the other copy, or by a source line that links or names the other site. It is believed only
of a copy that appeared no later, as far as pages tell times; whatever they say, no chain runs in a circle.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.partners.directory import Company, Site, site_of
from campaigns.tracking.attribution import Attribution, AttributionVerdict
from campaigns.tracking.fingerprints import fold
from campaigns.tracking.republications import TOLD_TO, Republication, Status
from campaigns.tracking.urls import page_of


@dataclass(frozen=True)
class Link:
    """One copy of the bulletin as a link of a chain. ``parent``: the id of the copy it was taken from."""

    id: int
    site_id: int
    url: str
    appeared_at: dt.datetime
    parent: int | None = None


def _before(other: Link, own: Link) -> bool:
    """Whether the other copy can have been there first: one page tells seconds, another cuts them off."""
    return other.appeared_at < own.appeared_at + TOLD_TO


def _circles(other: Link, own: Link, parents: dict[int, int | None]) -> bool:
    """Whether the other copy was itself taken, over any number of steps, from this one."""
    at: int | None = other.id
    seen = set()
    while at is not None and at not in seen:
        if at == own.id:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


def linked_copy(own: Link, links: Iterable[str], others: Sequence[Link]) -> Link | None:
    """The copy of another site that one of the page's links leads to, when it can be the origin; the earliest."""
    led_to = {page_of(link) for link in links} - {None}
    return _origin(own, [other for other in others if page_of(other.url) in led_to], others)


def copy_on(own: Link, sites: Sequence[int], others: Sequence[Link]) -> Link | None:
    """The copy on one of these sites that can be the origin; the earliest."""
    return _origin(own, [other for other in others if other.site_id in sites], others)


def _origin(own: Link, told: Sequence[Link], others: Sequence[Link]) -> Link | None:
    parents = {one.id: one.parent for one in others}
    fit = [
        one
        for one in told
        if one.site_id != own.site_id and _before(one, own) and not _circles(one, own, parents)
    ]  # fmt: skip
    return min(fit, key=lambda one: (one.appeared_at, one.id), default=None)


def settle(session: Session, row: Republication, source: AttributionVerdict, links: Sequence[str]) -> None:
    """Write down whom a copy that was just read says it was taken from. ``links``: the article's links to elsewhere."""
    others = [_link(one) for one in _others(session, row)]
    own = _link(row)
    origin = linked_copy(own, links, others)
    named: list[int] = []
    if origin is None and source.attribution is Attribution.NAMED_OTHER_SOURCE:
        named = [site for site in _named(session, source) if site != row.site_id]
        origin = copy_on(own, named, others)
    row.taken_from_id = origin.id if origin is not None else None
    row.taken_from_site_id = origin.site_id if origin is not None else None
    # The site alone is told when we know no copy on it, and one company's site when only one is meant.
    if origin is None and len(named) == 1 and named[0] not in {one.site_id for one in others}:
        row.taken_from_site_id = named[0]


def waiting_for(site: int, bulletins: Iterable[int]) -> sa.ColumnElement[bool]:
    """Which copies of these bulletins name this site as their source and no copy on it: those that ``adopt`` joins."""
    return sa.and_(
        Republication.bulletin_id.in_(list(bulletins)),
        Republication.taken_from_site_id == site,
        Republication.taken_from_id.is_(None),
    )


def adopt(session: Session, row: Republication) -> None:
    """A copy is new to us: those that named its site before we knew it are joined to it, where it came first. They are
    locked already (``waiting_for``)."""
    waiting = sa.select(Republication).where(waiting_for(row.site_id, [row.bulletin_id]), Republication.id != row.id)
    others = [_link(one) for one in [row, *_others(session, row)]]
    for one in session.execute(waiting).scalars().all():
        origin = copy_on(_link(one), [row.site_id], others)
        if origin is not None:
            one.taken_from_id = origin.id
        else:
            one.taken_from_site_id = None  # it came later, so it cannot be where the other was taken from


def _others(session: Session, row: Republication) -> Sequence[Republication]:
    query = (
        sa.select(Republication)
        .options(joinedload(Republication.bulletin))
        .where(
            Republication.bulletin_id == row.bulletin_id,
            Republication.id != row.id,
            Republication.status != Status.REJECTED,
        )
    )
    return session.execute(query).scalars().all()


def _link(row: Republication) -> Link:
    return Link(row.id, row.site_id, row.canonical_url, row.appeared_at, row.taken_from_id)


def _named(session: Session, source: AttributionVerdict) -> list[int]:
    """The registered sites that a source line means, by key: the one it links, else those it names, by their own name
    or host or by their company's."""
    if source.source_link is not None and (site := site_of(session, source.source_link)) is not None:
        return [site.id]
    name = fold(source.source_name or "")
    if not name:
        return []
    # A line that gives the host is answered by its index. Names are compared folded, which no database can: their
    # columns alone are read, not the sites with all their lists.
    host = " ".join((source.source_name or "").lower().split()).removeprefix("www.")
    by_host = session.execute(sa.select(Site.id).where(Site.host == host)).scalar_one_or_none()
    query = sa.select(Site.id, Site.name, Company.name).join(Company, Company.id == Site.company_id).order_by(Site.id)
    known = [] if by_host is not None else [(row[0], fold(row[1]), fold(row[2])) for row in session.execute(query)]
    own = [by_host] if by_host is not None else [ident for ident, own_name, _ in known if own_name == name]
    return own or [ident for ident, _, company in known if company == name]
