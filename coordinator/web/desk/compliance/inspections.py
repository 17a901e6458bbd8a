"""Inspections of front pages: the last check of each site, its outcome, and a check on request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance import inspections
from campaigns.compliance.findings import Finding
from campaigns.compliance.inspections import Inspection, PageSnapshot
from campaigns.core.listing import ListPage, ListQuery
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company, Site, find_site
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import refuse_unknown_names
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("inspections", __name__, url_prefix="/_sites")
INSPECT = "inspection"  # the kind of work that inspects


@dataclass(frozen=True)
class InspectedSiteRow:
    """One site. ``snapshot``: public id of its newest kept front page, ``read_at``: its time; None before the first.
    ``open``: open findings about the site or its copies.
    """

    code: str
    name: str
    host: str
    company: str
    company_code: str
    read_at: datetime | None
    due_at: datetime | None
    error: str
    snapshot: str | None
    open: int


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show every active site, those with an unreadable page first."""
    refuse_unknown_names("q")
    words = fields.query_text("q", 80)
    with app_context().job_context.database.read() as session:
        part = _site_list(session, words)
    return render_template(
        "desk/compliance/inspections.html", part=part, q=words, may_review=current_actor().may(Permission.REVIEW),
        every=app_context().job_context.intervals.inspect,
    )  # fmt: skip


@blueprint.post("/<code>/look")
@staff_required(Permission.REVIEW)
def look(code: str) -> ResponseReturnValue:
    """Queue a check of one site's front page."""
    context = app_context().job_context
    with context.database.write() as session:
        site = find_site(session, code)
        inspections.request_inspection(session, current_actor(), site, now=context.now())
        name = site.name
    app_context().runner.nudge(INSPECT)
    flash_done(_("Máy đang xem trang chủ của %(site)s; điều đáng nghi hiện ở danh sách sau ít phút.", site=name))
    return redirect(url_for("compliance.inspections.index", q=code), 303)


def _site_list(session: Session, words: str) -> ListPage[InspectedSiteRow]:
    where: list[sa.ColumnElement[bool]] = [Site.active.is_(True)]
    if folded := fold(words):
        where.append(
            sa.or_(
                Site.host.contains(folded, autoescape=True),
                Site.code == words,
                Site.name.icontains(words, autoescape=True),
            )
        )
    columns: tuple[Any, ...] = (Site, Company.name, Company.code, Inspection)
    select = (
        sa.select(*columns)
        .join(Company, Company.id == Site.company_id)
        .outerjoin(Inspection, Inspection.site_id == Site.id)
    )
    order = (sa.func.coalesce(Inspection.error, "") == "", Site.name, Site.id)
    page = ListQuery(Site, select, where, order).page(session, page_number())
    found = page.rows
    idents = [row[0].id for row in found]
    kept = inspections.latest_pages(session, idents)
    counted = (
        # The findings of each site shown, not copies.
        sa.select(Finding.site_id, sa.func.count())
        .where(Finding.site_id.in_(idents), Finding.closed_at.is_(None))
        .group_by(Finding.site_id)
    )
    opened = {row[0]: int(row[1]) for row in session.execute(counted)}
    lines = [
        _site_row(site, company, code, row, kept.get(site.id), opened.get(site.id, 0))
        for site, company, code, row in found
    ]
    return page.with_rows(lines)


def _site_row(
    site: Site, company: str, code: str, row: Inspection | None, kept: PageSnapshot | None, opened: int
) -> InspectedSiteRow:
    due, error = (row.due_at, row.error) if row is not None else (None, "")
    seen, public = (kept.at, kept.public) if kept is not None else (None, None)
    return InspectedSiteRow(site.code, site.name, site.host, company, code, seen, due, error, public, opened)
