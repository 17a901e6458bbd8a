"""One partner's report, as the partner itself sees it in the portal."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.partners.directory import find_company
from campaigns.reporting.partner_results import partner_results
from coordinator.jobs import papers as files
from coordinator.papers.partner import partner_paper
from coordinator.web.desk import papers
from coordinator.web.security import front, staff

blueprint = Blueprint("report", __name__)


@blueprint.get("/<code>/report")
@staff()
def show(code: str) -> ResponseReturnValue:
    """Its figures of a period beside the one before, and every copy that counts."""
    place = front().place
    now = place.now()
    period = papers.chosen_period(request.args, now)
    with place.database.read() as session:
        told = partner_results(session, find_company(session, code), period, now=now)
        paper = partner_paper(
            told, papers.voice(session, now), lambda one: url_for("republications.show", ident=one.id)
        )
    forms = [("PDF", "pdf"), ("Excel", "xlsx")]
    return papers.page(
        "partners/report.html",
        paper,
        [(words, url_for("partners.report.file", code=code, form=form, period=period.label)) for words, form in forms],
        code=told.code,
        name=told.name,
        period=period,
        offered=papers.offered(period, now),
    )


@blueprint.get("/<code>/report/file.<any(pdf, xlsx):form>")
@staff()
def file(code: str, form: str) -> ResponseReturnValue:
    """The same as a file."""
    place = front().place
    now = place.now()
    period = papers.chosen_period(request.args, now)
    with place.database.read() as session:
        told = partner_results(session, find_company(session, code), period, now=now)
        paper = partner_paper(
            told, files.office_voice(session, now), lambda one: url_for("republications.show", ident=one.id)
        )
    return papers.file(paper, form, f"doi-tac-{told.code}-{period.label.replace('..', '_')}")
