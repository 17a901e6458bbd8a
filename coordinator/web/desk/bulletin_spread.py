"""One bulletin's spread: the time line of its copies."""

from flask import url_for
from flask.typing import ResponseReturnValue

from campaigns.publishing.bulletins import find_bulletin
from campaigns.reporting.spread import spread
from coordinator.jobs import papers as files
from coordinator.papers.spread import spread_paper
from coordinator.web.desk import papers
from coordinator.web.security import front, staff


@staff()
def show(code: str) -> ResponseReturnValue:
    """Who carried it when, from whom, and how long after its release."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        told = spread(session, find_bulletin(session, code))
        paper = spread_paper(told, papers.voice(session, now))
    return papers.page(
        "bulletins/spread.html",
        paper,
        [(words, url_for("bulletins.spread_file", code=told.code, form=form))
         for words, form in (("PDF", "pdf"), ("Excel", "xlsx"), ("CSV", "csv"))],
        code=told.code,
        title=told.title,
    )  # fmt: skip


@staff()
def file(code: str, form: str) -> ResponseReturnValue:
    """The same as a file."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        paper = spread_paper(spread(session, find_bulletin(session, code)), files.office_voice(session, now))
    return papers.file(paper, form, f"{code}-lan-toa")
