"""A plan's result."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from campaigns.planning.campaigns import find_campaign
from campaigns.reporting.plan_results import plan_result
from coordinator.jobs import papers as files
from coordinator.papers.plan import plan_paper
from coordinator.web.desk import papers
from coordinator.web.security import front, staff

blueprint = Blueprint("results", __name__, url_prefix="/desk/results")


@blueprint.get("/<code>")
@staff()
def show(code: str) -> ResponseReturnValue:
    """Targets and who carried the plan, over its whole time."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        told = plan_result(session, find_campaign(session, code), now=now)
        paper = plan_paper(told, papers.voice(session, now))
    return papers.page(
        "results/show.html",
        paper,
        [("PDF", url_for("results.file", code=code, form="pdf")),
         ("Excel", url_for("results.file", code=code, form="xlsx"))],
        name=told.name,
        over=told.over,
        code=told.code,
    )  # fmt: skip


@blueprint.get("/<code>/file.<any(pdf, xlsx):form>")
@staff()
def file(code: str, form: str) -> ResponseReturnValue:
    """The same as a file."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        told = plan_result(session, find_campaign(session, code), now=now)
        paper = plan_paper(told, files.office_voice(session, now))
    return papers.file(paper, form, f"ket-qua-{told.code}")
