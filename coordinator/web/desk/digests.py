"""The day's and the week's digest."""

from datetime import date, datetime, timedelta

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, Period
from campaigns.core.errors import FieldError, Invalid
from campaigns.reporting.digests import digest
from campaigns.reporting.schedules import Kind, covered
from coordinator.jobs import papers as files
from coordinator.papers.digest import digest_paper
from coordinator.web.desk import papers
from coordinator.web.security import front, staff

blueprint = Blueprint("digests", __name__, url_prefix="/desk/digests")


def _period(name: str, now: datetime) -> Period:
    """The day asked for, or the week it lies in; without one those before today. Raises ``Invalid``."""
    typed = request.args.get("on", "").strip()
    if not typed:
        return covered(Kind.WEEK if name == "week" else Kind.DAY, now)
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.min
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise Invalid([FieldError("on", "day", f"{typed!r} is not a day; expected one such as 2026-11-24")])
    if name == "day":
        return Period(day, day, day.isoformat())
    monday = day - timedelta(days=day.weekday())
    sunday = monday + timedelta(days=6)
    return Period(monday, sunday, f"{monday}..{sunday}")


@blueprint.get("/<any(day, week):name>")
@staff()
def show(name: str) -> ResponseReturnValue:
    """What went out, came back, failed and waits, beside the week before."""
    place = front().place
    now = place.now()
    period = _period(name, now)
    with place.database.read() as session:
        paper = digest_paper(digest(session, place.natures, period, now=now), papers.voice(session, now))
    on = period.first.isoformat()
    return papers.page(
        "digests/show.html",
        paper,
        [("PDF", url_for("digests.file", name=name, form="pdf", on=on)),
         ("Excel", url_for("digests.file", name=name, form="xlsx", on=on))],
        name=name,
        period=period,
        before=(period.first - timedelta(days=period.length)).isoformat(),
        after=(period.first + timedelta(days=period.length)).isoformat(),
    )  # fmt: skip


@blueprint.get("/<any(day, week):name>/file.<any(pdf, xlsx):form>")
@staff()
def file(name: str, form: str) -> ResponseReturnValue:
    """The same as a file."""
    place = front().place
    now = place.now()
    period = _period(name, now)
    with place.database.read() as session:
        told = digest(session, place.natures, period, now=now)
        paper = digest_paper(told, files.office_voice(session, now))
    stem = "tuan" if name == "week" else "ngay"
    return papers.file(paper, form, f"tong-hop-{stem}-{period.label.replace('..', '_')}")
