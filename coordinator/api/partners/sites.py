"""Sites of partners in the API: registration, sources, immediate checks, and surveys for sources."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import Session, joinedload

from campaigns.core import journal
from campaigns.core.contents import from_attributes
from campaigns.core.errors import NotFound
from campaigns.core.listing import ListQuery
from campaigns.discovery import site_sources, surveys
from campaigns.discovery.site_sources import Source, SourceKind, SourceTrouble
from campaigns.discovery.surveys import OfferedSource, Survey
from campaigns.partners import directory
from campaigns.partners.directory import Site, SiteContent, SiteKind, SiteStanding, find_site
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import ContentBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.partners.companies import is_own_company, named_partner, rows_of_partner
from coordinator.api.request_parsing import changed, with_body, with_changes, with_query

bp = APIBlueprint("sites", __name__, tag="Partners")


class NewSite(ContentBody, SiteContent):
    """A new site. ``feeds``, ``sitemaps`` and ``listings``: addresses on the site that list its new pages;
    ``searches``: addresses of searches for pages that link to us (a WordPress site's ``/wp-json/``, or a search page
    ``/?s=``). ``needs_browser``: its pages are looked at in a browser."""

    code: fields.Code | None = None
    partner: fields.Code


class SiteChange(ContentBody, SiteStanding):
    """Absent fields stay unchanged. The host cannot change: another host is another site."""


class SiteQuery(PageQuery):
    """Filters of a list of sites."""

    partner: fields.Code | None = None
    kind: SiteKind | None = None


class SiteRow(ResponseBody, SiteStanding):
    """A site on which bulletins are republished."""

    code: str
    partner: str
    host: str
    created_at: Time


class SourceRow(ResponseBody):
    """A source: one address of a site that lists its new pages. ``due_at`` null: no longer watched."""

    kind: SourceKind
    url: str
    looked_at: Time | None = None
    succeeded_at: Time | None = None
    named_at: Time | None = None
    due_at: Time | None = None
    daily: float
    failures: int
    trouble: SourceTrouble
    error: str
    failing_since: Time | None = None
    silent_since: Time | None = None


class SourceList(ListPage):
    """The sources of one site."""

    items: list[SourceRow]


class LookResult(ResponseBody):
    """The number of sources that are checked now."""

    site: str
    sources: int


class SiteList(ListPage):
    """One page of sites."""

    items: list[SiteRow]


@bp.get("/sites")
@for_staff(Permission.READ, partners=True)
@with_query(SiteQuery)
@bp.output(SiteList)
def sites(query: SiteQuery) -> Response:
    """Sites in the order they were added; a partner's key sees its own only."""
    with app_context().job_context.database.read() as session:
        conditions = [~Site.sample, *rows_of_partner(session, Site.company_id, query.partner)]
        if query.kind is not None:
            conditions.append(Site.kind == query.kind)
        select = sa.select(Site).options(joinedload(Site.company))
        page, listing = paging.cursor_page(session, ListQuery(Site, select, conditions, (Site.id,)), query)
        return row_response(SiteList(items=[site_row(row) for (row,) in page], **listing))


@bp.post("/sites")
@for_staff(Permission.CONFIGURE)
@with_body(NewSite)
@bp.output(SiteRow, 201)
def add_site(body: NewSite) -> Response:
    """Register a site of a partner; its sources are watched from now on."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            now = context.now()
            company, content = named_partner(session, body.partner), from_attributes(SiteContent, body)
            row = directory.add_site(session, actor.id, company, content, code=body.code, now=now)
            site_sources.sync_sources(session, row, now=now)
            keep(session, site_row(row), 201, location=f"/api/v1/sites/{row.code}")
        app_context().runner.nudge("source_check")

    return run_once(apply)


@bp.get("/sites/<code>")
@for_staff(Permission.READ, partners=True)
@bp.output(SiteRow)
def site(code: str) -> Response:
    """One site of a partner with its addresses and the sources that are watched."""
    with app_context().job_context.database.read() as session:
        row = directory.find_site(session, code)
        if not is_own_company(row.company_id):
            raise NotFound(f"there is no site {code}", site=code)
        return row_response(site_row(row))


@bp.patch("/sites/<code>")
@for_staff(Permission.CONFIGURE)
@with_changes(SiteChange)
@bp.output(SiteRow)
def change_site(code: str, changes: Mapping[str, Any]) -> Response:
    """Change a site and the sources that are watched."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        now = context.now()
        row = directory.find_site(session, code, for_update=True)
        content = from_attributes(SiteStanding, changed(SiteChange, row, changes))
        directory.change_site(session, actor.id, row, content, now=now)
        site_sources.sync_sources(session, row, now=now)
        shown = site_row(row)
    app_context().runner.nudge("source_check", code)
    return row_response(shown)


