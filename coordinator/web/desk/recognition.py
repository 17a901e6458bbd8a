"""Recognition: the ranking of a period with its rule, and thank-you letters."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.staff import May
from campaigns.reporting.ranking import recognition
from coordinator.jobs import papers as files
from coordinator.jobs import thanking
from coordinator.papers.ranking import ranking_paper
from coordinator.web.desk import papers
from coordinator.web.desk.progress import attachment
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("recognition", __name__, url_prefix="/desk/recognition")


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """Both lists, and whom to thank."""
    place = front().place
    now = place.now()
    period = papers.chosen_period(request.args, now)
    with place.database.read() as session:
        told = recognition(session, period)
        paper = ranking_paper(told, papers.voice(session, now))
    thanked = [(one.merit.code, one.merit.name) for one in told.by_number]
    return papers.page(
        "recognition/index.html",
        paper,
        [
            (form.upper() if form != "xlsx" else "Excel", url_for("recognition.file", form=form, period=period.label))
            for form in ("pdf", "xlsx", "csv")
        ],
        period=period,
        offered=papers.offered(period, now),
        thanked=thanked if papers.whole_wanted() else thanked[: papers.ROWS_AT_FIRST],
        unlisted=0 if papers.whole_wanted() else max(len(thanked) - papers.ROWS_AT_FIRST, 0),
        may_report=actor().may(May.REPORT),
        may_configure=actor().may(May.CONFIGURE),
    )


@blueprint.get("/file.<any(pdf, xlsx, csv):form>")
@staff()
def file(form: str) -> ResponseReturnValue:
    """The same as a file."""
    place = front().place
    now = place.now()
    period = papers.chosen_period(request.args, now)
    with place.database.read() as session:
        paper = ranking_paper(recognition(session, period), files.office_voice(session, now))
    return papers.file(paper, form, f"ghi-nhan-{period.label.replace('..', '_')}")


@blueprint.get("/letters/<code>.docx")
@staff(May.REPORT)
def letter(code: str) -> ResponseReturnValue:
    """One partner's thank-you letter, to be finished in Word."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        made = thanking.one_letter(session, papers.chosen_period(request.args, now), code, now=now)
    return attachment(made.body, made.media_type, made.name)


@blueprint.get("/letters.zip")
@staff(May.REPORT)
def letters() -> ResponseReturnValue:
    """All of them."""
    place = front().place
    now = place.now()
    with place.database.read() as session:
        made = thanking.every_letter(session, papers.chosen_period(request.args, now), now=now)
    return attachment(made.body, made.media_type, made.name)
