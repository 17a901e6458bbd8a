"""All sites of all partners: which of them have sources, and the search for the sources of all that have none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.listing import ListFilter, ListPage, ListQuery, argument
from campaigns.core.vietnamese import fold
from campaigns.discovery import surveys
from campaigns.discovery.site_sources import Source
from campaigns.discovery.surveys import Survey
from campaigns.partners.directory import Company, Site, SiteKind, current_company_id
from campaigns.people.staff import Permission
from coordinator.translation import _, counted, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.state_labels import value_label

blueprint = Blueprint("site_list", __name__)


class SourceStanding(Enum):
    """How a site stands with its sources."""

    NONE = "none"  # watched, but without any source
    SEARCHING = "searching"  # a search for its sources is under way
    NOT_FOUND = "not_found"  # without any source after a search
    FAILING = "failing"  # a watched source failed at the last look
    WATCHED = "watched"


def _standing_condition(standing: SourceStanding) -> sa.ColumnElement[bool]:
    surveyed = sa.exists().where(Survey.site_id == Site.id).correlate(Site)
    watched = sa.exists().where(Source.site_id == Site.id, Source.due_at.is_not(None))
    match standing:
        case SourceStanding.NONE:
            return surveys.lacks_sources()
        case SourceStanding.SEARCHING:
            return surveyed.where(Survey.done_at.is_(None))
        case SourceStanding.NOT_FOUND:
            return sa.and_(surveys.lacks_sources(), surveyed.where(Survey.done_at.is_not(None)))
        case SourceStanding.FAILING:
            return watched.where(Source.error != "")
        case SourceStanding.WATCHED:
            return watched


def _words_condition(words: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        Site.host.contains(fold(words), autoescape=True),
        Site.code == words,
        Site.name.icontains(words, autoescape=True),
    )


@dataclass(frozen=True)
class SiteFilter(ListFilter):
    """Filter of the list. ``q``: a part of the name or host, or the code."""

    q: str = argument("", longest=80, where=_words_condition)
    partner: str | None = argument(
        longest=80, where=lambda code: Site.company_id == current_company_id(code), of=Company
    )
    kind: SiteKind | None = argument(where=lambda kind: Site.kind == kind)
    sources: SourceStanding | None = argument(where=_standing_condition)


@dataclass(frozen=True)
class SiteLine:
    """One site. ``watched``: the number of its watched sources; ``offers``: of sources found and not used."""

    code: str
    name: str
    host: str
    kind: SiteKind
    active: bool
    company: str
    company_code: str
    watched: int
    failing: int
    searching: bool
    searched_at: datetime | None
    offers: int
    error: str


@blueprint.get("/_sites")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the sites. An htmx request gets the progress of the search, and reloads the page when it is over."""
    filters = requested_filter(SiteFilter)
    with app_context().job_context.database.read() as session:
        filters.check_codes(session)
        batch = surveys.latest_batch(session)
        if request.headers.get("HX-Request") == "true":
            answer = make_response(render_template("desk/partners/sites/progress.html", batch=batch))
            if batch is None or not batch.running:
                answer.headers["HX-Refresh"] = "true"
        else:
            shown = {"part": _site_lines(session, filters), "counts": _counts(session, filters)}
            page = render_template(
                "desk/partners/sites/index.html",
                filters=filters,
                batch=batch,
                lacking=surveys.count_lacking(session),
                kinds=[(kind.value, value_label("site", kind)) for kind in SiteKind],
                standings=[(standing.value, standing_label(standing)) for standing in SourceStanding],
                may_configure=current_actor().may(Permission.CONFIGURE),
                **shown,
            )
            answer = make_response(page)
    answer.vary.add("HX-Request")
    return answer


def standing_label(standing: SourceStanding) -> str:
    """Return the label of a standing."""
    return str(
        {
            SourceStanding.NONE: _("Chưa có nguồn"),
            SourceStanding.SEARCHING: _("Đang tìm nguồn"),
            SourceStanding.NOT_FOUND: _("Đã tìm, không thấy nguồn"),
            SourceStanding.FAILING: _("Có nguồn đang lỗi"),
            SourceStanding.WATCHED: _("Đang được xem"),
        }[standing]
    )


@blueprint.post("/_sites/_find")
@staff_required(Permission.CONFIGURE)
def find() -> ResponseReturnValue:
    """Search the sources of every site that has none, and watch the best that are found."""
    context = app_context().job_context
    with context.database.write() as session:
        batch = surveys.request_missing_surveys(session, current_actor(), now=context.now())
    if batch is None:
        flash_done(_("Trang nào cũng đã có nguồn."))
    else:
        app_context().runner.nudge("source_discovery")
        count = batch.total - batch.done
        words = formats.number(count, language())
        flash_done(counted("Đang tìm nguồn của %(words)s trang.", count, words=words))
    return redirect(url_for("partners.site_list.index", sources="none"), 303)


def _counts(session: Session, filters: SiteFilter) -> Mapping[str, int]:
    """Return the number of sites in each standing under the other filters, and of all."""
    others = replace(filters, sources=None).conditions()
    columns = [
        sa.func.count().filter(_standing_condition(standing)).label(standing.value) for standing in SourceStanding
    ]
    # Counts sites, for the filters of their list.
    row = session.execute(sa.select(sa.func.count().label("all"), *columns).select_from(Site).where(*others)).one()
    return {name: int(value) for name, value in row._mapping.items()}


def _site_lines(session: Session, filters: SiteFilter) -> ListPage[SiteLine]:
    select = (
        sa.select(Site, Company.name, Company.code, Survey)
        .join(Company, Company.id == Site.company_id)
        .outerjoin(Survey, Survey.site_id == Site.id)
    )
    page = ListQuery(Site, select, filters.conditions(), (Site.name, Site.id)).page(session, page_number())
    counts = _source_counts(session, [row[0].id for row in page.rows])
    return page.with_rows(
        [_site_line(site, company, code, survey, counts) for site, company, code, survey in page.rows]
    )


def _source_counts(session: Session, sites: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return the watched and the failing sources of these sites, not copies."""
    query = (
        sa.select(Source.site_id, sa.func.count(), sa.func.count().filter(Source.error != ""))
        .where(Source.site_id.in_(sites), Source.due_at.is_not(None))
        .group_by(Source.site_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in session.execute(query)}


def _site_line(
    site: Site, company: str, code: str, survey: Survey | None, counts: Mapping[int, tuple[int, int]]
) -> SiteLine:
    watched, failing = counts.get(site.id, (0, 0))
    used = {*site.feeds, *site.sitemaps, *site.listings, *site.searches}
    return SiteLine(
        code=site.code,
        name=site.name,
        host=site.host,
        kind=site.kind,
        active=site.active,
        company=company,
        company_code=code,
        watched=watched,
        failing=failing,
        searching=survey is not None and survey.done_at is None,
        searched_at=survey.done_at if survey is not None else None,
        offers=sum(offer["url"] not in used for offer in survey.found) if survey is not None else 0,
        error=survey.error if survey is not None else "",
    )