@bp.get("/sites/<code>/sources")
@for_staff(Permission.READ, partners=True)
@bp.output(SourceList)
def sources(code: str) -> Response:
    """The sources of a site, each with its last check, next check and error."""
    with app_context().job_context.database.read() as session:
        row = directory.find_site(session, code)
        if not is_own_company(row.company_id):
            raise NotFound(f"there is no site {code}", site=code)
        rows = session.execute(sa.select(Source).where(Source.site_id == row.id).order_by(Source.id)).scalars()
        return row_response(SourceList(items=[source_row(source) for source in rows], next=None))


@bp.post("/sites/<code>/look")
@for_staff(Permission.CONFIGURE)
@bp.output(LookResult, 202)
def look(code: str) -> Response:
    """Check every source of a site now, regardless of its schedule."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = directory.find_site(session, code)
            count = site_sources.make_due(session, [row.id], now=context.now())
            if count:
                journal.record(
                    session, actor.id, "site.looked", "site", row.code, {"sources": count}, now=context.now()
                )
            keep(session, LookResult(site=row.code, sources=count), 202)
        app_context().runner.nudge("source_check", code)

    return run_once(apply)


def source_row(row: Source) -> SourceRow:
    """The row of a source."""
    return row_of(SourceRow, row, daily=round(row.daily, 2))


def site_row(row: Site) -> SiteRow:
    """The row of a site."""
    return row_of(SiteRow, row, partner=row.company.code)


class OfferRow(ResponseBody):
    """A readable source that a site offers. ``items``: the number of pages it lists; ``newest``: the time of the
    newest, empty if unknown; ``where``: found on the front ``page``, in ``robots``, or at a ``usual`` address."""

    kind: SourceKind
    url: str
    title: str
    items: int
    newest: str
    where: str


class SurveyRow(ResponseBody):
    """The latest survey. ``done_at`` null: in progress; ``error``: why the front page could not be read; ``offers``:
    the sources found that are not watched yet, the best first."""

    site: str
    asked_at: Time
    done_at: Time | None = None
    error: str
    offers: list[OfferRow]


class SearchRow(ResponseBody):
    """The latest search for the sources of all sites that had none. ``total`` sites, of which ``done`` are looked at
    and ``found`` have sources now; ``running``: it goes on. ``lacking``: sites that have none now."""

    asked_at: Time | None
    running: bool
    total: int
    done: int
    found: int
    lacking: int


@bp.post("/surveys")
@for_staff(Permission.CONFIGURE)
@bp.output(SearchRow, 202)
def search_all_sources() -> Response:
    """Search the sources of every site that has none, and watch the best that are found. Answers the search that
    runs where one does."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            surveys.request_missing_surveys(session, actor, now=context.now())
            keep(session, _search_row(session), 202, location="/api/v1/surveys")
        app_context().runner.nudge("source_discovery")

    return run_once(apply)


@bp.get("/surveys")
@for_staff(Permission.READ)
@bp.output(SearchRow)
def search_of_all_sources() -> Response:
    """The progress of the latest search for the sources of all sites that had none."""
    with app_context().job_context.database.read() as session:
        return row_response(_search_row(session))


def _search_row(session: Session) -> SearchRow:
    batch, lacking = surveys.latest_batch(session), surveys.count_lacking(session)
    if batch is None:
        return SearchRow(asked_at=None, running=False, total=0, done=0, found=0, lacking=lacking)
    return row_of(SearchRow, batch, lacking=lacking)  # fmt: skip


@bp.post("/sites/<code>/survey")
@for_staff(Permission.CONFIGURE)
@bp.output(SurveyRow, 202)
def look_for_sources(code: str) -> Response:
    """Request a survey of the sources that a site offers; changing the site chooses those to watch."""
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            site = find_site(session, code)
            row = surveys.request_survey(session, site, now=context.now())
            keep(
                session,
                survey_row(row, surveys.open_offers(session, site)),
                202,
                location=f"/api/v1/sites/{code}/survey",
            )
        app_context().runner.nudge("source_discovery", code)

    return run_once(apply)


@bp.get("/sites/<code>/survey")
@for_staff(Permission.READ)
@bp.output(SurveyRow)
def survey(code: str) -> Response:
    """The latest survey of a site; 404 if none was requested."""
    with app_context().job_context.database.read() as session:
        site = find_site(session, code)
        row = surveys.survey_of(session, site)
        if row is None:
            raise NotFound(f"nobody has looked for the sources of {code}", site=code)
        return row_response(survey_row(row, surveys.open_offers(session, site)))


def survey_row(row: Survey, offers: list[OfferedSource]) -> SurveyRow:
    """The row of a survey with its offers."""
    return SurveyRow(
        site=row.site.code,
        asked_at=row.asked_at,
        done_at=row.done_at,
        error=row.error,
        offers=[
            row_of(OfferRow, offer, kind=SourceKind(offer.kind))
            for offer in offers
        ],
    )  # fmt: skip
