"""Partners and their sites. A partner's key sees its own company and nothing of another."""

from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload

from campaigns.core import journal
from campaigns.core.clock import city_day, quarter_of
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners import directory
from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.people.staff import May
from campaigns.reporting import claims
from campaigns.tracking import watching
from campaigns.tracking.watching import Source, SourceKind, Trouble
from coordinator.api import fields, paging
from coordinator.api.auth import caller, front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing, PageQuery
from coordinator.api.reading import asks, takes

bp = APIBlueprint("partners", __name__, tag="Partners")

Name = Annotated[fields.Words, Field(max_length=300)]


class NewPartner(Body):
    """Without a ``code`` one is made from the name."""

    code: fields.Code | None = None
    name: Name
    tax_code: fields.Code | None = None
    contact: fields.Line = ""


class PartnerChange(Body):
    """What is left out stays."""

    name: Name | None = None
    tax_code: fields.Code | None = None
    contact: fields.Line | None = None


class PartnerRow(Shown):
    """A company that republishes. ``contact``: whom to call or write to when something must be put right."""

    code: str
    name: str
    tax_code: str | None = None
    contact: str
    created_at: Time


class ClaimsRow(Shown):
    """What became of the claims made with the partner's keys. ``pending`` is not judged yet, ``review`` waits for a
    person; ``false_share``: rejected of those judged, null while none is; ``telling``: enough are judged for the share
    to mean something."""

    made: int
    confirmed: int
    review: int
    rejected: int
    pending: int
    false_share: float | None = None
    telling: bool


class PartnerShown(PartnerRow):
    """A partner with its claims, of all time and of the present quarter."""

    claims: ClaimsRow
    claims_this_quarter: ClaimsRow


class PartnerList(Listing):
    """One page of partners."""

    items: list[PartnerRow]


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


@bp.get("/partners")
@asks(PageQuery)
@bp.output(PartnerList)
def partners(query: PageQuery) -> Response:
    """Partners in the order they were added; a partner's key sees itself."""
    with front().place.database.read() as session:
        wanted = sa.select(Company).order_by(Company.id).limit(query.limit + 1)
        wanted = own(wanted, Company.id)
        if (last := paging.after_id(query)) is not None:
            wanted = wanted.where(Company.id > last)
        rows = session.execute(wanted).scalars().all()
        page, listing = paging.cut(rows, query, lambda row: {"id": str(row.id)})
        return answer(PartnerList(items=[partner_row(row) for row in page], **listing))


@bp.post("/partners")
@takes(NewPartner)
@bp.output(PartnerRow, 201)
def add_partner(body: NewPartner) -> Response:
    """Add a partner."""
    actor = staff(May.CONFIGURE)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = directory.add_company(
                session, actor.id, code=body.code, name=body.name, tax_code=body.tax_code, contact=body.contact,
                now=place.now(),
            )  # fmt: skip
            keep(session, partner_row(row), 201, location=f"/api/v1/partners/{row.code}")

    return once(act)


@bp.get("/partners/<code>")
@bp.output(PartnerShown)
def partner(code: str) -> Response:
    """One partner, with what became of its claims."""
    with front().place.database.read() as session:
        row = directory.find_company(session, code)
        if not is_own(row.id):
            raise NotFound(f"there is no partner {code}", partner=code)
        quarter = quarter_of(city_day(front().place.now()))
        return answer(
            PartnerShown(
                **partner_row(row).model_dump(),
                claims=_claims(claims.claims_of(session, row.id)),
                claims_this_quarter=_claims(claims.claims_of(session, row.id, quarter)),
            )
        )


@bp.patch("/partners/<code>")
@takes(PartnerChange)
@bp.output(PartnerRow)
def change_partner(code: str, body: PartnerChange) -> Response:
    """Change a partner's name, tax code or contact; null takes the tax code away."""
    actor = staff(May.CONFIGURE)
    place = front().place
    tax_code = (body.tax_code or "") if "tax_code" in body.model_fields_set else None
    with place.database.write() as session:
        row = directory.find_company(session, code)
        directory.change_company(
            session, actor.id, row, name=body.name, tax_code=tax_code, contact=body.contact, now=place.now()
        )
        return answer(partner_row(row))


@bp.get("/sites")
@asks(SiteQuery)
@bp.output(SiteList)
def sites(query: SiteQuery) -> Response:
    """Sites in the order they were added; a partner's key sees its own."""
    with front().place.database.read() as session:
        wanted = sa.select(Site).order_by(Site.id).limit(query.limit + 1).options(joinedload(Site.company))
        wanted = own(wanted, Site.company_id)
        if query.partner is not None:
            wanted = wanted.where(Site.company.has(Company.code == query.partner))
        if query.kind is not None:
            wanted = wanted.where(Site.kind == query.kind)
        if (last := paging.after_id(query)) is not None:
            wanted = wanted.where(Site.id > last)
        rows = session.execute(wanted).scalars().all()
        page, listing = paging.cut(rows, query, lambda row: {"id": str(row.id)})
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


def own(query: sa.Select[Any], company_id: Any) -> sa.Select[Any]:
    """A query limited to the caller's own rows when a partner calls. Raises ``Forbidden`` for a role that reads
    nothing."""
    if caller().is_partner:
        return query.where(company_id == caller().company_id)
    caller().require(May.READ)
    return query


def is_own(company_id: int) -> bool:
    """Whether the caller may see what belongs to this company."""
    if caller().is_partner:
        return company_id == caller().company_id
    caller().require(May.READ)
    return True


def named_partner(session: Session, code: str) -> Company:
    """The partner a body names. Raises ``Invalid`` on its field."""
    row = session.execute(sa.select(Company).where(Company.code == code)).scalar_one_or_none()
    if row is None:
        raise Invalid([FieldError("partner", "unknown_partner", f"there is no partner {code!r}")])
    return row


def partner_row(row: Company) -> PartnerRow:
    """A partner as a row."""
    return PartnerRow(
        code=row.code, name=row.name, tax_code=row.tax_code, contact=row.contact, created_at=row.created_at
    )


def _claims(one: claims.Claims) -> ClaimsRow:
    return ClaimsRow(
        made=one.made,
        confirmed=one.confirmed,
        review=one.review,
        rejected=one.rejected,
        pending=one.pending,
        false_share=one.false_share,
        telling=one.telling,
    )


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
