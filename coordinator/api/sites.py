"""Sites of partners, the addresses that list their new pages, and looking at them again at once."""

from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import joinedload

from campaigns.core import journal
from campaigns.core.errors import NotFound
from campaigns.partners import directory
from campaigns.partners.directory import Site, SiteKind, numbered
from campaigns.people.staff import May
from campaigns.tracking import watching
from campaigns.tracking.watching import Source, SourceKind, Trouble
from coordinator.api import fields, paging
from coordinator.api.auth import front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing, PageQuery
from coordinator.api.partners import Name, is_own, named_partner, own
from coordinator.api.reading import asks, takes

bp = APIBlueprint("sites", __name__, tag="Partners")


class NewSite(Body):
    """``feeds``, ``sitemaps`` and ``listings`` are addresses on the site that list its new pages; ``searches`` where it
    can be asked which of its pages link to us (a WordPress site's ``/wp-json/``, or a search page ``/?s=``)."""

    code: fields.Code | None = None
    partner: fields.Code
    name: Name
    url: Annotated[fields.Exact, Field(max_length=500)]
    kind: SiteKind
    feeds: fields.Addresses = []
    sitemaps: fields.Addresses = []
    listings: fields.Addresses = []
    searches: fields.Addresses = []


class SiteChange(Body):
    """What is left out stays. The host stays: another host is another site."""

    name: Name | None = None
    url: Annotated[fields.Exact | None, Field(max_length=500)] = None
    kind: SiteKind | None = None
    feeds: fields.Addresses | None = None
    sitemaps: fields.Addresses | None = None
    listings: fields.Addresses | None = None
    searches: fields.Addresses | None = None
    active: fields.Yes | None = None


class SiteQuery(PageQuery):
    """Which sites."""

    partner: fields.Code | None = None
    kind: SiteKind | None = None


class SiteRow(Shown):
    """One place where bulletins are republished."""

    code: str
    partner: str
    name: str
    url: str
    host: str
    kind: SiteKind
    feeds: list[str]
    sitemaps: list[str]
    listings: list[str]
    searches: list[str]
    active: bool
    created_at: Time


class SourceRow(Shown):
    """One address of a site that lists its new pages. ``due_at`` null: no longer watched."""

    kind: SourceKind
    url: str
    looked_at: Time | None = None
    succeeded_at: Time | None = None
    named_at: Time | None = None
    due_at: Time | None = None
    daily: float
    failures: int
    trouble: Trouble
    error: str
    failing_since: Time | None = None
    silent_since: Time | None = None


class SourceList(Listing):
    """The sources of one site."""

    items: list[SourceRow]


class Looked(Shown):
    """How many sources are looked at now."""

    site: str
    sources: int


class SiteList(Listing):
    """One page of sites."""

    items: list[SiteRow]


@bp.get("/sites")
@asks(SiteQuery)
@bp.output(SiteList)
def sites(query: SiteQuery) -> Response:
    """Sites in the order they were added; a partner's key sees its own."""
    with front().place.database.read() as session:
        wanted = sa.select(Site).options(joinedload(Site.company))
        wanted = own(wanted, Site.company_id)
        if query.partner is not None:
            wanted = wanted.where(Site.company_id == numbered(query.partner))
        if query.kind is not None:
            wanted = wanted.where(Site.kind == query.kind)
        page, listing = paging.by_id(session, wanted, Site.id, query)
        return answer(SiteList(items=[site_row(row) for row in page], **listing))


@bp.post("/sites")
@takes(NewSite)
@bp.output(SiteRow, 201)
def add_site(body: NewSite) -> Response:
    """Register a site of a partner; it is looked at from now on."""
    actor = staff(May.CONFIGURE)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            now = place.now()
            row = directory.add_site(
                session,
                actor.id,
                named_partner(session, body.partner),
                code=body.code,
                name=body.name,
                url=body.url,
                kind=body.kind,
                feeds=body.feeds,
                sitemaps=body.sitemaps,
                listings=body.listings,
                searches=body.searches,
                now=now,
            )
            watching.watch(session, row, now=now)
            keep(session, site_row(row), 201, location=f"/api/v1/sites/{row.code}")
        front().runner.nudge("look")

    return once(act)


@bp.get("/sites/<code>")
@bp.output(SiteRow)
def site(code: str) -> Response:
    """One site."""
    with front().place.database.read() as session:
        row = directory.find_site(session, code)
        if not is_own(row.company_id):
            raise NotFound(f"there is no site {code}", site=code)
        return answer(site_row(row))


@bp.patch("/sites/<code>")
@takes(SiteChange)
@bp.output(SiteRow)
def change_site(code: str, body: SiteChange) -> Response:
    """Change a site; its sources are watched as they now are."""
    actor = staff(May.CONFIGURE)
    place = front().place
    with place.database.write() as session:
        now = place.now()
        row = directory.find_site(session, code)
        directory.change_site(session, actor.id, row, **body.model_dump(exclude_unset=True), now=now)
        watching.watch(session, row, now=now)
        shown = site_row(row)
    front().runner.nudge("look", code)
    return answer(shown)


@bp.get("/sites/<code>/sources")
@bp.output(SourceList)
def sources(code: str) -> Response:
    """The addresses a site is watched by: when each was read, when it is read next, and what is the matter with it."""
    with front().place.database.read() as session:
        row = directory.find_site(session, code)
        if not is_own(row.company_id):
            raise NotFound(f"there is no site {code}", site=code)
        rows = session.execute(sa.select(Source).where(Source.site_id == row.id).order_by(Source.id)).scalars()
        return answer(SourceList(items=[source_row(one) for one in rows], next=None))


@bp.post("/sites/<code>/look")
@bp.output(Looked, 202)
def look(code: str) -> Response:
    """Look at every source of a site again now, whatever was to be waited for."""
    actor = staff(May.CONFIGURE)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = directory.find_site(session, code)
            count = watching.look_now(session, [row.id], now=place.now())
            if count:
                journal.record(session, actor.id, "site.looked", "site", row.code, {"sources": count}, now=place.now())
            keep(session, Looked(site=row.code, sources=count), 202)
        front().runner.nudge("look", code)

    return once(act)


def source_row(row: Source) -> SourceRow:
    """A source as a row."""
    return SourceRow(
        kind=row.kind,
        url=row.url,
        looked_at=row.looked_at,
        succeeded_at=row.succeeded_at,
        named_at=row.named_at,
        due_at=row.due_at,
        daily=round(row.daily, 2),
        failures=row.failures,
        trouble=row.trouble,
        error=row.error,
        failing_since=row.failing_since,
        silent_since=row.silent_since,
    )


def site_row(row: Site) -> SiteRow:
    """A site as a row."""
    return SiteRow(
        code=row.code,
        partner=row.company.code,
        name=row.name,
        url=row.url,
        host=row.host,
        kind=row.kind,
        feeds=row.feeds,
        sitemaps=row.sitemaps,
        listings=row.listings,
        searches=row.searches,
        active=row.active,
        created_at=row.created_at,
    )
