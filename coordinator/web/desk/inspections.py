"""Front pages at the desk: when each site was last looked at, how that went, and a look at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance import inspections
from campaigns.compliance.findings import Finding
from campaigns.compliance.inspections import Inspection, KeptFront
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company, Site, find_site
from campaigns.people.staff import May
from coordinator.web import typed
from coordinator.web.desk.listing import PAGE, Part, page_number
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("inspections", __name__, url_prefix="/_sites")
INSPECT = "inspect"  # the kind of work that looks


@dataclass(frozen=True)
class SiteLine:
    """One site. ``kept``: the public id of its newest kept front page, ``read_at`` when it came; None before the first;
    ``open``: findings about the site or its copies that are not closed."""

    code: str
    name: str
    host: str
    company: str
    company_code: str
    read_at: datetime | None
    due_at: datetime | None
    error: str
    kept: str | None
    open: int


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """Every active site, those whose page could not be read first."""
    words = typed.asked("q", 80)
    with front().place.database.read() as session:
        part = _part(session, words)
    return render_template(
        "compliance/sites.html", part=part, q=words, may_review=actor().may(May.REVIEW),
        every=front().place.pace.inspect,
    )  # fmt: skip


@blueprint.post("/<code>/look")
@staff(May.REVIEW)
def look(code: str) -> ResponseReturnValue:
    """Have one site's front page looked at now."""
    place = front().place
    with place.database.write() as session:
        site = find_site(session, code)
        inspections.ask(session, actor(), site, now=place.now())
        name = site.name
    front().runner.nudge(INSPECT)
    say_done(_("Máy đang xem trang chủ của %(site)s; điều đáng nghi hiện ở danh sách sau ít phút.", site=name))
    return redirect(url_for("compliance.inspections.index", q=code), 303)


def _part(session: Session, words: str) -> Part[SiteLine]:
    where: list[sa.ColumnElement[bool]] = [Site.active.is_(True)]
    if folded := fold(words):
        where.append(
            sa.or_(
                Site.host.contains(folded, autoescape=True),
                Site.code == words,
                Site.name.icontains(words, autoescape=True),
            )
        )
    total = session.execute(sa.select(sa.func.count()).select_from(Site).where(*where)).scalar_one()
    number = min(page_number(), max(-(-total // PAGE), 1))
    columns: tuple[Any, ...] = (Site, Company.name, Company.code, Inspection)
    query = (
        sa.select(*columns)
        .join(Company, Company.id == Site.company_id)
        .outerjoin(Inspection, Inspection.site_id == Site.id)
        .where(*where)
        .order_by(sa.func.coalesce(Inspection.error, "") == "", Site.name, Site.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    found = session.execute(query).all()
    idents = [row[0].id for row in found]
    kept = inspections.latest_of(session, idents)
    counted = (
        sa.select(Finding.site_id, sa.func.count())
        .where(Finding.site_id.in_(idents), Finding.closed_at.is_(None))
        .group_by(Finding.site_id)
    )
    opened = {row[0]: int(row[1]) for row in session.execute(counted)}
    lines = [
        _line(site, company, code, row, kept.get(site.id), opened.get(site.id, 0)) for site, company, code, row in found
    ]
    return Part(lines, total, number)


def _line(site: Site, company: str, code: str, row: Inspection | None, kept: KeptFront | None, opened: int) -> SiteLine:
    due, error = (row.due_at, row.error) if row is not None else (None, "")
    seen, public = (kept.at, kept.public) if kept is not None else (None, None)
    return SiteLine(site.code, site.name, site.host, company, code, seen, due, error, public, opened)
