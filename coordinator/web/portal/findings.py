"""Findings in the portal: what a person has shown this partner, and its answers. Nothing of any other partner's."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.compliance import replying
from campaigns.compliance.findings import Finding, Outcome, Standing, find_finding
from campaigns.compliance.rules import Rule
from campaigns.core.errors import CampaignError, NotFound
from campaigns.partners.directory import Site
from coordinator.web import typed
from coordinator.web.desk import inputs
from coordinator.web.desk.listing import PAGE, Part, page_number
from coordinator.web.finding_shown import finding_shown
from coordinator.web.finding_words import fault_sentence
from coordinator.web.look import say_done
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.saying import _
from coordinator.web.security import front

blueprint = Blueprint("findings", __name__, url_prefix="/findings")


@dataclass(frozen=True)
class Line:
    """One finding of the list."""

    public: str
    title: str
    sentence: str
    site: str
    standing: Standing
    outcome: Outcome | None
    reply_by: date | None
    closed: bool


@blueprint.get("")
@partner
def index() -> ResponseReturnValue:
    """What this partner was shown: open ones first, the nearest day first."""
    who = visitor()
    with front().place.database.read() as session:
        part = _part(session, who.company_id)
    return render_template("portal/findings.html", who=who, part=part)


def _part(session: Session, company_id: int) -> Part[Line]:
    where = (Finding.company_id == company_id, Finding.shown_at.is_not(None))
    total = session.execute(sa.select(sa.func.count()).select_from(Finding).where(*where)).scalar_one()
    number = min(page_number(), max(-(-total // PAGE), 1))
    columns: tuple[Any, ...] = (Finding, Rule.title, Site.name)
    query = (
        sa.select(*columns)
        .join(Rule, Rule.id == Finding.rule_id)
        .join(Site, Site.id == Finding.site_id)
        .where(*where)
        .order_by(Finding.closed_at.is_not(None), Finding.reply_by.is_(None), Finding.reply_by, Finding.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    rows = [
        Line(
            row.public, title, fault_sentence(row.fault, row.facts), site, row.standing, row.outcome, row.reply_by,
            row.closed,
        )
        for row, title, site in session.execute(query)
    ]  # fmt: skip
    return Part(rows, total, number)


@blueprint.get("/<ident>")
@partner
def show(ident: str) -> ResponseReturnValue:
    """One finding with what it rests on, what was said, and what came of it."""
    return _shown(ident)


@blueprint.post("/<ident>/reply")
@partner
def reply(ident: str) -> ResponseReturnValue:
    """Answer it."""
    who, place, text = visitor(), front().place, typed.words("text")
    try:
        with place.database.write() as session:
            replying.reply(session, who.actor, who.company_id, ident, text, typed.mark(), now=place.now())
    except NotFound:
        raise
    except CampaignError as error:
        return _shown(ident, inputs.said(error), text)
    say_done(_("Đã gửi. Sở đọc lời của bạn cùng bằng chứng."))
    return redirect(url_for("portal.findings.show", ident=ident), 303)


def _shown(ident: str, errors: dict[str, str] | None = None, text: str = "") -> ResponseReturnValue:
    who = visitor()
    with front().place.database.read() as session:
        one = finding_shown(session, find_finding(session, ident, who.company_id), to_partner=True)
        page = render_template(
            "portal/finding.html", who=who, one=one, errors=errors or {}, text=text, mark=typed.mark(),
            longest=replying.LONGEST,
        )  # fmt: skip
    return (page, 422) if errors else page
