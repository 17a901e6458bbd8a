"""A partner's own report in the portal: the paper that the desk sees too, with links into the portal alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Company
from campaigns.reporting.partner_results import OwnCopy, partner_results
from coordinator.exports.paper import Paper
from coordinator.jobs import papers as files
from coordinator.papers.partner import partner_paper
from coordinator.papers.voice import Voice
from coordinator.web.desk import papers
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.security import front

blueprint = Blueprint("results", __name__)


def _rows(asked: Mapping[str, str]) -> str:
    """The portal's own list of copies, which knows statuses and no days."""
    status = asked.get("status", "all")
    return url_for("portal.copies", status=status) if status != "all" else url_for("portal.copies")


def _page_of(one: OwnCopy) -> str:
    return url_for("portal.copy", ident=one.id)


def _paper(session: Session, period: Period, voice: Voice, now: datetime) -> Paper:
    company = session.get_one(Company, visitor().company_id)
    told = partner_results(session, company, period, now=now)
    return partner_paper(told, replace(voice, rows=_rows), _page_of)


@blueprint.get("/results")
@partner
def show() -> ResponseReturnValue:
    """The figures of a period beside the one before, and every copy that counts."""
    place = front().place
    now = place.now()
    period = papers.chosen_period(request.args, now)
    with place.database.read() as session:
        paper = _paper(session, period, papers.voice(session, now), now)
    return render_template(
        "portal/results.html", who=visitor(), paper=paper, period=period, show=papers.shown_here(),
        offered=papers.offered(period, now),
    )  # fmt: skip


@blueprint.get("/results/file.<any(pdf, xlsx):form>")
@partner
def file(form: str) -> ResponseReturnValue:
    """The same as a file."""
    place = front().place
    now = place.now()
    period = papers.chosen_period(request.args, now)
    with place.database.read() as session:
        paper = _paper(session, period, files.office_voice(session, now), now)
    return papers.file(paper, form, f"ket-qua-{visitor().company}-{period.label.replace('..', '_')}")
